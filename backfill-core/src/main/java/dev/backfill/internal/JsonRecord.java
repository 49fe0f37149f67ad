package dev.backfill.internal;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.exc.ValueInstantiationException;

/**
 * A record of simple values, of records like it and of lists of these, of which nothing is said to Jackson: read straight from the tokens of
 * its parser, which is less code to be made fast than a mapper, and needs none. A value of another form than its component's is left to a
 * mapper, which knows what can be made of it, or what to say. Safe for several threads.
 */
public final class JsonRecord {

    /** What makes a value of the token at which a parser stands, and of those that belong to it. */
    private interface Value {
        @Nullable
        Object read(JsonParser parser);
    }

    private static final ClassValue<Optional<JsonRecord>> KNOWN = new ClassValue<>() {
        @Override
        protected Optional<JsonRecord> computeValue(Class<?> type) {
            return of(type, new HashMap<>());
        }
    };

    private final Class<?> type;
    private final Constructor<?> constructor;
    private final List<String> names;
    private final Method[] accessors;
    private final Value[] values;
    private final @Nullable Object[] absent;
    private final Map<String, Integer> places = new HashMap<>();

    private JsonRecord(Class<?> type, Constructor<?> constructor, List<Method> accessors, List<Value> values) {
        this.type = type;
        this.constructor = constructor;
        this.names = accessors.stream().map(Method::getName).toList();
        this.accessors = accessors.toArray(Method[]::new);
        this.values = values.toArray(Value[]::new);
        this.absent = new @Nullable Object[this.values.length];
        for (int i = 0; i < absent.length; i++) {
            Class<?> component = this.accessors[i].getReturnType();
            absent[i] = component.isPrimitive() ? Array.get(Array.newInstance(component, 1), 0) : null;
            places.put(names.get(i), i);
        }
    }

    /** The type, if it is such a record. */
    public static Optional<JsonRecord> of(Class<?> type) {
        return type.isRecord() ? KNOWN.get(type) : Optional.empty();
    }

    /** @param known what was found of other types; one that is being looked at is within itself, and has no end */
    private static Optional<JsonRecord> of(Class<?> type, Map<Class<?>, Optional<JsonRecord>> known) {
        Optional<JsonRecord> found = known.putIfAbsent(type, Optional.empty());
        if (found != null) {
            return found;
        }
        found = PlainRecord.isBare(type) ? made(type, known) : Optional.empty();
        known.put(type, found);
        return found;
    }

    private static Optional<JsonRecord> made(Class<?> type, Map<Class<?>, Optional<JsonRecord>> known) {
        List<Class<?>> types = new ArrayList<>();
        List<Method> accessors = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Optional<Value> value = value(component.getGenericType(), known);
            if (value.isEmpty() || !component.getAccessor().trySetAccessible()) {
                return Optional.empty();
            }
            types.add(component.getType());
            accessors.add(component.getAccessor());
            values.add(value.get());
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
            return constructor.trySetAccessible() && !values.isEmpty()
                    ? Optional.of(new JsonRecord(type, constructor, accessors, values))
                    : Optional.empty();
        } catch (NoSuchMethodException e) {
            throw new LinkageError("every record has it", e);
        }
    }

    private static Optional<Value> value(Type type, Map<Class<?>, Optional<JsonRecord>> known) {
        if (type instanceof Class<?> simple) {
            return simple.isRecord()
                    ? of(simple, known)
                            .map(nested -> parser -> parser.currentToken() == JsonToken.START_OBJECT
                                    ? nested.read(parser)
                                    : otherwise(parser, type))
                    : single(simple);
        }
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            return value(generic.getActualTypeArguments()[0], known)
                    .map(element -> parser -> list(parser, type, element));
        }
        return Optional.empty();
    }

    private static @Nullable Object list(JsonParser parser, Type type, Value element) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return otherwise(parser, type);
        }
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            try {
                list.add(element.read(parser));
            } catch (JacksonException | NumberFormatException e) {
                throw at(new JacksonException.Reference(list, list.size()), parser, e);
            }
        }
        return list;
    }

    /** The failure with its place, as a mapper tells it. */
    private static JacksonException at(JacksonException.Reference place, JsonParser parser, RuntimeException e) {
        JacksonException known = e instanceof JacksonException told
                ? told
                : DatabindException.from(parser, String.valueOf(e.getMessage()), e);
        return known.prependPath(place);
    }

    private static Optional<Value> single(Class<?> type) {
        if (type == String.class) {
            return Optional.of(parser ->
                    parser.currentToken() == JsonToken.VALUE_STRING ? parser.getString() : otherwise(parser, type));
        }
        if (type == long.class || type == Long.class) {
            return number(type, false, JsonParser::getLongValue);
        }
        if (type == int.class || type == Integer.class) {
            return number(type, false, JsonParser::getIntValue);
        }
        if (type == double.class || type == Double.class) {
            return number(type, true, JsonParser::getDoubleValue);
        }
        if (type == BigDecimal.class) {
            return number(type, true, JsonParser::getDecimalValue);
        }
        if (type == BigInteger.class) {
            return number(type, false, JsonParser::getBigIntegerValue);
        }
        if (type == boolean.class || type == Boolean.class) {
            return Optional.of(parser -> switch (parser.currentToken()) {
                case VALUE_TRUE -> true;
                case VALUE_FALSE -> false;
                default -> otherwise(parser, type);
            });
        }
        if (type == Instant.class) {
            return time(type, Instant::parse);
        }
        return type == LocalDate.class ? time(type, LocalDate::parse) : Optional.empty();
    }

    private static Optional<Value> number(Class<?> type, boolean decimals, Function<JsonParser, Object> taking) {
        return Optional.of(parser -> {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.VALUE_NUMBER_INT || (decimals && token == JsonToken.VALUE_NUMBER_FLOAT)) {
                return taking.apply(parser);
            }
            return otherwise(parser, type);
        });
    }

    private static Optional<Value> time(Class<?> type, Function<String, Object> parsing) {
        return Optional.of(parser -> {
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                try {
                    return parsing.apply(parser.getString());
                } catch (DateTimeException e) {
                    return otherwise(parser, type);
                }
            }
            return otherwise(parser, type);
        });
    }

    /** What a mapper makes of it, as of a number for a text; nothing of null, but for a value that cannot be null. */
    private static @Nullable Object otherwise(JsonParser parser, Type type) {
        if (parser.currentToken() == JsonToken.VALUE_NULL
                && !(type instanceof Class<?> simple && simple.isPrimitive())) {
            return null;
        }
        return Json.mapper()
                .readerFor(Json.mapper().constructType(type))
                .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readValue(parser);
    }

    /** Reads the object at whose beginning the parser stands, and leaves it at its end. */
    public Object read(JsonParser parser) {
        @Nullable Object[] read = absent.clone();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            Integer place = places.get(parser.currentName());
            parser.nextToken();
            if (place == null) {
                parser.skipChildren();
                continue;
            }
            try {
                read[place] = values[place].read(parser);
            } catch (JacksonException | NumberFormatException e) {
                throw at(new JacksonException.Reference(type, names.get(place)), parser, e);
            }
        }
        try {
            return constructor.newInstance(read);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw ValueInstantiationException.from(
                    parser,
                    "Cannot construct instance of `" + type.getName() + "`, problem: "
                            + (e.getCause() == null ? null : e.getCause().getMessage()),
                    Json.mapper().constructType(type),
                    e.getCause());
        } catch (IllegalAccessException | InstantiationException e) {
            throw closed(e);
        }
    }

    /** The names of its components. */
    List<String> names() {
        return names;
    }

    /** The values of its components, in their order; empty if the record does not tell one. */
    Optional<@Nullable Object[]> values(Object record) {
        @Nullable Object[] told = new @Nullable Object[accessors.length];
        try {
            for (int i = 0; i < told.length; i++) {
                told[i] = accessors[i].invoke(record);
            }
            return Optional.of(told);
        } catch (InvocationTargetException e) {
            return Optional.empty();
        } catch (IllegalAccessException e) {
            throw closed(e);
        }
    }

    private static LinkageError closed(ReflectiveOperationException e) {
        return new LinkageError("a record cannot be reached that could be", e);
    }
}

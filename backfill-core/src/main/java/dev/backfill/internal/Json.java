package dev.backfill.internal;

import java.io.InputStream;
import java.io.Reader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;

/** JSON as this library reads and writes it, with limits on what comes from outside. Safe for several threads. */
public final class Json {

    /** Made when it is first needed, and only then: to make it takes longer than most else at the start of a job. */
    private static final class Mapper {

        private static final JsonMapper UNSORTED = JsonMapper.builder(PlainJson.FACTORY)
                .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .addModule(new DirectBinding())
                .build();

        private static final ObjectWriter SORTED = UNSORTED.writer(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    }

    /** An exponent beyond 32 bits is no fault of its own in the parser, but comes out of the arithmetic below it. */
    public static final String UNREADABLE_NUMBER = "a number is too large or too small to be read";

    private Json() {}

    /** Reads and writes; a type without properties is refused rather than written as an empty object. */
    public static JsonMapper mapper() {
        return Mapper.UNSORTED;
    }

    /**
     * A value as JSON on one line.
     *
     * @throws IllegalArgumentException with a message that names the type and what to do
     */
    public static String write(Object value) {
        Optional<String> plain = PlainJson.write(value, false);
        if (plain.isPresent()) {
            return plain.get();
        }
        try {
            return Mapper.UNSORTED.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(explained(e, value.getClass()), e);
        }
    }

    /**
     * A value as JSON on one line, the entries of maps in the order of their keys: the same text for equal maps, in every process.
     *
     * @throws IllegalArgumentException with a message that names the type and what to do
     */
    public static String writeSorted(Object value) {
        Optional<String> plain = PlainJson.write(value, true);
        if (plain.isPresent()) {
            return plain.get();
        }
        try {
            return Mapper.SORTED.writeValueAsString(value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(explained(e, value.getClass()), e);
        }
    }

    /**
     * A value from JSON.
     *
     * @throws IllegalArgumentException with a message that names the type and what to do
     */
    public static <T> T read(String json, Class<T> type) {
        T value;
        try {
            value = PlainJson.read(json, type).orElseGet(() -> Mapper.UNSORTED.readValue(json, type));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(explained(e, type), e);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(UNREADABLE_NUMBER, e); // the parser's own words hold the number
        }
        if (value == null) {
            throw new IllegalArgumentException("null cannot be read as " + type.getName());
        }
        return value;
    }

    /** The tokens of a text. */
    public static JsonParser parser(String json) {
        return PlainJson.FACTORY.createParser(ObjectReadContext.empty(), json);
    }

    /** The tokens of bytes, whatever kind of Unicode they are. */
    public static JsonParser parser(InputStream json) {
        return PlainJson.FACTORY.createParser(ObjectReadContext.empty(), json);
    }

    /** The tokens of characters. */
    public static JsonParser parser(Reader json) {
        return PlainJson.FACTORY.createParser(ObjectReadContext.empty(), json);
    }

    /** The value at whose first token a parser stands: texts, numbers, flags, and lists and maps of these. */
    public static @Nullable Object value(JsonParser parser) {
        return PlainJson.value(parser);
    }

    /** A tree from JSON. */
    public static JsonNode tree(String json) {
        return read(json, JsonNode.class);
    }

    /**
     * Checks that the text is one JSON value.
     *
     * @throws IllegalArgumentException if it is not
     */
    public static void check(String json) {
        try (JsonParser parser = parser(json)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new IllegalArgumentException("empty text is not JSON");
            }
            parser.skipChildren();
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("there is more than one JSON value");
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
    }

    /** The failure in words, without the data that caused it. */
    public static String explained(JacksonException e, Class<?> type) {
        if (!closed(e)) {
            return e.getOriginalMessage();
        }
        return "The package of " + type.getName() + " is not open to JSON: add 'opens " + type.getPackageName()
                + " to tools.jackson.databind;' to the module-info.java of "
                + (type.getModule().isNamed() ? type.getModule().getName() : "its module") + ".";
    }

    /** Whether the reason is a package that is not open, so that its types cannot be made or looked into. */
    public static boolean closed(JacksonException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String name = cause.getClass().getSimpleName();
            String message = String.valueOf(cause.getMessage());
            if (name.equals("InaccessibleObjectException")
                    || name.equals("IllegalAccessException")
                    || (e instanceof InvalidDefinitionException
                            && (message.contains("does not \"opens") || message.contains("cannot access")))) {
                return true;
            }
        }
        return false;
    }
}

package dev.backfill.internal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SequenceWriter;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.AnnotatedField;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedMethod;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.util.TokenBuffer;

/** Records as columns: Jackson reads and makes them, under the names of columns. Safe for several threads. */
public final class Records {

    /** What there is to know of a type. */
    public static final class Binding {

        private final Class<?> type;
        private final Map<String, Class<?>> columns;
        private final Optional<PlainRecord> plain;
        private volatile @Nullable JsonMapper mapper;

        private Binding(
                Class<?> type,
                Map<String, Class<?>> columns,
                Optional<PlainRecord> plain,
                @Nullable JsonMapper mapper) {
            this.type = type;
            this.columns = columns;
            this.plain = plain;
            this.mapper = mapper;
        }

        /** The classes of its columns in the order of its components; empty for maps. */
        public Map<String, Class<?>> columns() {
            return columns;
        }

        /** How to do without Jackson, if the type lets us. */
        public Optional<PlainRecord> plain() {
            return plain;
        }

        /** How Jackson reads and writes the type; made when it is first asked for, since many a job does without. */
        public JsonMapper mapper() {
            JsonMapper known = mapper;
            if (known == null) {
                known = Records.mapper(type);
                mapper = known; // two at once make two that are alike
            }
            return known;
        }

        /** Records of this type as tokens, one behind the other. */
        public TokenBuffer tokensOf(Iterable<?> records) {
            TokenBuffer tokens = TokenBuffer.forGeneration();
            try (SequenceWriter writer = mapper().writer().writeValues(tokens)) {
                writer.writeAll(records);
            } catch (JacksonException e) {
                throw new IllegalArgumentException(Json.explained(e, type), e);
            }
            return tokens;
        }

        /** The record as tokens. */
        public TokenBuffer tokens(Object record) {
            try {
                return mapper().writeValueIntoBuffer(record);
            } catch (JacksonException e) {
                throw new IllegalArgumentException(Json.explained(e, type), e);
            }
        }
    }

    private final Map<Class<?>, Binding> bindings = new ConcurrentHashMap<>();

    /**
     * What Jackson knows of a type.
     *
     * @throws IllegalArgumentException if Jackson cannot read the type; the message says what to do
     */
    public Binding of(Class<?> asked) {
        Class<?> type = Map.class.isAssignableFrom(asked) ? Map.class : asked;
        Binding known = bindings.get(type);
        return known != null ? known : bindings.computeIfAbsent(type, Records::bind);
    }

    private static Binding bind(Class<?> type) {
        if (Map.class.isAssignableFrom(type)) {
            return new Binding(type, Map.of(), Optional.empty(), null);
        }
        Optional<PlainRecord> plain = PlainRecord.of(type);
        if (plain.isPresent()) {
            return new Binding(type, plain.get().columns(), plain, null);
        }
        JsonMapper mapper = mapper(type);
        Map<String, Class<?>> columns = new LinkedHashMap<>();
        try {
            mapper.acceptJsonFormatVisitor(type, new Properties(columns));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(Json.explained(e, type), e);
        }
        return new Binding(type, columns, Optional.empty(), mapper);
    }

    private static JsonMapper mapper(Class<?> type) {
        return Json.mapper()
                .rebuild()
                .propertyNamingStrategy(new Naming(type))
                .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING, EnumFeature.READ_ENUMS_USING_TO_STRING)
                .addModule(times())
                .build();
    }

    /** Points in time stay what they are on their way to the column, whose database decides on their form. */
    private static SimpleModule times() {
        return new SimpleModule("backfill-times")
                .addSerializer(Instant.class, as(Records::kept))
                .addSerializer(OffsetDateTime.class, as(time -> kept(time.toInstant())))
                .addSerializer(ZonedDateTime.class, as(time -> kept(time.toInstant())))
                .addSerializer(LocalDateTime.class, as(time -> time.truncatedTo(ChronoUnit.MICROS)));
    }

    /** A time as it is kept: no database keeps more than microseconds. */
    public static Instant kept(Instant time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    private static <T> ValueSerializer<T> as(Function<? super T, Object> form) {
        return new ValueSerializer<>() {
            @Override
            public void serialize(T value, JsonGenerator generator, SerializationContext context) {
                Object kept = form.apply(value);
                if (generator instanceof TokenBuffer buffer) {
                    buffer.writeEmbeddedObject(kept);
                } else {
                    generator.writeString(kept.toString());
                }
            }
        };
    }

    /** Notes the columns of a type. */
    private static final class Properties extends JsonFormatVisitorWrapper.Base {

        private final Map<String, Class<?>> columns;

        Properties(Map<String, Class<?>> columns) {
            this.columns = columns;
        }

        @Override
        public JsonObjectFormatVisitor expectObjectFormat(JavaType type) {
            return new JsonObjectFormatVisitor.Base(getContext()) {
                @Override
                public void property(BeanProperty property) {
                    columns.put(property.getName(), bare(property.getType()));
                }

                @Override
                public void optionalProperty(BeanProperty property) {
                    columns.put(property.getName(), bare(property.getType()));
                }
            };
        }

        private static Class<?> bare(JavaType type) {
            JavaType inside = type.isReferenceType() ? type.getReferencedType() : type;
            return inside.getRawClass();
        }
    }

    /** The components of the record itself are columns; what is nested in it keeps its names. */
    private static final class Naming extends PropertyNamingStrategies.SnakeCaseStrategy {

        private static final long serialVersionUID = 1;

        private final Class<?> record;

        Naming(Class<?> record) {
            this.record = record;
        }

        private String name(@Nullable AnnotatedMember member, String name) {
            return member != null && member.getDeclaringClass().isAssignableFrom(record) ? translate(name) : name;
        }

        @Override
        public String nameForField(MapperConfig<?> config, AnnotatedField field, String name) {
            return name(field, name);
        }

        @Override
        public String nameForGetterMethod(MapperConfig<?> config, AnnotatedMethod method, String name) {
            return name(method, name);
        }

        @Override
        public String nameForSetterMethod(MapperConfig<?> config, AnnotatedMethod method, String name) {
            return name(method, name);
        }

        @Override
        public String nameForConstructorParameter(MapperConfig<?> config, AnnotatedParameter parameter, String name) {
            return name(parameter, name);
        }
    }
}

package dev.backfill.internal;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON of texts, numbers, flags, days, and lists, maps and records of these, as a mapper reads and writes it, but without one. Positions and lines of
 * progress are of this kind, and a job that has no other need not wait for a mapper.
 */
final class PlainJson {

    private static final int DEEPEST = 200;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(64L << 20)
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(8 << 20)
                    .maxNumberLength(200)
                    .maxNameLength(1024)
                    .maxTokenCount(5_000_000)
                    .build())
            .build();

    private static final Set<Class<?>> READ =
            Set.of(Boolean.class, Integer.class, List.class, Long.class, Map.class, String.class);

    private final boolean sorted;
    private final StringBuilder json = new StringBuilder(64);

    private PlainJson(boolean sorted) {
        this.sorted = sorted;
    }

    /**
     * The value as JSON; empty if there is something else in it.
     *
     * @param sorted whether the entries of maps come in the order of their keys
     */
    static Optional<String> write(Object value, boolean sorted) {
        PlainJson plain = new PlainJson(sorted);
        return plain.write(value, DEEPEST) ? Optional.of(plain.json.toString()) : Optional.empty();
    }

    private boolean write(@Nullable Object value, int deeper) {
        if (value instanceof String text) {
            quote(text);
            return true;
        }
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            json.append(value);
            return true;
        }
        if (value instanceof LocalDate date) {
            quote(date.toString());
            return true;
        }
        if (deeper == 0) {
            return false;
        }
        if (value instanceof List<?> list && Plain.isList(list)) {
            return list(list, deeper - 1);
        }
        if (value instanceof Map<?, ?> map) {
            return Plain.isMap(map) && map(map, deeper - 1);
        }
        Optional<JsonRecord> known = JsonRecord.of(value.getClass());
        return known.isPresent() && record(value, known.get(), deeper - 1);
    }

    private boolean list(List<?> list, int deeper) {
        json.append('[');
        String between = "";
        for (Object element : list) {
            json.append(between);
            if (!write(element, deeper)) {
                return false;
            }
            between = ",";
        }
        json.append(']');
        return true;
    }

    private boolean map(Map<?, ?> map, int deeper) {
        for (Object name : map.keySet()) {
            if (!(name instanceof String)) {
                return false;
            }
        }
        json.append('{');
        String between = "";
        for (Map.Entry<?, ?> entry : (sorted ? sorted(map) : map).entrySet()) {
            json.append(between);
            quote((String) entry.getKey());
            json.append(':');
            if (!write(entry.getValue(), deeper)) {
                return false;
            }
            between = ",";
        }
        json.append('}');
        return true;
    }

    private boolean record(Object record, JsonRecord type, int deeper) {
        Optional<@Nullable Object[]> told = type.values(record);
        if (told.isEmpty()) {
            return false; // a mapper says why
        }
        json.append('{');
        for (int i = 0; i < told.get().length; i++) {
            json.append(i == 0 ? "" : ",");
            quote(type.names().get(i));
            json.append(':');
            if (!write(told.get()[i], deeper)) {
                return false;
            }
        }
        json.append('}');
        return true;
    }

    /** A mapper leaves alone what has an order of its own. */
    private static Map<?, ?> sorted(Map<?, ?> map) {
        return map instanceof SortedMap ? map : new TreeMap<>(map);
    }

    private void quote(String text) {
        json.append('"');
        if (isQuotedAsItIs(text)) {
            json.append(text);
        } else {
            JsonStringEncoder.getInstance().quoteAsString(text, json);
        }
        json.append('"');
    }

    private static boolean isQuotedAsItIs(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    /** The value of JSON that is of this type by itself; empty if a mapper has to make it one, or to say why not. */
    static <T> Optional<T> read(String json, Class<T> type) {
        if ((type == Integer.class || type == Long.class) && isShortNumber(json)) { // as most positions are
            long number = Long.parseLong(json);
            if (type == Long.class) {
                return Optional.of(type.cast(number));
            }
            if (number == (int) number) {
                return Optional.of(type.cast((int) number));
            }
        }
        Optional<JsonRecord> known = JsonRecord.of(type);
        if (known.isEmpty() && !READ.contains(type)) {
            return Optional.empty();
        }
        Object value;
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            JsonToken first = parser.nextToken();
            if (known.isPresent() && first != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            value = known.isPresent() ? known.get().read(parser) : value(parser);
            if (parser.nextToken() != null) {
                return Optional.empty();
            }
        }
        if (type == Long.class && value instanceof Integer whole) {
            value = whole.longValue();
        }
        return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
    }

    /** Whether it is a whole number without a sign and without anything around it that surely fits a {@code long}. */
    private static boolean isShortNumber(String json) {
        if (json.isEmpty() || json.length() > 18 || (json.charAt(0) == '0' && json.length() > 1)) {
            return false;
        }
        for (int i = 0; i < json.length(); i++) {
            if (json.charAt(i) < '0' || json.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    static @Nullable Object value(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return null;
        }
        return switch (token) {
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    map.put(name, value(parser));
                }
                yield map;
            }
            default -> null;
        };
    }
}

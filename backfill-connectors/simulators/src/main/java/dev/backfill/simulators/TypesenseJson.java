package dev.backfill.simulators;

import dev.backfill.internal.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** JSON as Typesense reads and writes it: the keys of objects are in alphabetical order. */
final class TypesenseJson {

    private TypesenseJson() {}

    /** An object from outside. */
    static SortedMap<String, @Nullable Object> object(String text) throws TypesenseError {
        Object value;
        try {
            value = Json.read(text, Object.class);
        } catch (IllegalArgumentException e) {
            throw TypesenseError.invalid("[json.exception.parse_error.101] parse error at line 1, column "
                    + (text.length() + 1) + ": syntax error while parsing value - unexpected token; last read: '"
                    + text.substring(Math.max(0, text.length() - 10)) + "'");
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw TypesenseError.invalid("not a properly formed document.");
        }
        return sorted(map);
    }

    /** An object that this class has written. */
    static SortedMap<String, @Nullable Object> known(String text) {
        return sorted(Json.read(text, Map.class));
    }

    private static SortedMap<String, @Nullable Object> sorted(Map<?, ?> map) {
        SortedMap<String, @Nullable Object> sorted = new TreeMap<>();
        map.forEach((key, value) -> sorted.put((String) key, sorted(value)));
        return sorted;
    }

    static @Nullable Object sorted(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return sorted(map);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> all = new ArrayList<>(list.size());
            list.forEach(each -> all.add(sorted(each)));
            return all;
        }
        return value;
    }

    static JsonBytes write(JsonBytes out, @Nullable Object value) {
        if (value == null || value instanceof String) {
            return out.text((String) value);
        }
        if (value instanceof Integer || value instanceof Long) {
            return out.number(((Number) value).longValue());
        }
        if (value instanceof Map<?, ?> map) {
            out.raw("{");
            String comma = "";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.raw(comma).text((String) entry.getKey()).raw(":");
                write(out, entry.getValue());
                comma = ",";
            }
            return out.raw("}");
        }
        if (value instanceof List<?> list) {
            out.raw("[");
            String comma = "";
            for (Object each : list) {
                write(out.raw(comma), each);
                comma = ",";
            }
            return out.raw("]");
        }
        return out.raw(value.toString()); // other numbers, true and false
    }

    static Reply reply(int status, @Nullable Object value) {
        return new Reply(status, "application/json; charset=utf-8", write(new JsonBytes(200), sorted(value)));
    }

    /** A JSON merge patch: null deletes, objects are merged, everything else is replaced. */
    static void merge(Map<String, @Nullable Object> document, Map<String, @Nullable Object> patch) {
        patch.forEach((name, value) -> {
            if (value == null) {
                document.remove(name);
            } else if (value instanceof Map<?, ?> changes && document.get(name) instanceof Map<?, ?> before) {
                merge(inner(before), inner(changes));
            } else {
                document.put(name, value);
            }
        });
    }

    @SuppressWarnings("unchecked") // the keys of JSON are strings
    private static Map<String, @Nullable Object> inner(Map<?, ?> map) {
        return (Map<String, @Nullable Object>) map;
    }
}

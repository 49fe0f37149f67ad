package dev.backfill.supabase;

import dev.backfill.BackfillException;
import dev.backfill.internal.Json;
import dev.backfill.internal.Records;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What is read of a table, and in what order.
 *
 * @param formats the columns that are read, with the database's names of their types
 * @param order the columns of the key, the last of which make it unique
 * @param nullable those of them in which a null may stand
 * @param filters conditions that all rows fulfil
 */
record Layout<T>(
        Endpoint endpoint,
        Records.Binding binding,
        Class<T> type,
        Map<String, String> formats,
        List<String> order,
        List<String> nullable,
        List<String> filters) {

    /** How the API says that a column belongs to the primary key. */
    private static final String KEY = "<pk/>";

    /** What the columns of the key are called in an answer. */
    private static final String KEYS = "backfill_key_";

    /** Some rows, and the key of the last. */
    record Found<T>(List<T> rows, List<Object> last) {}

    /** Looks the table up in what the API says of itself. */
    static <T> Layout<T> of(RestTable table, Class<T> type, Selection selection) throws InterruptedException {
        Endpoint endpoint = table.endpoint();
        List<String> by = selection.by();
        Map<?, ?> all =
                map(endpoint.tried(() -> endpoint.description().as(Map.class)).get("definitions"));
        Map<?, ?> columns = map(map(all.get(endpoint.table())).get("properties"));
        if (columns.isEmpty()) {
            throw new BackfillException(
                    "the API shows no table '" + endpoint + "', or not to this key"
                            + (all.isEmpty() ? " (it shows no tables at all)" : "")
                            + "; create it, name another, or grant the key's role the right to read it. A schema is named"
                            + " apart: table(schema, name)",
                    null);
        }
        Map<String, String> known = new LinkedHashMap<>();
        List<String> keys = new ArrayList<>();
        columns.forEach((name, about) -> {
            known.put(String.valueOf(name), String.valueOf(map(about).get("format")));
            if (String.valueOf(map(about).get("description")).contains(KEY)) {
                keys.add(String.valueOf(name));
            }
        });
        Records.Binding binding = table.db().records().of(type);
        Map<String, String> formats = new LinkedHashMap<>();
        List<String> asked = selection.columns().isEmpty()
                ? List.copyOf(
                        binding.columns().isEmpty()
                                ? known.keySet()
                                : binding.columns().keySet())
                : selection.columns();
        asked.forEach(name -> formats.put(name, found(endpoint, known, name)));
        by.forEach(name -> found(endpoint, known, name));
        selection.filters().forEach(filter -> found(endpoint, known, filter.column()));
        List<String> order = new ArrayList<>(by);
        keys.stream().filter(key -> !by.contains(key)).forEach(order::add);
        if (order.isEmpty()) {
            throw new BackfillException(
                    "the table " + endpoint + " has no primary key to read by; name columns that are unique together"
                            + " with rows(...).by(columns)",
                    null);
        }
        return new Layout<>(
                endpoint,
                binding,
                type,
                formats,
                order,
                by.stream().filter(name -> !keys.contains(name)).toList(),
                selection.conditions());
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static String found(Endpoint endpoint, Map<String, String> known, String name) {
        String format = known.get(name);
        if (format == null) {
            throw new BackfillException(
                    "the table " + endpoint + " has no column '" + name + "'; it has "
                            + String.join(", ", known.keySet()),
                    null);
        }
        return format;
    }

    /** A row without a key would never come behind another. */
    void checkNulls() throws InterruptedException {
        for (String column : nullable) {
            var nulls = endpoint.get()
                    .query("select", Where.quoted(column))
                    .query("and", Where.all(with(List.of(Where.isNull(column)))))
                    .query("limit", 1);
            if (!endpoint.rows(nulls).isEmpty()) {
                throw new BackfillException(
                        "the table " + endpoint + " has rows whose " + column
                                + " is null, which would be missed in this order; fill them, or read by another column",
                        null);
            }
        }
    }

    /** Rows of the range, at most so many: the API may give fewer, and only none at all is the end. */
    Found<T> select(List<?> after, List<?> to, int limit) throws InterruptedException {
        String columns = Where.names(List.copyOf(formats.keySet())) + "," + keys();
        List<T> rows = new ArrayList<>();
        List<Object> last = List.of();
        for (Map<String, @Nullable Object> row : asked(columns, after, to, "asc", 0, limit)) {
            last = key(row);
            rows.add(record(row, last));
        }
        return new Found<>(rows, last);
    }

    private List<String> with(List<String> conditions) {
        List<String> all = new ArrayList<>(conditions);
        all.addAll(filters);
        return all;
    }

    /** The key of the row that stands so many behind the next, if there are that many. */
    Optional<List<Object>> keyBehind(List<?> after, long rows) throws InterruptedException {
        return asked(keys(), after, List.of(), "asc", rows, 1).stream()
                .map(this::key)
                .findFirst();
    }

    /** The last key, if it is behind this. */
    Optional<List<Object>> lastKey(List<?> after) throws InterruptedException {
        return asked(keys(), after, List.of(), "desc", 0, 1).stream()
                .map(this::key)
                .findFirst();
    }

    private List<Map<String, @Nullable Object>> asked(
            String columns, List<?> after, List<?> to, String direction, long skipped, int limit)
            throws InterruptedException {
        for (List<?> key : List.of(after, to)) {
            if (!key.isEmpty() && key.size() != order.size()) {
                throw new IllegalArgumentException("a position in a table has " + order.size() + " values here, not "
                        + key.size() + "; was the order of reading changed?");
            }
        }
        List<String> range = with(Where.between(order, after, to));
        List<String> by =
                order.stream().map(name -> Where.quoted(name) + "." + direction).toList();
        return endpoint.rows(endpoint.get()
                .query("select", columns)
                .query("and", range.isEmpty() ? null : Where.all(range))
                .query("order", String.join(",", by))
                .query("limit", limit)
                .query("offset", skipped == 0 ? null : skipped));
    }

    /** As text, which is exact and goes back by a cast. */
    private String keys() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            keys.add(KEYS + i + ":" + Where.quoted(order.get(i)) + "::text");
        }
        return String.join(",", keys);
    }

    private List<Object> key(Map<String, @Nullable Object> row) {
        List<Object> key = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            if (!(row.remove(KEYS + i) instanceof String text)) {
                throw new BackfillException(
                        "the table " + endpoint + " has a row whose " + order.get(i)
                                + " is null, which cannot be read by; fill it, or read by another column",
                        null);
            }
            key.add(text);
        }
        return key;
    }

    private T record(Map<String, @Nullable Object> row, List<Object> key) {
        row.replaceAll((name, value) -> value == null ? null : read(formats.getOrDefault(name, ""), value));
        if (type == Map.class) {
            return type.cast(row);
        }
        try {
            return binding.mapper().convertValue(row, type);
        } catch (JacksonException e) {
            throw new BackfillException(
                    "the row " + key + " of the table " + endpoint + " cannot be read as " + type.getName() + ": "
                            + Json.explained(e, type),
                    e);
        }
    }

    /** The value as the database road reads it. */
    private static Object read(String format, Object value) {
        if (value instanceof Integer || value instanceof Long) {
            long whole = ((Number) value).longValue();
            return switch (format) {
                case "numeric" -> BigDecimal.valueOf(whole);
                case "double precision", "real" -> (double) whole;
                default -> whole;
            };
        }
        if (format.equals("numeric") && value instanceof java.math.BigInteger whole) {
            return new BigDecimal(whole);
        }
        if (value instanceof String || value instanceof BigDecimal) {
            String text = value.toString();
            return switch (format) {
                case "double precision", "real" -> Double.valueOf(text);
                case "timestamp with time zone" -> instant(text);
                case "bytea" -> text.startsWith("\\x") ? HexFormat.of().parseHex(text, 2, text.length()) : text;
                default -> value;
            };
        }
        return value;
    }

    private static Object instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant().toString();
        } catch (DateTimeException e) {
            return text; // infinity, or years before ours
        }
    }
}

package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.internal.Json;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.util.TokenBuffer;

/**
 * What is read of a table, and in what order.
 *
 * @param columns the columns that a record has
 * @param nested for each whether the record has something there that is kept as JSON
 * @param order the columns of the key, the last of which make it unique
 */
record Layout<T>(
        Table table,
        Records.Binding binding,
        Class<T> type,
        List<Column> columns,
        List<Boolean> nested,
        List<Column> order) {

    /** Some rows, and the key of the last. */
    record Found<T>(List<T> rows, List<Object> last) {}

    static <T> Layout<T> of(Tx tx, Table table, Class<T> type, List<String> by) throws SQLException {
        Map<String, Column> all = table.columns(tx);
        Records.Binding binding = table.db().records().of(type);
        List<Column> columns = new ArrayList<>();
        List<Boolean> nested = new ArrayList<>();
        if (binding.columns().isEmpty()) {
            columns.addAll(all.values());
            columns.forEach(column -> nested.add(false));
        }
        binding.columns().forEach((name, component) -> {
            columns.add(find(table, all, name));
            nested.add(component != String.class
                    && tx.dialect().columnType(component).equals(tx.dialect().columnType(Map.class))
                    && isNested(component));
        });
        List<Column> order = new ArrayList<>();
        by.forEach(name -> order.add(find(table, all, name)));
        all.values().stream()
                .filter(column -> column.key() > 0 && !order.contains(column))
                .sorted(java.util.Comparator.comparingInt(Column::key))
                .forEach(order::add);
        if (order.isEmpty()) {
            throw new BackfillException(
                    "the table " + table.name()
                            + " has no primary key to read by; name columns that are unique together"
                            + " with rows(...).by(columns)",
                    null);
        }
        return new Layout<>(table, binding, type, columns, nested, order);
    }

    private static boolean isNested(Class<?> component) {
        return !component.isEnum()
                && !component.isPrimitive()
                && !component.getName().startsWith("java.time.")
                && !component.getName().startsWith("java.math.")
                && !component.getName().startsWith("java.lang.")
                && component != java.util.UUID.class;
    }

    private static Column find(Table table, Map<String, Column> all, String name) {
        Column column = all.get(name);
        if (column == null) {
            throw new BackfillException(
                    "the table " + table.name() + " has no column '" + name + "'; it has "
                            + String.join(", ", all.keySet()),
                    null);
        }
        return column;
    }

    /** A row without a key would never come behind another. */
    void checkNulls(Tx tx) throws SQLException {
        for (Column column : order) {
            if (column.nullable()
                    && !tx.query(
                                    "SELECT 1 FROM " + table.name().sql() + " WHERE " + column.sql()
                                            + " IS NULL LIMIT 1",
                                    rows -> 1)
                            .isEmpty()) {
                throw new BackfillException(
                        "the table " + table.name() + " has rows whose " + column.name()
                                + " is null, which would be missed in this order; fill them, or read by another column",
                        null);
            }
        }
    }

    Found<T> select(
            Tx tx,
            @Nullable List<?> after,
            @Nullable Object from,
            @Nullable List<?> to,
            @Nullable Object until,
            int limit)
            throws SQLException {
        Dialect dialect = tx.dialect();
        List<String> conditions = new ArrayList<>();
        List<@Nullable Object> arguments = new ArrayList<>();
        if (after != null) {
            conditions.add(condition(dialect, order, ">", after, arguments));
        }
        if (to != null) {
            conditions.add(condition(dialect, order, "<=", to, arguments));
        }
        List<Column> first = order.subList(0, 1);
        if (from != null) {
            conditions.add(condition(dialect, first, ">=", List.of(from), arguments));
        }
        if (until != null) {
            conditions.add(condition(dialect, first, "<", List.of(until), arguments));
        }
        List<String> selected = new ArrayList<>();
        columns.forEach(column -> selected.add(dialect.reading(column)));
        order.forEach(column -> selected.add(key(dialect, column)));
        String sql = "SELECT " + String.join(", ", selected) + " FROM "
                + table.name().sql() + " AS t"
                + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions)) + " ORDER BY "
                + String.join(
                        ", ", order.stream().map(column -> "t." + column.sql()).toList()) + " LIMIT " + limit;
        List<Object> last = new ArrayList<>();
        List<T> rows = tx.query(
                sql,
                row -> {
                    last.clear();
                    last.addAll(key(row, columns.size()));
                    return record(row);
                },
                arguments.toArray());
        return new Found<>(rows, List.copyOf(last));
    }

    /** The keys at the ends of so many ranges of equal size, without that of the last. */
    List<List<Object>> borders(Tx tx, int ranges) throws SQLException {
        checkNulls(tx);
        long all = tx.query("SELECT count(*) FROM " + table.name().sql(), rows -> rows.getLong(1))
                .get(0);
        long step = Math.max(1, (all + ranges - 1) / ranges);
        String keys = String.join(", ", order.stream().map(Column::sql).toList());
        List<String> read =
                order.stream().map(column -> key(tx.dialect(), column)).toList();
        return tx.query(
                "SELECT " + String.join(", ", read) + " FROM (SELECT " + keys + ", row_number() OVER (ORDER BY " + keys
                        + ") AS backfill_n FROM " + table.name().sql() + ") AS numbered WHERE backfill_n % " + step
                        + " = 0 AND backfill_n < " + all + " ORDER BY backfill_n",
                row -> key(row, 0));
    }

    /** In PostgreSQL as text, which is exact and goes back by a cast. */
    private static String key(Dialect dialect, Column column) {
        return dialect instanceof Postgres ? column.sql() + "::text" : column.sql();
    }

    private List<Object> key(ResultSet row, int before) throws SQLException {
        List<Object> key = new ArrayList<>(order.size());
        for (int i = 0; i < order.size(); i++) {
            Object value = row.getObject(before + i + 1);
            if (!(value instanceof String) && !(value instanceof Number)) {
                throw new BackfillException(
                        "the column " + order.get(i).name() + " of the table " + table.name()
                                + " is neither text nor number and cannot be read by; read by another column",
                        null);
            }
            key.add(value);
        }
        return key;
    }

    private static String condition(
            Dialect dialect, List<Column> columns, String sign, List<?> values, List<@Nullable Object> arguments) {
        if (values.size() != columns.size()) {
            throw new IllegalArgumentException("a position in a table has " + columns.size() + " values here, not "
                    + values.size() + "; was the order of reading changed?");
        }
        List<String> names = new ArrayList<>();
        List<String> places = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            names.add(columns.get(i).sql());
            places.add(dialect.placeholder(columns.get(i)));
            Object value = values.get(i);
            arguments.add(
                    dialect instanceof Postgres
                            ? String.valueOf(value)
                            : value instanceof BigDecimal decimal ? (Object) decimal.doubleValue() : value);
        }
        return "(" + String.join(", ", names) + ") " + sign + " (" + String.join(", ", places) + ")";
    }

    private T record(ResultSet row) throws SQLException {
        try (TokenBuffer tokens = TokenBuffer.forGeneration()) {
            tokens.writeStartObject();
            for (int i = 0; i < columns.size(); i++) {
                tokens.writeName(columns.get(i).name());
                value(tokens, row, i);
            }
            tokens.writeEndObject();
            return binding.mapper().readValue(tokens, type);
        } catch (JacksonException e) {
            throw new BackfillException(
                    "the row " + key(row, columns.size()) + " of the table " + table.name() + " cannot be read as "
                            + type.getName() + ": " + Json.explained(e, type),
                    e);
        }
    }

    private void value(TokenBuffer tokens, ResultSet row, int i) throws SQLException {
        int at = i + 1;
        switch (columns.get(i).kind()) {
            case NUMBER, ANY -> scalar(tokens, row.getObject(at), nested.get(i));
            case BOOLEAN -> {
                boolean flag = row.getBoolean(at);
                scalar(tokens, row.wasNull() ? null : flag, false);
            }
            case JSON, ARRAY -> scalar(tokens, row.getString(at), true);
            case INSTANT -> {
                OffsetDateTime time = row.getObject(at, OffsetDateTime.class);
                scalar(tokens, time == null ? null : time.toInstant().toString(), false);
            }
            case DATE_TIME -> {
                String text = row.getString(at);
                scalar(tokens, text == null ? null : text.replace(' ', 'T'), false);
            }
            case BYTES -> scalar(tokens, row.getBytes(at), false);
            case TEXT -> scalar(tokens, row.getString(at), nested.get(i));
        }
    }

    private static void scalar(TokenBuffer tokens, @Nullable Object value, boolean json) {
        if (value == null) {
            tokens.writeNull();
        } else if (json && value instanceof String text) {
            try (JsonParser parser = Json.MAPPER.createParser(text)) {
                parser.nextToken();
                tokens.copyCurrentStructure(parser);
            }
        } else if (value instanceof String text) {
            tokens.writeString(text);
        } else if (value instanceof Integer || value instanceof Long || value instanceof Short) {
            tokens.writeNumber(((Number) value).longValue());
        } else if (value instanceof BigDecimal decimal) {
            tokens.writeNumber(decimal);
        } else if (value instanceof Number number) {
            tokens.writeNumber(number.doubleValue());
        } else if (value instanceof Boolean flag) {
            tokens.writeBoolean(flag);
        } else if (value instanceof byte[] bytes) {
            tokens.writeBinary(bytes);
        } else {
            tokens.writeString(value.toString());
        }
    }
}

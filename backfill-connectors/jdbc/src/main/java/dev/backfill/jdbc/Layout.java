package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.internal.Json;
import dev.backfill.internal.Records;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.util.TokenBuffer;

/**
 * A selection against the table as it is.
 *
 * @param columns the columns that a record has
 * @param forms for each what the record has there
 * @param plain how to read rows without Jackson, where that is possible
 * @param filtered the columns of the filters
 */
record Layout<T>(
        Table table,
        Records.Binding binding,
        Class<T> type,
        List<Column> columns,
        List<Form> forms,
        Optional<PlainRows> plain,
        List<Selection.Filter> filters,
        List<Column> filtered,
        KeyOrder order) {

    /** So many pages for each range are looked at, and so many rows in them say well enough where it ends: they lie on pages together. */
    private static final int PAGES = 80;

    private static final int ENOUGH = 1_000;

    /** Some rows; if there are as many as were asked for, the key of the last. */
    record Found<T>(List<T> rows, List<Object> last) {}

    /** What a record has for a column. */
    private enum Form {
        /** What the column has. */
        PLAIN,
        /** Something that is kept as JSON. */
        NESTED,
        /** A point in time, which needs no text in between. */
        INSTANT;

        static Form of(Class<?> component, Dialect dialect) {
            if (component == Instant.class) {
                return INSTANT;
            }
            return component != String.class
                            && dialect.columnType(component).equals(dialect.columnType(Map.class))
                            && isNested(component)
                    ? NESTED
                    : PLAIN;
        }
    }

    static <T> Layout<T> of(Tx tx, Table table, Class<T> type, Selection selection) throws SQLException {
        Map<String, Column> all = table.columns(tx);
        Records.Binding binding = table.db().records().of(type);
        List<Column> columns = new ArrayList<>();
        List<Form> forms = new ArrayList<>();
        if (binding.columns().isEmpty()) {
            List<String> names = selection.columns();
            columns.addAll(
                    names.isEmpty()
                            ? all.values()
                            : names.stream().map(name -> table.find(all, name)).toList());
            columns.forEach(column -> forms.add(Form.PLAIN));
        }
        binding.columns().forEach((name, component) -> {
            columns.add(table.find(all, name));
            forms.add(Form.of(component, tx.dialect()));
        });
        List<Column> filtered = selection.filters().stream()
                .map(filter -> table.find(all, filter.column()))
                .toList();
        KeyOrder order = KeyOrder.of(table, all, selection.by());
        Optional<PlainRows> plain = tx.dialect() instanceof Postgres
                ? binding.plain().flatMap(known -> PlainRows.of(known, columns))
                : Optional.empty();
        return new Layout<>(table, binding, type, columns, forms, plain, selection.filters(), filtered, order);
    }

    private static boolean isNested(Class<?> component) {
        return !component.isEnum()
                && !component.isPrimitive()
                && !component.getName().startsWith("java.time.")
                && !component.getName().startsWith("java.math.")
                && !component.getName().startsWith("java.lang.")
                && component != java.util.UUID.class;
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
        List<@Nullable Object> arguments = new ArrayList<>();
        List<String> conditions = conditions(tx.dialect(), arguments);
        if (after != null) {
            conditions.add(order.condition(dialect, ">", after, arguments));
        }
        if (to != null) {
            conditions.add(order.condition(dialect, "<=", to, arguments));
        }
        if (from != null) {
            conditions.add(order.first(dialect, ">=", from, arguments));
        }
        if (until != null) {
            conditions.add(order.first(dialect, "<", until, arguments));
        }
        String sql = "SELECT " + selected(dialect) + " FROM " + table.name().sql() + " AS t" + where(conditions)
                + " ORDER BY " + order.sql(true) + " LIMIT " + limit;
        try (PreparedStatement statement = tx.bound(sql, arguments.toArray());
                ResultSet rows = statement.executeQuery()) {
            return plain.isPresent() ? plain(rows, plain.get(), limit) : together(rows, limit);
        } catch (JacksonException | PlainRows.Misfit e) { // one by one, to find the row that is at fault
            return each(tx, sql, arguments, limit);
        }
    }

    private Found<T> plain(ResultSet row, PlainRows plain, int limit) throws SQLException, PlainRows.Misfit {
        List<T> records = new ArrayList<>();
        List<Object> last = new ArrayList<>();
        while (row.next()) {
            records.add(type.cast(plain.record(row)));
            if (records.size() == limit) {
                last.addAll(order.key(row, columns.size()));
            }
        }
        return new Found<>(records, last);
    }

    private Found<T> together(ResultSet row, int limit) throws SQLException {
        List<Object> last = new ArrayList<>();
        int count = 0;
        try (TokenBuffer tokens = TokenBuffer.forGeneration()) {
            while (row.next()) {
                write(tokens, row);
                if (++count == limit) {
                    last.addAll(order.key(row, columns.size()));
                }
            }
            return new Found<>(records(tokens), last);
        }
    }

    /** The same with a pass for each row. The rows may be others than a moment before, and the last one with them. */
    private Found<T> each(Tx tx, String sql, List<@Nullable Object> arguments, int limit) throws SQLException {
        List<Object> last = new ArrayList<>();
        AtomicInteger count = new AtomicInteger();
        List<T> rows = tx.query(
                sql,
                row -> {
                    T record = record(row);
                    if (count.incrementAndGet() == limit) {
                        last.addAll(order.key(row, columns.size()));
                    }
                    return record;
                },
                arguments.toArray());
        return new Found<>(rows, last);
    }

    /** The columns of a record, and behind them those of the key. */
    private String selected(Dialect dialect) {
        List<String> selected = new ArrayList<>();
        columns.forEach(column -> selected.add(dialect.reading(column)));
        selected.addAll(order.selected(dialect));
        return String.join(", ", selected);
    }

    /** The rows for which a condition holds, in no order. */
    List<T> select(Tx tx, String condition, Object argument) throws SQLException {
        return tx.query(
                "SELECT " + selected(tx.dialect()) + " FROM " + table.name().sql() + " AS t WHERE " + condition,
                this::record,
                argument);
    }

    /** What the filters say. */
    private List<String> conditions(Dialect dialect, List<@Nullable Object> arguments) {
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < filters.size(); i++) {
            Column column = filtered.get(i);
            Object value = filters.get(i).value();
            if (value == null) {
                conditions.add("t." + column.sql() + " IS NULL");
            } else {
                conditions.add("t." + column.sql() + " = " + dialect.placeholder(column));
                arguments.add(dialect.bound(Encoder.constant(table.db().records(), column.name(), value)));
            }
        }
        return conditions;
    }

    private static String where(List<String> conditions) {
        return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    /**
     * The keys at the ends of so many ranges of about equal size, without that of the last: of a part of the rows, if that part has enough
     * of them.
     */
    List<List<Object>> borders(Tx tx, int ranges) throws SQLException {
        order.checkNulls(tx);
        String part = tx.dialect().part(tx, table.name(), PAGES * ranges);
        if (!part.isEmpty()) {
            long found = count(tx, part);
            if (found >= (long) ENOUGH * ranges) {
                return borders(tx, part, found, ranges);
            }
        }
        return borders(tx, "", count(tx, ""), ranges);
    }

    private long count(Tx tx, String part) throws SQLException {
        List<@Nullable Object> arguments = new ArrayList<>();
        String from = from(tx, part, arguments);
        return tx.query("SELECT count(*)" + from, rows -> rows.getLong(1), arguments.toArray())
                .get(0);
    }

    private String from(Tx tx, String part, List<@Nullable Object> arguments) throws SQLException {
        return " FROM " + table.name().sql() + " AS t" + part + where(conditions(tx.dialect(), arguments));
    }

    private List<List<Object>> borders(Tx tx, String part, long all, int ranges) throws SQLException {
        List<@Nullable Object> arguments = new ArrayList<>();
        String from = from(tx, part, arguments);
        long step = Math.max(1, (all + ranges - 1) / ranges);
        List<String> keys = order.columns().stream().map(Column::sql).toList();
        return tx.query(
                "SELECT " + String.join(", ", order.selected(tx.dialect())) + " FROM (SELECT "
                        + String.join(", ", keys) + ", row_number() OVER (ORDER BY " + order.sql(true)
                        + ") AS backfill_n" + from + ") AS t WHERE backfill_n % " + step + " = 0 AND backfill_n < "
                        + all + " ORDER BY backfill_n",
                row -> order.key(row, 0),
                arguments.toArray());
    }

    private List<T> records(TokenBuffer tokens) {
        try (MappingIterator<T> read = binding.mapper().readerFor(type).readValues(tokens.asParser())) {
            return read.readAll();
        }
    }

    private void write(TokenBuffer tokens, ResultSet row) throws SQLException {
        tokens.writeStartObject();
        for (int i = 0; i < columns.size(); i++) {
            tokens.writeName(columns.get(i).name());
            value(tokens, row, i);
        }
        tokens.writeEndObject();
    }

    private T record(ResultSet row) throws SQLException {
        try (TokenBuffer tokens = TokenBuffer.forGeneration()) {
            write(tokens, row);
            return records(tokens).get(0);
        } catch (JacksonException e) {
            throw new BackfillException(
                    "the row " + order.key(row, columns.size()) + " of the table " + table.name()
                            + " cannot be read as " + type.getName() + ": " + Json.explained(e, type),
                    e);
        }
    }

    private void value(TokenBuffer tokens, ResultSet row, int i) throws SQLException {
        int at = i + 1;
        boolean nested = forms.get(i) == Form.NESTED;
        switch (columns.get(i).kind()) {
            case NUMBER, ANY -> scalar(tokens, row.getObject(at), nested);
            case BOOLEAN -> {
                boolean flag = row.getBoolean(at);
                scalar(tokens, row.wasNull() ? null : flag, false);
            }
            case JSON, ARRAY -> scalar(tokens, row.getString(at), true);
            case INSTANT -> {
                OffsetDateTime time = row.getObject(at, OffsetDateTime.class);
                if (time != null && forms.get(i) == Form.INSTANT) {
                    tokens.writeEmbeddedObject(time.toInstant());
                } else {
                    scalar(tokens, time == null ? null : time.toInstant().toString(), false);
                }
            }
            case DATE_TIME -> {
                String text = row.getString(at);
                scalar(tokens, text == null ? null : text.replace(' ', 'T'), false);
            }
            case BYTES -> scalar(tokens, row.getBytes(at), false);
            case TEXT -> scalar(tokens, row.getString(at), nested);
        }
    }

    private static void scalar(TokenBuffer tokens, @Nullable Object value, boolean json) {
        if (value == null) {
            tokens.writeNull();
        } else if (json && value instanceof String text) {
            try (JsonParser parser = Json.parser(text)) {
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

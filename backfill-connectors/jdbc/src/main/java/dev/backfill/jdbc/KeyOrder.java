package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The order in which a table is read.
 *
 * @param columns the last of which make the order total
 */
record KeyOrder(Table table, List<Column> columns) {

    /**
     * @param by the columns to begin with; the primary key follows
     */
    static KeyOrder of(Table table, Map<String, Column> all, List<String> by) {
        List<Column> columns = new ArrayList<>();
        by.forEach(name -> columns.add(table.find(all, name)));
        all.values().stream()
                .filter(column -> column.key() > 0 && !columns.contains(column))
                .sorted(Comparator.comparingInt(Column::key))
                .forEach(columns::add);
        if (columns.isEmpty()) {
            throw new BackfillException(
                    "the table " + table.name() + " has no primary key to read by; add one, or name columns that are"
                            + " unique together with rows(...).by(columns)",
                    null);
        }
        return new KeyOrder(table, columns);
    }

    /** A row without a key would never come behind another. */
    void checkNulls(Tx tx) throws SQLException {
        for (Column column : columns) {
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

    /** What is put behind ORDER BY, for a table that is called {@code t}. */
    String sql(boolean ascending) {
        return String.join(
                ", ",
                columns.stream()
                        .map(column -> "t." + column.sql() + (ascending ? "" : " DESC"))
                        .toList());
    }

    /** The key's columns as they are selected: in PostgreSQL as text, which is exact and goes back by a cast. */
    List<String> selected(Dialect dialect) {
        return columns.stream()
                .map(column -> "t." + column.sql() + (dialect instanceof Postgres ? "::text" : ""))
                .toList();
    }

    /** The key of a row in whose result it stands behind so many columns. */
    List<Object> key(ResultSet row, int before) throws SQLException {
        List<Object> key = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.getObject(before + i + 1);
            if (!(value instanceof String) && !(value instanceof Number)) {
                throw new BackfillException(
                        "the column " + columns.get(i).name() + " of the table " + table.name()
                                + " is neither text nor number and cannot be read by; read by another column",
                        null);
            }
            key.add(value);
        }
        return key;
    }

    /** That a row's key is, say, larger than this one. */
    String condition(Dialect dialect, String sign, List<?> key, List<@Nullable Object> arguments) {
        return condition(dialect, columns, sign, key, arguments);
    }

    /** The same for the first column alone. */
    String first(Dialect dialect, String sign, Object value, List<@Nullable Object> arguments) {
        return condition(dialect, columns.subList(0, 1), sign, List.of(value), arguments);
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
            names.add("t." + columns.get(i).sql());
            places.add(dialect.placeholder(columns.get(i)));
            Object value = values.get(i);
            arguments.add(
                    dialect instanceof Postgres
                            ? String.valueOf(value)
                            : value instanceof BigDecimal decimal ? (Object) decimal.doubleValue() : value);
        }
        return "(" + String.join(", ", names) + ") " + sign + " (" + String.join(", ", places) + ")";
    }

    /** The key of the row that comes so many places behind this key; empty if there are not so many. */
    Optional<List<Object>> end(Tx tx, List<Object> after, int rows) throws SQLException {
        return end(tx, after, sql(true) + " LIMIT 1 OFFSET " + (rows - 1));
    }

    /** The key of the last row behind this key. */
    Optional<List<Object>> end(Tx tx, List<Object> after) throws SQLException {
        return end(tx, after, sql(false) + " LIMIT 1");
    }

    private Optional<List<Object>> end(Tx tx, List<Object> after, String order) throws SQLException {
        List<@Nullable Object> arguments = new ArrayList<>();
        String where = after.isEmpty() ? "" : " WHERE " + condition(tx.dialect(), ">", after, arguments);
        return tx
                .query(
                        "SELECT " + String.join(", ", selected(tx.dialect())) + " FROM "
                                + table.name().sql() + " AS t" + where + " ORDER BY " + order,
                        row -> key(row, 0),
                        arguments.toArray())
                .stream()
                .findFirst();
    }
}

package dev.backfill.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of rows, column by column, as {@link PostgresStatements} takes them: whole numbers, or the text of an array. All columns are
 * gathered in one pass over the rows, for values that lie about in memory are then fetched from there only once.
 */
final class PostgresColumns {

    /** One column on its way. */
    private interface Column {
        void add(@Nullable Object cell);

        void bind(PreparedStatement statement, int at, Connection connection) throws SQLException;
    }

    private final Map<Integer, Column> columns = new HashMap<>();

    /** @param whole the places of those that go as whole numbers */
    PostgresColumns(Shape shape, Plan plan, List<Row> rows, List<Integer> whole) {
        List<Integer> places = Stream.concat(shape.inserted(plan).stream(), shape.keys().stream())
                .distinct()
                .toList();
        Column[] all = new Column[places.size()];
        for (int i = 0; i < all.length; i++) {
            int place = places.get(i);
            boolean array = shape.columns().get(place).type().endsWith("[]");
            all[i] = whole.contains(place) ? new Wholes(rows.size()) : new Texts(rows.size(), array);
            columns.put(place, all[i]);
        }
        for (Row row : rows) {
            for (int i = 0; i < all.length; i++) {
                all[i].add(row.cell(places.get(i)));
            }
        }
    }

    void bind(PreparedStatement statement, int at, int place, Connection connection) throws SQLException {
        Objects.requireNonNull(columns.get(place)).bind(statement, at, connection);
    }

    private static final class Wholes implements Column {

        private final @Nullable Long[] numbers;
        private int size;

        Wholes(int rows) {
            numbers = new @Nullable Long[rows];
        }

        @Override
        public void add(@Nullable Object cell) {
            numbers[size++] = cell instanceof Instant time ? (Long) micros(time) : (Long) cell;
        }

        private static long micros(Instant time) {
            return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
        }

        @Override
        public void bind(PreparedStatement statement, int at, Connection connection) throws SQLException {
            statement.setArray(at, connection.createArrayOf("int8", numbers));
        }
    }

    private static final class Texts implements Column {

        private final boolean array;
        private StringBuilder text;
        private @Nullable String whole;

        Texts(int rows, boolean array) {
            this.array = array;
            this.text = new StringBuilder(16 * rows).append('{');
        }

        @Override
        public void add(@Nullable Object cell) {
            text.append(text.length() == 1 ? "" : ",");
            if (cell == null) {
                text.append("NULL");
            } else if (cell instanceof Number || cell instanceof Boolean) {
                text.append(cell);
            } else if (array && cell instanceof Row.Json json) {
                ArrayText.quote(text, ArrayText.literal(json.text()));
            } else {
                ArrayText.quote(text, String.valueOf(Postgres.text(cell)));
            }
        }

        @Override
        public void bind(PreparedStatement statement, int at, Connection connection) throws SQLException {
            String literal = whole;
            if (literal == null) { // keys are sent twice
                literal = text.append('}').toString();
                text = new StringBuilder(0);
                whole = literal;
            }
            statement.setString(at, literal);
        }
    }
}

package dev.backfill.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values of rows, column by column, as {@link PostgresStatements} takes them: whole numbers, or the text of an array. All columns are
 * gathered in one pass over the rows, for values that lie about in memory are then fetched from there only once.
 */
final class PostgresColumns {

    /** The values of one column on their way. */
    private interface Values {
        void add(@Nullable Object cell);

        Object argument(Connection connection) throws SQLException;
    }

    private final Map<Integer, Values> columns = new HashMap<>();

    /**
     * @param places of the columns in the rows
     * @param whole those of them that go as whole numbers
     */
    PostgresColumns(Shape shape, List<Row> rows, Collection<Integer> places, List<Integer> whole) {
        int[] from = places.stream().mapToInt(place -> place).toArray();
        Values[] all = new Values[from.length];
        for (int i = 0; i < all.length; i++) {
            boolean array = shape.columns().get(from[i]).type().endsWith("[]");
            all[i] = whole.contains(from[i]) ? new Wholes(rows.size()) : new Texts(rows.size(), array);
            columns.put(from[i], all[i]);
        }
        for (Row row : rows) {
            for (int i = 0; i < all.length; i++) {
                all[i].add(row.cell(from[i]));
            }
        }
    }

    /** What a statement takes for the column at this place. */
    Object argument(int place, Connection connection) throws SQLException {
        return Objects.requireNonNull(columns.get(place)).argument(connection);
    }

    /** One value, as a text that is cast to its column's type. */
    static @Nullable String text(Shape shape, int place, Row row) {
        return text(shape.columns().get(place).type().endsWith("[]"), row.cell(place));
    }

    private static @Nullable String text(boolean array, @Nullable Object cell) {
        return array && cell instanceof Row.Json json ? ArrayText.literal(json.text()) : Postgres.text(cell);
    }

    private static final class Wholes implements Values {

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
        public Object argument(Connection connection) throws SQLException {
            return connection.createArrayOf("int8", numbers);
        }
    }

    private static final class Texts implements Values {

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
            } else {
                ArrayText.quote(text, String.valueOf(text(array, cell)));
            }
        }

        @Override
        public Object argument(Connection connection) {
            String literal = whole;
            if (literal == null) { // keys are sent twice
                literal = text.append('}').toString();
                text = new StringBuilder(0);
                whole = literal;
            }
            return literal;
        }
    }
}

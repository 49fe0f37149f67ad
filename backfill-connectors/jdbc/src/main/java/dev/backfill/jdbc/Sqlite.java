package dev.backfill.jdbc;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** SQLite: one writer at a time, and each value has its own type. */
final class Sqlite implements Dialect {

    /** Of one width, so that the order of the text is the order of time. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT);

    private static final String CLOCK = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

    /**
     * The driver's own transactions begin without the lock for writing, and fail halfway when another writer was between; so this
     * one begins with it, in words.
     */
    @Override
    public void begin(Connection connection, Use use) throws SQLException {
        if (!connection.getAutoCommit()) {
            connection.setAutoCommit(true);
        }
        run(connection, "PRAGMA busy_timeout = 5000");
        run(connection, "PRAGMA synchronous = FULL");
        run(connection, use == Use.READING ? "BEGIN" : "BEGIN IMMEDIATE");
    }

    @Override
    public void commit(Connection connection, Use use) throws SQLException {
        run(connection, "COMMIT");
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        try {
            run(connection, "ROLLBACK");
        } catch (SQLException e) {
            if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
                throw e;
            }
        }
    }

    /** A statement that fails undoes itself, and nothing else. */
    @Override
    public void keep(Tx tx) {}

    @Override
    public void undo(Tx tx) {}

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public String clock() {
        return CLOCK;
    }

    @Override
    public String forUpdate() {
        return "";
    }

    @Override
    public String forShare() {
        return "";
    }

    @Override
    public boolean hasTable(Tx tx, String name) throws SQLException {
        return !tx.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", rows -> 1, name)
                .isEmpty();
    }

    @Override
    public List<Column> columns(Tx tx, TableName table) throws SQLException {
        String sql = "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?"
                + (table.schema() == null ? "" : ", ?") + ") WHERE hidden <> 1 ORDER BY cid";
        @Nullable
        Object[] arguments = table.schema() == null
                ? new Object[] {table.name()}
                : new @Nullable Object[] {table.name(), table.schema()};
        return tx.query(
                sql,
                rows -> new Column(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(2),
                        Column.Kind.ANY,
                        rows.getInt(3) == 0,
                        rows.getInt(4)),
                arguments);
    }

    @Override
    public boolean tellsNewRows(Tx tx, TableName table) {
        return false;
    }

    @Override
    public String part(Tx tx, TableName table, int pages) {
        return "";
    }

    @Override
    public void checkName(String what, String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " needs a name without NUL, and not an empty one");
        }
    }

    /** Decimals are text, for SQLite's own numbers keep some fifteen digits only. */
    @Override
    public String columnType(Class<?> type) {
        if (type == double.class || type == Double.class || type == float.class || type == Float.class) {
            return "REAL";
        }
        if (type == byte[].class) {
            return "BLOB";
        }
        boolean whole = (type.isPrimitive() && type != char.class)
                || type == Integer.class
                || type == Long.class
                || type == Short.class
                || type == Byte.class
                || type == Boolean.class;
        return whole ? "INTEGER" : "TEXT";
    }

    @Override
    public Failures.Kind kind(SQLException e) {
        return ofCode(e.getErrorCode());
    }

    /** By SQLite's result codes, see sqlite.org/rescode.html. */
    static Failures.Kind ofCode(int code) {
        return switch (code & 0xff) {
            case 5, 6, 10, 13, 15 -> Failures.Kind.PASSING; // busy, locked, I/O, full, locking protocol
            case 18, 19, 20, 25 -> Failures.Kind.DATA; // too big, constraint, mismatch, range
            default -> Failures.Kind.LASTING;
        };
    }

    @Override
    public String reading(Column column) {
        return column.sql();
    }

    @Override
    public String placeholder(Column column) {
        return "?";
    }

    @Override
    public String differ(Column column, String one, String other) {
        return one + " IS NOT " + other;
    }

    @Override
    public @Nullable Object bound(@Nullable Object cell) {
        if (cell instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        if (cell instanceof Instant time) {
            return TIME.format(time.atOffset(ZoneOffset.UTC)) + 'Z';
        }
        if (cell instanceof LocalDateTime time) {
            return TIME.format(time);
        }
        if (cell instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        return cell instanceof Row.Json || cell instanceof java.math.BigInteger ? cell.toString() : cell;
    }

    /** In the form in which the column's largest value is written: a number of seconds or milliseconds, or text. */
    @Override
    public String ago(Tx tx, TableName table, Column column, Duration lag) throws SQLException {
        List<Object> largest = tx.query(
                "SELECT " + column.sql() + " FROM " + table.sql() + " WHERE " + column.sql() + " IS NOT NULL ORDER BY "
                        + column.sql() + " DESC LIMIT 1",
                rows -> rows.getObject(1));
        long now = tx.query("SELECT " + CLOCK, rows -> rows.getLong(1)).get(0) - lag.toMillis();
        Object sample = largest.isEmpty() ? "" : largest.get(0);
        if (sample instanceof Number number) {
            return String.valueOf(number.longValue() > 100_000_000_000L ? now : Math.floorDiv(now, 1000));
        }
        String text = TIME.format(Instant.ofEpochMilli(now).atOffset(ZoneOffset.UTC)) + 'Z';
        boolean spaced = sample.toString().length() > 10 && sample.toString().charAt(10) == ' ';
        return spaced ? text.substring(0, 19).replace('T', ' ') : text;
    }

    @Override
    public Writing writing(Tx tx, Plan plan, Outcomes outcomes) {
        return new SqliteWriting(tx, plan, outcomes);
    }
}

package dev.backfill.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** PostgreSQL, directly or behind a pooler: nothing here outlives its transaction. */
final class Postgres implements Dialect {

    /** What a dead network costs at most: longer than any statement may take. */
    static final int SOCKET_MILLIS = 360_000;

    private static final String BEGIN_READING = "SET LOCAL statement_timeout = '300s'; SET LOCAL lock_timeout = '30s';"
            + " SET LOCAL idle_in_transaction_session_timeout = '60s'; SET TRANSACTION ISOLATION LEVEL READ COMMITTED";

    private static final String BEGIN_WRITING =
            "; SET LOCAL array_nulls = on; SET CONSTRAINTS ALL IMMEDIATE; SAVEPOINT backfill";

    private static final int MAX_NAME_BYTES = 63;

    /** Seconds from 1970 to a time whose year has four digits. */
    private static final long NEAR = 60_000_000_000L;

    private static final Map<Class<?>, String> TYPES = Map.ofEntries(
            Map.entry(String.class, "text"),
            Map.entry(char.class, "text"),
            Map.entry(Character.class, "text"),
            Map.entry(int.class, "integer"),
            Map.entry(Integer.class, "integer"),
            Map.entry(long.class, "bigint"),
            Map.entry(Long.class, "bigint"),
            Map.entry(short.class, "smallint"),
            Map.entry(Short.class, "smallint"),
            Map.entry(double.class, "double precision"),
            Map.entry(Double.class, "double precision"),
            Map.entry(float.class, "real"),
            Map.entry(Float.class, "real"),
            Map.entry(boolean.class, "boolean"),
            Map.entry(Boolean.class, "boolean"),
            Map.entry(java.math.BigDecimal.class, "numeric"),
            Map.entry(java.math.BigInteger.class, "numeric"),
            Map.entry(java.time.Instant.class, "timestamptz"),
            Map.entry(java.time.OffsetDateTime.class, "timestamptz"),
            Map.entry(java.time.ZonedDateTime.class, "timestamptz"),
            Map.entry(java.time.LocalDateTime.class, "timestamp"),
            Map.entry(java.time.LocalDate.class, "date"),
            Map.entry(java.time.LocalTime.class, "time"),
            Map.entry(java.util.UUID.class, "uuid"),
            Map.entry(byte[].class, "bytea"));

    private static final String COLUMNS = """
            SELECT a.attname, format_type(a.atttypid, -1), format_type(a.atttypid, a.atttypmod), t.typcategory,
                   coalesce(b.typname, t.typname), a.attnotnull,
                   coalesce((SELECT k.place FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                             WHERE i.indrelid = a.attrelid AND i.indisprimary AND k.attnum = a.attnum), 0)
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
            WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum""";

    /**
     * The isolation, the deadlines and the savepoint go with the transaction and in one way to the server; constraints that would be
     * checked at the commit are checked at once, for then the record at fault can still be found. Whether the transaction may write is
     * left as the server has it: a database that was made read-only because its disk is full must not be written to. A statement that
     * commits itself has the deadline of the network only.
     */
    @Override
    public void begin(Connection connection, Use use) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, SOCKET_MILLIS);
        boolean alone = use == Use.ONE_STATEMENT;
        if (connection.getAutoCommit() != alone) {
            connection.setAutoCommit(alone);
        }
        if (alone) {
            return;
        }
        String begin = use == Use.WRITING ? BEGIN_READING + BEGIN_WRITING : BEGIN_READING;
        // prepared, so that the driver has to read these words only once
        try (PreparedStatement statement = connection.prepareStatement(begin)) {
            statement.execute();
        }
    }

    /**
     * A COMMIT after a statement that failed undoes everything and says so in a way that the driver does not notice; giving up the
     * savepoint is refused then.
     */
    @Override
    public void commit(Connection connection, Use use) throws SQLException {
        if (use == Use.WRITING) {
            // not prepared, so that a pooler cannot take it for another statement
            new Tx(connection, this).run("RELEASE SAVEPOINT backfill; COMMIT");
        } else if (use == Use.READING) {
            connection.commit();
        }
    }

    @Override
    public void keep(Tx tx) throws SQLException {
        tx.run("RELEASE SAVEPOINT backfill; SAVEPOINT backfill");
    }

    @Override
    public void undo(Tx tx) throws SQLException {
        tx.run("ROLLBACK TO SAVEPOINT backfill");
    }

    @Override
    public void rollback(Connection connection) throws SQLException {
        if (!connection.getAutoCommit()) { // else the statement that failed has undone itself
            connection.rollback();
        }
    }

    @Override
    public String clock() {
        return "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    }

    @Override
    public String forUpdate() {
        return " FOR UPDATE";
    }

    @Override
    public String forShare() {
        return " FOR SHARE";
    }

    @Override
    public boolean hasTable(Tx tx, String name) throws SQLException {
        return tx.query("SELECT to_regclass(?) IS NOT NULL", rows -> rows.getBoolean(1), Dialect.quote(name))
                .get(0);
    }

    @Override
    public List<Column> columns(Tx tx, TableName table) throws SQLException {
        return tx.query(
                COLUMNS,
                rows -> new Column(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getString(3),
                        kind(rows.getString(4), rows.getString(5)),
                        !rows.getBoolean(6),
                        rows.getInt(7)),
                table.sql());
    }

    /** The parent of a partitioned table has no system columns. */
    @Override
    public boolean tellsNewRows(Tx tx, TableName table) throws SQLException {
        return tx.query("SELECT 1 FROM pg_class WHERE oid = to_regclass(?) AND relkind = 'r'", rows -> 1, table.sql())
                        .size()
                == 1;
    }

    /** Other kinds of tables, and other stores than PostgreSQL's own, may know no samples. */
    @Override
    public String part(Tx tx, TableName table, int pages) throws SQLException {
        long all = tx
                .query(
                        "SELECT pg_relation_size(oid) / current_setting('block_size')::bigint FROM pg_class"
                                + " WHERE oid = to_regclass(?) AND relkind = 'r'"
                                + " AND relam = (SELECT oid FROM pg_am WHERE amname = 'heap')",
                        rows -> rows.getLong(1),
                        table.sql())
                .stream()
                .findFirst()
                .orElse(0L);
        return all <= 4L * pages
                ? ""
                : String.format(Locale.ROOT, " TABLESAMPLE SYSTEM (%.6f) REPEATABLE (0)", 100.0 * pages / all);
    }

    private static Column.Kind kind(String category, String type) {
        return switch (type) {
            case "int2", "int4", "int8", "oid", "float4", "float8", "numeric" -> Column.Kind.NUMBER;
            case "bool" -> Column.Kind.BOOLEAN;
            case "json", "jsonb" -> Column.Kind.JSON;
            case "timestamptz" -> Column.Kind.INSTANT;
            case "timestamp" -> Column.Kind.DATE_TIME;
            case "bytea" -> Column.Kind.BYTES;
            default -> category.equals("A") || category.equals("C") ? Column.Kind.ARRAY : Column.Kind.TEXT;
        };
    }

    @Override
    public void checkName(String what, String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (name.isEmpty() || name.indexOf('\0') >= 0 || bytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException(what + " needs a name of 1 to " + MAX_NAME_BYTES
                    + " bytes without NUL (PostgreSQL would cut a longer one): "
                    + (name.length() <= 80 ? name.replace('\0', '?') : name.substring(0, 80) + "…"));
        }
    }

    @Override
    public String columnType(Class<?> type) {
        String known = TYPES.get(type);
        return known != null ? known : type.isEnum() ? "text" : "jsonb";
    }

    @Override
    public Failures.Kind kind(SQLException e) {
        return Failures.ofState(Failures.state(e), e);
    }

    @Override
    public String reading(Column column) {
        return column.kind() == Column.Kind.ARRAY ? "to_json(" + column.sql() + ")::text" : column.sql();
    }

    /** The value goes as text and becomes what the column is, so it is compared by the column's own rules and index. */
    @Override
    public String placeholder(Column column) {
        return "?::text::" + column.type();
    }

    /** Some types have no equality of their own. */
    @Override
    public String differ(Column column, String one, String other) {
        boolean plain = switch (column.type()) {
            case "json", "xml", "point", "box", "line", "lseg", "path", "polygon", "circle" -> false;
            default -> true;
        };
        String text = plain ? "" : "::text";
        return one + text + " IS DISTINCT FROM " + other + text;
    }

    @Override
    public @Nullable Object bound(@Nullable Object cell) {
        return text(cell);
    }

    /** A cell as the text that PostgreSQL reads. */
    static @Nullable String text(@Nullable Object cell) {
        if (cell instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        if (cell instanceof Instant instant && Math.abs(instant.getEpochSecond()) < NEAR) {
            // whose own text is made by a formatter that takes ten times as long
            return LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC) + "Z";
        }
        return cell == null ? null : cell.toString();
    }

    @Override
    public String ago(Tx tx, TableName table, Column column, Duration lag) throws SQLException {
        if (column.kind() == Column.Kind.NUMBER) {
            long largest = tx.query(
                            "SELECT coalesce(max(" + column.sql() + "), 0)::bigint FROM " + table.sql(),
                            rows -> rows.getLong(1))
                    .get(0);
            long now = tx.query("SELECT " + clock(), rows -> rows.getLong(1)).get(0) - lag.toMillis();
            return String.valueOf(largest > 100_000_000_000L ? now : Math.floorDiv(now, 1000));
        }
        return tx.query(
                        "SELECT ((clock_timestamp() - ?::text::interval)::" + column.type() + ")::text",
                        rows -> rows.getString(1),
                        lag.toMillis() + " milliseconds")
                .get(0);
    }

    @Override
    public Writing writing(Tx tx, Plan plan, Outcomes outcomes) {
        return new PostgresWriting(tx, plan, outcomes);
    }
}

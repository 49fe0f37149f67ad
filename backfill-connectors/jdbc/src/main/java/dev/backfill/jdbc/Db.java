package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Secret;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Records;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL or SQLite database, whose tables are sources and sinks and in which progress can be kept.
 *
 * <pre>{@code
 * Db db = Db.sqlite(Path.of("copy.db"));
 * Backfill.named("products")
 *     .from(products)
 *     .into(db.table("products").upsert("id"))
 *     .checkpoint(db.checkpoint())       // the same object: rows and progress commit together
 *     .run();
 * }</pre>
 *
 * <p>The driver is the host's: {@code org.xerial:sqlite-jdbc} or {@code org.postgresql:postgresql}. Nothing is opened before it is
 * needed. Safe for several threads; each transaction has a connection of its own, so a job with n partitions side by side uses
 * n + 1 of them. Statements have a deadline, so no call waits for ever.
 */
public final class Db implements AutoCloseable {

    private final Connections connections;
    private final String name;
    private final Records records = new Records();
    private final TableCheckpoint checkpoint;
    private volatile @Nullable Dialect dialect;

    private Db(String name, Connections.Opening opening, boolean keeps) {
        Ports ports = Ports.current();
        this.name = name;
        this.connections = new Connections(opening, keeps, ports);
        this.checkpoint = new TableCheckpoint(this, ports);
    }

    /**
     * The database behind a data source of the host, best one that pools its connections.
     *
     * <p>Each connection goes back with the commit mode and the timeout it came with; one of SQLite keeps full synchronisation.
     */
    public static Db of(DataSource source) {
        Objects.requireNonNull(source, "source");
        return new Db("the database", source::getConnection, false);
    }

    /**
     * A SQLite file, which is made for its owner only when first needed. Every connection has write-ahead logging, full
     * synchronisation, foreign keys and five seconds of patience with other writers.
     *
     * @param file on a local disk: SQLite's locks do not hold on network file systems
     */
    public static Db sqlite(Path file) {
        return new Db(file.toString(), Opened.sqlite(file, Ports.current()), true);
    }

    /**
     * A database by its JDBC URL; connections are kept and used again.
     *
     * <p>Unless the URL says otherwise, a dead network is noticed after six minutes at most, which is longer than any statement may take,
     * and behind port 6543, where poolers have their transaction mode, no statement is prepared on the server. A remote server that is not
     * verified gives a warning.
     *
     * @param url {@code jdbc:postgresql://host/database?sslmode=verify-full}, from the host's configuration and never from data.
     *     Only harmless properties are taken: none that names a class or a file to write, and no password
     * @param user the user
     * @param password the password, which no message shows
     * @throws IllegalArgumentException if the URL is of another kind, or has a property that is not taken
     */
    public static Db connect(String url, String user, Secret password) {
        return new Db(PostgresUrl.shown(url), Opened.url(url, user, password), true);
    }

    /** A table of the connection's default schema; any name goes, and none is read as SQL. */
    public Table table(String table) {
        return new Table(this, new TableName(null, Objects.requireNonNull(table, "table")));
    }

    /** A table of another schema; in SQLite, of an attached database. */
    public Table table(String schema, String table) {
        return new Table(
                this, new TableName(Objects.requireNonNull(schema, "schema"), Objects.requireNonNull(table, "table")));
    }

    /**
     * What one phase gathers and the next ones ask: records by key, and which of them have something in common.
     *
     * <pre>{@code
     * Index<Page> index = db.index("pages", Page.class, Page::id, page -> page.title().strip().toLowerCase());
     * }</pre>
     *
     * @param name any name; the table is {@code backfill_index_} and this name
     * @param type of the records, which are kept as JSON
     * @param key tells a record from all others; two with one key are the same, of which the last is kept
     * @param common what duplicates have in common, compared as text; a null or an empty text has no duplicates
     */
    public <T> Index<T> index(
            String name,
            Class<T> type,
            Function<? super T, String> key,
            Function<? super T, ? extends @Nullable Object> common) {
        return new Index<>(this, name, type, key, common);
    }

    /**
     * Progress in this database, in the tables {@code backfill_job}, {@code backfill_bookmark} and {@code backfill_dead_letter}, which
     * are made if they are missing.
     *
     * <p>A job is held by a lease of fifteen seconds by the database's clock, which is renewed while the claim is open; the job of a dead
     * runner can be taken over when its lease has run out. Every save is refused from a runner that has been taken over. A sink of
     * this same object commits its rows and the progress in one transaction.
     */
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** Closes the connections that are kept for the next use. A host's data source stays open. */
    @Override
    public void close() {
        connections.close();
    }

    @Override
    public String toString() {
        return name;
    }

    Records records() {
        return records;
    }

    TableCheckpoint tableCheckpoint() {
        return checkpoint;
    }

    /** Work inside a transaction. */
    @FunctionalInterface
    interface Work<T> {
        T in(Tx tx) throws SQLException;
    }

    /**
     * Does the work in one transaction; when this returns, it is durable. When it throws, nothing of it happened, unless it was the
     * commit that failed.
     *
     * @param doing for messages, such as {@code writing to the table items}
     */
    <T> T transaction(String doing, Work<T> work) {
        return transaction(doing, Dialect.Use.WRITING, work);
    }

    /** Reads in one transaction. */
    <T> T reading(String doing, Work<T> work) {
        return transaction(doing, Dialect.Use.READING, work);
    }

    /** Runs one statement in a transaction of its own. When this throws, it may still happen, at any later time. */
    <T> T statement(String doing, Work<T> work) {
        return transaction(doing, Dialect.Use.ONE_STATEMENT, work);
    }

    private <T> T transaction(String doing, Dialect.Use use, Work<T> work) {
        Connection connection;
        try {
            connection = connections.take();
        } catch (SQLException e) {
            throw Failures.of(null, "connecting to " + name, e); // a pool says it in its own way
        }
        boolean sound = false;
        Dialect speaks = null;
        boolean automatic = true;
        int timeout = 0;
        try {
            speaks = dialect(connection);
            automatic = connection.getAutoCommit();
            timeout = speaks instanceof Postgres ? connection.getNetworkTimeout() : 0;
            speaks.begin(connection, use);
            T result = work.in(new Tx(connection, speaks));
            speaks.commit(connection, use);
            sound = true;
            return result;
        } catch (SQLException e) {
            RuntimeException failure = Failures.of(speaks, doing, e);
            sound = speaks != null && undo(speaks, connection);
            throw failure;
        } catch (RuntimeException | Error e) {
            sound = speaks != null && undo(speaks, connection);
            throw e;
        } finally {
            connections.give(connection, sound && restore(speaks, connection, automatic, timeout));
        }
    }

    private static boolean undo(Dialect speaks, Connection connection) {
        try {
            speaks.rollback(connection);
            return true;
        } catch (SQLException e) {
            return false; // the connection is lost, and its transaction with it
        }
    }

    private static boolean restore(@Nullable Dialect speaks, Connection connection, boolean automatic, int timeout) {
        try {
            if (speaks instanceof Postgres) {
                connection.setNetworkTimeout(Runnable::run, timeout);
            }
            if (connection.getAutoCommit() != automatic) {
                connection.setAutoCommit(automatic);
            }
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    private Dialect dialect(Connection connection) throws SQLException {
        Dialect known = dialect;
        if (known == null) {
            String product = connection.getMetaData().getDatabaseProductName();
            known = switch (product) {
                case "PostgreSQL" -> new Postgres();
                case "SQLite" -> new Sqlite();
                default ->
                    throw new BackfillException(
                            "this works with PostgreSQL and SQLite, and " + name + " is " + product, null);
            };
            dialect = known;
        }
        return known;
    }
}

package dev.backfill.benchmarks;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A PostgreSQL of this benchmark's own that keeps its promises: what is committed is on the disk. */
final class Postgres implements AutoCloseable {

    private final EmbeddedPostgres server;
    private final long pid;
    private final Connection connection;

    private Postgres(EmbeddedPostgres server, long pid, Connection connection) {
        this.server = server;
        this.pid = pid;
        this.connection = connection;
    }

    static Postgres start(Path folder) throws IOException, SQLException {
        Path data = folder.toAbsolutePath();
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(true)
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("shared_buffers", "1GB")
                .setServerConfig("max_wal_size", "6GB")
                .setServerConfig("checkpoint_timeout", "1h") // the harness does it before each run
                .setServerConfig("autovacuum", "off")
                .start();
        long pid = Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
        Connection connection = DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres", Work.USER, "");
        return new Postgres(server, pid, connection);
    }

    int port() {
        return server.getPort();
    }

    /** Of all of its processes. */
    double cpuSeconds() throws IOException {
        return Machine.cpuSecondsWithChildren(pid);
    }

    void run(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row, as text. */
    String ask(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "";
        }
    }

    List<String> list(String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(String.valueOf(rows.getString(1)));
            }
        }
        return found;
    }

    /** Removes all tables but these. */
    void forgetAllBut(List<String> kept) throws SQLException {
        for (String table : list("SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                + " AND relkind = 'r'")) {
            if (!kept.contains(table)) {
                run("DROP TABLE " + table + " CASCADE");
            }
        }
        for (String sequence : list("SELECT quote_ident(relname) FROM pg_class WHERE relnamespace ="
                + " 'public'::regnamespace AND relkind = 'S'")) {
            run("DROP SEQUENCE " + sequence + " CASCADE");
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        connection.close();
        server.close();
    }
}

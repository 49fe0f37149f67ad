package dev.backfill.jdbc;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.sqlite.SQLiteDataSource;

/** An empty database, and a second way into it for tests. */
record Store(Kind kind, DataSource source, Path file) {

    enum Kind {
        SQLITE,
        POSTGRES
    }

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** One server for all tests, durable as one in use is. */
    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();

        /** Its port was free before it started; the server of another process may have taken it since, and would answer in its place. */
        private static EmbeddedPostgres start() {
            try {
                while (true) {
                    Path data = Files.createTempDirectory("postgres");
                    EmbeddedPostgres server = EmbeddedPostgres.builder()
                            .setDataDirectory(data)
                            .setServerConfig("fsync", "on")
                            .setServerConfig("synchronous_commit", "on")
                            .setServerConfig("timezone", "Pacific/Auckland")
                            .start();
                    if (answersFrom(data, server)) {
                        return server;
                    }
                    server.close();
                }
            } catch (IOException | SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private static boolean answersFrom(Path data, EmbeddedPostgres server) throws SQLException {
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SHOW data_directory")) {
                return rows.next() && rows.getString(1).equals(data.toString());
            }
        }
    }

    static Store of(Kind kind, Path folder) throws SQLException {
        int number = NUMBER.incrementAndGet();
        Path file = folder.resolve("store" + number + ".db");
        if (kind == Kind.SQLITE) {
            SQLiteDataSource source = new SQLiteDataSource();
            source.setUrl("jdbc:sqlite:" + file);
            source.setBusyTimeout(5000);
            return new Store(kind, source, file);
        }
        PGSimpleDataSource admin = (PGSimpleDataSource) Server.POSTGRES.getPostgresDatabase();
        try (Connection connection = admin.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA store" + number);
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url() + "?user=postgres");
        source.setCurrentSchema("store" + number);
        return new Store(kind, source, file);
    }

    static int port() {
        return Server.POSTGRES.getPort();
    }

    static String url() {
        return "jdbc:postgresql://localhost:" + port() + "/postgres";
    }

    boolean postgres() {
        return kind == Kind.POSTGRES;
    }

    /** The database as another process opens it. */
    Db db() {
        return postgres() ? Db.of(source) : Db.sqlite(file);
    }

    void run(String... statements) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            if (!postgres()) {
                statement.execute("PRAGMA synchronous = OFF"); // what tests prepare need not survive a loss of power
            }
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(String.join("; ", statements), e);
        }
    }

    /** The rows as text, values joined by a bar. */
    List<String> rows(String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                found.add(String.join("|", values));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}

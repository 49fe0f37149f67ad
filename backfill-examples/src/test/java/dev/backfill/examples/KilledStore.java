package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.jdbc.Db;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Where a job keeps its rows and its progress while its processes are ended one after the other, and what must be there in the end. */
record KilledStore(Kind kind, String place, Path folder) {

    enum Kind {
        SQLITE("SQLite"),
        POSTGRES("PostgreSQL"),
        FILES("files");

        private final String name;

        Kind(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** One server for all tests, durable as one in use is. */
    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .start();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** An empty one, whose database notes every row that is written. */
    static KilledStore of(Kind kind, Path temp) throws Exception {
        int number = NUMBER.incrementAndGet();
        Path folder = Files.createDirectories(temp.resolve("store" + number));
        KilledStore store = new KilledStore(
                kind,
                switch (kind) {
                    case SQLITE -> "jdbc:sqlite:" + folder.resolve("data.db");
                    case POSTGRES ->
                        "jdbc:postgresql://localhost:" + Server.POSTGRES.getPort() + "/postgres?currentSchema=s"
                                + number;
                    case FILES -> folder.resolve("rows").toString();
                },
                folder);
        if (kind == Kind.SQLITE) {
            try (Db db = Db.sqlite(folder.resolve("data.db"))) {
                db.table("item").createIfMissing(KilledJob.Item.class, "part", "id");
            }
            store.execute(
                    "CREATE TABLE written (id int, part text)",
                    "CREATE TRIGGER noted AFTER INSERT ON item BEGIN INSERT INTO written VALUES (new.id, new.part); END",
                    "CREATE TRIGGER changed AFTER UPDATE ON item BEGIN INSERT INTO written VALUES (new.id, new.part); END");
        } else if (kind == Kind.POSTGRES) {
            store.execute(
                    "CREATE SCHEMA s" + number,
                    "CREATE TABLE item (id int, part text, text text, PRIMARY KEY (part, id))",
                    "CREATE TABLE written (id int, part text)",
                    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO written VALUES (new.id,"
                            + " new.part); RETURN new; END $$",
                    "CREATE TRIGGER note AFTER INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION note()");
        }
        return store;
    }

    Path progress() {
        return folder.resolve("progress");
    }

    boolean database() {
        return kind != Kind.FILES;
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(place, "postgres", "");
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private List<String> query(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(place, "postgres", "");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    /** Every row is there as it should be; in a database each was written once and no more, in files each stands once. */
    void holdsEverythingOnce(String after) throws Exception {
        List<String> expected = new ArrayList<>();
        for (String part : KilledJob.PARTS) {
            for (int id = 0; id < KilledJob.PAGES * KilledJob.ROWS; id++) {
                expected.add(id + "," + part + "," + KilledJob.item(part, id).text());
            }
        }
        expected.sort(null);
        if (database()) {
            assertThat(query("SELECT id || ',' || part || ',' || text FROM item").stream()
                            .sorted()
                            .toList())
                    .as(after)
                    .isEqualTo(expected);
            assertThat(query("SELECT count(*) || ' ' || count(DISTINCT part || ' ' || id) FROM written"))
                    .as("rows written, and different ones, %s", after)
                    .containsExactly(expected.size() + " " + expected.size());
            return;
        }
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(place))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".csv")).toList()) {
                List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
                assertThat(lines.get(0)).isEqualTo("id,part,text");
                lines.stream()
                        .skip(1)
                        .map(line -> line.replaceAll(",\"(.*)\"$", ",$1").replace("\"\"", "\""))
                        .forEach(found::add);
            }
        }
        found.sort(null);
        assertThat(found).as(after).isEqualTo(expected);
    }
}

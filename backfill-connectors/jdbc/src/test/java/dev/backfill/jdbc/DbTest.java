package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Batch;
import dev.backfill.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DbTest {

    record Item(int id, String name) {}

    private static final Secret PASSWORD = Secret.of("DB_PASSWORD", "S3CR3T-db");

    @TempDir
    Path folder;

    @Test
    void makesASqliteFileForItsOwnerOnlyAndDurable() throws Exception {
        Path file = folder.resolve("new/folder/a b%20.db");
        try (Db db = Db.sqlite(file)) {
            db.table("item").createIfMissing(Item.class, "id").upsert("id").write(Batch.of(List.of(new Item(1, "a"))));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            List<String> settings = db.reading(
                    "reading settings",
                    tx -> List.of(
                            tx.query("PRAGMA journal_mode", rows -> rows.getString(1))
                                    .get(0),
                            tx.query("PRAGMA synchronous", rows -> rows.getString(1))
                                    .get(0),
                            tx.query("PRAGMA busy_timeout", rows -> rows.getString(1))
                                    .get(0),
                            tx.query("PRAGMA foreign_keys", rows -> rows.getString(1))
                                    .get(0)));
            assertThat(settings).containsExactly("wal", "2", "5000", "1");
        }
        assertThatThrownBy(() -> Db.sqlite(Path.of("a?journal_mode=off"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void connectsByUrl() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        String schema = store.rows("SELECT current_schema()").get(0);
        try (Db db = Db.connect(Store.url() + "?currentSchema=" + schema, "postgres", PASSWORD)) {
            db.table("item").createIfMissing(Item.class, "id").upsert("id").write(Batch.of(List.of(new Item(1, "a"))));
            assertThat(store.rows("SELECT * FROM item")).containsExactly("1|a");
            assertThat(db.table(schema, "item")
                            .rows(Item.class)
                            .read(dev.backfill.Cursor.START)
                            .items())
                    .containsExactly(new Item(1, "a"));
        }
    }

    @Test
    void takesNoPropertyThatNamesAClassAFileOrASecret() {
        for (String property : List.of(
                "socketFactory=org.x.Evil",
                "authenticationPluginClassName=org.x.Evil",
                "sslfactory=org.x.Evil",
                "sslhostnameverifier=x",
                "loggerFile=/tmp/x",
                "SOCKETFACTORY=x",
                "ssl=true&socketFactory=x",
                "password=S3CR3T-db",
                "user=x")) {
            assertThatThrownBy(() -> Db.connect("jdbc:postgresql://localhost/x?" + property, "u", PASSWORD))
                    .as(property)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("S3CR3T");
        }
        for (String url : List.of(
                "jdbc:sqlite:http://evil/x.db", "jdbc:h2:mem:x", "http://x", "jdbc:postgresql://u:S3CR3T-db@h/x")) {
            assertThatThrownBy(() -> Db.connect(url, "u", PASSWORD))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("S3CR3T");
        }
    }

    @Test
    void tellsNoPasswordWhenItCannotConnect() {
        Db db = Db.connect("jdbc:postgresql://localhost:1/x?connectTimeout=1", "u", PASSWORD);
        assertThatThrownBy(() -> db.table("t").rows().read(dev.backfill.Cursor.START))
                .isInstanceOf(dev.backfill.TransientException.class)
                .hasMessageContaining("connecting to jdbc:postgresql://localhost:1/x")
                .satisfies(e -> {
                    for (Throwable at = e; at != null; at = at.getCause()) {
                        assertThat(at.toString()).doesNotContain("S3CR3T");
                    }
                });
    }

    @Test
    void writesIntoAPartitionedTable() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE item (id int PRIMARY KEY, name text) PARTITION BY RANGE (id)",
                "CREATE TABLE item_low PARTITION OF item FOR VALUES FROM (0) TO (100)");
        Batch<Object> batch = Batch.of(List.of(new Item(1, "a"), new Item(2, "b"), new Item(200, "c")));
        store.db().table("item").upsert("id").write(batch);
        assertThat(store.rows("SELECT * FROM item ORDER BY id")).containsExactly("1|a", "2|b");
        assertThat(batch.reason(2)).contains("23514");
        Batch<Object> again = Batch.of(List.of(new Item(1, "a"), new Item(2, "c"), new Item(3, "c")));
        store.db().table("item").upsert("id").write(again);
        assertThat(List.of(again.outcome(0), again.outcome(1), again.outcome(2)))
                .containsExactly(Batch.Outcome.UNCHANGED, Batch.Outcome.UPDATED, Batch.Outcome.WRITTEN);
    }

    @Test
    void refusesARecordThatIsNotOpenWithAWordOnWhatToDo() throws Exception {
        Store store = Store.of(Store.Kind.SQLITE, folder);
        store.run("CREATE TABLE t (id int PRIMARY KEY)");
        assertThatThrownBy(() -> store.db().table("t").upsert("id").write(Batch.of(List.of("text"))))
                .hasMessageContaining("a record or a map has columns");
    }
}

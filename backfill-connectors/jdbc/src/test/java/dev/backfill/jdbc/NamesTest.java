package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Batch.Outcome;
import dev.backfill.TransientException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Names from anywhere are names and nothing else. */
class NamesTest {

    record Item(int id, @Nullable String name, @Nullable Instant modified) {}

    private static final Instant TIME = Instant.parse("2024-03-01T10:00:00.5Z");

    @TempDir
    Path folder;

    private static List<Outcome> outcomes(Batch<?> batch) {
        return IntStream.range(0, batch.size()).mapToObj(batch::outcome).toList();
    }

    private static Batch<Object> write(TableSink sink, Object... records) {
        Batch<Object> batch = Batch.of(List.of(records));
        sink.write(batch);
        return batch;
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void takesHostileNamesAsNames(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db db = store.db();
        Random random = new Random(42);
        String[] parts = {
            "\"",
            "'",
            ";",
            "--",
            "/*",
            "a",
            "T",
            "drop table keep",
            " ",
            ".",
            "%s",
            "$1",
            "?",
            "ü",
            "\\",
            "\n",
            "id) do update set role='admin' --"
        };
        store.run("CREATE TABLE keep (id int PRIMARY KEY, role text)", "INSERT INTO keep VALUES (1, 'user')");
        int accepted = 0;
        for (int i = 0; i < 1_500; i++) {
            StringBuilder made = new StringBuilder();
            for (int j = random.nextInt(5) + 1; j > 0; j--) {
                made.append(parts[random.nextInt(parts.length)]);
            }
            String name = "x" + made + "" + i;
            try {
                if (i % 50 == 0) {
                    Table table = db.table(name).createIfMissing(Item.class, "id");
                    write(table.upsert("id"), new Item(1, name, null));
                    assertThat(table.rows(Item.class)
                                    .read(dev.backfill.Cursor.START)
                                    .items())
                            .containsExactly(new Item(1, name, null));
                    assertThat(store.rows("SELECT name FROM " + Dialect.quote(name)))
                            .containsExactly(name);
                    store.run("DROP TABLE " + Dialect.quote(name));
                    accepted++;
                } else if (i % 3 == 0) {
                    assertThatThrownBy(() -> write(db.table(name).upsert("id"), Map.of("id", 1)))
                            .hasMessageMatching("(?s).*(there is no table|63 bytes).*");
                } else if (i % 3 == 1) {
                    assertThatThrownBy(() -> write(db.table("keep").upsert(name), Map.of("id", 1)))
                            .hasMessageContaining("no column");
                } else {
                    assertThatThrownBy(() -> write(db.table("keep").upsert("id"), Map.of("id", 1, name, "admin")))
                            .hasMessageContaining("no column");
                }
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("63 bytes");
            }
        }
        assertThat(accepted).isPositive();
        assertThat(store.rows("SELECT * FROM keep")).containsExactly("1|user");
        assertThat(store.rows(
                        store.postgres()
                                ? "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
                                : "SELECT name FROM sqlite_master WHERE type = 'table'"))
                .containsExactly("keep");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void takesColumnsOfAnyNameThatTheTableHas(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        String evil = "id\") do update set role='admin' -- ü";
        store.run("CREATE TABLE t (" + Dialect.quote("key;") + " int PRIMARY KEY, " + Dialect.quote(evil)
                + " text, role text)");
        TableSink sink = store.db().table("t").upsert("key;");
        write(sink, Map.of("key;", 1, evil, "a"));
        write(sink, Map.of("key;", 1, evil, "b"));
        assertThat(store.rows("SELECT * FROM t")).containsExactly("1|b|null");
        Batch<Object> folded = write(sink, Map.of("key;", 2, "role", "x", "ROLE", "y"));
        assertThat(folded.reason(0)).contains("differ in case only");
    }

    @Test
    void refusesNamesThatTheDatabaseWouldCut() throws Exception {
        Db db = Store.of(Store.Kind.POSTGRES, folder).db();
        assertThatThrownBy(() -> db.table("ü".repeat(32)).createIfMissing(Item.class, "id"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("63 bytes");
        assertThatThrownBy(() -> db.table("a\0b").createIfMissing(Item.class, "id"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void reportsKeysThatOnlyTheDatabaseTakesForEqual() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE t (id text COLLATE loose PRIMARY KEY, name text)");
        Batch<Object> batch = write(
                store.db().table("t").upsert("id"),
                Map.of("id", "a", "name", "1"),
                Map.of("id", "b", "name", "2"),
                Map.of("id", "A", "name", "3"));
        assertThat(outcomes(batch)).containsOnlyOnce(Outcome.REFUSED).contains(Outcome.WRITTEN);
        assertThat(store.rows("SELECT count(*) FROM t")).containsExactly("2");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void saysWhatIsMissing(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db db = store.db();
        assertThatThrownBy(() -> write(db.table("nowhere").upsert("id"), Map.of("id", 1)))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("there is no table 'nowhere'")
                .hasMessageContaining("createIfMissing");
        store.run("CREATE TABLE t (id int PRIMARY KEY, a text)");
        assertThatThrownBy(() -> write(db.table("t").upsert("id"), Map.of("id", 1, "b", 2)))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("the table t has no column 'b'")
                .hasMessageContaining("add the column");
        assertThatThrownBy(() -> write(db.table("t").upsert("a"), Map.of("id", 1, "a", "2")))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("create a unique index");
        assertThatThrownBy(() -> write(db.table("t").upsert("key"), Map.of("id", 1)))
                .hasMessageContaining("no column 'key'");
        TableSink sink = db.table("t").upsert("id");
        write(sink, Map.of("id", 1, "a", "x"));
        store.run("ALTER TABLE t DROP COLUMN a");
        assertThatThrownBy(() -> write(sink, Map.of("id", 2, "a", "x")))
                .isInstanceOf(BackfillException.class)
                .isNotInstanceOf(TransientException.class);
        store.run("ALTER TABLE t ADD COLUMN a int");
        write(sink, Map.of("id", 3, "a", 7));
        assertThat(store.rows("SELECT id, a FROM t ORDER BY id")).containsExactly("1|null", "3|7");
    }
}

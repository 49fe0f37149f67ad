package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Batch.Outcome;
import dev.backfill.TransientException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UpsertTest {

    enum Color {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "shown otherwise";
            }
        }
    }

    record Inside(String someName, Instant someTime) {}

    record Everything(
            int itemId,
            @Nullable String name,
            long count,
            BigDecimal price,
            Instant createdAt,
            LocalDate day,
            boolean open,
            UUID uuid,
            Color color,
            Inside inside,
            List<String> tags,
            double share) {}

    record Item(int id, @Nullable String name, @Nullable Instant modified) {}

    private static final Instant TIME = Instant.parse("2024-03-01T10:00:00.5Z");

    @TempDir
    Path folder;

    private static List<Outcome> outcomes(Batch<?> batch) {
        return IntStream.range(0, batch.size()).mapToObj(batch::outcome).toList();
    }

    private static Batch<Object> write(Upsert sink, Object... records) {
        Batch<Object> batch = Batch.of(List.of(records));
        sink.write(batch);
        return batch;
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void keepsEveryKindOfValue(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db db = store.db();
        Table table = db.table("thing").createIfMissing(Everything.class, "item_id");
        Everything one = new Everything(
                1,
                "O'Neil \"{,}\" \\ ü 😀 NULL",
                Long.MAX_VALUE,
                new BigDecimal("12345678901234567890.123456789"),
                TIME,
                LocalDate.of(2024, 2, 29),
                true,
                UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
                Color.GREEN,
                new Inside("x\"y", TIME),
                List.of("a,b", "{\"c\"}"),
                0.1);
        Everything two = new Everything(
                2,
                null,
                -1,
                BigDecimal.ONE,
                Instant.EPOCH,
                LocalDate.EPOCH,
                false,
                one.uuid(),
                Color.RED,
                one.inside(),
                List.of(),
                1e300);
        Upsert sink = table.upsert("item_id");
        assertThat(outcomes(write(sink, one, two))).containsOnly(Outcome.WRITTEN);
        assertThat(outcomes(write(sink, one, two))).as("again").containsOnly(Outcome.UNCHANGED);
        assertThat(table.rows(Everything.class).read(dev.backfill.Cursor.START).items())
                .containsExactly(one, two);
        assertThat(store.rows("SELECT color, count FROM thing ORDER BY item_id"))
                .containsExactly("GREEN|" + Long.MAX_VALUE, "RED|-1");
        String nested = store.postgres()
                ? "SELECT inside->>'someName', created_at = '2024-03-01T10:00:00.5Z' FROM thing"
                : "SELECT inside->>'someName', created_at = '2024-03-01T10:00:00.500000Z' FROM thing";
        assertThat(store.rows(nested + " WHERE item_id = 1"))
                .as("what is nested keeps its names, and a time is a time")
                .containsExactly(store.postgres() ? "x\"y|t" : "x\"y|1");
        assertThat(table.rows().read(dev.backfill.Cursor.START).items().get(1)).containsEntry("name", null);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void tellsInsertedUpdatedAndUnchangedApart(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Upsert sink = store.db().table("item").createIfMissing(Item.class, "id").upsert("id");
        write(sink, new Item(1, "a", null), new Item(2, "b", null));
        Batch<Object> second = write(
                sink,
                new Item(3, "c", null),
                new Item(2, "b", null),
                new Item(1, "new", TIME),
                new Item(4, null, null));
        assertThat(outcomes(second))
                .containsExactly(Outcome.WRITTEN, Outcome.UNCHANGED, Outcome.UPDATED, Outcome.WRITTEN);
        assertThat(store.rows("SELECT id, name FROM item ORDER BY id"))
                .containsExactly("1|new", "2|b", "3|c", "4|null");
    }

    @Test
    void doesNotRewriteARowThatStaysTheSame() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        Upsert sink = store.db().table("item").createIfMissing(Item.class, "id").upsert("id");
        write(sink, new Item(1, "a", TIME), new Item(2, "b", TIME));
        List<String> before = store.rows("SELECT ctid, xmin FROM item ORDER BY id");
        write(sink, new Item(1, "a", TIME), new Item(2, "c", TIME));
        List<String> after = store.rows("SELECT ctid, xmin FROM item ORDER BY id");
        assertThat(after.get(0)).isEqualTo(before.get(0));
        assertThat(after.get(1)).isNotEqualTo(before.get(1));
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void neverLetsAnOlderVersionReplaceANewer(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Upsert sink = store.db()
                .table("item")
                .createIfMissing(Item.class, "id")
                .upsert("id")
                .newestBy("modified");
        assertThat(sink.orderFree()).isTrue();
        write(sink, new Item(1, "half past", TIME), new Item(2, "unknown", null));
        Batch<Object> second = write(
                sink,
                new Item(
                        1,
                        "older",
                        TIME.minusMillis(500)), // a whole second, which a text without fraction sorts wrongly
                new Item(2, "known", TIME),
                new Item(3, "new", null));
        assertThat(outcomes(second)).containsExactly(Outcome.UNCHANGED, Outcome.UPDATED, Outcome.WRITTEN);
        Batch<Object> third = write(
                sink, new Item(1, "equal", TIME), new Item(1, "newer", TIME.plusNanos(1000)), new Item(2, "x", null));
        assertThat(outcomes(third)).containsExactly(Outcome.UNCHANGED, Outcome.UPDATED, Outcome.UNCHANGED);
        assertThat(store.rows("SELECT id, name FROM item ORDER BY id")).containsExactly("1|newer", "2|known", "3|new");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void takesTheNewestOfAKeyInABatchWhateverTheOrder(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Upsert sink = store.db()
                .table("item")
                .createIfMissing(Item.class, "id")
                .upsert("id")
                .newestBy("modified");
        List<Object> records = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            records.add(new Item(7, "v" + i, TIME.plusMillis((i * 7 % 20) * 100L)));
        }
        Batch<Object> batch = Batch.of(records);
        sink.write(batch);
        assertThat(store.rows("SELECT name FROM item")).containsExactly("v17");
        assertThat(outcomes(batch)).containsOnlyOnce(Outcome.WRITTEN);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void setsOnInsertOnly(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE messages (message_id text PRIMARY KEY, body text, is_processed boolean)");
        Upsert sink = store.db().table("messages").upsert("message_id").onInsert("is_processed", false);
        write(sink, Map.of("message_id", "a", "body", "one"));
        store.run("UPDATE messages SET is_processed = true");
        Batch<Object> again = write(
                sink,
                Map.of("message_id", "a", "body", "two", "is_processed", false),
                Map.of("message_id", "b", "body", "x", "is_processed", true));
        assertThat(outcomes(again)).containsExactly(Outcome.UPDATED, Outcome.WRITTEN);
        assertThat(store.rows(
                        "SELECT message_id, body, CASE WHEN is_processed THEN 1 ELSE 0 END FROM messages ORDER BY 1"))
                .containsExactly("a|two|1", "b|x|0");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void writesOnlyTheColumnsThatARecordHas(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE t (id int PRIMARY KEY, a text, b text)");
        Upsert sink = store.db().table("t").upsert("id");
        Map<String, Object> nulled = new HashMap<>();
        nulled.put("id", 1);
        nulled.put("a", null);
        Batch<Object> batch = Batch.of(List.of(
                Map.of("id", 1, "a", "a1", "b", "b1"), Map.of("id", 1, "b", "b2"), Map.of("id", 2, "a", "a2"), nulled));
        sink.write(batch);
        assertThat(store.rows("SELECT id, a, b FROM t ORDER BY id")).containsExactly("1|null|b2", "2|a2|null");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void refusesOnlyTheRecordsAtFault(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run(
                "CREATE TABLE parent (id bigint PRIMARY KEY)",
                "INSERT INTO parent VALUES (1)",
                "CREATE TABLE t (id text PRIMARY KEY, number integer CHECK (number < 1000), name varchar(5) NOT NULL"
                        + (store.postgres() ? "" : " CHECK (length(name) <= 5)") + ", second text UNIQUE,"
                        + " parent bigint REFERENCES parent"
                        + (store.postgres() ? " DEFERRABLE INITIALLY DEFERRED" : "")
                        + ", share double precision)");
        List<Object> records = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Map<String, Object> record = new LinkedHashMap<>();
            record.put("id", "k" + i);
            record.put("number", i);
            record.put("name", "n");
            record.put("second", "s" + i);
            record.put("parent", 1);
            record.put("share", 0.5);
            records.add(record);
        }
        Map<Integer, String> faults = new LinkedHashMap<>();
        fault(records, faults, 3, "name", "a\0b", "name has the character NUL");
        fault(records, faults, 17, "name", "\ud83d", "half of a surrogate pair");
        fault(records, faults, 40, "share", Double.NaN, "not a number to keep");
        fault(records, faults, 77, "name", "too long", store.postgres() ? "22001" : "CHECK");
        fault(records, faults, 78, "number", 5000, store.postgres() ? "23514" : "CHECK");
        fault(records, faults, 120, "name", null, store.postgres() ? "23502" : "NOTNULL");
        fault(records, faults, 121, "parent", 9, store.postgres() ? "23503" : "FOREIGNKEY");
        fault(records, faults, 200, "second", "s10", store.postgres() ? "23505" : "UNIQUE");
        fault(records, faults, 201, "id", null, "no key: id is null");
        if (store.postgres()) {
            fault(records, faults, 250, "number", 99_999_999_999L, "number: ERROR: value");
            fault(records, faults, 299, "number", "many", "number: ERROR: invalid input syntax");
        }
        records.add(Map.of("number", 1));
        faults.put(300, "no key: it has no id");
        Batch<Object> batch = Batch.of(records);
        store.db().table("t").upsert("id").write(batch);
        List<Integer> refused = IntStream.range(0, batch.size())
                .filter(i -> batch.outcome(i) == Outcome.REFUSED)
                .boxed()
                .toList();
        assertThat(refused).containsExactlyElementsOf(faults.keySet());
        faults.forEach((index, why) -> assertThat(batch.reason(index)).contains(why));
        assertThat(store.rows("SELECT count(*) FROM t")).containsExactly(String.valueOf(301 - faults.size()));
    }

    private static void fault(
            List<Object> records,
            Map<Integer, String> faults,
            int index,
            String column,
            @Nullable Object value,
            String why) {
        @SuppressWarnings("unchecked")
        Map<String, Object> record = (Map<String, Object>) records.get(index);
        record.put(column, value);
        faults.put(index, why);
    }

    @Test
    void findsOneBadRecordAmongFiveHundredWithNineteenMoreWritesAtMost() throws Exception {
        for (int bad : List.of(0, 1, 249, 250, 499)) {
            Store store = Store.of(Store.Kind.POSTGRES, folder);
            AtomicInteger writes = new AtomicInteger();
            Db db = Db.of(counting(store.source(), writes));
            Upsert sink = db.table("item").createIfMissing(Item.class, "id").upsert("id");
            write(sink, new Item(-1, "", TIME)); // the catalogue is known
            store.run("ALTER TABLE item ADD CHECK (name <> 'bad')");
            writes.set(0);
            Batch<Object> batch = Batch.of(IntStream.range(0, 500)
                    .mapToObj(i -> new Item(i, i == bad ? "bad" : "good", TIME))
                    .toList());
            sink.write(batch);
            assertThat(batch.outcome(bad)).isEqualTo(Outcome.REFUSED);
            assertThat(store.rows("SELECT count(*) FROM item WHERE name = 'good'"))
                    .containsExactly("499");
            assertThat(writes.get()).isLessThanOrEqualTo(1 + 19);
        }
    }

    private static DataSource counting(DataSource source, AtomicInteger prepared) {
        return Wrapped.source(source, (method, arguments, call) -> {
            if (method.equals("prepareStatement")) {
                prepared.incrementAndGet();
            }
            return call.run();
        });
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
        Upsert sink = db.table("t").upsert("id");
        write(sink, Map.of("id", 1, "a", "x"));
        store.run("ALTER TABLE t DROP COLUMN a");
        assertThatThrownBy(() -> write(sink, Map.of("id", 2, "a", "x")))
                .isInstanceOf(BackfillException.class)
                .isNotInstanceOf(TransientException.class);
        store.run("ALTER TABLE t ADD COLUMN a int");
        write(sink, Map.of("id", 3, "a", 7));
        assertThat(store.rows("SELECT id, a FROM t ORDER BY id")).containsExactly("1|null", "3|7");
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
                            .hasMessageContaining("there is no table");
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
        Upsert sink = store.db().table("t").upsert("key;");
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

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void writesOverlappingKeysFromManyThreadsWithoutADeadlock(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db db = store.db();
        Upsert sink =
                db.table("item").createIfMissing(Item.class, "id").upsert("id").newestBy("modified");
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Future<?>> writing = new ArrayList<>();
            for (int thread = 0; thread < 6; thread++) {
                Random random = new Random(thread);
                writing.add(threads.submit(() -> {
                    for (int round = 0; round < 15; round++) {
                        List<Object> records = new ArrayList<>();
                        for (int i = 0; i < 200; i++) {
                            int version = random.nextInt(10_000);
                            records.add(new Item(random.nextInt(300), "v" + version, TIME.plusMillis(version)));
                        }
                        records.add(new Item(999, "last", TIME.plusSeconds(20)));
                        sink.write(Batch.of(records));
                    }
                    return true;
                }));
            }
            for (Future<?> one : writing) {
                one.get(); // a deadlock would be a TransientException
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("301");
        assertThat(store.rows("SELECT name FROM item WHERE id = 999")).containsExactly("last");
    }

    @Test
    void givesAConnectionBackAsItCame() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run("CREATE TABLE item (id int PRIMARY KEY, name text, modified timestamptz)");
        try (Connection one = store.source().getConnection()) {
            for (boolean automatic : new boolean[] {true, false}) {
                one.setAutoCommit(automatic);
                one.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                Db db = Db.of(Wrapped.lending(one));
                Upsert sink = db.table("item").upsert("id");
                assertThat(outcomes(write(sink, new Item(1, automatic + "", TIME))))
                        .doesNotContain(Outcome.REFUSED);
                assertThat(one.getAutoCommit()).isEqualTo(automatic);
                assertThat(one.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
                assertThat(one.getNetworkTimeout()).isZero();
                if (!automatic) {
                    one.rollback();
                }
            }
        }
        assertThat(store.rows("SELECT name FROM item")).containsExactly("false");
    }

    @Test
    void takesALostConnectionForAPassingFailure() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        Db db = store.db();
        Upsert sink = db.table("item").createIfMissing(Item.class, "id").upsert("id");
        Db cut = Db.of(Wrapped.source(store.source(), (method, arguments, call) -> {
            if (method.equals("createArrayOf")) {
                store.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                        + " AND state = 'idle in transaction'");
            }
            return call.run();
        }));
        assertThatThrownBy(() -> write(cut.table("item").upsert("id"), new Item(1, "a", TIME)))
                .isInstanceOf(TransientException.class);
        write(sink, new Item(1, "a", TIME));
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("1");
    }

    @Test
    void waitsForASqliteWriterAndThenTellsThatItMayPass() throws Exception {
        Store store = Store.of(Store.Kind.SQLITE, folder);
        store.db().table("item").createIfMissing(Item.class, "id");
        Db impatient = Db.of(Wrapped.source(store.source(), (method, arguments, call) -> {
            if (method.equals("execute") && String.valueOf(arguments[0]).startsWith("PRAGMA busy_timeout")) {
                return false;
            }
            return call.run();
        }));
        try (Connection other = store.source().getConnection()) {
            other.createStatement().execute("PRAGMA busy_timeout = 1");
            other.createStatement().execute("BEGIN IMMEDIATE");
            ((org.sqlite.SQLiteDataSource) store.source()).setBusyTimeout(1);
            assertThatThrownBy(() -> write(impatient.table("item").upsert("id"), new Item(1, "a", TIME)))
                    .isInstanceOf(TransientException.class);
            other.createStatement().execute("ROLLBACK");
        }
        write(impatient.table("item").upsert("id"), new Item(1, "a", TIME));
    }

    @Test
    void classifiesWhatTheDatabaseSays() {
        Map<String, Failures.Kind> expected = Map.ofEntries(
                Map.entry("08006", Failures.Kind.PASSING),
                Map.entry("40001", Failures.Kind.PASSING),
                Map.entry("40P01", Failures.Kind.PASSING),
                Map.entry("53100", Failures.Kind.PASSING),
                Map.entry("53300", Failures.Kind.PASSING),
                Map.entry("55P03", Failures.Kind.PASSING),
                Map.entry("57P01", Failures.Kind.PASSING),
                Map.entry("25006", Failures.Kind.PASSING),
                Map.entry("57014", Failures.Kind.SLOW),
                Map.entry("22P05", Failures.Kind.DATA),
                Map.entry("23505", Failures.Kind.DATA),
                Map.entry("42501", Failures.Kind.LASTING),
                Map.entry("42P01", Failures.Kind.LASTING),
                Map.entry("28P01", Failures.Kind.LASTING),
                Map.entry("XX000", Failures.Kind.LASTING));
        expected.forEach((state, kind) -> assertThat(new Postgres().kind(new SQLException("x", state)))
                .as(state)
                .isEqualTo(kind));
        assertThat(new Postgres().kind(new SQLException("FATAL: (EMAXCONNSESSION) max clients reached", "XX000")))
                .isEqualTo(Failures.Kind.PASSING);
    }
}

package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Batch.Outcome;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Source;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that are there are changed by key, or have their gaps filled. */
class UpdateTest {

    record Price(
            int id, @Nullable String currency, @Nullable Integer cents) {}

    @TempDir
    Path folder;

    private Store products(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run(
                "CREATE TABLE product (id int PRIMARY KEY, name text NOT NULL, currency text, cents int, at "
                        + (kind == Store.Kind.POSTGRES ? "timestamptz" : "text") + ")",
                "INSERT INTO product VALUES (1, 'one', 'EUR', 100, NULL), (2, 'two', NULL, NULL, NULL),"
                        + " (3, 'three', 'USD', NULL, NULL)");
        return store;
    }

    private static List<Outcome> write(TableSink sink, Object... records) {
        Batch<Object> batch = Batch.of(List.of(records));
        sink.write(batch);
        return outcomes(batch);
    }

    private static List<Outcome> outcomes(Batch<?> batch) {
        return IntStream.range(0, batch.size()).mapToObj(batch::outcome).toList();
    }

    private static Map<String, Object> map(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void changesRowsThatAreThereAndMakesNone(Store.Kind kind) throws Exception {
        Store store = products(kind);
        TableSink sink = store.db().table("product").update("id");
        Batch<Object> batch = Batch.of(List.of(
                new Price(2, "EUR", 7),
                new Price(9, "EUR", 8),
                new Price(1, "EUR", 100),
                map("id", 3, "cents", null, "currency", null),
                map("id", 8)));
        sink.write(batch);
        assertThat(outcomes(batch))
                .containsExactly(Outcome.UPDATED, Outcome.REFUSED, Outcome.UNCHANGED, Outcome.UPDATED, Outcome.REFUSED);
        assertThat(batch.reason(1)).contains("no row of the table product has the key id = 9");
        assertThat(store.rows("SELECT id, name, currency, cents FROM product ORDER BY id"))
                .containsExactly("1|one|EUR|100", "2|two|EUR|7", "3|three|null|null");
        assertThat(sink.definition()).isEqualTo("table product updates by id");
        assertThat(write(sink, map("id", 1))).as("nothing but a key").containsExactly(Outcome.UNCHANGED);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void setsTheSameInAllRowsThatAreThere(Store.Kind kind) throws Exception {
        Store store = products(kind);
        TableSink sink = store.db().table("product").update("id");
        assertThat(write(sink, new Price(3, "EUR", 100), new Price(9, "EUR", 100), new Price(1, "EUR", 100)))
                .containsExactly(Outcome.UPDATED, Outcome.REFUSED, Outcome.UNCHANGED);
        assertThat(write(sink, new Price(2, null, 5), new Price(3, null, 5)))
                .containsExactly(Outcome.UPDATED, Outcome.UPDATED);
        assertThat(write(
                        store.db().table("product").update("id").fillNulls(),
                        new Price(1, "CHF", 6),
                        new Price(2, "CHF", 6)))
                .containsExactly(Outcome.UNCHANGED, Outcome.UPDATED);
        assertThat(store.rows("SELECT id, name, currency, cents FROM product ORDER BY id"))
                .containsExactly("1|one|EUR|100", "2|two|CHF|5", "3|three|null|5");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void setsTheSameInAllRowsOfABatchThatAreAllChanged(Store.Kind kind) throws Exception {
        Store store = products(kind);
        Table table = store.db().table("product");
        assertThat(write(table.update("id"), new Price(2, null, 5), new Price(3, null, 5)))
                .containsOnly(Outcome.UPDATED);
        assertThat(write(table.update("id").fillNulls(), new Price(2, "CHF", 6), new Price(3, "CHF", 6)))
                .containsOnly(Outcome.UPDATED);
        assertThat(store.rows("SELECT id, name, currency, cents FROM product ORDER BY id"))
                .containsExactly("1|one|EUR|100", "2|two|CHF|5", "3|three|CHF|5");
    }

    @ParameterizedTest
    @CsvSource({
        "smallint, 1, 2, 3",
        "bigint, 1, 2, 3",
        "text, 'a\"', 'b,{}', NULL",
        "varchar(9), a, b, NULL",
        "numeric, 1.5, 2, 3",
        "timestamptz, 2024-01-01T00:00:00Z, 2024-01-02T00:00:00Z, 2024-01-03T00:00:00Z",
        "uuid, 00000000-0000-0000-0000-00000000000a, 00000000-0000-0000-0000-00000000000b,"
                + " 00000000-0000-0000-0000-00000000000c"
    })
    void setsValuesOfAllKindsByKeysOfAllKinds(String type, String one, String two, String missing) throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE kinds (id " + type + " PRIMARY KEY, j jsonb, a text[], at timestamptz, d date,"
                        + " b bytea, n numeric(9, 2), f boolean, x double precision, v varchar(5))",
                "INSERT INTO kinds (id) VALUES ('" + one + "'), ('" + two + "')");
        byte[] bytes = {1, -1};
        List<Object> records = new ArrayList<>();
        for (String id : List.of(one, two, missing)) {
            records.add(map(
                    "id",
                    type.endsWith("int")
                            ? (Object) Integer.valueOf(id)
                            : type.startsWith("time") ? Instant.parse(id) : id,
                    "j",
                    Map.of("k", List.of(1, "ä\"")),
                    "a",
                    List.of("x,y", "\"z\""),
                    "at",
                    Instant.parse("2024-05-06T07:08:09.123456Z"),
                    "d",
                    "2024-05-06",
                    "b",
                    bytes,
                    "n",
                    new BigDecimal("12.30"),
                    "f",
                    true,
                    "x",
                    1.5e300,
                    "v",
                    "'\"\\,"));
        }
        TableSink sink = store.db().table("kinds").update("id");
        assertThat(write(sink, records.get(0), records.get(1))).containsExactly(Outcome.UPDATED, Outcome.UPDATED);
        assertThat(write(sink, records.toArray()))
                .containsExactly(Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.REFUSED);
        assertThat(store.rows("SELECT DISTINCT j, a, at = '2024-05-06T07:08:09.123456Z', d, b, n, f, x, v FROM kinds"))
                .containsExactly(
                        "{\"k\": [1, \"ä\\\"\"]}|{\"x,y\",\"\\\"z\\\"\"}|t|2024-05-06|\\x01ff|12.30|t|1.5e+300|'\"\\,");
    }

    @Test
    void refusesOnlyTheRecordAtFaultOfThoseThatSetTheSame() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE limited (id int PRIMARY KEY, least int, n int CHECK (n > least))",
                "INSERT INTO limited VALUES (1, 1, 9), (2, 5, 9), (3, 1, 9)");
        Batch<Object> batch = Batch.of(List.of(
                map("id", 1, "n", 4), map("id", 2, "n", 4), map("id", 3, "n", 4), map("id", 5_000_000_000L, "n", 4)));
        store.db().table("limited").update("id").write(batch);
        assertThat(outcomes(batch)).containsExactly(Outcome.UPDATED, Outcome.REFUSED, Outcome.UPDATED, Outcome.REFUSED);
        assertThat(batch.reason(1)).contains("violates check constraint");
        assertThat(batch.reason(3)).contains("out of range");
        assertThat(store.rows("SELECT id, n FROM limited ORDER BY id")).containsExactly("1|4", "2|9", "3|4");
    }

    @Test
    void setsTheSameInAllRowsWithoutAJoinAsLongAsAllAreChanged() throws Exception {
        Store store = products(Store.Kind.POSTGRES);
        store.run(
                "CREATE TABLE said (sql text)",
                "CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO said VALUES"
                        + " (current_query()); RETURN NULL; END'",
                "CREATE TRIGGER say BEFORE UPDATE ON product EXECUTE FUNCTION say()");
        TableSink sink = store.db().table("product").update("id");
        write(sink, new Price(1, "CHF", 1), new Price(3, "CHF", 1));
        assertThat(store.rows("SELECT sql LIKE '%= ANY (%' FROM said")).containsExactly("t");
        write(sink, new Price(1, "CHF", 1), new Price(2, "CHF", 1));
        write(sink, new Price(1, "EUR", 2), new Price(2, "EUR", 2));
        assertThat(store.rows("SELECT sql LIKE '%= ANY (%' FROM said"))
                .as("the second was undone and said again as a join, and so were those after it")
                .containsExactly("t", "f", "f");
        assertThat(store.rows("SELECT id, currency, cents FROM product ORDER BY id"))
                .containsExactly("1|EUR|2", "2|EUR|2", "3|CHF|1");
    }

    @Test
    void tellsWhatBecameOfRowsWhoseKeyATriggerChanges() throws Exception {
        Store store = products(Store.Kind.POSTGRES);
        store.run(
                "CREATE FUNCTION move() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := NEW.id + 100; RETURN NEW; END'",
                "CREATE TRIGGER move BEFORE UPDATE ON product FOR EACH ROW EXECUTE FUNCTION move()");
        TableSink sink = store.db().table("product").update("id");
        assertThat(write(sink, new Price(1, "CHF", 1), new Price(9, "CHF", 1), new Price(2, "CHF", 1)))
                .containsExactly(Outcome.UPDATED, Outcome.REFUSED, Outcome.UPDATED);
        assertThat(store.rows("SELECT id, cents FROM product ORDER BY id")).containsExactly("3|null", "101|1", "102|1");
    }

    @Test
    void setsTheSameByANewerVersionOnly() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE versioned (id int PRIMARY KEY, n int, at timestamptz)",
                "INSERT INTO versioned VALUES (1, 0, NULL), (2, 0, '2024-01-01Z'), (3, 0, '2024-06-01Z')");
        Instant at = Instant.parse("2024-03-01T00:00:00Z");
        TableSink sink = store.db().table("versioned").update("id").newestBy("at");
        assertThat(write(sink, map("id", 1, "n", 1, "at", at), map("id", 2, "n", 1, "at", at)))
                .containsExactly(Outcome.UPDATED, Outcome.UPDATED);
        Instant later = at.plusSeconds(1);
        assertThat(write(sink, map("id", 2, "n", 2, "at", later), map("id", 3, "n", 2, "at", later)))
                .containsExactly(Outcome.UPDATED, Outcome.UNCHANGED);
        assertThat(store.rows("SELECT id, n FROM versioned ORDER BY id")).containsExactly("1|1", "2|2", "3|0");
    }

    @Test
    void doesNotRewriteARowThatStaysTheSame() throws Exception {
        Store store = products(Store.Kind.POSTGRES);
        List<String> before = store.rows("SELECT ctid, xmin FROM product ORDER BY id");
        Db db = store.db();
        assertThat(write(db.table("product").update("id"), new Price(1, "EUR", 100), new Price(3, "USD", null)))
                .containsOnly(Outcome.UNCHANGED);
        assertThat(write(db.table("product").update("id").fillNulls(), new Price(1, "x", 5), new Price(3, "x", null)))
                .containsOnly(Outcome.UNCHANGED);
        assertThat(write(
                        db.table("product").upsert("id").fillNulls(),
                        map("id", 1, "name", "x"),
                        map("id", 3, "name", "x")))
                .containsOnly(Outcome.UNCHANGED);
        assertThat(store.rows("SELECT ctid, xmin FROM product ORDER BY id")).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void fillsOnlyWhatIsNull(Store.Kind kind) throws Exception {
        Store store = products(kind);
        Table table = store.db().table("product");
        assertThat(write(
                        table.update("id").fillNulls(),
                        new Price(1, "USD", 1),
                        new Price(2, "CHF", null),
                        new Price(3, "CHF", 3),
                        new Price(4, "CHF", 4)))
                .containsExactly(Outcome.UNCHANGED, Outcome.UPDATED, Outcome.UPDATED, Outcome.REFUSED);
        assertThat(store.rows("SELECT id, name, currency, cents FROM product ORDER BY id"))
                .containsExactly("1|one|EUR|100", "2|two|CHF|null", "3|three|USD|3");
        TableSink filling = table.upsert("id").fillNulls().onInsert("at", "2024-01-01T00:00:00Z");
        assertThat(write(
                        filling,
                        map("id", 2, "name", "x", "cents", null, "currency", "x"),
                        map("id", 2, "name", "x", "cents", 22, "currency", "x"),
                        map("id", 5, "name", "five", "cents", null, "currency", null),
                        map("id", 5, "name", "x", "cents", 55, "currency", null)))
                .as("each may fill what the one before has left")
                .containsExactly(Outcome.UNCHANGED, Outcome.UPDATED, Outcome.WRITTEN, Outcome.UPDATED);
        assertThat(store.rows(
                        "SELECT id, name, currency, cents, at IS NULL FROM product WHERE id IN (2, 5) ORDER BY 1"))
                .containsExactly(
                        "2|two|CHF|22|" + (store.postgres() ? "t" : "1"),
                        "5|five|null|55|" + (store.postgres() ? "f" : "0"));
        assertThat(filling.definition()).contains("fills nulls only");
        assertThat(filling.orderFree()).isTrue();
    }

    record Versioned(
            int id, @Nullable String name, @Nullable Instant at) {}

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void updatesToTheNewestOnly(Store.Kind kind) throws Exception {
        Store store = products(kind);
        Instant time = Instant.parse("2024-03-01T10:00:00.5Z");
        TableSink sink = store.db().table("product").update("id").newestBy("at");
        assertThat(write(sink, new Versioned(1, "first", time), new Versioned(2, "null", null)))
                .containsExactly(Outcome.UPDATED, Outcome.UNCHANGED);
        assertThat(write(
                        sink,
                        new Versioned(1, "older", time.minusMillis(500)),
                        new Versioned(2, "newer", time),
                        new Versioned(7, "absent", time)))
                .containsExactly(Outcome.UNCHANGED, Outcome.UPDATED, Outcome.REFUSED);
        assertThat(store.rows("SELECT name FROM product ORDER BY id")).containsExactly("first", "newer", "three");
        assertThat(sink.orderFree()).isTrue();
    }

    @Test
    void refusesCombinationsWithoutAMeaning() throws Exception {
        Table table = products(Store.Kind.SQLITE).db().table("product");
        assertThatThrownBy(() -> table.upsert("id").newestBy("at").fillNulls())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("newestBy");
        assertThatThrownBy(() -> table.update("id").fillNulls().newestBy("at"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("fillNulls");
        assertThatThrownBy(() -> table.insertIfAbsent("id").fillNulls())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("insertIfAbsent");
        assertThatThrownBy(() -> table.update("id").onInsert("name", "x"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("update makes no rows");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void refusesOnlyTheRecordAtFaultOfAnUpdate(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n < 1000))");
        List<Map<String, Integer>> rows =
                IntStream.range(0, 500).mapToObj(i -> Map.of("id", i, "n", 0)).toList();
        store.db().table("t").upsert("id").write(Batch.of(rows));
        Batch<Object> batch = Batch.of(IntStream.range(0, 500)
                .mapToObj(i -> Map.of("id", i == 77 ? 7777 : i, "n", i == 333 ? 1000 : 1))
                .toList());
        store.db().table("t").update("id").write(batch);
        assertThat(batch.reason(77)).contains("id = 7777");
        assertThat(batch.reason(333)).contains(kind == Store.Kind.POSTGRES ? "23514" : "CHECK");
        assertThat(store.rows("SELECT count(*) FROM t WHERE n = 1")).containsExactly("498");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void stopsAtAKeyThatIsNone(Store.Kind kind) throws Exception {
        Store store = products(kind);
        store.run("UPDATE product SET currency = 'EUR'");
        assertThatThrownBy(() -> write(
                        store.db().table("product").update("currency"),
                        map("currency", "EUR", "cents", 1),
                        map("currency", "USD", "cents", 2)))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("several rows of the table product have the key currency = EUR")
                .hasMessageContaining("primary key or unique index");
        assertThat(store.rows("SELECT cents FROM product ORDER BY id")).containsExactly("100", "null", "null");
    }

    @Test
    void stopsAtAKeyThatIsNoneAlsoIfAllButOneOfItsRowsAreAsTheyShallBe() throws Exception {
        Store store = products(Store.Kind.POSTGRES);
        store.run("DELETE FROM product WHERE id = 3", "UPDATE product SET currency = 'EUR', cents = id");
        assertThatThrownBy(
                        () -> write(store.db().table("product").update("currency"), map("currency", "EUR", "cents", 1)))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("several rows of the table product have the key currency = EUR");
        assertThat(store.rows("SELECT cents FROM product ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void refusesRecordsThatMeanTheSameRowToTheDatabase() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE t (code text COLLATE nocase PRIMARY KEY, n int)",
                "INSERT INTO t VALUES ('abc', 0), ('x', 0)");
        Batch<Object> batch =
                Batch.of(List.of(map("code", "abc", "n", 1), map("code", "ABC", "n", 2), map("code", "x", "n", 3)));
        store.db().table("t").update("code").write(batch);
        assertThat(outcomes(batch)).containsOnlyOnce(Outcome.REFUSED);
        assertThat(batch.reason(0) + batch.reason(1)).contains("collision");
        assertThat(store.rows("SELECT count(*) FROM t WHERE n IN (1, 2, 3)")).containsExactly("2");
    }

    @Test
    void updatesOverlappingKeysFromManyThreadsWithoutADeadlockOrALoss() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE t (id int PRIMARY KEY, n int)",
                "INSERT INTO t SELECT 1000 - i, 0 FROM generate_series(1, 1000) i"); // the heap in another order than
        // the keys
        TableSink sink = store.db().table("t").update("id").newestBy("n");
        Map<Integer, Integer> newest = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> writing = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                Random random = new Random(thread);
                writing.add(threads.submit(() -> {
                    for (int round = 0; round < 20; round++) {
                        List<Object> records = new ArrayList<>();
                        for (int i = 0; i < 400; i++) {
                            int id = random.nextInt(1000);
                            int n = random.nextInt(1_000_000) + 1;
                            newest.merge(id, n, Math::max);
                            records.add(Map.of("id", id, "n", n));
                        }
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
        assertThat(store.rows("SELECT id, n FROM t WHERE n > 0 ORDER BY id"))
                .isEqualTo(new TreeMap<>(newest)
                        .entrySet().stream()
                                .map(entry -> entry.getKey() + "|" + entry.getValue())
                                .toList());
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void keepsTheMissingRowsAsDeadLetters(Store.Kind kind) throws Exception {
        Store store = products(kind);
        Db db = store.db();
        Backfill job = Backfill.named("prices")
                .from((Source<Price>) from ->
                        Page.last(List.of(new Price(1, "EUR", 100), new Price(2, "EUR", 2), new Price(9, "EUR", 9))))
                .into(db.table("product").update("id"))
                .checkpoint(db.checkpoint());
        Report report = job.run();
        assertThat(report.counts().updated()).isEqualTo(1);
        assertThat(report.counts().unchanged()).isEqualTo(1);
        assertThat(job.deadLetters()).extracting(DeadLetter::key).containsExactly("9");
        store.run("INSERT INTO product VALUES (9, 'nine', NULL, NULL, NULL)");
        job.replay();
        assertThat(job.deadLetters()).isEmpty();
        assertThat(store.rows("SELECT cents FROM product WHERE id = 9")).containsExactly("9");
    }
}

package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Batch;
import dev.backfill.Batch.Outcome;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
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

    private static Batch<Object> write(TableSink sink, Object... records) {
        Batch<Object> batch = Batch.of(List.of(records));
        sink.write(batch);
        return batch;
    }

    record Line(String transactionId, @Nullable String lineId, int number) {}

    @Test
    void keepsADeadLetterForEachRecordWithoutAWholeKey() throws Exception {
        Store store = Store.of(Store.Kind.SQLITE, folder);
        Table table = store.db().table("line").createIfMissing(Line.class, "transaction_id", "line_id");
        Backfill job = Backfill.named("lines")
                .from((Source<Line>) from ->
                        Page.last(List.of(new Line("t", null, 1), new Line("t", null, 2), new Line("t", "a", 3))))
                .into(table.upsert("transaction_id", "line_id"))
                .checkpoint(store.db().checkpoint());
        assertThat(job.run().counts().dead()).isEqualTo(2);
        assertThat(job.deadLetters()).hasSize(2);
    }

    record Moment(Instant at, @Nullable Instant other) {}

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void timesAreKeptToTheMicrosecond(Store.Kind kind) throws Exception {
        Table table = Store.of(kind, folder).db().table("moment").createIfMissing(Moment.class, "at");
        Random random = new Random(1);
        List<Moment> near = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            long micros = random.nextLong(-(1L << 53) + 2_000_000, (1L << 53) - 2_000_000);
            near.add(new Moment(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), i % 2 == 0 ? null : Instant.EPOCH));
        }
        List<Moment> far = List.of(
                new Moment(Instant.parse("0001-01-01T00:00:00.000001Z"), TIME),
                new Moment(Instant.parse("9999-12-31T23:59:59.999999Z"), null),
                new Moment(Instant.EPOCH.minus(1, ChronoUnit.MICROS), TIME));

        for (int again = 0; again < 2; again++) {
            write(table.upsert("at"), near.toArray());
            write(table.upsert("at"), far.toArray());
        }

        List<Moment> all = new ArrayList<>(near);
        all.addAll(far);
        all.sort(Comparator.comparing(Moment::at));
        assertThat(table.rows(Moment.class).read(Cursor.START).items()).isEqualTo(all);
    }

    @Test
    void refusesATimeThatNoDatabaseKeepsAndWritesTheOthers() throws Exception {
        Table table = Store.of(Store.Kind.POSTGRES, folder).db().table("moment").createIfMissing(Moment.class, "at");

        Batch<Object> batch =
                write(table.upsert("at"), new Moment(TIME, Instant.MAX), new Moment(TIME.plusSeconds(1), Instant.MIN));
        write(table.upsert("at"), new Moment(TIME, null));

        assertThat(outcomes(batch)).containsExactly(Outcome.REFUSED, Outcome.REFUSED);
        assertThat(table.count()).isOne();
    }

    record Word(String id) {}

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void keysThatAreNumbersAndTextsHaveAnOrder(Store.Kind kind) throws Exception {
        Table table = Store.of(kind, folder).db().table("word").createIfMissing(Word.class, "id");
        List<Map<String, Object>> words = new ArrayList<>();
        for (long i = 0; i < 2_000; i++) {
            words.add(Map.of("id", i % 2 == 0 ? (Object) i : i + "x"));
        }
        Collections.shuffle(words, new Random(1));

        write(table.upsert("id"), words.toArray());

        assertThat(table.count()).isEqualTo(2_000);
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
        TableSink sink = table.upsert("item_id");
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
        TableSink sink =
                store.db().table("item").createIfMissing(Item.class, "id").upsert("id");
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
        TableSink sink =
                store.db().table("item").createIfMissing(Item.class, "id").upsert("id");
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
        TableSink sink = store.db()
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
        TableSink sink = store.db()
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
        TableSink sink = store.db().table("messages").upsert("message_id").onInsert("is_processed", false);
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
        TableSink sink = store.db().table("t").upsert("id");
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
            fault(records, faults, 250, "number", 99_999_999_999L, "number: ERROR: integer out of range");
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
    void writesListsAndBytesIntoColumnsOfPostgres() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run("CREATE TABLE t (id int PRIMARY KEY, tags text[], sizes int[], raw bytea, doc json)");
        List<Object> tags = java.util.Arrays.asList("a,b", "\"q\" {x}", null, "NULL", "\\");
        Map<String, Object> record = Map.of(
                "id", 1, "tags", tags, "sizes", List.of(1, 2), "raw", new byte[] {0, 1, -1}, "doc", Map.of("b", 1));
        Table table = store.db().table("t");
        assertThat(outcomes(write(table.upsert("id"), record, Map.of("id", 2, "doc", Map.of("x", "\0")))))
                .containsExactly(Outcome.WRITTEN, Outcome.WRITTEN);
        store.run("ALTER TABLE t ALTER doc TYPE jsonb USING '{}'");
        Batch<Object> nul = write(store.db().table("t").upsert("id"), Map.of("id", 3, "doc", Map.of("x", "\0")));
        assertThat(nul.reason(0)).contains("22P05");
        Map<String, Object> read =
                table.rows().read(dev.backfill.Cursor.START).items().get(0);
        assertThat(read).containsEntry("tags", tags).containsEntry("sizes", List.of(1, 2));
        assertThat(store.rows("SELECT encode(raw, 'hex') FROM t WHERE id = 1")).containsExactly("0001ff");
    }

    @Test
    void findsOneBadRecordAmongFiveHundredWithNineteenMoreWritesAtMost() throws Exception {
        for (int bad : List.of(0, 1, 249, 250, 499)) {
            Store store = Store.of(Store.Kind.POSTGRES, folder);
            AtomicInteger writes = new AtomicInteger();
            Db db = Db.of(counting(store.source(), writes));
            TableSink sink = db.table("item").createIfMissing(Item.class, "id").upsert("id");
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
}

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
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is done to a table while a job writes to it. */
class TableSinkFaultsTest {

    record Item(int id, String name) {}

    private static final int PAGES = 6;

    @TempDir
    Path folder;

    /** Two items on a page; something happens before one of them is read. */
    private static Source<Item> items(int when, Runnable what) {
        AtomicBoolean done = new AtomicBoolean();
        return from -> {
            int page = from.orElse(0);
            if (page == when && !done.getAndSet(true)) {
                what.run();
            }
            List<Item> items = List.of(new Item(2 * page, "n"), new Item(2 * page + 1, "n"));
            return page == PAGES - 1 ? Page.last(items) : Page.of(items, page + 1);
        };
    }

    private static Backfill job(Db db, Source<Item> source) {
        return Backfill.named("items")
                .from(source)
                .into(db.table("item").upsert("id"))
                .batch(2)
                .checkpoint(db.checkpoint());
    }

    private Store prepared(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE item (id int PRIMARY KEY, name text)");
        return store;
    }

    /** A job that is stopped by a change of its table goes on without a loss or a repeat when the change is undone. */
    private void stops(Store store, String change, String undo, String why) {
        assertThatThrownBy(() ->
                        job(store.db(), items(3, () -> store.run(change))).run())
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("item")
                .hasMessageContaining(why);
        store.run(undo);
        assertThat(store.rows("SELECT count(*) FROM item").get(0))
                .as("no half of a page")
                .isIn("0", "2", "4", "6");
        assertThat(store.rows("SELECT sum(inserted), sum(dead) FROM backfill_bookmark"))
                .as("rows and progress say the same")
                .containsExactly(store.rows("SELECT count(*) FROM item").get(0) + "|0");

        Report report = job(store.db(), items(-1, () -> {})).run();

        assertThat(report.complete()).isTrue();
        assertThat(report.counts().inserted()).isEqualTo(2 * PAGES);
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("" + 2 * PAGES);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void stopsWhenItsTableGoesAwayAndGoesOnWhenItIsBack(Store.Kind kind) throws Exception {
        stops(
                prepared(kind),
                "ALTER TABLE item RENAME TO gone",
                "ALTER TABLE gone RENAME TO item",
                kind == Store.Kind.POSTGRES ? "create the table" : "no such table");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void namesTheColumnThatGoesAwayMeanwhile(Store.Kind kind) throws Exception {
        stops(
                prepared(kind),
                "ALTER TABLE item RENAME COLUMN name TO title",
                "ALTER TABLE item RENAME COLUMN title TO name",
                "name");
    }

    @Test
    void takesAColumnOfAnotherTypeAsItIsNow() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run("CREATE TABLE item (id int PRIMARY KEY, name text)");
        Backfill fits = Backfill.named("items")
                .from(items(3, () -> store.run("ALTER TABLE item ALTER name TYPE jsonb USING to_jsonb(name)")))
                .map(item -> new Item(item.id(), "[1]"))
                .into(store.db().table("item").upsert("id"))
                .batch(2)
                .checkpoint(store.db().checkpoint());
        Report report = fits.run();
        assertThat(report.deadLetters()).isZero();
        assertThat(report.counts().inserted()).isEqualTo(2 * PAGES);

        store.run("ALTER TABLE item ALTER name TYPE text");
        Backfill fitsNot = job(store.db(), items(3, () -> store.run("ALTER TABLE item ALTER name TYPE int USING 0")));
        fitsNot.startOver();
        Report worse = fitsNot.run();
        assertThat(worse.counts().dead()).isPositive();
        assertThat(worse.counts().produced()).isEqualTo(2 * PAGES);
        assertThat(fitsNot.deadLetters())
                .hasSize((int) worse.counts().dead())
                .allSatisfy(letter -> assertThat(letter.reason()).contains("integer: \"n\" (22P02)"));
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aRowThatSomebodyDeletesMeanwhileComesBackByAnUpsertOnly(Store.Kind kind) throws Exception {
        Store store = prepared(kind);
        Table table = store.db().table("item");
        for (boolean upsert : new boolean[] {true, false}) {
            store.run("DELETE FROM item", "INSERT INTO item VALUES (0, 'old'), (1, 'old')");
            Sink<Object> sink = upsert ? table.upsert("id") : table.update("id");
            Source<Item> source = from -> {
                List<Item> read = List.of(new Item(0, "new"), new Item(1, "new"));
                store.run("DELETE FROM item WHERE id = 1");
                return Page.last(read);
            };
            Report report = Backfill.named("items")
                    .from(source)
                    .into(sink)
                    .checkpoint(new MemoryCheckpoint())
                    .run();
            assertThat(report.deadLetters()).isEqualTo(upsert ? 0 : 1);
            assertThat(store.rows("SELECT id FROM item WHERE name = 'new' ORDER BY id"))
                    .isEqualTo(upsert ? List.of("0", "1") : List.of("0"));
        }
    }

    record Child(int id, int parent) {}

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aChildThatCameBeforeItsParentIsWrittenByAReplay(Store.Kind kind) throws Exception {
        Store store = prepared(kind);
        store.run("CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES item (id))");
        Db db = store.db();
        store.run("INSERT INTO item VALUES (1, 'early')");
        Backfill children = Backfill.named("children")
                .from((Source<Child>) from -> Page.last(List.of(new Child(10, 1), new Child(11, 2), new Child(12, 9))))
                .into(db.table("child").upsert("id"))
                .checkpoint(db.checkpoint());
        assertThat(children.run().counts().dead()).isEqualTo(2);
        store.run("INSERT INTO item VALUES (2, 'late')");
        children.replay();
        assertThat(children.deadLetters()).extracting(DeadLetter::key).containsExactly("12");
        assertThat(store.rows("SELECT id FROM child ORDER BY id")).containsExactly("10", "11");
    }

    @Test
    void buriesDatesThatAreNone() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run("CREATE TABLE t (id int PRIMARY KEY, day date)");
        List<Object> records = new ArrayList<>();
        for (String day : List.of("2024-02-29", "2024-02-30", "soon", "2024-03-01", "9999999-01-01")) {
            records.add(Map.of("id", records.size(), "day", day));
        }
        Batch<Object> batch = Batch.of(records);
        store.db().table("t").upsert("id").write(batch);
        assertThat(IntStream.range(0, 5).filter(i -> batch.outcome(i) == Outcome.REFUSED))
                .containsExactly(1, 2, 4);
        assertThat(batch.reason(1)).contains("22008");
        assertThat(batch.reason(2)).contains("22007");
        assertThat(store.rows("SELECT id FROM t ORDER BY id")).containsExactly("0", "3");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void writesMoreValuesThanAStatementHasParameters(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        int columns = 100;
        StringBuilder create = new StringBuilder("CREATE TABLE wide (c0 int PRIMARY KEY");
        IntStream.range(1, columns).forEach(i -> create.append(", c").append(i).append(" int"));
        store.run(create + ")");
        List<Object> records = new ArrayList<>();
        for (int row = 0; row < 700; row++) {
            Map<String, Object> record = new LinkedHashMap<>();
            for (int i = 0; i < columns; i++) {
                record.put("c" + i, row + i);
            }
            records.add(record);
        }
        store.db().table("wide").upsert("c0").write(Batch.of(records)); // 70,000 values, and 65,535 is the most
        assertThat(store.rows("SELECT count(*), sum(c99 - c0) FROM wide")).containsExactly("700|" + 700 * 99);
    }

    /** Nobody sees it but who looks again: rows that are absent are found, and written, by a job of three lines. */
    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void findsExactlyTheRowsThatASinkHasDropped(Store.Kind kind) throws Exception {
        Store store = prepared(kind);
        Table table = store.db().table("item");
        List<Item> all =
                IntStream.range(0, 1_000).mapToObj(i -> new Item(i, "n")).toList();
        Source<Item> source = from -> Page.last(all);
        Sink<Item> dropping = batch -> table.upsert("id")
                .write(Batch.of(batch.stream()
                        .filter(item -> item.id() % 100 != 37)
                        .map(item -> (Object) item)
                        .toList()));
        Report lie = Backfill.named("items")
                .from(source)
                .into(dropping)
                .checkpoint(new MemoryCheckpoint())
                .run();
        assertThat(lie.complete()).isTrue();
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("990");

        List<Integer> missing = new ArrayList<>();
        Report verified = Backfill.named("items, looked at again")
                .from(source)
                .batches(items -> table.absent(items, Item::id))
                .map(item -> {
                    missing.add(item.id());
                    return item;
                })
                .into(table.upsert("id"))
                .checkpoint(new MemoryCheckpoint())
                .run();

        assertThat(missing).containsExactly(37, 137, 237, 337, 437, 537, 637, 737, 837, 937);
        assertThat(verified.counts().inserted()).isEqualTo(10);
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("1000");
    }

    /** The machine's clock, with something else than waiting. */
    private static Ports instead(Runnable ofWaiting) {
        Time real = Ports.REAL.time();
        return new Ports(
                new Time() {
                    @Override
                    public long nanos() {
                        return real.nanos();
                    }

                    @Override
                    public Instant now() {
                        return real.now();
                    }

                    @Override
                    public void sleep(long nanos) {
                        ofWaiting.run();
                    }

                    @Override
                    public double random() {
                        return 0;
                    }
                },
                Ports.REAL.disk(),
                Ports.REAL.tasks());
    }

    @Test
    void writesABatchAgainWhoseRowAnotherHadLocked() throws Exception {
        Store store = prepared(Store.Kind.POSTGRES);
        store.run("INSERT INTO item VALUES (0, 'old')");
        DataSource hasty = Wrapped.source(store.source(), (method, arguments, call) -> {
            if (arguments.length > 0 && arguments[0] instanceof String sql) {
                arguments[0] = sql.replace("lock_timeout = '30s'", "lock_timeout = '50ms'");
            }
            return call.run();
        });
        AtomicInteger waits = new AtomicInteger();
        try (Connection other = store.source().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT * FROM item WHERE id = 0 FOR UPDATE");
            Runnable letGo = () -> {
                waits.incrementAndGet();
                try {
                    other.rollback();
                } catch (java.sql.SQLException e) {
                    throw new IllegalStateException(e);
                }
            };
            Report report = Ports.bound(
                    instead(letGo),
                    () -> Backfill.named("items")
                            .from(items(-1, () -> {}))
                            .into(Db.of(hasty).table("item").upsert("id"))
                            .checkpoint(new MemoryCheckpoint())
                            .run());
            assertThat(report.complete()).isTrue();
        }
        assertThat(waits.get()).as("55P03 was worth another attempt").isEqualTo(1);
        assertThat(store.rows("SELECT count(*) FROM item WHERE name = 'n'")).containsExactly("" + 2 * PAGES);
    }

    /** As HikariCP says it. */
    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void waitsForAConnectionWhenThePoolHasNone(Store.Kind kind) throws Exception {
        Store store = prepared(kind);
        AtomicInteger asked = new AtomicInteger();
        Db db = Db.of(Wrapped.source(store.source(), (method, arguments, call) -> {
            if (method.equals("getConnection") && asked.incrementAndGet() % 3 != 0) {
                throw new SQLTransientConnectionException(
                        "pool - Connection is not available, request timed out after 30000ms");
            }
            return call.run();
        }));
        Report report = Ports.bound(
                instead(() -> {}),
                () -> Backfill.named("items")
                        .from(items(-1, () -> {}))
                        .into(db.table("item").upsert("id"))
                        .batch(2)
                        .patience(Duration.ofMinutes(1))
                        .checkpoint(new MemoryCheckpoint())
                        .run());
        assertThat(report.counts().inserted()).isEqualTo(2 * PAGES);
        assertThat(asked.get()).isGreaterThan(2 * PAGES);
        assertThat(store.rows("SELECT count(*) FROM item")).containsExactly("" + 2 * PAGES);
    }
}

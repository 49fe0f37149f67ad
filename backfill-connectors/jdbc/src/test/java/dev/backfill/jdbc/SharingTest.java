package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Batch;
import dev.backfill.Batch.Outcome;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.Save;
import dev.backfill.TransientException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The database is shared: with other writers, with pools, with networks that break. */
class SharingTest {

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
    void writesOverlappingKeysFromManyThreadsWithoutADeadlock(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db db = store.db();
        TableSink sink =
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
    void updatesAgainWhatWaitedForAnotherThatWaitedForIt() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        Table table = store.db().table("item").createIfMissing(Item.class, "id");
        write(table.upsert("id"), new Item(1, "old", TIME), new Item(2, "old", TIME));
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection other = store.source().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute(
                    "SET LOCAL deadlock_timeout = '1h'"); // so that it is the sink's transaction that is ended
            statement.execute("UPDATE item SET modified = NULL WHERE id = 2");
            Future<Batch<Object>> written = thread.submit(
                    () -> write(table.update("id"), Map.of("id", 1, "name", "new"), Map.of("id", 2, "name", "new")));
            while (store.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE%'")
                    .isEmpty()) {
                Thread.onSpinWait();
            }
            statement.execute("UPDATE item SET modified = NULL WHERE id = 1");
            other.commit();

            assertThat(outcomes(written.get())).containsExactly(Outcome.UPDATED, Outcome.UPDATED);
        } finally {
            thread.shutdownNow();
        }
        assertThat(store.rows("SELECT name, modified FROM item ORDER BY id")).containsExactly("new|null", "new|null");
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
                TableSink sink = db.table("item").upsert("id");
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
    void givesAConnectionBackAsItCameAlsoWhenASaveHasFailed() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        try (Connection one = store.source().getConnection()) {
            one.setAutoCommit(false);
            Claim claim = Db.of(Wrapped.lending(one)).checkpoint().claim("j", Duration.ZERO);
            Bookmark bookmark = new Bookmark("j", "main", "p", claim.run(), Cursor.of(1), false, Counts.ZERO);
            claim.begin("d", List.of(bookmark));
            store.run("ALTER TABLE backfill_bookmark RENAME page TO other");
            assertThatThrownBy(() -> claim.save(new Save(List.of(bookmark), List.of())))
                    .hasMessageContaining("page");
            assertThat(one.getAutoCommit()).isFalse();
            assertThat(one.getNetworkTimeout()).isZero();
            claim.close();
        }
    }

    @Test
    void takesALostConnectionForAPassingFailure() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        Db db = store.db();
        TableSink sink = db.table("item").createIfMissing(Item.class, "id").upsert("id");
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
}

package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.TransientException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProgressTest {

    record Item(int id, String name) {}

    @TempDir
    Path folder;

    private static Bookmark bookmark(long run, String partition, int cursor) {
        return new Bookmark("j", "main", partition, run, Cursor.of(cursor), false, Counts.ZERO);
    }

    private static Save save(Bookmark... bookmarks) {
        return new Save(List.of(bookmarks), List.of());
    }

    private static void runOut(Store store) {
        store.run("UPDATE backfill_job SET lease_until = 1");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void saysWhoHoldsAJobAndTakesItOverWhenThatOneIsDead(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Claim dead = store.db().checkpoint().claim("j", Duration.ZERO);
        dead.begin("d", List.of(bookmark(dead.run(), "p", 1)));
        assertThatThrownBy(() -> store.db().checkpoint().claim("j", Duration.ZERO))
                .isInstanceOf(BackfillException.Held.class)
                .hasMessageContaining("process " + ProcessHandle.current().pid())
                .hasMessageContaining("since 20")
                .hasMessageContaining("free in 1");
        runOut(store);
        try (Claim next = store.db().checkpoint().claim("j", Duration.ZERO)) {
            assertThat(next.run()).isEqualTo(2);
            assertThat(next.load()).containsExactly(bookmark(1, "p", 1));
            assertThat(next.definition()).contains("d");
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void refusesEverythingFromARunnerThatWasTakenOver(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db paused = store.db();
        TableSink sink = paused.table("item").createIfMissing(Item.class, "id").upsert("id");
        Claim zombie = paused.checkpoint().claim("j", Duration.ZERO);
        zombie.begin("d", List.of(bookmark(1, "p", 1)));
        runOut(store);
        try (Claim next = store.db().checkpoint().claim("j", Duration.ZERO)) {
            DeadLetter letter = new DeadLetter("main", "p", Cursor.START, "k", "r", 1, Optional.empty());
            assertThatThrownBy(() -> zombie.save(save(bookmark(1, "p", 2)))).isInstanceOf(BackfillException.Lost.class);
            assertThatThrownBy(() -> zombie.save(save(bookmark(1, "new", 2))))
                    .isInstanceOf(BackfillException.Lost.class);
            assertThatThrownBy(() -> zombie.save(new Save(List.of(), List.of(letter))))
                    .isInstanceOf(BackfillException.Lost.class);
            assertThatThrownBy(() -> zombie.begin("x", List.of())).isInstanceOf(BackfillException.Lost.class);
            assertThatThrownBy(() -> zombie.redefine("x")).isInstanceOf(BackfillException.Lost.class);
            assertThatThrownBy(() -> zombie.forget(List.of(letter))).isInstanceOf(BackfillException.Lost.class);
            assertThatThrownBy(
                            () -> sink.write(Batch.of(List.of(new Item(1, "late"))), () -> save(bookmark(1, "p", 2))))
                    .isInstanceOf(BackfillException.Lost.class);
            zombie.close();
            next.save(save(bookmark(2, "p", 3)));
            assertThat(next.load()).containsExactly(bookmark(2, "p", 3));
            assertThat(next.deadLetters()).isEmpty();
            assertThat(next.definition()).contains("d");
        }
        assertThat(store.rows("SELECT * FROM item")).isEmpty();
        assertThat(store.rows("SELECT lease_until FROM backfill_job")).containsExactly("0");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void letsExactlyOneOfSeveralIn(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 1; round <= 12; round++) {
                CyclicBarrier together = new CyclicBarrier(4);
                List<Future<Boolean>> tries = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    Db db = store.db();
                    tries.add(threads.submit(() -> {
                        together.await();
                        try {
                            db.checkpoint().claim("j", Duration.ZERO);
                            return true;
                        } catch (BackfillException.Held e) {
                            return false;
                        }
                    }));
                }
                int won = 0;
                for (Future<Boolean> one : tries) {
                    won += one.get() ? 1 : 0;
                }
                assertThat(won).isEqualTo(1);
                assertThat(store.rows("SELECT run FROM backfill_job")).containsExactly(String.valueOf(round));
                runOut(store);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void neverTakesDamageForEmpty(Store.Kind kind) throws Exception {
        for (String damage :
                List.of("page = '{broken'", "passed = -1", "done = 7", "run = 99", "page = '\\x'", "run = 0")) {
            Store store = Store.of(kind, folder);
            try (Claim claim = store.db().checkpoint().claim("j", Duration.ZERO)) {
                claim.begin("d", List.of(bookmark(1, "p", 1)));
                store.run("UPDATE backfill_bookmark SET " + damage);
                assertThatThrownBy(claim::load)
                        .as(damage)
                        .isInstanceOf(BackfillException.Damaged.class)
                        .hasMessageContaining("startOver");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void refusesProgressOfANewerVersion(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.db().checkpoint().claim("j", Duration.ZERO).close();
        store.run("UPDATE backfill_job SET format = 2");
        assertThatThrownBy(() -> store.db().checkpoint().claim("j", Duration.ZERO))
                .isInstanceOf(BackfillException.Damaged.class)
                .hasMessageContaining("format 2")
                .hasMessageContaining("use the version that wrote it");
        assertThat(store.rows("SELECT run FROM backfill_job")).containsExactly("1");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void keepsWhatNoDatabaseTakes(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        DeadLetter letter = new DeadLetter(
                "main", "a\\b\\u0000", Cursor.of("x\ud800\\"), "k\0\udc00\\", "why\0", 2, Optional.of("\ud83d"));
        DeadLetter twin = new DeadLetter("main", "a\\b\\u0000", Cursor.of("x\ud800\\"), "k", "r", 2, Optional.empty());
        try (Claim claim = store.db().checkpoint().claim("j\0", Duration.ZERO)) {
            claim.begin("d\0", List.of());
            claim.save(new Save(List.of(), List.of(letter, twin)));
        }
        try (Claim claim = store.db().checkpoint().claim("j\0", Duration.ZERO)) {
            assertThat(claim.definition()).contains("d\0");
            assertThat(claim.deadLetters()).containsExactlyInAnyOrder(letter, twin);
            claim.forget(List.of(letter));
            assertThat(claim.deadLetters()).containsExactly(twin);
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void findsACommitWhoseAnswerWasLost(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        AtomicBoolean cut = new AtomicBoolean();
        AtomicReference<Object> sql = new AtomicReference<>("");
        Db db = Db.of(Wrapped.source(store.source(), (method, arguments, call) -> {
            Object result = call.run();
            if (arguments.length > 0 && (method.equals("prepareStatement") || method.equals("execute"))) {
                sql.set(arguments[0]);
            }
            boolean commits = method.equals("commit")
                    || (method.equals("execute") && sql.get().toString().endsWith("COMMIT"));
            if (commits && cut.getAndSet(false)) {
                throw store.postgres()
                        ? new SQLException("An I/O error occurred", "08006")
                        : new SQLException("[SQLITE_IOERR]", null, 10);
            }
            return result;
        }));
        TableSink sink = db.table("item").createIfMissing(Item.class, "id").upsert("id");
        try (Claim claim = db.checkpoint().claim("j", Duration.ZERO)) {
            claim.begin("d", List.of(bookmark(1, "p", 1)));
            cut.set(true);
            assertThatThrownBy(() ->
                            sink.write(Batch.of(List.of(new Item(1, "a"))), () -> save(bookmark(claim.run(), "p", 2))))
                    .isInstanceOf(TransientException.class);
            assertThat(claim.load()).containsExactly(bookmark(1, "p", 2));
            assertThat(store.rows("SELECT * FROM item")).containsExactly("1|a");
        }
    }

    /** As behind a proxy that freezes: the save was given up, and a later one went another way. */
    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aSaveThatArrivesLateSetsNothingBack(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Deque<Callable<Object>> frozen = new ArrayDeque<>();
        AtomicBoolean freezes = new AtomicBoolean();
        AtomicReference<Object> sql = new AtomicReference<>("");
        List<Object[]> values = new ArrayList<>();
        Db db = Db.of(Wrapped.source(store.source(), (method, arguments, call) -> {
            if (method.equals("prepareStatement")) {
                sql.set(arguments[0]);
                values.clear();
            } else if (method.equals("setObject")) {
                values.add(arguments.clone());
            } else if (method.equals("executeUpdate") && freezes.getAndSet(false)) {
                String late = sql.get().toString();
                List<Object[]> bound = List.copyOf(values);
                frozen.add(() -> {
                    try (Connection other = store.source().getConnection();
                            PreparedStatement statement = other.prepareStatement(late)) {
                        for (Object[] value : bound) {
                            statement.setObject((Integer) value[0], value[1]);
                        }
                        return statement.executeUpdate();
                    }
                });
                throw store.postgres()
                        ? new SQLException("An I/O error occurred", "08006")
                        : new SQLException("[SQLITE_IOERR]", null, 10);
            }
            return call.run();
        }));
        try (Claim claim = db.checkpoint().claim("j", Duration.ZERO)) {
            claim.begin("d", List.of(bookmark(1, "p", 1)));
            freezes.set(true);
            assertThatThrownBy(() -> claim.save(save(bookmark(1, "p", 2)))).isInstanceOf(TransientException.class);
            claim.save(save(bookmark(1, "p", 2)));
            claim.save(save(bookmark(1, "p", 3)));
            assertThat(frozen.remove().call()).as("rows that it changes").isEqualTo(0);
            assertThat(claim.load()).containsExactly(bookmark(1, "p", 3));
            claim.save(save(bookmark(1, "p", 4)));
            assertThat(claim.load()).containsExactly(bookmark(1, "p", 4));
        }
    }

    /** Its transaction comes to its end only when the next attempt waits for it. */
    @Test
    void aFirstSaveWhoseCommitIsLateIsNotTakenForAnotherRunners() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        Thread saving = Thread.currentThread();
        AtomicBoolean freezes = new AtomicBoolean();
        AtomicReference<Wrapped.Call> frozen = new AtomicReference<>();
        Db db = Db.of(Wrapped.source(store.source(), (method, arguments, call) -> {
            if (Thread.currentThread() != saving) {
                return call.run();
            }
            boolean commits = Arrays.asList(arguments).toString().endsWith("COMMIT]");
            if (commits && freezes.getAndSet(false)) {
                frozen.set(call);
            }
            boolean cut = commits || method.equals("rollback");
            if (cut && frozen.get() != null) {
                throw new SQLException("An I/O error occurred", "08006");
            }
            return method.equals("close") && frozen.get() != null ? null : call.run();
        }));
        ExecutorService network = Executors.newSingleThreadExecutor();
        try (Claim claim = db.checkpoint().claim("j", Duration.ZERO)) {
            claim.begin("d", List.of());
            freezes.set(true);
            assertThatThrownBy(() -> claim.save(save(bookmark(1, "p", 1)))).isInstanceOf(TransientException.class);
            Wrapped.Call late = frozen.getAndSet(null);
            Future<?> arrived = network.submit(() -> {
                while (store.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                + " AND query LIKE '%backfill_job%'")
                        .isEmpty()) {
                    Thread.onSpinWait();
                }
                try {
                    return late.run();
                } catch (Throwable e) {
                    throw new AssertionError(e);
                }
            });
            claim.save(save(bookmark(1, "p", 1)));
            arrived.get();
            claim.save(save(bookmark(1, "p", 2)));
            assertThat(claim.load()).containsExactly(bookmark(1, "p", 2));
        } finally {
            network.shutdownNow();
        }
    }

    /** In which a statement that commits itself is refused when another has changed the row since it began. */
    @Test
    void savesWhereSessionsBeginSerializable() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        org.postgresql.ds.PGSimpleDataSource source = (org.postgresql.ds.PGSimpleDataSource) store.source();
        source.setOptions("-c default_transaction_isolation=serializable");
        try (Claim claim = Db.of(source).checkpoint().claim("j", Duration.ZERO)) {
            claim.begin("d", List.of(bookmark(1, "p", 1)));
            store.run(
                    """
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                      IF current_setting('transaction_isolation') = 'serializable' THEN
                        RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
                      END IF;
                      RETURN NEW;
                    END $$""",
                    "CREATE TRIGGER refuse BEFORE UPDATE ON backfill_bookmark FOR EACH ROW EXECUTE FUNCTION refuse()");
            claim.save(save(bookmark(1, "p", 2)));
            assertThat(claim.load()).containsExactly(bookmark(1, "p", 2));
        }
    }

    @Test
    void everySaveOfEveryRunHasAHigherFence() {
        long last = (1L << 32) - 1;
        assertThat(List.of(
                        Progress.fence(1, 0),
                        Progress.fence(1, 1),
                        Progress.fence(1, last),
                        Progress.fence(2, 0),
                        Progress.fence(Integer.MAX_VALUE, 0),
                        Progress.fence(Integer.MAX_VALUE, last)))
                .isSorted()
                .doesNotHaveDuplicates()
                .allMatch(fence -> fence > 0);
        assertThatThrownBy(() -> Progress.fence(1, last + 1)).hasMessageContaining("begin again with a new Db");
        assertThatThrownBy(() -> Progress.fence(1L << 31, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void makesNoTablesWhereTheyAreThere() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.db().checkpoint().claim("j", Duration.ZERO).close();
        String schema = store.rows("SELECT current_schema()").get(0);
        String role = "reader_" + schema;
        store.run(
                "CREATE ROLE " + role + " LOGIN",
                "GRANT USAGE ON SCHEMA " + schema + " TO " + role,
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + schema + " TO " + role);
        org.postgresql.ds.PGSimpleDataSource source = new org.postgresql.ds.PGSimpleDataSource();
        source.setUrl(Store.url() + "?user=" + role);
        source.setCurrentSchema(schema);
        try (Claim claim = Db.of(source).checkpoint().claim("j", Duration.ZERO)) {
            assertThat(claim.run()).isEqualTo(2);
        }
        assertThatThrownBy(() -> Db.of(source).table("x").createIfMissing(Item.class, "id"))
                .hasMessageContaining("grant this user");
    }
}

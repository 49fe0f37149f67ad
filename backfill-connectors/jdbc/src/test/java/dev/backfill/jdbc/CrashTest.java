package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that dies at any statement, before or after it, leaves a database from which the next one goes on. */
class CrashTest {

    record Item(int id, String part, String name) {}

    private static final Set<String> STATEMENTS =
            Set.of("execute", "executeUpdate", "executeQuery", "executeBatch", "commit");
    private static final int PAGES = 5;
    private static final int ROWS = 3;
    private static final List<String> PARTS = List.of("a", "b", "c");
    private static final int EVERY =
            Integer.getInteger("backfill.every", 1) * Integer.getInteger("backfill.everyStatement", 3);

    @TempDir
    Path folder;

    /** The last record of each partition cannot be written. */
    private static Source<Item> source(String part) {
        return from -> {
            int page = from.orElse(0);
            List<Item> items = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                int id = page * ROWS + i;
                items.add(new Item(id, part, id == PAGES * ROWS - 1 ? "bad" : "good"));
            }
            return page == PAGES - 1 ? Page.last(items) : Page.of(items, page + 1);
        };
    }

    /** Where progress is kept. */
    private enum Place {
        /** With the rows, in one transaction. */
        DATABASE,
        FILE
    }

    private Report run(Place place, DataSource source) {
        Db db = Db.of(source);
        return Backfill.named("j")
                .from(Partitioned.of(PARTS, part -> part, CrashTest::source))
                .into(db.table("item").upsert("part", "id"))
                .batch(ROWS)
                .checkpoint(place == Place.FILE ? FileCheckpoint.in(folder.resolve("progress")) : db.checkpoint())
                .run();
    }

    private void forget() throws IOException {
        Path progress = folder.resolve("progress");
        if (Files.exists(progress)) {
            try (Stream<Path> files = Files.walk(progress)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private Store prepared(Store.Kind kind) throws Exception {
        forget();
        Store store = Store.of(kind, folder);
        store.run(
                "CREATE TABLE item (id int, part text, name text CHECK (name <> 'bad'), PRIMARY KEY (part, id))",
                "CREATE TABLE written (id int, part text)");
        if (store.postgres()) {
            store.run(
                    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO written VALUES (new.id,"
                            + " new.part); RETURN new; END $$",
                    "CREATE TRIGGER note AFTER INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION note()");
        } else {
            store.run(
                    "PRAGMA journal_mode = WAL",
                    "CREATE TRIGGER noted AFTER INSERT ON item BEGIN INSERT INTO written VALUES (new.id, new.part); END",
                    "CREATE TRIGGER changed AFTER UPDATE ON item BEGIN INSERT INTO written VALUES (new.id, new.part); END");
        }
        return store;
    }

    private static DataSource dyingAt(Store store, int point, boolean after, AtomicInteger seen, AtomicBoolean dead) {
        return Wrapped.source(store.source(), (method, arguments, call) -> {
            if (method.equals("close") || method.equals("rollback")) {
                return call.run();
            }
            SQLException death = new SQLException("the process has died", "XX000", 1);
            if (dead.get()) {
                throw death;
            }
            if (method.equals("execute")
                    && "PRAGMA synchronous = FULL".equals(arguments.length > 0 ? arguments[0] : "")) {
                return false; // a process dies here, and not the power
            }
            boolean here = STATEMENTS.contains(method) && seen.incrementAndGet() == point;
            Object result = here && !after ? null : call.run();
            if (here) {
                dead.set(true);
                throw death;
            }
            return result;
        });
    }

    private static void check(Place place, Store store, Report report, String what) {
        int good = PARTS.size() * (PAGES * ROWS - 1);
        assertThat(report.status()).as(what).isEqualTo(Report.Status.COMPLETE);
        assertThat(store.rows("SELECT count(*), count(DISTINCT part || id) FROM item"))
                .as(what)
                .containsExactly(good + "|" + good);
        assertThat(store.rows("SELECT count(*), count(DISTINCT part || id) FROM written"))
                .as("rows written: a row that stays the same is not, %s", what)
                .containsExactly(good + "|" + good);
        assertThat(report.deadLetters()).as(what).isEqualTo(PARTS.size());
        if (place == Place.DATABASE) {
            assertThat(
                            store.rows(
                                    "SELECT sum(inserted), sum(updated), sum(unchanged), sum(dead), sum(done) FROM backfill_bookmark"))
                    .as("nothing is repeated, %s", what)
                    .containsExactly(good + "|0|0|" + PARTS.size() + "|" + PARTS.size());
        }
    }

    @ParameterizedTest
    @CsvSource({"SQLITE, DATABASE", "SQLITE, FILE", "POSTGRES, DATABASE", "POSTGRES, FILE"})
    void writesEveryRowOnceWhereverTheProcessDies(Store.Kind kind, Place place) throws Exception {
        AtomicInteger all = new AtomicInteger();
        Store calm = prepared(kind);
        check(place, calm, run(place, dyingAt(calm, -1, false, all, new AtomicBoolean())), "without a crash");
        assertThat(all.get()).isGreaterThan(PAGES * PARTS.size());
        int step = EVERY * (calm.postgres() ? 5 : 1); // a server takes longer, and the order of statements is the same
        int crashes = 0;
        for (int point = 1; point <= all.get(); point += step) {
            for (boolean after : new boolean[] {false, true}) {
                Store store = prepared(kind);
                AtomicBoolean dead = new AtomicBoolean();
                try {
                    run(place, dyingAt(store, point, after, new AtomicInteger(), dead));
                } catch (BackfillException e) {
                    assertThat(dead).isTrue();
                }
                crashes += dead.get() ? 1 : 0;
                if (!store.rows(
                                store.postgres()
                                        ? "SELECT 1 WHERE to_regclass('backfill_job') IS NOT NULL"
                                        : "SELECT 1 FROM sqlite_master WHERE name = 'backfill_job'")
                        .isEmpty()) {
                    store.run("UPDATE backfill_job SET lease_until = 1");
                }
                check(
                        place,
                        store,
                        run(place, dyingAt(store, -1, false, new AtomicInteger(), new AtomicBoolean())),
                        "died " + (after ? "after" : "before") + " statement " + point);
            }
        }
        System.out.printf("%s, progress in the %s: %d crashes, 0 lost, 0 doubled%n", kind, place, crashes);
    }
}

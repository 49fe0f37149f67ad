package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that are seen late, or move while they are read, are found by the time of their last change. */
class FollowingTest {

    record Row(long id, String name) {}

    @TempDir
    Path folder;

    private static String ago(Store store, int seconds) {
        return store.postgres()
                ? "now() - interval '" + seconds + " seconds'"
                : "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-" + seconds + " seconds')";
    }

    private static String row(Store store, int id, String name, int seconds) {
        return "INSERT INTO rows VALUES (" + id + ", '" + name + "', " + ago(store, seconds) + ")";
    }

    private Store rows(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        String time = store.postgres() ? "timestamptz" : "text";
        store.run(
                "CREATE TABLE rows (id int PRIMARY KEY, name text NOT NULL UNIQUE, updated_at " + time + " NOT NULL)");
        return store;
    }

    private static Rows<Row> byTime(Store store, Duration lag) throws Exception {
        return store.db()
                .table("rows")
                .rows(Row.class)
                .by("updated_at")
                .lag(lag)
                .pagesOf(1);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void readsARowThatIsSeenLateWithinTheLagByTheNextRun(Store.Kind kind) throws Exception {
        Store store = rows(kind);
        store.run(row(store, 1, "a", 7200), row(store, 2, "b", 60));
        List<Long> seen = new ArrayList<>();
        MemoryCheckpoint checkpoint = new MemoryCheckpoint();
        follow(store, Duration.ofMinutes(10), seen, checkpoint);
        assertThat(seen).containsExactly(1L);
        store.run(row(store, 3, "c", 300)); // its transaction took five minutes, in which row 2 was seen
        follow(store, Duration.ZERO, seen, checkpoint);
        assertThat(seen).containsExactly(1L, 3L, 2L);
    }

    private static void follow(Store store, Duration lag, List<Long> seen, MemoryCheckpoint checkpoint)
            throws Exception {
        Backfill.named("follow")
                .from(byTime(store, lag).following())
                .into((Batch<Row> batch) -> batch.forEach(row -> seen.add(row.id())))
                .checkpoint(checkpoint)
                .run();
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void aSecondPhaseFindsRowsWhoseKeyMovesWhileTheyAreRead(Store.Kind kind) throws Exception {
        Store store = rows(kind);
        for (int id = 1; id <= 9; id++) {
            store.run(row(store, id, "n" + id, 3600 * id));
        }
        Rows<Row> byName = store.db().table("rows").rows(Row.class).by("name").pagesOf(1);
        Source<Row> moving = from -> {
            Page<Row> page = byName.read(from);
            if (page.items().equals(List.of(new Row(4, "n4")))) { // 7 moves behind the place, and 2 before it
                store.run(
                        "UPDATE rows SET name = 'a7', updated_at = " + ago(store, 0) + " WHERE id = 7",
                        "UPDATE rows SET name = 'z2', updated_at = " + ago(store, 0) + " WHERE id = 2");
            }
            return page;
        };
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        Backfill.named("both")
                .phase("all")
                .from(moving)
                .into((Batch<Row> batch) -> batch.forEach(row -> first.add(row.name())))
                .phase("changed meanwhile")
                .from(byTime(store, Duration.ZERO).following())
                .into((Batch<Row> batch) -> batch.forEach(row -> second.add(row.name())))
                .checkpoint(new MemoryCheckpoint())
                .run();
        assertThat(first).containsExactly("n1", "n2", "n3", "n4", "n5", "n6", "n8", "n9", "z2");
        assertThat(second).hasSize(9).doesNotHaveDuplicates();
        assertThat(second.subList(7, 9)).as("what has changed last").containsExactlyInAnyOrder("a7", "z2");
    }

    /** With a primary key of numbers as the last word, no tie is larger than a page. */
    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void readsATieThatIsLargerThanItsPages(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE rows (id int PRIMARY KEY, name text NOT NULL)");
        for (int id = 1; id <= 40; id++) {
            store.run("INSERT INTO rows VALUES (" + id + ", '" + (id % 20 == 0 ? "b" : "a") + "')");
        }
        Rows<Row> rows = store.db().table("rows").rows(Row.class).by("name").pagesOf(7);
        List<Long> ids = new ArrayList<>();
        Cursor at = Cursor.START;
        while (true) {
            Page<Row> page = rows.read(at);
            page.items().forEach(row -> ids.add(row.id()));
            if (page.next().isEmpty()) {
                break;
            }
            at = Cursor.parse(page.next().get().json());
        }
        assertThat(ids).hasSize(40).doesNotHaveDuplicates().endsWith(20L, 40L);
    }
}

package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowsTest {

    record Pair(String code, int number, String name) {}

    record Id(long id) {}

    @TempDir
    Path folder;

    private static <T> List<T> all(Source<T> source) throws Exception {
        List<T> items = new ArrayList<>();
        Cursor at = Cursor.START;
        while (true) {
            Page<T> page = source.read(at);
            items.addAll(page.items());
            if (page.next().isEmpty()) {
                return items;
            }
            at = Cursor.parse(page.next().get().json());
        }
    }

    private static List<Pair> pairs(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Pair("it's \"" + (char) ('a' + i % 3), i / 3, "n" + i))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void readsByACompositeKey(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Table table = store.db().table("pair").createIfMissing(Pair.class, "code", "number");
        table.upsert("code", "number").write(Batch.of(pairs(100)));
        for (int size : List.of(1, 7, 100, 1000)) {
            List<Pair> read = all(table.rows(Pair.class).pagesOf(size));
            assertThat(read).hasSize(100).containsExactlyInAnyOrderElementsOf(pairs(100));
            assertThat(read).extracting(Pair::code).isSorted();
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void readsWhatStaysWhileOthersAddAndRemove(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Table table = store.db().table("ids").createIfMissing(Id.class, "id");
        table.upsert("id")
                .write(Batch.of(
                        IntStream.range(0, 200).mapToObj(i -> new Id(i * 10)).toList()));
        Rows<Id> rows = table.rows(Id.class).pagesOf(10);
        List<Long> read = new ArrayList<>();
        Cursor at = Cursor.START;
        for (int page = 0; ; page++) {
            Page<Id> found = rows.read(at);
            found.items().forEach(id -> read.add(id.id()));
            store.run("DELETE FROM ids WHERE id = " + page * 10, "INSERT INTO ids VALUES (" + (page * 10 + 5) + ")");
            if (found.next().isEmpty()) {
                break;
            }
            at = found.next().get();
        }
        assertThat(read).doesNotHaveDuplicates();
        assertThat(read)
                .containsAll(IntStream.range(25, 200).mapToObj(i -> i * 10L).toList());
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void copiesATableInRangesThatLaterRunsFindAgain(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db db = store.db();
        Table from = db.table("pair").createIfMissing(Pair.class, "code", "number");
        from.upsert("code", "number").write(Batch.of(pairs(500)));
        Table to = db.table("copy").createIfMissing(Pair.class, "code", "number");
        Partitioned<Pair> ranges = from.rows(Pair.class, 8);
        List<String> names = ranges.partitions().stream().map(Partition::name).toList();
        assertThat(names).hasSize(8).allMatch(name -> name.startsWith("{"));
        Backfill job = Backfill.named("copy")
                .from(ranges)
                .into(to.upsert("code", "number"))
                .batch(20)
                .parallel(kind == Store.Kind.POSTGRES ? 4 : 2)
                .checkpoint(db.checkpoint());
        Report report = job.run();
        assertThat(report.counts().inserted()).isEqualTo(500);
        assertThat(store.rows("SELECT * FROM copy ORDER BY 1, 2"))
                .isEqualTo(store.rows("SELECT * FROM pair ORDER BY 1, 2"));
        List<Pair> more = pairs(900);
        from.upsert("code", "number").write(Batch.of(more));
        assertThat(ranges.partitions(names)).extracting(Partition::name).isEqualTo(names);
        List<Pair> found = new ArrayList<>();
        for (Partition<Pair> range : ranges.partitions(names)) {
            found.addAll(all(range.source()));
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(more);
        for (int kept = 1; kept < 8; kept++) {
            List<Pair> rest = new ArrayList<>();
            for (Partition<Pair> range : ranges.partitions(names.subList(0, kept))) {
                rest.addAll(all(range.source()));
            }
            assertThat(rest).as("when a crash has left %s names", kept).containsExactlyInAnyOrderElementsOf(more);
        }
        Report again = job.again();
        assertThat(again.counts().read()).isEqualTo(900);
        assertThat(store.rows("SELECT count(*) FROM copy")).containsExactly("900");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void leavesRowsOfTheLagToTheNextRunAndMissesNoLateOne(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        String time = store.postgres() ? "timestamptz" : "text";
        store.run("CREATE TABLE ids (id int PRIMARY KEY, updated_at " + time + " NOT NULL)");
        Db db = store.db();
        store.run("INSERT INTO ids VALUES (1, " + ago(store, 7200) + "), (2, " + ago(store, 3600) + "), (3, "
                + ago(store, 60) + ")");
        Rows<Id> rows = db.table("ids")
                .rows(Id.class)
                .by("updated_at")
                .lag(Duration.ofMinutes(10))
                .pagesOf(1);
        assertThat(all(rows)).containsExactly(new Id(1), new Id(2));
        List<Long> seen = new ArrayList<>();
        Backfill job = Backfill.named("follow")
                .from(rows.following())
                .into((Batch<Id> batch) -> batch.forEach(id -> seen.add(id.id())))
                .checkpoint(new MemoryCheckpoint());
        job.run();
        assertThat(seen).containsExactly(1L, 2L);
        store.run(
                "INSERT INTO ids VALUES (4, " + ago(store, 300) + ")", // visible five minutes late
                "INSERT INTO ids VALUES (5, " + ago(store, 0) + ")");
        store.run(
                store.postgres()
                        ? "UPDATE ids SET updated_at = updated_at - interval '20 minutes' WHERE id IN (3, 4)"
                        : "SELECT 1");
        job.run();
        assertThat(seen).as("what was before the bound is not read again").startsWith(1L, 2L);
        assertThat(seen.stream().filter(id -> id <= 2)).hasSize(2);
        assertThat(seen).doesNotContain(5L);
    }

    private static String ago(Store store, int seconds) {
        return store.postgres()
                ? "now() - interval '" + seconds + " seconds'"
                : "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-" + seconds + " seconds')";
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void saysWhyATableCannotBeRead(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE heap (id int, name text)", "INSERT INTO heap VALUES (1, 'a'), (NULL, 'b')");
        Table heap = store.db().table("heap");
        assertThatThrownBy(() -> heap.rows().read(Cursor.START))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("no primary key");
        assertThatThrownBy(() -> heap.rows().by("id").read(Cursor.START))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("whose id is null");
        assertThatThrownBy(() -> heap.rows(Pair.class).by("name").read(Cursor.START))
                .hasMessageContaining("no column 'code'");
        assertThat(all(heap.rows().by("name").pagesOf(1)))
                .extracting(row -> row.get("name"))
                .containsExactly("a", "b");
        assertThat(heap.rows().by("name").read(Cursor.START).items().get(0)).isEqualTo(Map.of("id", 1L, "name", "a"));
        assertThatThrownBy(() -> heap.rows().by("name").read(Cursor.of(Map.of("after", List.of("x", "y")))))
                .hasMessageContaining("was the order of reading changed?");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void readsOnlyWhatWasAskedFor(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Table table = store.db().table("pair").createIfMissing(Pair.class, "code", "number");
        table.upsert("code", "number").write(Batch.of(pairs(90)));
        store.run("ALTER TABLE pair ADD COLUMN state text", "UPDATE pair SET state = 'it''s' WHERE number < 10");
        String code = pairs(1).get(0).code();
        assertThat(all(table.rows().columns("number", "name").pagesOf(7)))
                .hasSize(90)
                .allMatch(row -> row.keySet().equals(java.util.Set.of("number", "name")));
        assertThat(all(table.rows(Pair.class).where("code", code).pagesOf(7)))
                .hasSize(30)
                .allMatch(pair -> pair.code().equals(code));
        assertThat(all(table.rows(Pair.class).where("code", code).where("number", 4)))
                .containsExactly(new Pair(code, 4, "n12"));
        assertThat(all(table.rows(Pair.class).whereNull("state").pagesOf(7)))
                .hasSize(60)
                .allMatch(pair -> pair.number() >= 10);
        List<Pair> ranges = new ArrayList<>();
        List<Partition<Pair>> partitions =
                table.rows(Pair.class).where("state", "it's").ranges(4).partitions();
        assertThat(partitions).hasSize(4);
        for (Partition<Pair> range : partitions) {
            List<Pair> some = all(range.source());
            assertThat(some).as("a range has its share of what is asked for").hasSizeBetween(6, 8);
            ranges.addAll(some);
        }
        assertThat(ranges).hasSize(30).allMatch(pair -> pair.number() < 10);
        assertThat(table.rows().whereNull("state").where("number", 3).definition())
                .isEqualTo("table pair rows by its primary key\nwhere state is null\nwhere number = 3");
        assertThatThrownBy(() -> table.rows().where("stat", 1).read(Cursor.START))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("no column 'stat'");
        assertThatThrownBy(() -> table.rows(Pair.class).columns("name"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a record's components");
    }

    record Large(long id) {}

    @Test
    void plansTheRangesOfALargeTableBySomeOfItsPages() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE large (id bigint PRIMARY KEY, rare boolean, pad text)",
                "INSERT INTO large SELECT i::bigint * i, i % 1000 = 0, repeat('x', 200) FROM generate_series(1, 100000) AS i");
        Rows<Large> rows = store.db().table("large").rows(Large.class).pagesOf(50_000);
        List<Large> all = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (Partition<Large> range : rows.ranges(8).partitions()) {
            List<Large> some = all(range.source());
            assertThat(some).as("an eighth, more or less").hasSizeBetween(9_000, 16_000);
            sizes.add(some.size());
            all.addAll(some);
        }
        assertThat(sizes).as("by some pages only").anyMatch(size -> size != 12_500);
        assertThat(all).extracting(Large::id).doesNotHaveDuplicates().hasSize(100_000);
        assertThat(rows.where("rare", true).ranges(4).partitions())
                .as("too few in some of the pages, so all are looked at")
                .hasSize(4)
                .allSatisfy(range -> assertThat(all(range.source())).hasSize(25));
        assertThat(rows.ranges(8).partitions())
                .as("planned again, the same")
                .extracting(Partition::name)
                .isEqualTo(rows.ranges(8).partitions().stream()
                        .map(Partition::name)
                        .toList());
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void missesNoRowWhenTheJobChangesWhatItFiltersBy(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        Db db = store.db();
        store.run("CREATE TABLE task (id int PRIMARY KEY, done int)");
        db.table("task")
                .upsert("id")
                .write(Batch.of(
                        IntStream.range(0, 100).mapToObj(i -> Map.of("id", i)).toList()));
        Backfill.named("tasks")
                .from(db.table("task").rows(Id.class).whereNull("done").pagesOf(7))
                .map(id -> Map.of("id", id.id(), "done", 1))
                .into(db.table("task").update("id"))
                .checkpoint(db.checkpoint())
                .run();
        assertThat(store.rows("SELECT count(*) FROM task WHERE done = 1")).containsExactly("100");
    }
}

package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Batch.Outcome;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A column is set in ranges of the primary key, without reading a row. */
class KeyRangesTest {

    @TempDir
    Path folder;

    private Store products(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run(
                "CREATE TABLE product (shop text, id int, deleted_at bigint CHECK (deleted_at >= 0), PRIMARY KEY (shop, id))",
                "INSERT INTO product WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 24)"
                        + " SELECT CASE WHEN i % 2 = 0 THEN 'a''s' ELSE 'b' END, i * 10,"
                        + " CASE WHEN i % 5 = 0 THEN 77 ELSE NULL END FROM n");
        return store;
    }

    private static List<KeyRange> all(Source<KeyRange> source) throws Exception {
        List<KeyRange> ranges = new ArrayList<>();
        Cursor at = Cursor.START;
        while (true) {
            Page<KeyRange> page = source.read(at);
            ranges.addAll(page.items());
            if (page.next().isEmpty()) {
                return ranges;
            }
            at = Cursor.parse(page.next().get().json());
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void findsRangesThatCoverTheTable(Store.Kind kind) throws Exception {
        Store store = products(kind);
        for (int size : List.of(1, 4, 5, 24, 25, 100)) {
            List<KeyRange> ranges = all(store.db().table("product").keyRanges(size));
            assertThat(ranges).as("of %s rows", size).hasSize((25 + size - 1) / size);
            assertThat(ranges.get(0).after()).isEmpty();
            for (int i = 1; i < ranges.size(); i++) {
                assertThat(ranges.get(i).after()).isEqualTo(ranges.get(i - 1).to());
            }
            assertThat(ranges.get(ranges.size() - 1).to())
                    .extracting(String::valueOf)
                    .containsExactly("b", "230");
        }
        store.run("DELETE FROM product");
        assertThat(all(store.db().table("product").keyRanges(5))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void fillsAColumnInOneStatementForEachRange(Store.Kind kind) throws Exception {
        Store store = products(kind);
        Db db = store.db();
        Table table = db.table("product");
        List<String> kept = store.rows("SELECT * FROM product WHERE deleted_at = 77 ORDER BY 1, 2");
        Backfill job = Backfill.named("deleted_at")
                .from(table.keyRanges(4))
                .into(table.fill("deleted_at", 0))
                .checkpoint(db.checkpoint());
        Report report = job.run();
        assertThat(report.counts().updated()).isEqualTo(7);
        assertThat(store.rows("SELECT count(*) FROM product WHERE deleted_at = 0"))
                .containsExactly("20");
        assertThat(store.rows("SELECT * FROM product WHERE deleted_at = 77 ORDER BY 1, 2"))
                .isEqualTo(kept);
        Report again = job.again();
        assertThat(again.counts().unchanged()).isEqualTo(7);
        assertThat(again.counts().updated()).isZero();
    }

    @Test
    void setsOnlyRowsThatDiffer() throws Exception {
        Store store = products(Store.Kind.POSTGRES);
        List<String> before = store.rows("SELECT ctid, xmin FROM product WHERE deleted_at = 77 ORDER BY 1");
        Table table = store.db().table("product");
        List<KeyRange> ranges = all(table.keyRanges(10));
        Batch<KeyRange> batch = Batch.of(ranges);
        table.set("deleted_at", 77).write(batch);
        assertThat(store.rows("SELECT count(*) FROM product WHERE deleted_at = 77"))
                .containsExactly("25");
        assertThat(store.rows("SELECT ctid, xmin FROM product ORDER BY 1")).containsAll(before);
        Batch<KeyRange> second = Batch.of(ranges);
        table.set("deleted_at", 77).write(second);
        assertThat(second.outcome(0)).isEqualTo(Outcome.UNCHANGED);
        table.set("deleted_at", null).write(Batch.of(ranges.subList(0, 1)));
        assertThat(store.rows("SELECT count(*) FROM product WHERE deleted_at IS NULL"))
                .containsExactly("10");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void setsNothingOutsideOfItsRange(Store.Kind kind) throws Exception {
        Store store = products(kind);
        Table table = store.db().table("product");
        List<KeyRange> ranges = all(table.keyRanges(10));
        table.set("deleted_at", 5).write(Batch.of(ranges.subList(1, 2)));
        assertThat(store.rows("SELECT count(*) FROM product WHERE deleted_at = 5"))
                .containsExactly("10");
        assertThat(store.rows("SELECT shop, id FROM product ORDER BY 1, 2 LIMIT 10 OFFSET 10"))
                .isEqualTo(store.rows("SELECT shop, id FROM product WHERE deleted_at = 5 ORDER BY 1, 2"));
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void refusesTheRangeInWhichTheValueCannotStand(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run(
                "CREATE TABLE t (id int PRIMARY KEY, n int, CHECK (id <> 5 OR n <> 1))",
                "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0)");
        Table table = store.db().table("t");
        Batch<KeyRange> batch = Batch.of(all(table.keyRanges(2)));
        table.set("n", 1).write(batch);
        assertThat(batch.outcome(2)).isEqualTo(Outcome.REFUSED);
        assertThat(batch.reason(2)).contains(kind == Store.Kind.POSTGRES ? "23514" : "CHECK");
        assertThat(store.rows("SELECT id FROM t WHERE n = 1 ORDER BY id")).containsExactly("1", "2", "3", "4", "7");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void saysWhatIsMissing(Store.Kind kind) throws Exception {
        Store store = products(kind);
        Table table = store.db().table("product");
        store.run("CREATE TABLE heap (a int)");
        assertThatThrownBy(() -> table.set("delted_at", 0).write(Batch.of(all(table.keyRanges(9)))))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("the table product has no column 'delted_at'")
                .hasMessageContaining("it has shop, id, deleted_at");
        assertThatThrownBy(() -> store.db().table("heap").keyRanges(5).read(Cursor.START))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("the table heap has no primary key");
        assertThat(table.set("deleted_at", 0).definition()).isEqualTo("table product sets deleted_at to 0");
        assertThat(table.fill("deleted_at", 0).definition()).isEqualTo("table product fills deleted_at with 0");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void countsRows(Store.Kind kind) throws Exception {
        assertThat(products(kind).db().table("product").count()).isEqualTo(25);
    }
}

package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows are looked up by the keys of a batch. */
class LookupTest {

    @TempDir
    Path folder;

    record Product(long id, String name) {}

    private Table products(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run(
                "CREATE TABLE product (id bigint PRIMARY KEY, name text)",
                "INSERT INTO product WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
                        + " SELECT i, 'n' || i FROM n");
        return store.db().table("product");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void tellsWhatIsAbsentInTheOrderOfTheRecords(Store.Kind kind) throws Exception {
        Table table = products(kind);
        List<String> ids =
                List.of("2501", "7", "only-here", "2501", "99999999999999999999", "7.5", "", "-1", "x'--", "{a}");
        assertThat(table.absent(ids, id -> id))
                .containsExactly("2501", "only-here", "2501", "99999999999999999999", "7.5", "", "-1", "x'--", "{a}");
        assertThat(table.absent(List.<String>of(), id -> id)).isEmpty();
        assertThat(table.absent(List.of("a\0b"), id -> id)).containsExactly("a\0b");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void looksThousandsUp(Store.Kind kind) throws Exception {
        Table table = products(kind);
        List<Integer> ids = IntStream.rangeClosed(1, 5_000).boxed().toList();
        assertThat(table.absent(ids, id -> id))
                .isEqualTo(IntStream.rangeClosed(2_501, 5_000).boxed().toList());
        assertThat(table.find(Product.class, ids)).hasSize(2_500);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void findsRowsByKeysOfAnyForm(Store.Kind kind) throws Exception {
        Table table = products(kind);
        assertThat(table.find(Product.class, List.of("7", 8, 9L, "none", 7)))
                .containsExactlyInAnyOrder(new Product(7, "n7"), new Product(8, "n8"), new Product(9, "n9"));
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void comparesTextAsTheDatabaseDoes(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run(
                "CREATE TABLE doc (id text PRIMARY KEY, name text)",
                "INSERT INTO doc VALUES ('a,b', '1'), ('\"q\"', '2'), ('\\', '3'), ('{}', '4'), ('NULL', '5'), ('ü€😀', '6')");
        List<String> there = List.of("a,b", "\"q\"", "\\", "{}", "NULL", "ü€😀");
        List<String> all = new ArrayList<>(there);
        all.add("A,B");
        assertThat(store.db().table("doc").absent(all, id -> id)).containsExactly("A,B");
    }

    @Test
    void knowsUuidsAndDecimalsOfPostgres() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        UUID id = UUID.fromString("0f8fad5b-d9cb-469f-a165-70867728950e");
        store.run(
                "CREATE TABLE by_uuid (id uuid PRIMARY KEY)",
                "INSERT INTO by_uuid VALUES ('" + id + "')",
                "CREATE TABLE by_numeric (id numeric(10,2) PRIMARY KEY)",
                "INSERT INTO by_numeric VALUES (7)");
        assertThat(store.db()
                        .table("by_uuid")
                        .absent(List.of(id.toString().toUpperCase(java.util.Locale.ROOT), "7"), k -> k))
                .containsExactly("7");
        assertThat(store.db().table("by_numeric").absent(List.of("7", "7.00", "7.5", "seven"), Function.identity()))
                .containsExactly("7.5", "seven");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void isAStepOfAJob(Store.Kind kind) throws Exception {
        Table table = products(kind);
        Source<String> documents = from -> Page.last(List.of("1", "two", "3", "4000"));
        List<String> written = new ArrayList<>();
        Backfill.named("only there")
                .from(documents)
                .batches(found -> table.absent(found, id -> id))
                .into(written::addAll)
                .checkpoint(new MemoryCheckpoint())
                .run();
        assertThat(written).containsExactly("two", "4000");
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void refusesAKeyOfSeveralColumns(Store.Kind kind) throws Exception {
        Store store = Store.of(kind, folder);
        store.run("CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b))");
        assertThatThrownBy(() -> store.db().table("pair").absent(List.of(1), id -> id))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("2 columns");
    }
}

package dev.backfill.supabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.supabase.servers.Gateway.Fault;
import dev.backfill.supabase.servers.Keys;
import dev.backfill.supabase.servers.Project;
import dev.backfill.testkit.JumpingTime;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The REST road on a real PostgREST before a real PostgreSQL. */
@Tag("postgrest")
class RestRoadTest {

    record Item(
            long id,
            @Nullable String sku,
            int qty,
            @Nullable BigDecimal price,
            @Nullable Double weight,
            @Nullable Instant at,
            @Nullable LocalDate day,
            @Nullable Map<String, Object> tags,
            @Nullable List<String> words,
            @Nullable UUID mark) {}

    record Small(long id, @Nullable String sku) {}

    private final Project project = Project.running();
    private final Supabase db = Supabase.rest(project.url(), project.key());

    @BeforeEach
    void empty() {
        project.empty();
    }

    private static Map<String, Object> row(Object... pairs) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            row.put((String) pairs[i], pairs[i + 1]);
        }
        return row;
    }

    private static Batch<Object> batch(Object... records) {
        return Batch.of(List.of(records));
    }

    private static List<Batch.Outcome> outcomes(Batch<?> batch) {
        return IntStream.range(0, batch.size()).mapToObj(batch::outcome).toList();
    }

    private static Source<Map<String, Object>> many(int pages, int size) {
        return from -> {
            int page = from.orElse(0);
            List<Map<String, Object>> rows = LongStream.range((long) page * size, (page + 1L) * size)
                    .mapToObj(i -> row("id", i, "sku", "sku-" + i))
                    .toList();
            return page + 1 == pages ? Page.last(rows) : Page.of(rows, page + 1);
        };
    }

    /** Runs a job whose waits take no time. */
    private static Report run(Source<?> source, Sink<Object> sink) throws Exception {
        return new JumpingTime()
                .run(() -> Backfill.named("items")
                        .from(source)
                        .into(sink)
                        .checkpoint(new MemoryCheckpoint())
                        .run());
    }

    @Test
    void everyValueComesBackAsItWent() throws Exception {
        Item item = new Item(
                9_007_199_254_740_993L,
                "a \"quoted\" \\ ü 𝄞 \u0001\n,{}()",
                Integer.MIN_VALUE,
                new BigDecimal("123456789012345678901234567890.123456789012345678901234567890"),
                0.1,
                Instant.parse("2024-02-29T23:59:59.123456Z"),
                LocalDate.of(2024, 2, 29),
                Map.of("nested", List.of(1, Map.of("camelCase", "x")), "big", new BigDecimal("9007199254740993.5")),
                List.of("NULL", "", "a,b", "\"", "\\", "{}"),
                UUID.fromString("9b2f1c9e-1111-4222-8333-444455556666"));
        Item empty = new Item(-1, null, 0, null, null, null, null, null, null, null);

        db.table("items").upsert("id").write(batch(item, empty));

        assertThat(project.value("SELECT price::text FROM items WHERE id = 9007199254740993"))
                .isEqualTo("123456789012345678901234567890.123456789012345678901234567890");
        assertThat(project.value("SELECT tags ->> 'big' FROM items WHERE id > 0"))
                .isEqualTo("9007199254740993.5");
        assertThat(db.table("items").rows(Item.class).read(Cursor.START).items())
                .containsExactly(empty, item);
    }

    @Test
    void insertsThenUpdatesAndSaysSo() throws Exception {
        Batch<Object> first = batch(new Small(1, "a"), new Small(2, "b"));
        db.table("items").upsert("id").write(first);
        assertThat(outcomes(first)).containsOnly(Batch.Outcome.WRITTEN);

        project.run("UPDATE items SET qty = 5");
        Batch<Object> second = batch(new Small(1, "A"), new Small(2, "b"));
        db.table("items").upsert("id").write(second);

        assertThat(outcomes(second)).containsOnly(Batch.Outcome.UPDATED);
        assertThat(project.copy("SELECT id, sku, qty FROM items ORDER BY id")).isEqualTo("1\tA\t5\n2\tb\t5\n");
    }

    @Test
    void insertIfAbsentLeavesRowsAloneAndCountsThem() throws Exception {
        project.run("INSERT INTO items (id, sku) VALUES (1, 'old'), (2, 'old too')");
        Batch<Object> batch = batch(new Small(1, "a"), new Small(2, "b"), new Small(3, "c"), new Small(3, "d"));
        db.table("items").insertIfAbsent("id").write(batch);

        assertThat(outcomes(batch).stream().filter(outcome -> outcome == Batch.Outcome.UNCHANGED))
                .hasSize(3);
        assertThat(project.copy("SELECT id, sku FROM items ORDER BY id")).isEqualTo("1\told\n2\told too\n3\tc\n");
    }

    @Test
    void onlyTheColumnsOfARecordAreWrittenAndANullIsNull() throws Exception {
        project.run("INSERT INTO items (id, sku, qty, small) VALUES (1, 'a', 1, 1), (2, 'b', 2, 2), (3, 'c', 3, 3)");
        Batch<Object> batch = batch(
                row("id", 1, "sku", "A"),
                row("id", 2, "sku", null, "small", 20),
                row("id", 3),
                row("id", 4, "small", 4));
        db.table("items").upsert("id").write(batch);

        assertThat(project.copy("SELECT id, sku, qty, small FROM items ORDER BY id"))
                .isEqualTo("1\tA\t1\t1\n2\t\\N\t2\t20\n3\tc\t3\t3\n4\t\\N\t7\t4\n");
        assertThat(project.gateway().calls())
                .as("a call for each set of columns")
                .hasSize(4);
    }

    @Test
    void ofRecordsWithTheSameKeyTheLastStays() throws Exception {
        Batch<Object> batch = batch(
                row("id", 1, "sku", "first"),
                row("id", 1, "sku", "last"),
                row("id", 2, "sku", "b"),
                row("id", 2, "qty", 9));
        db.table("items").upsert("id").write(batch);

        assertThat(outcomes(batch).get(0)).isEqualTo(Batch.Outcome.UNCHANGED);
        assertThat(project.copy("SELECT id, sku, qty FROM items ORDER BY id")).isEqualTo("1\tlast\t7\n2\tb\t9\n");
    }

    @Test
    void aBadRecordOf500IsADeadLetterAndTheOthersAreWrittenOnce() throws Exception {
        Source<Map<String, Object>> source = from -> Page.last(IntStream.range(0, 500)
                .mapToObj(i -> row("id", i, "small", i == 321 ? "not a number" : i % 100))
                .toList());
        MemoryCheckpoint checkpoint = new MemoryCheckpoint();
        Backfill job = Backfill.named("items")
                .from(source)
                .into(db.table("items").upsert("id"))
                .checkpoint(checkpoint);
        Report report = job.run();

        assertThat(report.deadLetters()).isEqualTo(1);
        assertThat(job.deadLetters())
                .extracting(DeadLetter::key, DeadLetter::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        "321", "invalid input syntax for type integer: \"not a number\" (22P02)"));
        assertThat(project.value("SELECT count(*) FROM items")).isEqualTo("499");
        assertThat(project.gateway().calls()).hasSizeLessThanOrEqualTo(19);
        assertThat(project.gateway().calls().stream().filter(call -> call.equals("POST 200")))
                .as("calls that met rows which were there already")
                .isEmpty();
    }

    @Test
    void whatNoTableCouldTakeIsRefusedBeforeItIsSent() throws Exception {
        Batch<Object> batch = batch(
                row("id", 1, "sku", "a\u0000b"),
                row("id", 2, "sku", "half \ud834"),
                row("id", 3, "weight", Double.NaN),
                row("id", 4, "tags", Map.of("deep", List.of("x\u0000"))),
                row("id", null, "sku", "x"),
                row("sku", "y"),
                row("id", 7, "sku", "fine"));
        db.table("items").upsert("id").write(batch);

        assertThat(outcomes(batch).subList(0, 6)).containsOnly(Batch.Outcome.REFUSED);
        assertThat(IntStream.range(0, 6).mapToObj(batch::reason))
                .allSatisfy(reason -> assertThat(reason).containsAnyOf("sku", "weight", "tags", "id"));
        assertThat(project.gateway().calls()).containsExactly("POST 201");
        assertThat(project.copy("SELECT id, sku FROM items")).isEqualTo("7\tfine\n");
    }

    @Test
    void aConstraintRefusesOneRecord() throws Exception {
        project.run("INSERT INTO items (id, sku) VALUES (1, 'taken')");
        Batch<Object> batch = batch(
                row("id", 2, "sku", "taken"),
                row("id", 3, "sku", "free"),
                row("id", 4, "small", 1000),
                row("id", 5, "qty", null),
                row("id", 6, "qty", 99_999_999_999L));
        db.table("items").upsert("id").write(batch);

        assertThat(project.copy("SELECT id, sku FROM items ORDER BY id")).isEqualTo("1\ttaken\n3\tfree\n");
        assertThat(batch.reason(0)).contains("items_sku_key", "23505").doesNotContain("Key (");
        assertThat(batch.reason(2)).contains("items_small_check", "23514");
        assertThat(batch.reason(3)).contains("\"qty\"", "23502").doesNotContain("Failing row");
        assertThat(batch.reason(4)).contains("out of range", "22003");
    }

    private void stops(Sink<Object> sink, Object record, String... words) {
        assertThatThrownBy(() -> run(from -> Page.last(List.of(record)), sink))
                .isInstanceOf(BackfillException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    @Test
    void whatAPersonHasToMendStopsTheRun() {
        stops(db.table("nowhere").upsert("id"), row("id", 1), "the table nowhere", "create the table");
        stops(db.table("items").upsert("id"), row("id", 1, "colour", "red"), "'colour'", "items", "add the column");
        stops(db.table("items").upsert("qty"), row("id", 1, "qty", 2), "items", "unique index");
        stops(db.table("items").upsert("nix"), row("id", 1, "nix", 2), "items", "nix");
        stops(db.table("keyless").upsert("a"), row("a", 1, "b", "x"), "keyless", "unique index");
        stops(db.table("locked").upsert("id"), row("id", 1), "locked", "grant");
        stops(db.table("nix", "items").upsert("id"), row("id", 1), "exposed schemas");

        assertThat(project.value("SELECT count(*) FROM keyless")).isEqualTo("0");
    }

    @Test
    void rowLevelSecurityStopsTheRun() {
        Supabase someone = Supabase.rest(project.url(), Keys.role("nobody"));
        project.run("DROP ROLE IF EXISTS nobody", "CREATE ROLE nobody NOLOGIN", "GRANT nobody TO authenticator");
        project.run("GRANT USAGE ON SCHEMA public TO nobody", "GRANT ALL ON guarded TO nobody");
        try {
            stops(someone.table("guarded").upsert("id"), row("id", 1), "row-level security", "guarded", "secret key");
        } finally {
            project.run("DROP OWNED BY nobody", "DROP ROLE nobody");
        }
    }

    @Test
    void aReadOnlyProjectStopsTheRun() {
        stops(db.table("frozen").upsert("id"), row("id", 1), "the table frozen", "25006", "read-only", "disk");
    }

    @Test
    void aWrongKeyStopsTheRun() {
        Supabase other = Supabase.rest(
                project.url(), dev.backfill.Secret.of("SUPABASE_KEY", Keys.SECRET.reveal() + "-of-another"));
        stops(other.table("items").upsert("id"), row("id", 1), "secret key");
        Supabase unsigned = Supabase.rest(
                project.url(),
                dev.backfill.Secret.of(
                        "SUPABASE_KEY", Keys.role("service_role").reveal().replaceAll("\\.[^.]*$", ".c2lnbmF0dXJl")));
        stops(unsigned.table("items").upsert("id"), row("id", 1), "secret key", "PGRST301");
    }

    @Test
    void olderKeysWorkAsWell() throws Exception {
        Supabase.rest(project.url() + "/", Keys.role("service_role"))
                .table("items")
                .upsert("id")
                .write(batch(new Small(1, "a")));
        assertThat(project.value("SELECT count(*) FROM items")).isEqualTo("1");
    }

    @Test
    void aStatementThatTakesTooLongIsHalved() throws Exception {
        Batch<Object> batch = Batch.of(
                IntStream.range(0, 500).mapToObj(i -> (Object) row("id", i)).toList());
        db.table("slow").upsert("id").write(batch);

        assertThat(project.value("SELECT count(*) FROM slow")).isEqualTo("500");
        assertThat(project.gateway().calls()).contains("POST 500").last().isEqualTo("POST 201");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PAUSED")
    void nothingIsLostOrDoubledWhateverTheGatewayDoes(Fault fault) throws Exception {
        project.gateway().next(fault, Fault.NONE, fault, fault);
        Report report = run(many(8, 250), db.table("items").upsert("id"));

        assertThat(report.complete()).isTrue();
        assertThat(report.deadLetters()).isZero();
        assertThat(project.value("SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || sum(id) FROM items"))
                .isEqualTo("2000 2000 1999000");
        assertThat(report.counts().read()).isEqualTo(2000);
    }

    @Test
    void aPausedProjectStopsTheRunAndTheNextGoesOn() {
        Backfill job = Backfill.named("items")
                .from(many(4, 500))
                .into(db.table("items").upsert("id"))
                .checkpoint(new MemoryCheckpoint());
        project.gateway().next(Fault.NONE, Fault.PAUSED);
        assertThatThrownBy(job::run)
                .isInstanceOf(BackfillException.class)
                .hasMessageContainingAll("the table items", "paused", "restore it");

        assertThat(job.run().complete()).isTrue();
        assertThat(project.value("SELECT count(*) || ' ' || sum(id) FROM items"))
                .isEqualTo("2000 1999000");
    }

    @ParameterizedTest
    @EnumSource(names = {"APPLIED_CUT", "APPLIED_TIMEOUT"})
    void insertIfAbsentIsSafeToRepeatToo(Fault fault) throws Exception {
        project.gateway().next(fault, fault);
        run(many(4, 500), db.table("items").insertIfAbsent("id"));
        assertThat(project.value("SELECT count(*) FROM items")).isEqualTo("2000");
    }

    @Test
    void readsAllRowsThoughTheServerCutsPagesShort() throws Exception {
        project.run("INSERT INTO items (id, sku) SELECT i * 3, 'sku' || i FROM generate_series(1, 350) i");
        List<Small> found = new ArrayList<>();
        int pages = 0;
        Cursor at = Cursor.START;
        for (boolean more = true; more; ) {
            Page<Small> page = db.table("items").rows(Small.class).read(at);
            pages++;
            found.addAll(page.items());
            more = page.next().isPresent();
            at = page.next().orElse(at);
        }
        assertThat(found).hasSize(350).extracting(Small::id).isSorted().doesNotHaveDuplicates();
        assertThat(pages).as("100, 100, 100, 50 and none").isEqualTo(5);
        assertThat(db.table("items").count()).isEqualTo(350);
    }

    @Test
    void readsByCompositeKeysAndOtherColumns() throws Exception {
        project.run(
                "INSERT INTO lines SELECT 'a,b(\"' || i / 10 || '\\', i % 10, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END"
                        + " FROM generate_series(0, 249) i");
        for (var rows : List.of(
                db.table("lines").rows().pagesOf(7),
                db.table("lines").rows().by("note").pagesOf(7))) {
            Report report = run(rows, batch -> batch.forEach(line -> {}));
            assertThat(report.counts().read()).isEqualTo(250);
        }
        List<Object> seen = new ArrayList<>();
        run(db.table("lines").rows().by("note").pagesOf(7), seen::addAll);
        assertThat(seen).hasSize(250).doesNotHaveDuplicates();

        project.run("UPDATE lines SET note = NULL WHERE line = 3 AND tx LIKE '%7%'");
        assertThatThrownBy(() -> db.table("lines").rows().by("note").read(Cursor.START))
                .hasMessageContainingAll("lines", "note", "null");
        assertThatThrownBy(() -> db.table("keyless").rows().read(Cursor.START))
                .hasMessageContainingAll("keyless", "no primary key");
        assertThatThrownBy(() -> db.table("nowhere").rows().read(Cursor.START)).hasMessageContaining("nowhere");
        assertThatThrownBy(() -> db.table("lines").rows(Small.class).read(Cursor.START))
                .hasMessageContainingAll("lines", "'id'", "tx, line, note");
    }

    @Test
    void rangesCoverTheTableOnceAndAreFoundAgain() throws Exception {
        project.run("INSERT INTO items (id, sku) SELECT i * 3, 'sku' || i FROM generate_series(1, 250) i");
        var ranges = db.table("items").rows(Small.class, 4);
        List<Partition<Small>> planned = ranges.partitions();
        assertThat(planned).hasSize(4);

        List<Object> seen = new ArrayList<>();
        for (Partition<Small> partition :
                ranges.partitions(planned.stream().map(Partition::name).toList())) {
            run(partition.source(), seen::addAll);
        }
        assertThat(seen).hasSize(250).doesNotHaveDuplicates();
    }

    @Test
    void namesAndValuesAreNeverReadAsTheLanguageOfTheApi() throws Exception {
        RestTable odd = db.table("odd, \"named\" (t)");
        List<String> values =
                List.of("a,b", "a)&or=(1.eq.1", "\"", "\\", "null", "", "*", "%25&=#+", "ü𝄞", "(x)", "eq.1");
        Object[] records = values.stream()
                .map(value -> row("a.b", value, "select", value, "c d", "first"))
                .toArray();
        odd.upsert("a.b").write(batch(records));
        Batch<Object> update = batch(
                values.stream().map(value -> row("a.b", value, "c d", "second")).toArray());
        odd.update("a.b").write(update);

        assertThat(outcomes(update)).containsOnly(Batch.Outcome.UPDATED);
        List<Object> seen = new ArrayList<>();
        run(odd.rows().pagesOf(1), seen::addAll);
        assertThat(seen)
                .extracting(row -> (Object) ((Map<?, ?>) row).get("select"))
                .containsExactlyInAnyOrder(values.toArray());
        assertThat(seen)
                .allSatisfy(row -> assertThat(((Map<?, ?>) row).get("c d")).isEqualTo("second"));
    }

    @Test
    void updatesRowsThatAreThereAndRefusesTheOthers() throws Exception {
        project.run("INSERT INTO items (id, sku, qty) SELECT i, 'sku' || i, 1 FROM generate_series(1, 300) i");
        Object[] records = LongStream.rangeClosed(1, 310)
                .mapToObj(i -> row("id", i, "qty", i % 2))
                .toArray();
        Batch<Object> batch = batch(records);
        db.table("items").update("id").write(batch);

        assertThat(project.value("SELECT count(*) FROM items WHERE qty = id % 2"))
                .isEqualTo("300");
        assertThat(project.value("SELECT count(*) FROM items")).isEqualTo("300");
        assertThat(outcomes(batch).subList(0, 300)).containsOnly(Batch.Outcome.UPDATED);
        assertThat(outcomes(batch).subList(300, 310)).containsOnly(Batch.Outcome.REFUSED);
        assertThat(batch.reason(309)).isEqualTo("no row has the key 310");
        assertThat(project.gateway().calls().size())
                .as("records that are alike go together")
                .isLessThan(10);
    }

    @Test
    void updatesByCompositeKeysOneByOneIfTheyDiffer() throws Exception {
        project.run(
                "INSERT INTO lines SELECT 'long key, with \"quotes\" ' || i, i, 'old' FROM generate_series(0, 199) i");
        Object[] records = IntStream.range(0, 201)
                .mapToObj(i ->
                        row("tx", "long key, with \"quotes\" " + i, "line", i, "note", i < 190 ? "new" : "new " + i))
                .toArray();
        Batch<Object> batch = batch(records);
        db.table("lines").update("tx", "line").write(batch);

        assertThat(project.value("SELECT count(*) FROM lines WHERE note LIKE 'new%'"))
                .isEqualTo("200");
        assertThat(batch.outcome(200)).isEqualTo(Batch.Outcome.REFUSED);
        assertThat(project.value("SELECT note FROM lines WHERE line = 195")).isEqualTo("new 195");
    }

    @Test
    void anUpdateNeverNeedsTheColumnsThatItDoesNotSet() throws Exception {
        project.run("INSERT INTO strict VALUES (1, 'x')");
        Report report = run(
                from -> Page.last(List.of(row("id", 1, "may", "y"))),
                db.table("strict").update("id"));

        assertThat(report.deadLetters()).isZero();
        assertThat(project.copy("SELECT * FROM strict")).isEqualTo("1\tx\ty\n");
    }

    @Test
    void aColumnThatWasJustAddedIsWaitedFor() {
        project.run("ALTER TABLE strict ADD COLUMN IF NOT EXISTS fresh text", "NOTIFY pgrst, 'reload schema'");
        Report report = Backfill.named("items")
                .from((Source<Object>) from -> Page.last(List.of(row("id", 1, "must", "x", "fresh", "y"))))
                .into(db.table("strict").upsert("id"))
                .checkpoint(new MemoryCheckpoint())
                .run();
        assertThat(report.complete()).isTrue();
        assertThat(project.value("SELECT fresh FROM strict")).isEqualTo("y");
    }

    @Test
    void keyRangesAreSetAndFilledByOneCallEach() throws Exception {
        project.run("INSERT INTO items (id, sku, small) SELECT i * 2, 'sku' || i, CASE WHEN i % 10 = 0 THEN 1 END"
                + " FROM generate_series(1, 250) i");
        RestTable items = db.table("items");
        Report filled = new JumpingTime()
                .run(() -> Backfill.named("fill")
                        .from(items.keyRanges(100))
                        .into(items.fill("small", 0))
                        .checkpoint(new MemoryCheckpoint())
                        .run());

        assertThat(filled.counts().updated()).isEqualTo(3);
        assertThat(project.copy("SELECT small, count(*) FROM items GROUP BY 1 ORDER BY 1"))
                .isEqualTo("0\t225\n1\t25\n");
        assertThat(project.gateway().calls()).hasSize(3);

        project.gateway().next(Fault.APPLIED_CUT);
        Report set = new JumpingTime()
                .run(() -> Backfill.named("set")
                        .from(items.keyRanges(125))
                        .into(items.set("qty", 9))
                        .checkpoint(new MemoryCheckpoint())
                        .run());
        assertThat(set.complete()).isTrue();
        assertThat(project.value("SELECT count(*) FROM items WHERE qty = 9")).isEqualTo("250");

        String before = project.copy("SELECT id, xmin FROM items ORDER BY id");
        Report again = Backfill.named("again")
                .from(items.keyRanges(1_000))
                .into(items.set("qty", 9))
                .checkpoint(new MemoryCheckpoint())
                .run();
        assertThat(again.counts().unchanged()).isEqualTo(1);
        assertThat(project.copy("SELECT id, xmin FROM items ORDER BY id")).isEqualTo(before);
        assertThat(Backfill.named("nothing")
                        .from(db.table("lines").keyRanges(10))
                        .into(db.table("lines").set("note", null))
                        .checkpoint(new MemoryCheckpoint())
                        .run()
                        .complete())
                .isTrue();
    }

    @Test
    void keyRangesOfACompositeKeyMeetEveryRowOnce() throws Exception {
        project.run("INSERT INTO lines SELECT 't' || i / 7, i % 7, 'old' FROM generate_series(0, 99) i");
        Report report = Backfill.named("set")
                .from(db.table("lines").keyRanges(30))
                .into(db.table("lines").set("note", null))
                .checkpoint(new MemoryCheckpoint())
                .run();
        assertThat(report.counts().updated()).isEqualTo(4);
        assertThat(project.value("SELECT count(*) FROM lines WHERE note IS NULL"))
                .isEqualTo("100");
    }

    @Test
    void readsOnlyWhatIsAskedFor() throws Exception {
        project.run(
                "INSERT INTO items (id, sku, small) SELECT i, 'sku' || i, nullif(i % 3, 0) FROM generate_series(1, 30) i");
        assertThat(db.table("items")
                        .rows()
                        .columns("id")
                        .where("small", 1)
                        .where("qty", 7)
                        .read(Cursor.START)
                        .items())
                .hasSize(10)
                .first()
                .isEqualTo(Map.of("id", 1L));
        assertThat(db.table("items")
                        .rows(Small.class)
                        .whereNull("small")
                        .read(Cursor.START)
                        .items())
                .hasSize(10)
                .extracting(Small::id)
                .allMatch(id -> id % 3 == 0);
        assertThatThrownBy(() -> db.table("items").rows().where("colour", 1).read(Cursor.START))
                .hasMessageContainingAll("items", "'colour'");
    }

    @Test
    void anotherSchemaIsAnotherTable() throws Exception {
        db.table("other", "items").upsert("id").write(batch(new Small(1, "there")));
        assertThat(project.value("SELECT sku FROM other.items")).isEqualTo("there");
        assertThat(db.table("other", "items")
                        .rows(Small.class)
                        .read(Cursor.START)
                        .items())
                .containsExactly(new Small(1, "there"));
        assertThat(project.value("SELECT count(*) FROM items")).isEqualTo("0");
    }

    @Test
    void aLargeBatchGoesInCallsOfAMebibyte() throws Exception {
        String large = "x".repeat(100_000);
        Batch<Object> batch = Batch.of(IntStream.range(0, 25)
                .mapToObj(i -> (Object) row("id", i, "sku", i + large.substring(0, 2_000), "words", List.of(large)))
                .collect(Collectors.toList()));
        db.table("items").upsert("id").write(batch);

        assertThat(project.value("SELECT count(*) FROM items")).isEqualTo("25");
        assertThat(project.gateway().calls()).hasSize(3);
    }
}

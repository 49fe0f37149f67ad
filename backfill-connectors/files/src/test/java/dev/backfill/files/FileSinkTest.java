package dev.backfill.files;

import static dev.backfill.files.Months.csv;
import static dev.backfill.files.Months.job;
import static dev.backfill.files.Months.manifest;
import static dev.backfill.files.Months.month;
import static dev.backfill.files.Months.months;
import static dev.backfill.files.Months.names;
import static dev.backfill.files.Months.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.Months.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of partitions, with the real disk. */
class FileSinkTest {

    @TempDir
    Path temporary = Path.of("");

    private final MemoryCheckpoint progress = new MemoryCheckpoint();

    private Path folder() {
        return temporary.resolve("made/data");
    }

    private Path file() {
        return folder().resolve("2020-01.csv");
    }

    private FileSink<Row> sink() {
        return Csv.in(folder(), Row.class);
    }

    private static Source<Row> broken() {
        return from -> {
            if (from.orElse(1) > 4) {
                throw new IllegalStateException("the site is broken");
            }
            return rows(1, 8).read(from);
        };
    }

    @Test
    void aFileIsSeenOnlyWhenItIsWhole() throws Exception {
        assertThatThrownBy(() -> job(progress, month(broken()), sink()).run())
                .hasMessageContaining("the site is broken");
        assertThat(names(folder())).isEmpty();

        job(progress, month(1, 8), sink()).run();

        assertThat(names(folder())).containsExactly("2020-01.csv", "2020-01.csv.manifest.json");
        assertThat(file()).content().isEqualTo(csv(1, 8));
        assertThat(manifest(file()).path("rows").asLong()).isEqualTo(8);
        assertThat(manifest(file()).path("partition").asString()).isEqualTo("2020-01");
        assertThat(manifest(file()).path("open").asBoolean(true)).isFalse();
    }

    @Test
    void aSecondPassWithTheSameDataTouchesNothing() throws Exception {
        for (FileSink<? super Row> sink :
                List.<FileSink<? super Row>>of(sink(), JsonLines.in(folder()), sink().gzip())) {
            Backfill job = job(new MemoryCheckpoint(), month(1, 8), sink);
            job.run();
            Months.age(folder());
            Map<String, String> before = Months.seen(folder());

            job.again();

            assertThat(Months.seen(folder())).isEqualTo(before);
        }
    }

    @Test
    void aNewPassReplacesWhatHasChanged() throws Exception {
        job(progress, month(1, 8), sink()).run();

        job(progress, month(5, 9), sink()).again();

        assertThat(file()).content().isEqualTo(csv(5, 9));
        assertThat(manifest(file()).path("rows").asLong()).isEqualTo(5);
    }

    @Test
    void aFileThatNobodyKnowsIsRefusedAndMayBeReplaced() throws Exception {
        Files.createDirectories(folder());
        Files.writeString(file(), "precious");

        assertThatThrownBy(() -> job(progress, month(1, 4), sink()).run())
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining(file().toString())
                .hasMessageContaining("no manifest")
                .hasMessageContaining("replacing() or appending()");
        assertThat(file()).content().isEqualTo("precious");

        job(progress, month(1, 4), sink().replacing()).run();
        assertThat(file()).content().isEqualTo(csv(1, 4));
        assertThat(manifest(file()).path("rows").asLong()).isEqualTo(4);
    }

    @Test
    void aFileThatIsNotAsItsManifestSaysIsRefused() throws Exception {
        job(progress, month(1, 8), sink()).run();
        String whole = Files.readString(file());
        for (String other : List.of(whole.substring(0, whole.length() - 3), whole.replace("row 7", "row 9"))) {
            Files.writeString(file(), other);

            assertThat(sink().manifests()).isEmpty();
            assertThatThrownBy(() -> job(progress, month(1, 8), sink()).again())
                    .hasMessageContaining("was cut off or changed since");
            assertThatThrownBy(() ->
                            job(new MemoryCheckpoint(), month(1, 8), sink()).run())
                    .hasMessageContaining("was cut off or changed since");
            assertThat(file()).content().isEqualTo(other);
        }

        job(progress, month(1, 8), sink().replacing()).again();
        assertThat(file()).content().isEqualTo(whole);
        assertThat(sink().manifests()).hasSize(1);
    }

    @Test
    void aManifestOfSomethingElseIsNoManifest() throws Exception {
        job(progress, month(1, 8), sink()).run();
        Path manifest = Path.of(file() + ".manifest.json");
        for (String text : List.of("", "{", "[]", "null", "{\"partition\":\"2020-01\"}", "\u0000")) {
            Files.writeString(manifest, text);
            assertThat(sink().manifests()).as(text).isEmpty();
            assertThatThrownBy(() -> job(progress, month(1, 8), sink()).again())
                    .as(text)
                    .hasMessageContaining("replacing() or appending()");
        }
    }

    @Test
    void theFilesOfOnePackedByGzipAreUnpackedByAnybody() throws Exception {
        job(progress, month(1, 8), sink().gzip().prefix("sold-")).run();

        assertThat(names(folder())).containsExactly("sold-2020-01.csv.gz", "sold-2020-01.csv.gz.manifest.json");
        Path packed = folder().resolve("sold-2020-01.csv.gz");
        assertThat(Months.unpacked(packed)).isEqualTo(csv(1, 8));
        assertThat(manifest(packed).path("rows").asLong()).isEqualTo(8);
    }

    @Test
    void jsonLinesHaveNoHead() throws Exception {
        job(progress, month(1, 2), JsonLines.in(folder())).run();

        assertThat(folder().resolve("2020-01.jsonl"))
                .content()
                .isEqualTo("{\"number\":1,\"text\":\"row 1\"}\n{\"number\":2,\"text\":\"row 2\"}\n");
    }

    @Test
    void aPrefixIsPlain() {
        for (String prefix : List.of("../", "a/b", "-rf", ".hidden", "a\nb", "ä", "x".repeat(81), "a b")) {
            assertThatIllegalArgumentException().isThrownBy(() -> sink().prefix(prefix));
        }
        assertThat(sink().prefix("x".repeat(80)).files("p").get(0).getFileName())
                .hasToString("x".repeat(80) + "p.csv");
        assertThat(sink().prefix("").files("p").get(0).getFileName()).hasToString("p.csv");
    }

    @Test
    void anEmptyPartitionGivesAFileWithAHeadOnly() throws Exception {
        Partitioned<Row> nothing = month(from -> Page.last(List.of()));

        job(progress, nothing, sink()).run();
        job(new MemoryCheckpoint(), nothing, JsonLines.in(folder())).run();
        job(new MemoryCheckpoint(), nothing, sink().gzip()).run();

        assertThat(file()).content().isEqualTo("number,text\n");
        assertThat(folder().resolve("2020-01.jsonl")).isEmptyFile();
        assertThat(Months.unpacked(folder().resolve("2020-01.csv.gz"))).isEqualTo("number,text\n");
        assertThat(manifest(file()).path("rows").asLong(-1)).isZero();
        assertThat(names(folder())).hasSize(6);
    }

    @Test
    void aNewPassThatFindsNothingEmptiesTheFile() throws Exception {
        job(progress, month(1, 8), sink()).run();

        job(progress, month(from -> Page.last(List.of())), sink()).again();

        assertThat(file()).content().isEqualTo("number,text\n");
        assertThat(manifest(file()).path("rows").asLong(-1)).isZero();
    }

    @Test
    void whatWasWrittenIsNotSoughtInVain() throws Exception {
        assertThatThrownBy(() -> job(progress, month(broken()), sink()).run())
                .hasMessageContaining("the site is broken");
        Path work = folder().resolve(".backfill");
        for (String name : List.of(work.toFile().list())) {
            Files.delete(work.resolve(name));
        }

        assertThatThrownBy(() -> job(progress, month(1, 8), sink()).run())
                .hasMessageContaining("'2020-01'")
                .hasMessageContaining("is not in " + folder() + " any more")
                .hasMessageContaining("startOver()");

        Backfill job = job(progress, month(1, 8), sink());
        job.startOver();
        job.run();
        assertThat(file()).content().isEqualTo(csv(1, 8));
    }

    @Test
    void aFinishedFileThatIsGoneIsNotGoneOnWith() throws Exception {
        job(progress, months(Partition.of("2020-01", rows(1, 4)).endingAt(5)), sink())
                .run();
        Files.delete(file());

        assertThatThrownBy(() -> job(
                                progress,
                                months(Partition.of("2020-01", rows(1, 8)).endingAt(9)),
                                sink())
                        .run())
                .hasMessageContaining("was removed or changed since it was written");
    }

    /** Each waits at its second page for the other. */
    @Test
    void partitionsAreWrittenSideBySide() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        Source<Row> first = meeting(both, rows(1, 8));
        Source<Row> second = meeting(both, rows(11, 28));

        job(progress, months(Partition.of("2020-01", first), Partition.of("2020-02", second)), sink())
                .parallel(2)
                .batch(1)
                .run();

        assertThat(file()).content().isEqualTo(csv(1, 8));
        assertThat(folder().resolve("2020-02.csv")).content().isEqualTo(csv(11, 28));
        assertThat(sink().manifests())
                .extracting(Manifest::partition, Manifest::rows)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("2020-01", 8L),
                        org.assertj.core.groups.Tuple.tuple("2020-02", 18L));
    }

    private static Source<Row> meeting(CountDownLatch both, Source<Row> rows) {
        return from -> {
            if (!from.isStart()) {
                both.countDown();
                both.await();
            }
            return rows.read(from);
        };
    }
}

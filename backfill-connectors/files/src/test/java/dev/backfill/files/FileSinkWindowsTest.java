package dev.backfill.files;

import static dev.backfill.files.Months.csv;
import static dev.backfill.files.Months.job;
import static dev.backfill.files.Months.manifest;
import static dev.backfill.files.Months.months;
import static dev.backfill.files.Months.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.Months.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of windows that grow, and of those that another machine has finished. */
class FileSinkWindowsTest {

    @TempDir
    Path folder = Path.of("");

    private final MemoryCheckpoint progress = new MemoryCheckpoint();
    private Path file = Path.of("");

    @BeforeEach
    void begin() {
        file = folder.resolve("2020-01.csv");
    }

    private FileSink<Row> sink() {
        return Csv.in(folder, Row.class);
    }

    private void run(Partition<Row> month) {
        job(progress, months(month), sink()).run();
    }

    private static Partition<Row> month(Source<Row> rows) {
        return Partition.of("2020-01", rows);
    }

    @Test
    void anOpenWindowIsReplacedByTheNextRun() throws Exception {
        run(month(rows(1, 5)).openAt(Cursor.START));
        assertThat(file).content().isEqualTo(csv(1, 5));
        assertThat(manifest(file).path("open").asBoolean()).isTrue();

        run(month(rows(3, 9)).openAt(Cursor.START));
        assertThat(file).content().isEqualTo(csv(3, 9));
        assertThat(manifest(file).path("open").asBoolean()).isTrue();

        run(month(rows(3, 9)));
        assertThat(file).content().isEqualTo(csv(3, 9));
        assertThat(manifest(file).path("open").asBoolean(true)).isFalse();
    }

    @Test
    void anOpenWindowOfWhichNothingIsNewStaysAsItIs() throws Exception {
        run(month(rows(1, 5)).openAt(6));
        run(month(rows(1, 5)).openAt(6));
        assertThat(file).content().isEqualTo(csv(1, 5));
    }

    @Test
    void aWindowThatGrowsIsGoneOnWith() throws Exception {
        run(month(rows(1, 4)).endingAt(5));
        List<Cursor> read = Collections.synchronizedList(new ArrayList<>());

        run(month(from -> {
                    read.add(from);
                    return rows(1, 9).read(from);
                })
                .endingAt(10));

        assertThat(read).first().isEqualTo(Cursor.of(5));
        assertThat(file).content().isEqualTo(csv(1, 9));
        assertThat(manifest(file).path("rows").asLong()).isEqualTo(9);
        assertThat(manifest(file).path("open").asBoolean(true)).isFalse();
    }

    @Test
    void aWindowThatGrowsByNothingStaysAsItIs() throws Exception {
        run(month(rows(1, 4)).endingAt(5));
        Months.age(folder);
        var before = Months.seen(folder);

        run(month(from -> from.isStart() ? rows(1, 4).read(from) : Page.last(List.of()))
                .endingAt(6));

        assertThat(Months.seen(folder)).isEqualTo(before);
    }

    private static Partitioned<Row> year() {
        return months(
                Partition.of("2020-01", rows(1, 3)),
                Partition.of("2020-02", rows(4, 6)),
                Partition.of("2020-03", rows(7, 9)),
                Partition.of("2020-04", rows(10, 12)));
    }

    private List<String> missing(List<String> known) throws Exception {
        return sink().missing(year()).partitions(known).stream()
                .map(Partition::name)
                .toList();
    }

    @Test
    void wholeFilesAreNotMissing() throws Exception {
        job(
                        progress,
                        months(
                                Partition.of("2020-01", rows(1, 3)),
                                Partition.of("2020-02", rows(4, 5)).openAt(Cursor.START),
                                Partition.of("2020-03", rows(7, 9))),
                        sink())
                .run();
        assertThat(missing(List.of())).containsExactly("2020-02", "2020-04");
        assertThat(missing(List.of("2020-01"))).containsExactly("2020-01", "2020-02", "2020-04");

        Path third = folder.resolve("2020-03.csv");
        Files.writeString(third, Files.readString(third).substring(0, 20));
        assertThat(missing(List.of())).containsExactly("2020-02", "2020-03", "2020-04");

        assertThatThrownBy(() -> job(new MemoryCheckpoint(), sink().missing(year()), sink())
                        .run())
                .hasMessageContaining("2020-03");
        job(new MemoryCheckpoint(), sink().missing(year()), sink().replacing()).run();
        assertThat(missing(List.of())).isEmpty();
        assertThat(third).content().isEqualTo(csv(7, 9));
        assertThat(folder.resolve("2020-02.csv")).content().isEqualTo(csv(4, 6));
    }

    /** As on a fresh clone, which has no work folder. */
    @Test
    void aMachineThatKnowsNothingReadsOnlyWhatIsMissing() throws Exception {
        job(progress, months(Partition.of("2020-01", rows(1, 3))), sink()).run();
        try (var files = Files.list(folder.resolve(".backfill"))) {
            for (Path work : files.toList()) {
                Files.delete(work);
            }
        }
        Files.delete(folder.resolve(".backfill"));
        Months.age(folder);
        var before = Months.seen(folder);

        var report = job(new MemoryCheckpoint(), sink().missing(year()), sink()).run();

        assertThat(report.counts().read()).isEqualTo(9);
        assertThat(Months.seen(folder)).containsAllEntriesOf(before).hasSize(8);
    }

    @Test
    void whatHasComeCanBeLookedAt() throws Exception {
        assertThat(sink().partial("2020-01")).isEmpty();
        Source<Row> broken = from -> {
            if (from.orElse(1) > 4) {
                throw new IllegalStateException("the site is broken");
            }
            return rows(1, 8).read(from);
        };
        assertThatThrownBy(() -> run(month(broken))).hasMessageContaining("the site is broken");

        Path partial = sink().partial("2020-01").orElseThrow();

        assertThat(partial).isEqualTo(folder.resolve("2020-01.csv.partial"));
        assertThat(partial).content().isEqualTo(csv(1, 6));
        assertThat(sink().manifests()).isEmpty();
        assertThat(missing(List.of())).hasSize(4);

        run(month(rows(1, 8)));
        assertThat(Months.names(folder)).containsExactly("2020-01.csv", "2020-01.csv.manifest.json");
        assertThat(file).content().isEqualTo(csv(1, 8));
        assertThat(sink().partial("2020-01")).isEmpty();
    }

    /** The work of one is not the other's, though its names begin as the other's do. */
    @Test
    void aNewPassOfOneSinkLeavesTheFilesOfAnotherPrefixAlone() throws Exception {
        Partition<Row> open = Partition.of("b", rows(1, 3)).openAt(4);
        FileSink<Row> longer = sink().prefix("a-b-");
        job(progress, months(open), longer).run();

        for (FileSink<Row> shorter : List.of(sink(), sink().prefix("a-"))) {
            assertThat(shorter.manifests()).isEmpty();
            shorter.beginAnew();
            job(
                            progress,
                            months(Partition.of("b", from -> Page.<Row>last(List.of()))
                                    .openAt(4)),
                            longer)
                    .run();

            assertThat(folder.resolve("a-b-b.csv")).content().isEqualTo(csv(1, 3));
        }
        assertThat(longer.manifests()).extracting(Manifest::partition).containsExactly("b");
    }
}

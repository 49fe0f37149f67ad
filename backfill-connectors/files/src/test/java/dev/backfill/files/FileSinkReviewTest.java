package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Defects of files that a review has found. */
class FileSinkReviewTest {

    @TempDir
    Path folder = Path.of("");

    private final Checkpoint checkpoint = new MemoryCheckpoint();

    record Row(int number) {}

    /** Numbers on pages of so many, without reading more than the last. */
    private static Source<Row> rows(int last, int perPage) {
        return from -> {
            int start = from.orElse(1);
            List<Row> items = IntStream.rangeClosed(start, Math.min(last, start + perPage - 1))
                    .mapToObj(Row::new)
                    .toList();
            return start + perPage > last ? Page.last(items) : Page.of(items, start + perPage);
        };
    }

    private static Partitioned<Row> part(Partition<Row> partition) {
        return () -> List.of(partition);
    }

    private Backfill job(String name, Partitioned<Row> source, Sink<? super Row> sink) {
        return Backfill.named(name).from(source).into(sink).checkpoint(checkpoint);
    }

    private List<String> lines(String partition) throws Exception {
        List<String> lines = Files.readAllLines(folder.resolve(partition + ".csv"));
        return lines.subList(1, lines.size());
    }

    private static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(String::valueOf).toList();
    }

    @Test
    void anotherJobInTheFolderLeavesAFileThatGrowsAlone() throws Exception {
        FileSink<Row> csv = Csv.in(folder, Row.class);
        job("a", part(Partition.of("p", rows(5, 2)).endingAt(6)), csv).batch(2).run();
        job("b", part(Partition.of("q", rows(3, 2))), csv).run();
        job("a", part(Partition.of("p", rows(8, 2)).endingAt(9)), csv).batch(2).run();
        assertThat(lines("p")).isEqualTo(numbers(1, 8));
    }

    @Test
    void aFirstPageOfWhichNothingIsLeftIsNoLostFolder() throws Exception {
        FileSink<Row> csv = Csv.in(folder, Row.class);
        AtomicBoolean broken = new AtomicBoolean(true);
        Source<Row> source = from -> {
            if (from.orElse(1) == 5 && broken.get()) {
                throw new IllegalStateException("broken");
            }
            return rows(8, 2).read(from);
        };
        Backfill job = Backfill.named("filtered")
                .from(source)
                .filter(row -> row.number() > 4)
                .into(csv)
                .batch(1)
                .checkpoint(checkpoint);
        assertThatThrownBy(job::run).hasMessageContaining("broken");
        broken.set(false);
        job.run();
        assertThat(lines("all")).isEqualTo(numbers(5, 8));
    }

    @Test
    void anOpenWindowThatIsEmptyNowHasAnEmptyFile() throws Exception {
        FileSink<Row> csv = Csv.in(folder, Row.class);
        job("open", part(Partition.of("now", rows(1, 2)).openAt(Cursor.START)), csv)
                .run();
        assertThat(lines("now")).hasSize(1);
        job(
                        "open",
                        part(Partition.of("now", (Source<Row>) from -> Page.last(List.of()))
                                .openAt(Cursor.START)),
                        csv)
                .run();
        assertThat(lines("now")).isEmpty();
    }

    @Test
    void whatWasHalfGatheredIsNotInTheFileOfANewPass() throws Exception {
        FileSink<Row> csv = Csv.in(folder, Row.class);
        assertThat(job("job", part(Partition.of("p", rows(30, 2))), csv)
                        .batch(2)
                        .stopAfterCalls(4)
                        .run()
                        .status())
                .isEqualTo(Report.Status.INTERRUPTED);
        Backfill none = Backfill.named("job")
                .from(part(Partition.of("p", rows(30, 2))))
                .filter(row -> false)
                .into(csv)
                .checkpoint(checkpoint);
        none.again();
        assertThat(lines("p")).isEmpty();
    }

    @Test
    void oneSinkObjectInTwoRunsDoesNotDoubleAPageInPieces() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        List<Integer> second = new ArrayList<>();
        Sink<Row> fails = batch -> {
            if (broken.get() && batch.offset() == 20) {
                throw new IllegalStateException("broken");
            }
            batch.forEach(row -> second.add(row.number()));
        };
        Backfill job = job(
                        "pieces", part(Partition.of("p", rows(80, 40))), Sink.inOrder(Csv.in(folder, Row.class), fails))
                .batch(10);
        assertThatThrownBy(job::run).hasMessageContaining("broken");
        broken.set(false);
        job.run();
        assertThat(lines("p")).isEqualTo(numbers(1, 80));
    }

    @Test
    void anOpenPartitionThatGoesOnAtAnUnknownPlaceIsRefused() throws Exception {
        FileSink<Row> csv = Csv.in(folder, Row.class);
        Partition<Row> open = Partition.of("p", rows(5, 2)).openAt(4);
        job("open", part(open), csv).run();
        assertThatThrownBy(() -> job("open", part(open), csv).run()).hasMessageContaining("openAt(Cursor.START)");
        assertThat(lines("p")).isEqualTo(numbers(1, 5));
    }

    @Test
    void aReplayBeforeTheEndOfThePartitionIsRefused() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        FileSink<Row> csv = Csv.in(folder, Row.class);
        AtomicBoolean commits = new AtomicBoolean(false);
        Sink<Row> sink = new Sink<>() {
            @Override
            public void begin(String partition, Cursor from) throws Exception {
                csv.begin(partition, from);
            }

            @Override
            public void write(dev.backfill.Batch<Row> batch) throws Exception {
                csv.write(batch);
            }

            @Override
            public void end(String partition, boolean open) throws Exception {
                csv.end(partition, open);
                if (!commits.get()) {
                    throw new IllegalStateException("no commit");
                }
            }
        };
        Backfill job = Backfill.named("letters")
                .from(rows(6, 2))
                .map(row -> {
                    if (row.number() == 3 && broken.get()) {
                        throw new IllegalStateException("cannot map");
                    }
                    return row;
                })
                .into(sink)
                .batch(2)
                .checkpoint(checkpoint);
        assertThatThrownBy(job::run).hasMessageContaining("no commit");
        broken.set(false);
        commits.set(true);
        assertThatThrownBy(job::replay).hasMessageContaining("run the job to its end, then replay");
        job.run();
        job.replay();
        assertThat(lines("all")).containsExactly("1", "2", "4", "5", "6", "3");
    }

    @Test
    void everyMemberOfAGzipFileIsRead() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StringBuilder text = new StringBuilder("number\n");
        int rows = 0;
        java.util.SplittableRandom random = new java.util.SplittableRandom(5);
        for (int member = 0; member < 400; member++) {
            for (int i = 0; i < 200; i++) {
                text.append(random.nextInt(1_000_000_000)).append('\n');
                rows++;
            }
            ByteArrayOutputStream one = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(one)) {
                gzip.write(text.toString().getBytes(StandardCharsets.UTF_8));
            }
            bytes.writeBytes(one.toByteArray());
            text.setLength(0);
        }
        Path file = folder.resolve("many.csv.gz");
        Files.write(file, bytes.toByteArray());
        Report report = Backfill.named("gzip")
                .from(Csv.read(file, Row.class))
                .into(batch -> {})
                .checkpoint(checkpoint)
                .run();
        assertThat(report.counts().read()).isEqualTo(rows);
    }
}

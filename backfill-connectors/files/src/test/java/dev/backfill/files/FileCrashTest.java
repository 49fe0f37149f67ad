package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Ports;
import dev.backfill.testkit.CrashSweep;
import dev.backfill.testkit.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Kills jobs that write files at every operation, with and without a loss of power. */
class FileCrashTest {

    private static final int EVERY = 2 * Integer.getInteger("backfill.every", 1);
    private static final Path FOLDER = Path.of("/data");

    record Row(int number, String text) {}

    /** Numbers from one to another; the end comes with the last page, or with an empty one behind it. */
    private static Source<Row> rows(int first, int last, int perPage, boolean emptyEnd) {
        return from -> {
            int start = from.orElse(first);
            int end = Math.min(last, start + perPage - 1);
            List<Row> items = IntStream.rangeClosed(start, end)
                    .mapToObj(i -> new Row(i, "row, \"" + i + "\""))
                    .toList();
            boolean over = emptyEnd ? start > last : end >= last;
            return over ? Page.last(items) : Page.of(items, end + 1);
        };
    }

    /** All that can be seen in the folder. */
    private static Map<String, String> seen() throws IOException {
        Disk disk = Ports.current().disk();
        Map<String, String> seen = new TreeMap<>();
        for (String name : disk.list(FOLDER)) {
            seen.put(name, new String(disk.read(FOLDER.resolve(name)), StandardCharsets.ISO_8859_1));
        }
        return seen;
    }

    /** A job, and one that goes before it. */
    private record Job(Function<World, Backfill> before, Function<World, Backfill> pipeline, AtomicBoolean begun)
            implements CrashSweep.Scenario {

        @Override
        public Backfill job(World world) {
            if (!begun.get()) {
                before.apply(world)
                        .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                        .run();
                begun.set(true);
            }
            return pipeline.apply(world).checkpoint(FileCheckpoint.in(Path.of("/progress")));
        }

        @Override
        public Object end(World world) throws IOException {
            return seen();
        }

        @Override
        public long mayRepeat() {
            return 0; // the sink is not wrapped: what it does to the disk is what dies
        }

        @Override
        public long mayReadAgain() {
            return 6;
        }
    }

    private static void sweep(Function<World, Backfill> pipeline) throws Exception {
        sweep(pipeline, pipeline);
    }

    private static void sweep(Function<World, Backfill> before, Function<World, Backfill> pipeline) throws Exception {
        CrashSweep.Result result = CrashSweep.of(() -> new Job(before, pipeline, new AtomicBoolean(before == pipeline)))
                .every(EVERY)
                .run();
        System.out.printf("files: %d faults%n", result.faults());
        assertThat(result.faults()).isGreaterThan(400 / EVERY);
    }

    private static Partitioned<Row> months(World world, boolean emptyEnd) {
        return world.partitioned(() -> List.of(
                Partition.of("2020-01", rows(1, 7, 3, emptyEnd)),
                Partition.of("2020-02", rows(8, 8, 3, emptyEnd)),
                Partition.of("2020-03", from -> Page.last(List.of()))));
    }

    @Test
    void noFileIsHalfAndNoRowIsLostOrDoubled() throws Exception {
        sweep(world -> Backfill.named("files")
                .from(months(world, false))
                .into(Csv.in(FOLDER, Row.class))
                .batch(2)
                .parallel(2));
    }

    @Test
    void theEndMayComeWithAnEmptyPage() throws Exception {
        sweep(world -> Backfill.named("files")
                .from(months(world, true))
                .into(Csv.in(FOLDER, Row.class).gzip())
                .parallel(1));
    }

    /** The second sink refuses some records, so batches are written in pieces that come again. */
    @Test
    void piecesOfABatchThatComeAgainAreNotDoubled() throws Exception {
        Sink<Row> picky = batch -> {
            if (batch.size() > 1 && batch.stream().anyMatch(row -> row.number() % 4 == 0)) {
                throw new dev.backfill.RefusedException("one of them");
            }
        };
        sweep(world -> Backfill.named("files")
                .from(world.source(rows(1, 12, 4, false)))
                .into(Sink.inOrder(JsonLines.in(FOLDER), picky)));
    }

    private static Function<World, Backfill> until(int last, UnaryOperator<Partition<Row>> kind) {
        return world -> Backfill.named("files")
                .from(world.partitioned(() -> List.of(kind.apply(Partition.of("all", rows(1, last, 2, false))))))
                .into(Csv.in(FOLDER, Row.class));
    }

    /** A window that grows: the next run goes on behind the file that is there. */
    @Test
    void aFileThatGoesOnIsNotDoubled() throws Exception {
        sweep(until(4, part -> part.endingAt(5)), until(9, part -> part.endingAt(10)));
    }

    /** A new pass finds less than the one before. */
    @Test
    void aNewPassReplacesAFileAlsoByAnEmptyOne() throws Exception {
        sweep(
                until(3, part -> part),
                world -> Backfill.named("files")
                        .from(world.partitioned(() -> List.of(
                                Partition.of("all", from -> Page.last(List.of())),
                                Partition.of("more", rows(1, 3, 2, false)))))
                        .into(Csv.in(FOLDER, Row.class))
                        .repeating());
    }

    @Test
    void aNewPassReplacesWhatThePassBeforeHasAppended() throws Exception {
        Function<World, Backfill> appending = world -> Backfill.named("files")
                .from(world.source(rows(1, 5, 2, true)))
                .into(Csv.in(FOLDER, Row.class).appending().gzip())
                .repeating();
        sweep(appending, appending::apply);
    }
}

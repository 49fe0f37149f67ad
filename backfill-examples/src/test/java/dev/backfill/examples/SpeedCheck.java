package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the runner itself costs, and what it gains by reading ahead.
 *
 * <p>Not a part of the ordinary build: {@code ./mvnw verify -Dtest=SpeedCheck -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class SpeedCheck {

    private static final int PAGE = 1_000;
    private static final List<Integer> RECORDS = Collections.nCopies(PAGE, 1);

    @TempDir
    Path folder = Path.of("");

    private static Source<Integer> pages(int pages, long readMillis) {
        return from -> {
            int page = from.orElse(0);
            if (readMillis > 0) {
                Thread.sleep(readMillis);
            }
            return page == pages - 1 ? Page.last(RECORDS) : Page.of(RECORDS, page + 1);
        };
    }

    private static long nanos(Backfill job) {
        long begin = System.nanoTime();
        assertThat(job.run().status()).isEqualTo(Report.Status.COMPLETE);
        return System.nanoTime() - begin;
    }

    private double perRecord(String name, Checkpoint checkpoint, int pages) {
        return (double) nanos(Backfill.named(name)
                        .from(pages(pages, 0))
                        .into(batch -> {})
                        .batch(PAGE)
                        .checkpoint(checkpoint))
                / ((long) pages * PAGE);
    }

    /** One fsync of a short line at the end of a file. */
    private double fsyncMicros() throws Exception {
        Files.deleteIfExists(folder.resolve("fsync"));
        try (FileChannel file =
                FileChannel.open(folder.resolve("fsync"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long begin = System.nanoTime();
            for (int i = 0; i < 200; i++) {
                file.write(ByteBuffer.wrap(new byte[100]));
                file.force(true);
            }
            return (System.nanoTime() - begin) / 200_000.0;
        }
    }

    @Test
    void whatARecordCosts() throws Exception {
        int pages = 20_000;
        double best = Double.MAX_VALUE;
        for (int round = 1; round <= 5; round++) {
            double file = perRecord("file" + round, FileCheckpoint.in(folder.resolve("progress")), pages);
            double memory = perRecord("memory" + round, new MemoryCheckpoint(), pages);
            best = Math.min(best, file);
            System.out.printf(
                    "round %d: no-op to no-op, pages of 1,000, a save for each: %.1f ns a record with a journal, %.1f in memory;"
                            + " one fsync %.0f µs%n",
                    round, file, memory, fsyncMicros());
        }
        System.out.printf("best with a journal: %.1f ns a record%n", best);
    }

    @Test
    void whatReadingAheadGains() throws Exception {
        int pages = 40;
        long read = 20;
        long write = 20;
        double alternately = pages * (read + write) * 1e6; // fetch, then write, nothing else
        double one = nanos(Backfill.named("one")
                .from(pages(pages, read))
                .into(batch -> Thread.sleep(write))
                .batch(PAGE)
                .checkpoint(new MemoryCheckpoint()));
        double ideal = (read + pages * write) * 1e6;
        double eight = nanos(Backfill.named("eight")
                .from(Partitioned.of(IntStream.range(0, 8).boxed().toList(), i -> "p" + i, i -> pages(pages, read)))
                .into(batch -> Thread.sleep(write))
                .batch(PAGE)
                .parallel(8)
                .checkpoint(new MemoryCheckpoint()));
        System.out.printf(
                "20 ms to read a page and 20 to write it: one partition takes %.3f of what one read beside one write can give;"
                        + " eight partitions are %.1f times as fast as reading and writing by turns%n",
                ideal / one, 8 * alternately / eight);
    }
}

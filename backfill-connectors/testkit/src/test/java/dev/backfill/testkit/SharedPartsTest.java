package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.RefusedException;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What many share: a limiter, the partitions of a job, the memory. */
class SharedPartsTest {

    private static final int CALLS = 20;
    private static final Duration PER = Duration.ofSeconds(10);

    private final List<Long> arrivals = new ArrayList<>();

    private int most() {
        int most = 0;
        int first = 0;
        for (int last = 0; last < arrivals.size(); last++) {
            while (arrivals.get(last) - arrivals.get(first) >= PER.toNanos()) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    private static long now() {
        return Ports.current().time().nanos();
    }

    @Test
    void aLimiterOfTwoRunsKeepsTheLimitForBothTogether() throws Exception {
        for (int seed = 0; seed < 10; seed++) {
            arrivals.clear();
            new World(seed).run(() -> {
                RateLimiter limiter = RateLimiter.of(CALLS, PER);
                List<Run> runs = new ArrayList<>();
                for (String name : List.of("one", "two")) {
                    Source<Integer> pages = Pipeline.numbers(1, 60, 1);
                    Source<Integer> source = from -> {
                        arrivals.add(now());
                        return pages.read(from);
                    };
                    runs.add(Backfill.named(name)
                            .from(source.limitedBy(limiter))
                            .into(batch -> {})
                            .checkpoint(new MemoryCheckpoint())
                            .start());
                }
                for (Run run : runs) {
                    assertThat(run.await().counts().read()).isEqualTo(60);
                }
                return true;
            });
            assertThat(arrivals).hasSize(120);
            assertThat(most()).as("seed %s", seed).isLessThanOrEqualTo(CALLS);
        }
    }

    /** Some give up while they wait: neither is a permit lost, nor does anybody wait for ever, nor one much longer than others. */
    @Test
    void sixtyFourCallersAreServedInTurnAlthoughSomeGiveUp() throws Exception {
        for (int seed = 0; seed < 5; seed++) {
            arrivals.clear();
            List<String> served = new ArrayList<>();
            new World(seed).run(() -> {
                Ports ports = Ports.current();
                RateLimiter limiter = RateLimiter.of(CALLS, PER);
                List<Tasks.Task> patient = new ArrayList<>();
                List<Tasks.Task> impatient = new ArrayList<>();
                for (int i = 0; i < 64; i++) {
                    String name = "caller " + i;
                    boolean givesUp = i % 4 == 0;
                    (givesUp ? impatient : patient).add(ports.tasks().start(name, Thread::new, () -> {
                        try {
                            for (int call = 0; call < 4; call++) {
                                limiter.acquire().close();
                                arrivals.add(now());
                                if (!givesUp) {
                                    served.add(name);
                                }
                            }
                        } catch (InterruptedException e) {
                            // gives up
                        }
                    }));
                }
                ports.time().sleep(PER.multipliedBy(3).dividedBy(2).toNanos());
                impatient.forEach(Tasks.Task::interrupt);
                for (Tasks.Task task : patient) {
                    task.join();
                }
                for (Tasks.Task task : impatient) {
                    task.join();
                }
                long left = now() - arrivals.get(arrivals.size() - 1);
                assertThat(Duration.ofNanos(left))
                        .as("nobody waits for a permit that is lost")
                        .isLessThan(PER);
                return true;
            });
            assertThat(most()).as("seed %s", seed).isLessThanOrEqualTo(CALLS);
            assertThat(served).hasSize(48 * 4);
            for (int i = CALLS; i < served.size(); i++) { // by then all of them wait
                int next = i + 1 + served.subList(i + 1, served.size()).indexOf(served.get(i));
                if (next > i) { // those whose permits came together may have said so in another order
                    List<String> between = served.subList(i - CALLS, Math.min(served.size(), next + CALLS));
                    assertThat(between)
                            .as("who is served before one is served again, seed %s", seed)
                            .containsAll(served.subList(next, served.size()));
                }
            }
        }
    }

    @Test
    void eachPartitionIsTakenByOneWorker() throws Exception {
        for (int seed = 0; seed < 10; seed++) {
            Map<Integer, Integer> read = new TreeMap<>();
            Map<Integer, Integer> written = new TreeMap<>();
            Partitioned<Integer> parts =
                    Partitioned.of(IntStream.range(0, 40).boxed().toList(), i -> "part " + i, i -> from -> {
                        read.merge(i, 1, Integer::sum);
                        return Page.last(List.of(i));
                    });
            Report report = new World(seed)
                    .run(() -> Backfill.named("job")
                            .from(parts)
                            .into(batch -> batch.forEach(i -> written.merge(i, 1, Integer::sum)))
                            .parallel(8)
                            .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                            .run())
                    .orElseThrow();
            assertThat(report.counts().read()).isEqualTo(40);
            assertThat(read)
                    .hasSize(40)
                    .allSatisfy((i, times) -> assertThat(times).isEqualTo(1));
            assertThat(written).isEqualTo(read);
        }
    }

    @Test
    void aRecordThatIsTooLargeForItsSinkIsADeadLetterAndNothingMore() throws Exception {
        Source<Object> source = from -> Page.last(List.of(
                "small",
                "x".repeat(50 << 20),
                IntStream.range(0, 1_000_000).boxed().collect(Collectors.toMap(Function.identity(), i -> i)),
                "last"));
        List<Object> written = new ArrayList<>();
        Sink<Object> sink = batch -> {
            if (batch.stream().anyMatch(record -> !(record instanceof String text) || text.length() > 1_000_000)) {
                throw new RefusedException("larger than a megabyte");
            }
            written.addAll(batch);
        };
        World world = new World(1);
        Report report = world.run(() -> Backfill.named("job")
                        .from(source)
                        .into(sink)
                        .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                        .run())
                .orElseThrow();
        assertThat(report.counts().dead()).isEqualTo(2);
        assertThat(written).containsExactly("small", "last");
        assertThat(world.run(() -> Ports.current().disk().size(Path.of("/progress/job.journal")))
                        .orElseThrow())
                .as("nothing of it is in the progress")
                .isLessThan(10_000);
    }
}

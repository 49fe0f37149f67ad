package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.SlotLimiter;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.internal.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The limit holds over the death of processes, as the other side counts. */
class LimiterAcrossRestartsTest {

    private static final int CALLS = 20;
    private static final Duration PER = Duration.ofSeconds(10);
    private static final int PAGES = 90;

    private final List<Long> arrivals = new ArrayList<>();

    private Source<Integer> api(World world) {
        Source<Integer> page = from -> {
            int number = from.orElse(0);
            return number == PAGES - 1 ? Page.last(List.of(number)) : Page.of(List.of(number), number + 1);
        };
        return world.source(new Source<>() {
            @Override
            public Page<Integer> read(Cursor from) throws Exception {
                arrivals.add(Ports.current().time().nanos());
                return page.read(from);
            }
        });
    }

    private Optional<Boolean> process(World world, boolean remembers) throws Exception {
        return world.run(() -> {
            SlotLimiter limiter = RateLimiter.of(CALLS, PER);
            try (SlotLimiter kept = remembers ? limiter.keptIn(Path.of("/limits"), "account") : limiter) {
                return Backfill.named("job")
                        .from(api(world).limitedBy(kept))
                        .into(batch -> {})
                        .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                        .run()
                        .complete();
            }
        });
    }

    private int mostInAnyWindow() {
        int most = 0;
        for (int i = 0; i < arrivals.size(); i++) {
            int j = i;
            while (j < arrivals.size() && arrivals.get(j) - arrivals.get(i) < PER.toNanos()) {
                j++;
            }
            most = Math.max(most, j - i);
        }
        return most;
    }

    @Test
    void neverMoreThanAllowedWhereverTheProcessDies() throws Exception {
        for (World.Fault fault : List.of(
                World.Fault.CRASH_BEFORE, World.Fault.CRASH_AFTER, World.Fault.CRASH_TORN, World.Fault.POWER_LOSS)) {
            for (int operation = 1; operation < 400; operation += 3 * Integer.getInteger("backfill.every", 1)) {
                arrivals.clear();
                World world = new World(operation);
                world.faultAt(operation, fault);
                boolean died = process(world, true).isEmpty();
                while (died) {
                    died = process(world, true).isEmpty();
                }
                assertThat(mostInAnyWindow())
                        .as("calls in any %s, %s at operation %s", PER, fault, operation)
                        .isLessThanOrEqualTo(CALLS);
            }
        }
    }

    /** Progress without a record of what was spent: the limiter cannot know, so it begins with no burst. */
    @Test
    void startsPacedWhenProgressIsThereAndSpendIsNot() throws Exception {
        World world = new World(1);
        world.faultAt(70, World.Fault.CRASH_BEFORE);
        assertThat(process(world, false)).isEmpty();
        arrivals.clear();
        process(world, false);
        for (int i = 1; i < CALLS; i++) {
            assertThat(Duration.ofNanos(arrivals.get(i) - arrivals.get(i - 1))).isGreaterThan(PER.dividedBy(CALLS + 1));
        }
    }

    @Test
    void aFirstRunHasTheFullAllowance() throws Exception {
        process(new World(1), true);
        assertThat(Duration.ofNanos(arrivals.get(CALLS - 1) - arrivals.get(0))).isLessThan(Duration.ofSeconds(2));
        assertThat(Duration.ofNanos(arrivals.get(PAGES - 1) - arrivals.get(0)))
                .as("90 calls of 20 in 10 s need four windows to pass, and hardly more")
                .isBetween(Duration.ofSeconds(40), Duration.ofSeconds(43));
    }

    @Test
    void isSpentByOneProcessAtATime() throws Exception {
        new World(1).run(() -> {
            try (SlotLimiter first = RateLimiter.of(CALLS, PER).keptIn(Path.of("/limits"), "account")) {
                first.acquire().close();
                assertThatThrownBy(() -> RateLimiter.of(CALLS, PER).keptIn(Path.of("/limits"), "account"))
                        .isInstanceOf(BackfillException.Held.class)
                        .hasMessageContaining("the allowance of account");
            }
            RateLimiter.of(CALLS, PER).keptIn(Path.of("/limits"), "account").close();
            return true;
        });
    }

    /** A partition of one page is done at the place where it began. */
    @Test
    void startsPacedWhenAllThatIsDoneAreOnePagePartitions() throws Exception {
        World world = new World(1);
        for (World.Fault fault : List.of(World.Fault.CRASH_BEFORE, World.Fault.FAIL_BEFORE)) {
            world.faultAt(60, fault);
            arrivals.clear();
            world.run(() -> {
                RateLimiter limiter = RateLimiter.of(CALLS, PER);
                return Backfill.named("job")
                        .from(onePageEach(limiter))
                        .into(batch -> {})
                        .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                        .run();
            });
        }
        assertThat(arrivals).hasSizeBetween(CALLS, PAGES - 1);
        for (int i = 1; i < CALLS; i++) {
            assertThat(Duration.ofNanos(arrivals.get(i) - arrivals.get(i - 1))).isGreaterThan(PER.dividedBy(CALLS + 1));
        }
    }

    private Partitioned<Integer> onePageEach(RateLimiter limiter) {
        return new Partitioned<>() {
            @Override
            public List<Partition<Integer>> partitions() {
                return IntStream.range(0, PAGES)
                        .mapToObj(i -> Partition.of("page " + i, page(i).limitedBy(limiter)))
                        .toList();
            }

            private Source<Integer> page(int number) {
                return from -> {
                    arrivals.add(Ports.current().time().nanos());
                    return Page.last(List.of(number));
                };
            }

            @Override
            public Optional<RateLimiter> limiter() {
                return Optional.of(limiter);
            }
        };
    }

    /** Two calls long apart share one line of the file; the first process to rewrite it must not lose the later one. */
    @Test
    void forgetsNoCallWhenTheFileIsWrittenAnew() throws Exception {
        World world = new World(1);
        int[] calls = {2, 2, 128};
        for (int count : calls) {
            world.run(() -> {
                try (SlotLimiter limiter = RateLimiter.of(128, PER).keptIn(Path.of("/limits"), "account")) {
                    for (int i = 0; i < count; i++) {
                        RateLimiter.Call call = limiter.acquire();
                        arrivals.add(Ports.current().time().nanos());
                        call.close();
                        if (arrivals.size() == 1) {
                            Ports.current()
                                    .time()
                                    .sleep(PER.multipliedBy(5).dividedBy(2).toNanos());
                        }
                    }
                }
                return true;
            });
        }
        assertThat(mostInAnyWindow()).isLessThanOrEqualTo(128);
    }

    @Test
    void spendsNothingOnceItIsClosed() throws Exception {
        new World(1).run(() -> {
            SlotLimiter limiter = RateLimiter.of(CALLS, PER).keptIn(Path.of("/limits"), "account");
            limiter.acquire().close();
            limiter.close();
            limiter.close();
            assertThatThrownBy(limiter::acquire).hasMessageContaining("closed");
            return true;
        });
    }

    /** A limiter whose last line could not be written kept its lock, so that nobody in this process could make it again. */
    @Test
    void givesTheAllowanceFreeAlsoWhenItsFileCannotBeWritten() throws Exception {
        for (String failing : List.of("write calls-account", "sync calls-account")) {
            World world = new World(1);
            boolean[] broken = new boolean[1];
            world.faults((operation, what) -> broken[0] && what.startsWith(failing) ? World.Fault.FAIL_BEFORE : null);
            world.run(() -> {
                SlotLimiter limiter = RateLimiter.of(CALLS, PER).keptIn(Path.of("/limits"), "account");
                limiter.acquire().close();
                broken[0] = true;
                assertThatThrownBy(limiter::close).hasMessageContaining("cannot close");
                broken[0] = false;
                RateLimiter.of(CALLS, PER).keptIn(Path.of("/limits"), "account").close();
                return true;
            });
        }
    }
}

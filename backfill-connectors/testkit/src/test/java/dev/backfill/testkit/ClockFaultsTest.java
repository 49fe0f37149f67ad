package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Claim;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.SlotLimiter;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.Windows;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What clocks and timers do wrong, and what of it a job feels: nothing. */
class ClockFaultsTest {

    private static final int CALLS = 20;
    private static final Duration PER = Duration.ofSeconds(10);

    /** When calls arrived, by the clock of the other side. */
    private final List<Long> arrivals = new ArrayList<>();

    private static int most(List<Long> arrivals, Duration window) {
        int most = 0;
        int first = 0;
        List<Long> sorted = arrivals.stream().sorted().toList();
        for (int last = 0; last < sorted.size(); last++) {
            while (sorted.get(last) - sorted.get(first) >= window.toNanos()) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    /** A job under a limit, whose other side fails once and wants to be left alone for two minutes. */
    private Report run(World world, LongUnaryOperator nanos, UnaryOperator<Instant> now, LongUnaryOperator wait)
            throws Exception {
        return world.run(() -> {
                    Ports ports = Ports.current();
                    AtomicInteger calls = new AtomicInteger();
                    Source<Integer> pages = Pipeline.numbers(1, 90, 1);
                    Source<Integer> source = from -> {
                        arrivals.add(ports.time().nanos());
                        if (calls.incrementAndGet() == 30) {
                            throw new TransientException("not now", Duration.ofMinutes(2));
                        }
                        return pages.read(from);
                    };
                    return Ports.bound(OddPorts.clocks(ports, nanos, now, wait), () -> {
                        SlotLimiter limiter = RateLimiter.of(CALLS, PER).keptIn(Path.of("/limits"), "account");
                        try (limiter) {
                            return Backfill.named("job")
                                    .from(source.limitedBy(limiter))
                                    .into(batch -> {})
                                    .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                                    .run();
                        }
                    });
                })
                .orElseThrow();
    }

    private void limitAndWaitAreKept(Report report, String when) {
        assertThat(report.counts().read()).as(when).isEqualTo(90);
        assertThat(most(arrivals, PER)).as(when).isLessThanOrEqualTo(CALLS);
        assertThat(Duration.ofNanos(arrivals.get(30) - arrivals.get(29)))
                .as("the wait that was asked for, %s", when)
                .isGreaterThanOrEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void aWallClockThatJumpsChangesNeitherWaitsNorLimits() throws Exception {
        run(new World(7), nanos -> nanos, now -> now, wait -> wait);
        long usual = arrivals.get(90);
        List<UnaryOperator<Instant>> jumps = List.of(
                now -> now.plus(Duration.ofHours(1)),
                now -> now.minus(Duration.ofHours(1)),
                now -> now.plus(Duration.ofDays(366)),
                now -> now.minus(Duration.ofDays(366)),
                now -> Instant.EPOCH);
        SplittableRandom random = new SplittableRandom(3);
        for (int seed = 0; seed < 20; seed++) {
            arrivals.clear();
            Report report = run(
                    new World(seed),
                    nanos -> nanos,
                    now -> jumps.get(random.nextInt(jumps.size())).apply(now),
                    wait -> wait);
            limitAndWaitAreKept(report, "with a clock that jumps, seed " + seed);
            assertThat((double) arrivals.get(90)).isBetween(usual * 0.98, usual * 1.02);
            assertThat(report.took()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(4));
        }
    }

    /** The clock is looked at once, for all windows of a plan. */
    @Test
    void whatAPassReadsIsFixedAtItsStartWhateverTheClockDoes() throws Exception {
        for (Duration jump : List.of(Duration.ofDays(366), Duration.ofDays(-366), Duration.ofHours(-1))) {
            List<String> read = new ArrayList<>();
            AtomicInteger asked = new AtomicInteger();
            Report report = new World(1)
                    .run(() -> Ports.bound(
                            OddPorts.clocks(
                                    Ports.current(),
                                    nanos -> nanos,
                                    // the first look is right, and whatever is asked later is off
                                    now -> asked.getAndIncrement() == 0 ? now : now.plus(jump),
                                    wait -> wait),
                            () -> Backfill.named("job")
                                    .from(Windows.days(LocalDate.of(2025, 12, 5), LocalDate.of(2026, 1, 1), 7)
                                            .each(window -> from -> {
                                                read.add(window.name());
                                                return Pipeline.numbers(1, 3, 10)
                                                        .read(from);
                                            }))
                                    .into(batch -> {})
                                    .parallel(1)
                                    .checkpoint(new MemoryCheckpoint())
                                    .run()))
                    .orElseThrow();
            assertThat(read).containsExactly("2025-12-05", "2025-12-12", "2025-12-19", "2025-12-26");
            assertThat(report.states().values())
                    .as("three windows have passed, and one has not")
                    .containsExactly(Report.State.DONE, Report.State.DONE, Report.State.DONE, Report.State.OPEN);
        }
    }

    @Test
    void aClockThatOverflowsOrIsNegativeIsComparedByDifference() throws Exception {
        for (long offset : new long[] {
            Long.MAX_VALUE - Duration.ofSeconds(30).toNanos(),
            Long.MAX_VALUE - Duration.ofMinutes(2).toNanos(),
            Long.MIN_VALUE,
            -Duration.ofSeconds(90).toNanos()
        }) {
            arrivals.clear();
            Report report = run(new World(1), nanos -> nanos + offset, now -> now, wait -> wait);
            limitAndWaitAreKept(report, "with a clock that begins at " + offset);
            assertThat(report.took()).isBetween(Duration.ofMinutes(2), Duration.ofMinutes(4));
        }
    }

    @Test
    void timersThatFireEarlyOrLateNeverBreakALimit() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            arrivals.clear();
            SplittableRandom random = new SplittableRandom(seed);
            long most = Duration.ofSeconds(10).toNanos();
            long begin = seed;
            new World(seed).run(() -> {
                Ports calm = Ports.current();
                RateLimiter limiter = Ports.bound(
                        OddPorts.clocks(
                                calm,
                                nanos -> nanos,
                                now -> now,
                                wait -> Math.max(1, wait + random.nextLong(-most, most + 1))),
                        () -> RateLimiter.of(CALLS, PER));
                List<Tasks.Task> callers = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    callers.add(calm.tasks().start("caller " + i, Thread::new, () -> call(limiter, calm)));
                }
                for (Tasks.Task caller : callers) {
                    caller.join();
                }
                return true;
            });
            assertThat(arrivals).hasSize(8 * 15);
            assertThat(most(arrivals, PER)).as("seed %s", begin).isLessThanOrEqualTo(CALLS);
        }
    }

    private void call(RateLimiter limiter, Ports ports) {
        try {
            for (int i = 0; i < 15; i++) {
                RateLimiter.Call call = limiter.acquire();
                ports.time().sleep(Duration.ofMillis(5).toNanos());
                arrivals.add(ports.time().nanos());
                call.close();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All threads stand still for ten minutes, as after SIGSTOP: no time that has passed is saved up for a burst. */
    @Test
    void aProcessThatWasPausedHasNothingSavedUp() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            arrivals.clear();
            World world = new World(seed);
            AtomicInteger calls = new AtomicInteger();
            world.run(() -> {
                Ports ports = Ports.current();
                long[] paused = {0};
                Ports odd = OddPorts.clocks(ports, nanos -> nanos + paused[0], now -> now, wait -> wait);
                return Ports.bound(odd, () -> {
                    RateLimiter limiter = RateLimiter.of(CALLS, PER);
                    for (int i = 0; i < 100; i++) {
                        RateLimiter.Call call = limiter.acquire();
                        arrivals.add(odd.time().nanos());
                        if (calls.incrementAndGet() % 7 == 3) {
                            paused[0] += Duration.ofMinutes(10).toNanos();
                        }
                        call.close();
                    }
                    return true;
                });
            });
            assertThat(most(arrivals, PER)).as("seed %s", seed).isLessThanOrEqualTo(CALLS);
        }
    }

    /** Files are held by the kernel's lock, which no clock ends. */
    @Test
    void noClockEndsTheHoldOnAJob() throws Exception {
        World world = new World(1);
        world.run(() -> {
            Ports ports = Ports.current();
            for (Duration ahead : List.of(Duration.ofMinutes(5), Duration.ofMinutes(-5), Duration.ofDays(366))) {
                Ports other = OddPorts.clocks(ports, nanos -> nanos, now -> now.plus(ahead), wait -> wait);
                try (Claim claim = FileCheckpoint.in(Path.of("/progress")).claim("job", Duration.ZERO)) {
                    assertThat(claim.run()).isPositive();
                    assertThat(Ports.bound(other, () -> held("job")))
                            .as("a runner whose clock is %s off", ahead)
                            .isTrue();
                }
            }
            return true;
        });
    }

    private static boolean held(String job) throws Exception {
        try {
            FileCheckpoint.in(Path.of("/progress")).claim(job, Duration.ZERO).close();
            return false;
        } catch (BackfillException.Held e) {
            return true;
        }
    }

    /** Windows of one day over years with leap seconds, changes of the clock and days that a zone has left out. */
    @Test
    void windowsOfDaysCoverEveryInstantOnceInEveryZone() throws Exception {
        for (String zone : List.of(
                "UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "Africa/Casablanca")) {
            ZoneId id = ZoneId.of(zone);
            Instant last = LocalDate.of(2011, 1, 1).atStartOfDay(id).toInstant();
            List<Windows.Window> windows = Windows.days(LocalDate.of(2011, 1, 1), LocalDate.of(2017, 2, 1))
                    .in(id)
                    .list();
            assertThat(windows).hasSizeGreaterThan(2_000);
            for (Windows.Window window : windows) {
                assertThat(window.begin()).as("%s in %s", window.name(), zone).isEqualTo(last);
                last = window.end();
            }
        }
    }
}

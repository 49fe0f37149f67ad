package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.testkit.LimiterSchedule.Totals;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Random calls under random limits, by their million: see {@link LimiterSchedule}. A seed that fails is named, and
 * {@code -Dbackfill.schedule=…} runs that one alone.
 */
class LimiterSchedulesTest {

    private static final int SCHEDULES = Integer.getInteger("backfill.schedules", 1_000_000);

    /** Something that is done with a seed. */
    @FunctionalInterface
    private interface Life {
        Totals of(long seed) throws Exception;
    }

    private static Totals all(long from, int schedules, Life life) {
        Long one = Long.getLong("backfill.schedule");
        LongStream seeds = one == null ? LongStream.range(from, from + schedules) : LongStream.of(one);
        return seeds.parallel()
                .mapToObj(seed -> {
                    try {
                        return life.of(seed);
                    } catch (Exception | AssertionError e) {
                        throw new AssertionError("-Dbackfill.schedule=" + seed + ": " + e.getMessage(), e);
                    }
                })
                .reduce(new Totals(0, 0, 0), Totals::plus);
    }

    @Test
    void neverMoreCallsThanAllowedNeverALostPermitAndNobodyWaitsInVain() {
        Totals totals = all(0, SCHEDULES, seed -> new LimiterSchedule(seed).run());
        assertThat(totals.waits()).as("calls that had to wait").isGreaterThan(totals.calls() / 10);
        assertThat(totals.gaveUp()).isPositive();
        System.out.printf(
                "limiter: %,d random schedules, most calls in any window never above the limit"
                        + " (%,d calls, %,d waits, %,d given up)%n",
                SCHEDULES, totals.calls(), totals.waits(), totals.gaveUp());
    }

    @Test
    void neverMoreCallsThanAllowedHoweverProcessesEnd() {
        int schedules = SCHEDULES / 500;
        Totals totals = all(
                -1_000_000_000L,
                schedules,
                seed -> new LimiterSchedule(seed).runInProcesses(new VirtualDisk(new World(seed))));
        assertThat(totals.waits()).isPositive();
        System.out.printf(
                "limiter: %,d random schedules of processes that die, most calls in any window never above the limit%n",
                schedules);
    }
}

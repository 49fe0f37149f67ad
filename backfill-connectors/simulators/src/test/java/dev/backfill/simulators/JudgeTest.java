package dev.backfill.simulators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.RateLimiter.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JudgeTest {

    private static final long SECOND = 1_000_000_000L;

    private static Limit limit(int calls, long seconds) {
        return new Limit(calls, Duration.ofSeconds(seconds));
    }

    @Test
    void neverPassesMoreThanAllowedInAnyStretchAndPassesAllThatIsAllowed() {
        Limits limits = Limits.of(limit(10, 1), limit(30, 5));
        Judge judge = new Judge(limits, 0);
        Random random = new Random(3);
        List<Long> passed = new ArrayList<>();
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            now += random.nextInt(60_000_000);
            long at = now;
            long last = passed.stream()
                    .skip(Math.max(0, passed.size() - 40))
                    .filter(p -> at - p < SECOND)
                    .count();
            long five = passed.stream()
                    .skip(Math.max(0, passed.size() - 40))
                    .filter(p -> at - p < 5 * SECOND)
                    .count();
            boolean passes = judge.arrived("a", now).passes();
            assertThat(passes).isEqualTo(last < 10 && five < 30);
            if (passes) {
                passed.add(now);
            }
        }
        assertThat(passed).hasSizeGreaterThan(3_000);
    }

    @Test
    void aCallAtTheTimeThatItWasToldPasses() {
        Judge judge = new Judge(Limits.of(limit(2, 10)), 0);
        judge.arrived("a", 0);
        judge.arrived("a", SECOND);
        long wait = judge.arrived("a", 3 * SECOND).waitNanos();
        assertThat(wait).isEqualTo(7 * SECOND);
        assertThat(judge.arrived("a", 3 * SECOND + wait - 1).passes()).isFalse();
        assertThat(judge.arrived("a", 3 * SECOND + wait).passes()).isTrue();
    }

    @Test
    void refusedCallsCountWhenTold() {
        Judge judge = new Judge(Limits.of(limit(1, 10)).countingRefused(), 0);
        assertThat(judge.arrived("a", 0).passes()).isTrue();
        assertThat(judge.arrived("a", 9 * SECOND).passes()).isFalse();
        assertThat(judge.arrived("a", 18 * SECOND).passes()).isFalse();
        assertThat(judge.arrived("a", 28 * SECOND).passes()).isTrue();
    }

    @Test
    void aFixedWindowBeginsAnewAndABucketRefillsEvenly() {
        Judge fixed = new Judge(Limits.of(limit(2, 10)).counting(Limits.Counting.FIXED), 0);
        assertThat(passes(fixed, 9, 9, 9, 10, 10, 10)).containsExactly(true, true, false, true, true, false);
        Judge bucket = new Judge(Limits.of(limit(2, 10)).counting(Limits.Counting.BUCKET), 0);
        assertThat(passes(bucket, 0, 0, 4, 5, 9, 10)).containsExactly(true, true, false, true, false, true);
    }

    private static List<Boolean> passes(Judge judge, long... seconds) {
        List<Boolean> passes = new ArrayList<>();
        for (long second : seconds) {
            passes.add(judge.arrived("a", second * SECOND).passes());
        }
        return passes;
    }

    @Test
    void everyCredentialHasItsOwnCount() {
        Judge judge = new Judge(Limits.of(limit(1, 10)), 0);
        assertThat(judge.arrived("a", 0).passes()).isTrue();
        assertThat(judge.arrived("b", 0).passes()).isTrue();
        assertThat(judge.arrived("a", 1).passes()).isFalse();
    }
}

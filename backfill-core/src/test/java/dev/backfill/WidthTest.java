package dev.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How many partitions are worked on side by side, on a clock of its own. */
class WidthTest {

    private static final long STEP = Duration.ofMillis(10).toNanos();
    private static final long MUCH = 1L << 30;

    private long time;
    private boolean full;

    private Width automatic(long memory) {
        return Width.automatic(memory, () -> full);
    }

    /** Lets so much through in each second for so many seconds, each partition at most 100 records a second. */
    private Width after(Width width, int seconds, double most) {
        for (int i = 0; i < seconds * 100; i++) {
            time += STEP;
            double rate = Math.min(100.0 * width.now(), most);
            int saves = (int) (rate * (i + 1) / 100) - (int) (rate * i / 100);
            for (int j = 0; j < saves; j++) {
                width.saved(1, time);
            }
        }
        return width;
    }

    @Test
    void growsWhilePartitionsWaitForAnswers() {
        assertThat(after(automatic(MUCH), 10, 10_000).now()).isEqualTo(32);
    }

    @Test
    void goesOnWithAFewAsSoonAsTheFirstHasSaved() {
        Width width = automatic(MUCH);
        assertThat(width.now()).isEqualTo(1);
        assertThat(width.saved(100, 0)).isTrue();
        assertThat(width.now()).isEqualTo(2);
    }

    @Test
    void staysAtOneIfTheFirstCallsFail() {
        Width width = automatic(MUCH);
        width.suffered(0);
        assertThat(width.saved(100, STEP)).isFalse();
        assertThat(width.now()).isEqualTo(1);
    }

    @Test
    void stopsWhereMoreBringNothing() {
        assertThat(after(automatic(MUCH), 20, 800).now()).isBetween(8, 16);
        assertThat(after(automatic(MUCH), 20, 400).now()).isEqualTo(4);
    }

    @Test
    void triesFewerThanTwoOnlyWhereCallsFail() {
        for (long memory : new long[] {48L << 20, 480L << 20, MUCH}) {
            Width width = after(automatic(memory), 1, 10_000);
            for (int second = 0; second < 120; second++) {
                assertThat(after(width, 1, 50).now()).isGreaterThanOrEqualTo(2);
            }
            for (int i = 0; i < 5; i++) {
                time += Duration.ofSeconds(1).toNanos();
                width.suffered(time);
            }
            assertThat(width.now()).isEqualTo(1);
        }
    }

    @Test
    void doesNotLoseWhatItHasFoundByTryingFewer() {
        Width width = after(automatic(MUCH), 10, 10_000);
        long sum = 0;
        for (int second = 0; second < 300; second++) {
            sum += after(width, 1, 10_000).now();
        }
        assertThat(sum).isGreaterThan(300 * 32 * 98 / 100);
    }

    @Test
    void doesNotStayWideForAProcessThatOnlyGotFasterByItself() {
        Width width = automatic(MUCH);
        time += STEP;
        double most = 50;
        for (int i = 0; i < 12; i++) { // which is faster than it can look
            after(width, 1, most);
            most = Math.min(800, most * 2);
        }
        assertThat(after(width, 60, 800).now()).isBetween(8, 16);
    }

    @Test
    void doesNotGrowWhileTheProcessorsAreTakenAndDoesOnceTheyAreFree() {
        full = true;
        Width width = after(automatic(MUCH), 25, 10_000);
        assertThat(width.now()).isEqualTo(2);
        full = false;
        assertThat(after(width, 3, 10_000).now()).isEqualTo(32);
    }

    @Test
    void growsSlowlyOnAMachineWhoseProcessorsAreAlwaysTaken() {
        full = true;
        Width width = after(automatic(MUCH), 130, 10_000);
        assertThat(width.now()).isEqualTo(32);
    }

    @Test
    void isAtAFewAgainSoonAfterTroubleAlsoOnABusyMachine() {
        full = true;
        Width width = after(automatic(MUCH), 10, 10_000);
        width.suffered(time);
        time += Duration.ofSeconds(1).toNanos();
        width.suffered(time);
        assertThat(width.now()).isEqualTo(1);
        assertThat(after(width, 35, 10_000).now()).isEqualTo(2);
    }

    @Test
    void isHeldForHalfAMinuteAtMostAlsoIfSavesAreSlow() {
        full = true;
        Width width = automatic(MUCH);
        for (int second = 0; second < 50; second += 5) { // each partition saves every five seconds
            time += Duration.ofSeconds(5).toNanos();
            for (int i = 0; i < width.now(); i++) {
                width.saved(1, time);
            }
        }
        assertThat(width.now()).isEqualTo(4);
    }

    @Test
    void staysWhereMoreBringNothingOnAMachineWhoseProcessorsAreAlwaysTaken() {
        full = true;
        assertThat(after(automatic(MUCH), 300, 400).now()).isLessThanOrEqualTo(8);
    }

    @Test
    void growsNoFurtherOnceTheProcessorsAreTaken() {
        Width width = automatic(MUCH);
        while (width.now() < 16) {
            time += STEP;
            for (int i = width.now(); i > 0; i--) {
                width.saved(1, time);
            }
        }
        full = true;
        assertThat(after(width, 25, 10_000).now()).isEqualTo(16);
    }

    @Test
    void staysWithinTheMemory() {
        assertThat(after(automatic(64L << 20), 10, 10_000).now()).isEqualTo(4);
        assertThat(after(automatic(1L << 20), 10, 10_000).now()).isEqualTo(1);
    }

    @Test
    void isHalvedOnceForCallsThatFailTogether() {
        Width width = after(automatic(MUCH), 10, 10_000);
        for (int i = 0; i < 30; i++) {
            width.suffered(time + i);
        }
        assertThat(width.now()).isEqualTo(16);
        for (int i = 1; i < 10; i++) {
            width.suffered(time + i * Duration.ofSeconds(1).toNanos());
        }
        assertThat(width.now()).isEqualTo(1);
    }

    @Test
    void triesMoreAgainWhenTheOtherSideHasRecovered() {
        Width width = after(automatic(MUCH), 10, 10_000);
        width.suffered(time);
        assertThat(after(width, 60, 10_000).now()).isEqualTo(32);
    }

    @Test
    void staysAsToldIfTold() {
        Width width = after(Width.of(3), 10, 10_000);
        assertThat(width.suffered(time)).isFalse();
        assertThat(width.now()).isEqualTo(3);
    }
}

package dev.backfill.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.internal.RealLoad.Taken;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether there are processors for more threads. */
class RealLoadTest {

    @Test
    void isFullForAProcessThatTakesAllOrAGoodPartOfAFullMachine() {
        assertThat(new Taken(0.95, 0).isFull()).isTrue(); // a machine that does not tell of others
        assertThat(new Taken(0.5, 1).isFull()).isTrue();
        assertThat(new Taken(0.5, 0.6).isFull()).isFalse();
    }

    @Test
    void isNotFullForAProcessThatWaitsBesideABusyNeighbour() {
        assertThat(new Taken(0.1, 1).isFull()).isFalse();
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void tellsWhatThisProcessTakes() {
        RealLoad load = new RealLoad();
        Taken taken = new Taken(0, 0);
        while (taken.own() < 0.1 / Runtime.getRuntime().availableProcessors()) { // counted in ticks, so not at once
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(100)) {
                Thread.onSpinWait();
            }
            taken = load.taken();
        }
        assertThat(taken.own()).isLessThan(1.5); // ticks may be counted late
        assertThat(taken.all()).isBetween(0.0, 1.0);
    }
}

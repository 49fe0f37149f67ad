package dev.backfill.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether there are processors for more threads. */
class RealLoadTest {

    @Test
    void isFullForAProcessThatTakesAllOrAGoodPartOfAFullMachine() {
        assertThat(RealLoad.isFull(0.95, 0)).isTrue(); // a machine that does not tell of others, or a container
        assertThat(RealLoad.isFull(0.5, 1)).isTrue();
        assertThat(RealLoad.isFull(0.5, 0.6)).isFalse();
    }

    @Test
    void isNotFullForAProcessThatWaitsBesideABusyNeighbour() {
        assertThat(RealLoad.isFull(0.1, 1)).isFalse();
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void seesThatAllProcessorsAreTaken() throws InterruptedException {
        AtomicBoolean enough = new AtomicBoolean();
        List<Thread> busy = new ArrayList<>();
        for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(() -> {
                while (!enough.get()) {
                    Thread.onSpinWait();
                }
            });
            thread.setDaemon(true);
            thread.start();
            busy.add(thread);
        }
        try {
            RealLoad load = new RealLoad();
            boolean full = false;
            while (!full) { // the machine counts in ticks, and not at once
                long begun = System.nanoTime();
                while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(200)) {
                    Thread.onSpinWait();
                }
                full = load.isFull();
            }
        } finally {
            enough.set(true);
            for (Thread thread : busy) {
                thread.join();
            }
        }
    }
}

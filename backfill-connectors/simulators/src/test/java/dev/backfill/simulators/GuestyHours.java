package dev.backfill.simulators;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A simulated Guesty whose clock stands still until it is told to go on. */
final class GuestyHours implements Time, AutoCloseable {

    private final AtomicLong nanos = new AtomicLong();
    final GuestySimulator guesty;
    private volatile @Nullable CyclicBarrier meeting;

    GuestyHours(GuestySettings settings) throws Exception {
        Ports ports = new Ports(this, Ports.REAL.disk(), Ports.REAL.tasks());
        guesty = Ports.bound(ports, () -> settings.start(0));
    }

    void pass(Duration length) {
        nanos.addAndGet(length.toNanos());
    }

    /** From now on, whoever waits does so until so many wait. */
    void meet(int calls) {
        meeting = new CyclicBarrier(calls);
    }

    @Override
    public long nanos() {
        return nanos.get();
    }

    @Override
    public Instant now() {
        return Instant.parse("2025-06-01T08:00:00Z").plusNanos(nanos.get());
    }

    @Override
    public void sleep(long length) throws InterruptedException {
        CyclicBarrier together = meeting;
        if (together == null) {
            nanos.addAndGet(length);
            return;
        }
        try {
            together.await();
        } catch (BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public double random() {
        return 0;
    }

    @Override
    public void close() {
        guesty.close();
    }
}

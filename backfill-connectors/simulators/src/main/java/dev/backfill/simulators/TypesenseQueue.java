package dev.backfill.simulators;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** The writes to one collection: one thread does them in the order in which they came. */
final class TypesenseQueue implements AutoCloseable {

    private final Time time = Ports.current().time();
    private final AtomicInteger waiting;
    private final double nanosPerDocument;
    private final LinkedBlockingQueue<FutureTask<?>> units = new LinkedBlockingQueue<>();
    private final Thread writer;
    private long busyUntil;

    /**
     * @param waiting counts the units of all queues
     * @param perSecond documents; 0 for as fast as it goes
     */
    TypesenseQueue(AtomicInteger waiting, int perSecond) {
        this.waiting = waiting;
        nanosPerDocument = perSecond == 0 ? 0 : 1e9 / perSecond;
        busyUntil = time.nanos();
        writer = new Thread(this::work, "simulator-writer");
        writer.setDaemon(true);
        writer.start();
    }

    private void work() {
        try {
            while (true) {
                FutureTask<?> unit = units.take();
                unit.run();
                waiting.decrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** The work is done when its turn has come, whether or not somebody waits for it. */
    <T> FutureTask<T> add(Callable<T> work) {
        FutureTask<T> unit = new FutureTask<>(work);
        waiting.incrementAndGet();
        units.add(unit);
        return unit;
    }

    /** The outcome of work that was added. */
    static <T> T done(FutureTask<T> unit) throws InterruptedException, TypesenseError {
        try {
            return unit.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TypesenseError error) {
                throw error;
            }
            if (e.getCause() instanceof InterruptedException) {
                throw new InterruptedException("the simulator was closed");
            }
            throw new IllegalStateException("the writer failed", e.getCause());
        }
    }

    /** To be called by work: so many documents were written, which takes its time. */
    void wrote(int documents) throws InterruptedException {
        if (nanosPerDocument == 0) {
            return;
        }
        long now = time.nanos();
        busyUntil = (now - busyUntil > 0 ? now : busyUntil) + (long) (documents * nanosPerDocument);
        if (busyUntil - now > 0) {
            time.sleep(busyUntil - now);
        }
    }

    /** To be called by work: everything waits. */
    void pause(Duration length) throws InterruptedException {
        time.sleep(length.toNanos());
    }

    /** Closes it when everything that was added is done. */
    void end() {
        waiting.incrementAndGet();
        units.add(new FutureTask<>(this::close, true));
    }

    @Override
    public void close() {
        writer.interrupt();
    }
}

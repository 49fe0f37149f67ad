package dev.backfill;

import dev.backfill.internal.Signals;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Stops a run at SIGTERM and SIGINT; a second signal ends the process at once. */
final class StopOnSignals implements AutoCloseable {

    private final AtomicInteger caught = new AtomicInteger();
    private final Signals signals;

    /**
     * @throws IllegalArgumentException if signals cannot be caught here
     */
    StopOnSignals(Runner runner) {
        signals = Signals.caught(List.of("TERM", "INT"), number -> {
            if (!caught.compareAndSet(0, number)) {
                Runtime.getRuntime().halt(128 + number);
            }
            runner.stop();
        });
    }

    /** Gives the signals back when the run has ended, and hands on what came meanwhile. */
    @Override
    public void close() {
        signals.close();
        if (caught.get() != 0) {
            signals.handOn(caught.get());
        }
    }
}

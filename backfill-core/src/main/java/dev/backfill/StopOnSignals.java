package dev.backfill;

import dev.backfill.internal.Signals;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Stops a run at SIGTERM and SIGINT; a second signal ends the process at once. */
final class StopOnSignals implements AutoCloseable {

    private final AtomicInteger caught = new AtomicInteger();
    private final Runner runner;
    private final Thread claiming;
    private @Nullable Signals signals;

    private StopOnSignals(Runner runner, Thread claiming) {
        this.runner = runner;
        this.claiming = claiming;
    }

    /**
     * @param claiming waits for the job's claim, and is woken if it still does
     */
    static StopOnSignals of(Runner runner, Thread claiming) {
        StopOnSignals stop = new StopOnSignals(runner, claiming);
        try {
            stop.signals = Signals.caught(List.of("TERM", "INT"), stop::signalled);
        } catch (IllegalArgumentException e) {
            runner.note("signals cannot be caught here (was the JVM started with -Xrs?), so they end the run at once");
        }
        return stop;
    }

    private void signalled(int number) {
        if (!caught.compareAndSet(0, number)) {
            Runtime.getRuntime().halt(128 + number);
        }
        runner.stop();
        if (!runner.claimed()) {
            claiming.interrupt();
        }
    }

    /** The signal that came, if one did. */
    OptionalInt caught() {
        return caught.get() == 0 ? OptionalInt.empty() : OptionalInt.of(caught.get());
    }

    /** Gives the signals back when the run has ended. */
    @Override
    public void close() {
        if (signals != null) {
            signals.close();
        }
    }
}

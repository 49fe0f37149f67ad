package dev.backfill;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.Optional;

/** Stops a run when the time is over that its job gives it. */
final class TimeBox {

    private final Optional<Tasks.Task> clock;

    private TimeBox(Optional<Tasks.Task> clock) {
        this.clock = clock;
    }

    /** @param begun when the run was begun, by the clock that only goes forward */
    static TimeBox of(Runner runner, long begun) {
        Duration most = runner.job().stopAfter;
        if (most == null) {
            return new TimeBox(Optional.empty());
        }
        Ports ports = runner.ports();
        return new TimeBox(Optional.of(ports.tasks()
                .start(runner.job().name() + " time box", runner.job().threads, () -> {
                    try {
                        ports.time().sleep(begun + most.toNanos() - ports.time().nanos());
                        runner.stopAsTold(most.toString().substring(2).toLowerCase(java.util.Locale.ROOT));
                    } catch (InterruptedException e) {
                        // the run has ended before
                    }
                })));
    }

    /** Waits for the thread that keeps the time, whoever interrupts: a run has no thread when it has ended. */
    void close() {
        boolean interrupted = false;
        for (boolean ended = clock.isEmpty(); !ended; ) {
            clock.get().interrupt();
            try {
                clock.get().join();
                ended = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

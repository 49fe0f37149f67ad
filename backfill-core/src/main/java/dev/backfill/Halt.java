package dev.backfill;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether a run is to end before its work is done, since when and why. Safe for several threads. */
final class Halt {

    private final Ports ports;
    private final Duration grace;
    private final Tasks.Gate gate;

    // guarded by the gate
    private boolean asked;
    private long askedAt;
    private boolean preparing;
    private Tasks.@Nullable Task main;
    private @Nullable Throwable fatal;
    private @Nullable Duration comeBack;

    /** @param grace how long what is in flight may take once a halt was asked for */
    Halt(Ports ports, Duration grace) {
        this.ports = ports;
        this.grace = grace;
        this.gate = ports.tasks().gate();
    }

    /** Starts the run's own thread; who asks for a halt meanwhile will find it. */
    Tasks.Task start(Supplier<Tasks.Task> starting) {
        gate.lock();
        try {
            Tasks.Task started = starting.get();
            main = started;
            return started;
        } finally {
            gate.unlock();
        }
    }

    /**
     * Asks for the end.
     *
     * @param why what makes going on impossible, or null; the first is kept
     * @param later when it makes sense to run again, or null; the longest is kept
     */
    void ask(@Nullable Throwable why, @Nullable Duration later) {
        gate.lock();
        try {
            if (!asked) {
                asked = true;
                askedAt = ports.time().nanos();
            }
            fatal = fatal == null ? why : fatal;
            comeBack = later != null && (comeBack == null || later.compareTo(comeBack) > 0) ? later : comeBack;
            Tasks.Task task = main;
            if (preparing && task != null) {
                task.interrupt();
            }
        } finally {
            gate.unlock();
        }
    }

    boolean asked() {
        gate.lock();
        try {
            return asked;
        } finally {
            gate.unlock();
        }
    }

    /** How long what is in flight may still take: {@link Long#MAX_VALUE} while no halt was asked for. */
    long graceLeft() {
        gate.lock();
        try {
            return asked ? askedAt + grace.toNanos() - ports.time().nanos() : Long.MAX_VALUE;
        } finally {
            gate.unlock();
        }
    }

    @Nullable
    Throwable fatal() {
        gate.lock();
        try {
            return fatal;
        } finally {
            gate.unlock();
        }
    }

    Optional<Duration> comeBack() {
        gate.lock();
        try {
            return Optional.ofNullable(comeBack);
        } finally {
            gate.unlock();
        }
    }

    /**
     * Says that the run's own thread begins or ends something that is given up at once on a halt, for there is nothing in flight that
     * would be worth the grace time.
     *
     * @throws InterruptedException if a halt was asked for
     */
    void preparing(boolean now) throws InterruptedException {
        boolean halted;
        gate.lock();
        try {
            halted = asked;
            preparing = now && !halted; // else a later halt would interrupt what comes after
        } finally {
            gate.unlock();
        }
        if (halted && now) {
            throw new InterruptedException();
        }
        if (halted) {
            ports.time().sleep(1); // takes in an interruption that came too late, which would hit what comes after
        }
    }
}

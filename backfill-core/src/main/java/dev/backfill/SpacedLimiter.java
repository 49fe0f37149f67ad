package dev.backfill;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Duration;

/** One call at a time, and a pause of a length that varies between one's end and the next one's begin. */
final class SpacedLimiter implements RateLimiter {

    private final Duration least;
    private final Duration most;
    private final Time time;
    private final Tasks.Gate gate;

    // guarded by the gate
    private boolean calling;
    private boolean spaced;
    private long notBefore;
    private long calls;
    private long held;
    private int waiting;

    SpacedLimiter(Duration least, Duration most) {
        if (least.isNegative() || most.compareTo(least) < 0 || most.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "a pause lasts from 0 to a day, the shortest named first, not from " + least + " to " + most);
        }
        this.least = least;
        this.most = most;
        Ports ports = Ports.current();
        this.time = ports.time();
        this.gate = ports.tasks().gate();
    }

    @Override
    public Call acquire() throws InterruptedException {
        gate.lock();
        try {
            long begun = time.nanos();
            waiting++;
            try {
                awaitTurn();
            } finally {
                waiting--;
                held += time.nanos() - begun;
            }
            calling = true;
            calls++;
        } finally {
            gate.unlock();
        }
        return new One();
    }

    private void awaitTurn() throws InterruptedException {
        while (calling || left() > 0) {
            gate.await(calling ? Long.MAX_VALUE : left());
        }
    }

    private long left() {
        return spaced ? notBefore - time.nanos() : 0;
    }

    private void pause(long nanos) {
        long end = time.nanos() + nanos;
        if (!spaced || end - notBefore > 0) {
            spaced = true;
            notBefore = end;
        }
    }

    private long drawn() {
        return least.toNanos() + (long) (time.random() * (most.toNanos() - least.toNanos()));
    }

    @Override
    public void quiet(Duration length) {
        gate.lock();
        try {
            pause(length.toNanos());
            gate.changed();
        } finally {
            gate.unlock();
        }
    }

    /** The pause after the last call of the process before is kept too. */
    @Override
    public void resumed() {
        gate.lock();
        try {
            if (calls == 0) {
                pause(drawn());
            }
        } finally {
            gate.unlock();
        }
    }

    @Override
    public Usage usage() {
        gate.lock();
        try {
            return new Usage(calls, 0, Duration.ofNanos(held), waiting);
        } finally {
            gate.unlock();
        }
    }

    private final class One implements Call {

        private boolean closed;

        @Override
        public void close() {
            gate.lock();
            try {
                if (!closed) {
                    closed = true;
                    calling = false;
                    pause(drawn());
                    gate.changed();
                }
            } finally {
                gate.unlock();
            }
        }
    }
}

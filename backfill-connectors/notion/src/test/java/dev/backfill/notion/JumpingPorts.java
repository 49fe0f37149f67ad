package dev.backfill.notion;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Instant;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** Real files and threads, and a clock that jumps to the end of every wait. */
final class JumpingPorts implements Time, Tasks {

    private static final Instant BEGIN = Instant.parse("2026-01-15T08:00:00Z");

    private final AtomicLong jumped = new AtomicLong();
    private final boolean runs;

    private JumpingPorts(boolean runs) {
        this.runs = runs;
    }

    static Ports ports() {
        return ports(true);
    }

    /** With a clock that stands still but for the waits: what the machine takes for its work is no time at all. */
    static Ports still() {
        return ports(false);
    }

    private static Ports ports(boolean runs) {
        JumpingPorts jumping = new JumpingPorts(runs);
        return new Ports(jumping, Ports.REAL.disk(), jumping);
    }

    @Override
    public long nanos() {
        return (runs ? Ports.REAL.time().nanos() : 0) + jumped.get();
    }

    @Override
    public Instant now() {
        return (runs ? Ports.REAL.time().now() : BEGIN).plusNanos(jumped.get());
    }

    @Override
    public void sleep(long nanos) {
        jumped.addAndGet(nanos);
    }

    @Override
    public double random() {
        return Ports.REAL.time().random();
    }

    @Override
    public Task start(String name, ThreadFactory threads, Runnable body) {
        return Ports.REAL.tasks().start(name, threads, body);
    }

    @Override
    public Gate gate() {
        Gate gate = Ports.REAL.tasks().gate();
        return new Gate() {
            @Override
            public void lock() {
                gate.lock();
            }

            @Override
            public void unlock() {
                gate.unlock();
            }

            @Override
            public void await(long nanos) throws InterruptedException {
                if (nanos == Long.MAX_VALUE) {
                    gate.await(nanos);
                } else {
                    jumped.addAndGet(nanos);
                }
            }

            @Override
            public void changed() {
                gate.changed();
            }
        };
    }
}

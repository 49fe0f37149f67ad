package dev.backfill.typesense;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Instant;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** Real files and threads, and a clock that jumps to the end of every wait. */
final class JumpingPorts implements Time, Tasks {

    private final AtomicLong jumped = new AtomicLong();

    static Ports ports() {
        JumpingPorts jumping = new JumpingPorts();
        return new Ports(jumping, Ports.REAL.disk(), jumping);
    }

    @Override
    public long nanos() {
        return Ports.REAL.time().nanos() + jumped.get();
    }

    @Override
    public Instant now() {
        return Ports.REAL.time().now().plusNanos(jumped.get());
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

package dev.backfill.testkit;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Time that jumps to the end of every wait: a job that waits for its limiter or between two attempts ends at once.
 *
 * <pre>{@code
 * JumpingTime time = new JumpingTime();
 * Report report = time.run(() -> job.run());
 * }</pre>
 *
 * <p>Files, threads and sockets are the machine's, so real servers can be asked; without any, a {@link World} can do more. Only what is made
 * inside of {@link #run} lives in this time. Safe for several threads.
 */
public final class JumpingTime {

    private static final Instant BEGIN = Instant.parse("2026-01-15T08:00:00Z");

    private final AtomicLong jumped = new AtomicLong();
    private final boolean runs;
    private final Ports ports;

    /** Time that runs as the machine's does, and jumps over each wait. */
    public JumpingTime() {
        this(true);
    }

    private JumpingTime(boolean runs) {
        this.runs = runs;
        Clock clock = new Clock();
        this.ports = new Ports(clock, Ports.REAL.disk(), clock);
    }

    /** Time that stands still but for the waits: what the machine takes for its work is no time at all. */
    public static JumpingTime still() {
        return new JumpingTime(false);
    }

    /** Runs the body; whatever it makes lives in this time, also when it is used later. */
    public <T> T run(Callable<T> body) throws Exception {
        return Ports.bound(ports, body);
    }

    /** The time now. */
    public Instant now() {
        return (runs ? Ports.REAL.time().now() : BEGIN).plusNanos(jumped.get());
    }

    /** Lets this much time pass, at once. */
    public void pass(Duration time) {
        jumped.addAndGet(time.toNanos());
    }

    private final class Clock implements Time, Tasks {

        @Override
        public long nanos() {
            return (runs ? Ports.REAL.time().nanos() : 0) + jumped.get();
        }

        @Override
        public Instant now() {
            return JumpingTime.this.now();
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
        public Load load() {
            return Ports.REAL.tasks().load();
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
}

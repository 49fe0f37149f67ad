package dev.backfill;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Stopping a run under every order of threads, by Lincheck: whoever asks and whoever looks agree on one order, and the interruption of what
 * is being prepared never hits what comes after.
 */
public class HaltInterleavingsTest {

    /** For Lincheck. */
    public HaltInterleavingsTest() {}

    /** Nightly, 100 scenarios with 10,000 runs of threads, and with some hundred chosen orders, each of which takes some hundredths of a second. */
    private static final int SCENARIOS = Integer.getInteger("backfill.scenarios", 10);

    private static final int RUNS = Integer.getInteger("backfill.runs", 500);
    private static final int ORDERS = Integer.getInteger("backfill.orders", 20);

    @Test
    void stoppingHasOneOrderAmongThreads() {
        new StressOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(RUNS)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(0)
                .actorsAfter(1)
                .check(Stopping.class);
        System.out.println("stopping: " + SCENARIOS + " scenarios of three threads, each run " + RUNS
                + " times, all of them as if one came after the other");
    }

    @Test
    void stoppingHasOneOrderInChosenOrders() {
        int scenarios = Math.max(2, SCENARIOS / 10);
        new ModelCheckingOptions()
                .iterations(scenarios)
                .invocationsPerIteration(ORDERS)
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .check(Stopping.class);
        System.out.println("stopping: " + scenarios + " scenarios of three threads, each in up to " + ORDERS
                + " chosen orders, all of them as if one came after the other");
    }

    /** The run's own thread prepares; others stop the run and look. Compared with the same operations one after the other. */
    public static final class Stopping {

        private final AtomicBoolean interrupted = new AtomicBoolean();
        private final AtomicInteger work = new AtomicInteger();
        private final Halt halt;

        public Stopping() {
            halt = new Halt(new Ports(new Sleeping(), Ports.REAL.disk(), new Locks()), Duration.ofSeconds(3));
            Tasks.Task ignored = halt.start(() -> new Tasks.Task() {
                @Override
                public void interrupt() {
                    interrupted.set(true);
                }

                @Override
                public void join() {}
            });
        }

        /** In no case is an interruption left behind. */
        @Operation(nonParallelGroup = "main")
        public void prepare() {
            try {
                halt.preparing(true);
                try {
                    work.incrementAndGet();
                } finally {
                    halt.preparing(false);
                }
            } catch (InterruptedException e) {
                // stopped
            }
            if (interrupted.get()) {
                throw new IllegalStateException("an interruption is left behind");
            }
        }

        @Operation
        public void stop() {
            halt.ask(null, null);
        }

        @Operation
        public @Nullable String fail() {
            halt.ask(new IllegalStateException("it failed"), Duration.ofSeconds(1));
            Throwable fatal = halt.fatal();
            return fatal == null ? null : fatal.getMessage();
        }

        @Operation
        public boolean stopped() {
            return halt.asked();
        }

        @Operation
        public long left() {
            return halt.graceLeft();
        }

        @Operation
        public Optional<Duration> later() {
            return halt.comeBack();
        }

        private final class Sleeping implements Time {

            @Override
            public long nanos() {
                return 0;
            }

            @Override
            public Instant now() {
                return Instant.EPOCH;
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                if (interrupted.getAndSet(false)) {
                    throw new InterruptedException();
                }
            }

            @Override
            public double random() {
                return 0;
            }
        }
    }

    private static final class Locks implements Tasks {

        @Override
        public Task start(String name, ThreadFactory threads, Runnable body) {
            throw new IllegalStateException("not by this");
        }

        @Override
        public Load load() {
            throw new IllegalStateException("not by this");
        }

        @Override
        public Gate gate() {
            ReentrantLock lock = new ReentrantLock();
            return new Gate() {
                @Override
                public void lock() {
                    lock.lock();
                }

                @Override
                public void unlock() {
                    lock.unlock();
                }

                @Override
                public void await(long nanos) {
                    throw new IllegalStateException("nobody waits here");
                }

                @Override
                public void changed() {}
            };
        }
    }
}

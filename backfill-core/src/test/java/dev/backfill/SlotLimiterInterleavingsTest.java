package dev.backfill;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * A limiter under every order in which threads can get at it, by Lincheck: so many permits are there as the limit says, never one more, and
 * none is lost to those who give up while they wait.
 */
public class SlotLimiterInterleavingsTest {

    /** For Lincheck. */
    public SlotLimiterInterleavingsTest() {}

    /** Nightly, 100 scenarios with 10,000 runs of threads, and with some hundred chosen orders, each of which takes some hundredths of a second. */
    private static final int SCENARIOS = Integer.getInteger("backfill.scenarios", 10);

    private static final int RUNS = Integer.getInteger("backfill.runs", 500);
    private static final int ORDERS = Integer.getInteger("backfill.orders", 20);

    private static final int PERMITS = 2;

    @Test
    void noPermitIsLostOrDoubledAmongThreads() {
        new StressOptions()
                .iterations(SCENARIOS)
                .invocationsPerIteration(RUNS)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(0)
                .sequentialSpecification(Anything.class)
                .check(Callers.class);
        System.out.println("limiter: " + SCENARIOS + " scenarios of three threads, each run " + RUNS
                + " times, no permit lost or doubled");
    }

    @Test
    void noPermitIsLostOrDoubledInChosenOrders() {
        int scenarios = Math.max(2, SCENARIOS / 10);
        new ModelCheckingOptions()
                .iterations(scenarios)
                .invocationsPerIteration(ORDERS)
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(1)
                .actorsAfter(0)
                .sequentialSpecification(Anything.class)
                .check(Callers.class);
        System.out.println("limiter: " + scenarios + " scenarios of three threads, each in up to " + ORDERS
                + " chosen orders, no permit lost or doubled");
    }

    /** What the threads do; nothing of it gives a result, and {@link #permitsAddUp} looks at the end. */
    public static final class Callers {

        private final SlotLimiter limiter;
        private final Deque<RateLimiter.Call> open = new ConcurrentLinkedDeque<>();
        private final AtomicInteger used = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();

        public Callers() throws Exception {
            limiter = Ports.bound(
                    new Ports(new StandingStill(), Ports.REAL.disk(), new GivingUp()),
                    () -> RateLimiter.of(PERMITS, Duration.ofHours(1)));
        }

        @Operation
        public void acquire() {
            try {
                RateLimiter.Call call = limiter.acquire();
                int now = used.incrementAndGet();
                most.accumulateAndGet(now, Math::max);
                open.add(call);
            } catch (InterruptedException e) {
                // gave up
            }
        }

        @Operation
        public void close() {
            RateLimiter.Call call = open.poll();
            if (call != null) {
                call.close();
                call.close();
            }
        }

        @Operation
        public void unsent() {
            RateLimiter.Call call = open.poll();
            if (call != null) {
                used.decrementAndGet();
                call.unsent();
            }
        }

        @Validate
        public void permitsAddUp() throws InterruptedException {
            if (most.get() > PERMITS) {
                throw new IllegalStateException(most + " calls at once");
            }
            RateLimiter.Usage usage = limiter.usage();
            if (usage.waiting() != 0 || usage.calls() != used.get()) {
                throw new IllegalStateException(usage + ", and " + used + " permits are used");
            }
            Deque<RateLimiter.Call> rest = new ArrayDeque<>();
            try {
                while (rest.size() <= PERMITS) {
                    rest.add(limiter.acquire());
                }
            } catch (InterruptedException e) {
                // that was all
            }
            if (used.get() + rest.size() != PERMITS) {
                throw new IllegalStateException(used + " permits are used and " + rest.size() + " can be had");
            }
            rest.forEach(RateLimiter.Call::unsent);
        }
    }

    /** Operations without results may come in any order. */
    public static final class Anything {

        /** For Lincheck. */
        public Anything() {}

        public void acquire() {}

        public void close() {}

        public void unsent() {}
    }

    private static final class StandingStill implements Time {

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public void sleep(long nanos) {
            throw new IllegalStateException("a limiter waits at its gate");
        }

        @Override
        public double random() {
            return 0;
        }
    }

    /** Locks at which whoever would have to wait gives up, once others had the chance to get in. */
    private static final class GivingUp implements Tasks {

        @Override
        public Task start(String name, ThreadFactory threads, Runnable body) {
            throw new IllegalStateException("a limiter has no threads");
        }

        @Override
        public Load load() {
            throw new IllegalStateException("a limiter has no threads");
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
                public void await(long nanos) throws InterruptedException {
                    lock.unlock();
                    lock.lock();
                    throw new InterruptedException();
                }

                @Override
                public void changed() {}
            };
        }
    }
}

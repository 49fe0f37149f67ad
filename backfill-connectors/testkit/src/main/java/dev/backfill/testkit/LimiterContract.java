package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What every exact rate limiter must do. Extend it, say how yours is made, and run it as a JUnit test. */
public abstract class LimiterContract {

    private static final int SCHEDULES = 40;

    /** For subclasses. */
    protected LimiterContract() {}

    /** A limiter for these limits, unused. It is made and used in a simulated world, so it takes time and locks from its ports. */
    protected abstract RateLimiter limiter(List<Limit> limits) throws Exception;

    /** Arrivals at the other side, in nanoseconds, in order. */
    private List<Long> arrivals(long seed, List<Limit> limits, int threads, int calls, Duration latency)
            throws Exception {
        List<Long> arrivals = new ArrayList<>();
        new World(seed).run(() -> {
            RateLimiter limiter = limiter(limits);
            Ports ports = Ports.current();
            List<Tasks.Task> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                SplittableRandom random = new SplittableRandom(seed * 100 + i);
                tasks.add(ports.tasks().start("caller " + i, Thread::new, () -> {
                    try {
                        for (int j = 0; j < calls; j++) {
                            RateLimiter.Call call = limiter.acquire();
                            ports.time().sleep(random.nextLong(latency.toNanos() + 1)); // on its way there
                            arrivals.add(ports.time().nanos());
                            ports.time().sleep(random.nextLong(latency.toNanos() + 1)); // and back
                            call.close();
                        }
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
            for (Tasks.Task task : tasks) {
                task.join();
            }
            return true;
        });
        return arrivals.stream().sorted().toList();
    }

    private static int most(List<Long> arrivals, Duration window) {
        int most = 0;
        int first = 0;
        for (int last = 0; last < arrivals.size(); last++) {
            while (arrivals.get(last) - arrivals.get(first) >= window.toNanos()) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    /** No stretch of time has more calls than allowed, as the other side sees them. */
    @Test
    void neverLetsMoreThroughThanAllowed() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < SCHEDULES; i++) {
            int calls = 1 + random.nextInt(20);
            List<Limit> limits = List.of(
                    new Limit(calls, Duration.ofMillis(500 + random.nextInt(2_000))),
                    new Limit(calls * 3, Duration.ofMillis(5_000 + random.nextInt(20_000))));
            Duration latency = Duration.ofMillis(1 + random.nextInt(800));
            List<Long> arrivals = arrivals(i, limits, 1 + random.nextInt(8), 20, latency);
            for (Limit limit : limits) {
                assertThat(most(arrivals, limit.per()))
                        .as("arrivals in %s with %s of latency, schedule %s", limit, latency, i)
                        .isLessThanOrEqualTo(limit.calls());
            }
        }
    }

    /** What is allowed can be used: calls without latency take no longer than the limit demands. */
    @Test
    void usesWhatIsAllowed() throws Exception {
        Limit limit = new Limit(50, Duration.ofSeconds(10));
        List<Long> arrivals = arrivals(3, List.of(limit), 4, 100, Duration.ofMillis(1));
        long took = arrivals.get(arrivals.size() - 1) - arrivals.get(0);
        assertThat(Duration.ofNanos(took)).isLessThan(Duration.ofSeconds(71));
    }

    /** A call that was never sent costs nothing. */
    @Test
    void takesBackWhatWasNeverSent() throws Exception {
        new World(1).run(() -> {
            RateLimiter limiter = limiter(List.of(new Limit(1, Duration.ofHours(1))));
            long begin = Ports.current().time().nanos();
            for (int i = 0; i < 10; i++) {
                limiter.acquire().unsent();
            }
            assertThat(Duration.ofNanos(Ports.current().time().nanos() - begin)).isLessThan(Duration.ofMinutes(1));
            return true;
        });
    }

    /** Somebody who gives up waiting takes no permit with him. */
    @Test
    void losesNoPermitToSomebodyWhoGivesUp() throws Exception {
        new World(2).run(() -> {
            Ports ports = Ports.current();
            RateLimiter limiter = limiter(List.of(new Limit(2, Duration.ofSeconds(10))));
            limiter.acquire().close();
            limiter.acquire().close();
            List<Tasks.Task> waiting = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                waiting.add(ports.tasks().start("gives up " + i, Thread::new, () -> {
                    try {
                        limiter.acquire().close();
                    } catch (InterruptedException e) {
                        // gives up
                    }
                }));
            }
            ports.time().sleep(Duration.ofSeconds(1).toNanos());
            for (Tasks.Task task : waiting) {
                task.interrupt();
                task.join();
            }
            long begin = ports.time().nanos();
            limiter.acquire().close();
            limiter.acquire().close();
            assertThat(Duration.ofNanos(ports.time().nanos() - begin)).isLessThan(Duration.ofSeconds(11));
            return true;
        });
    }

    /** When the other side asks for quiet, nobody calls. */
    @Test
    void isQuietWhenAsked() throws Exception {
        new World(3).run(() -> {
            RateLimiter limiter = limiter(List.of(new Limit(100, Duration.ofSeconds(1))));
            long begin = Ports.current().time().nanos();
            limiter.quiet(Duration.ofMinutes(2));
            limiter.acquire().close();
            assertThat(Duration.ofNanos(Ports.current().time().nanos() - begin))
                    .isGreaterThanOrEqualTo(Duration.ofMinutes(2));
            return true;
        });
    }
}

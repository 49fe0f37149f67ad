package dev.backfill.testkit;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * What every exact rate limiter must do. Extend it, say how yours is made, and run it as a JUnit test.
 *
 * <p>The limiter is made and used in a simulated {@link World}, whose time the limiters of this library take. One with a clock of its own
 * says so, and is checked in less detail, for some seconds of real time.
 */
public abstract class LimiterContract {

    private static final int SCHEDULES = 40;

    /** So much shorter are limits, latencies and waits in real time. */
    private static final int REAL = 100;

    /** For subclasses. */
    protected LimiterContract() {}

    /** A limiter for these limits, unused. */
    protected abstract RateLimiter limiter(List<Limit> limits) throws Exception;

    /** Whether it asks the machine what time it is, or another server; say true for a limiter that is not made of the library's own. */
    protected boolean hasItsOwnClock() {
        return false;
    }

    private Duration time(Duration simulated) {
        return hasItsOwnClock() ? simulated.dividedBy(REAL) : simulated;
    }

    private void run(long seed, World.Body<Boolean> body) throws Exception {
        if (hasItsOwnClock()) {
            body.run();
        } else {
            new World(seed).run(body);
        }
    }

    private void inSimulatedTimeOnly() {
        assumeFalse(hasItsOwnClock(), "not checked: in real time a busy machine would be taken for a slow limiter");
    }

    private Limit limit(int calls, Duration simulated) {
        return new Limit(calls, time(simulated));
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(Ports.current().time().nanos() - begin);
    }

    /** Arrivals at the other side, in nanoseconds, in order. */
    private List<Long> arrivals(long seed, List<Limit> limits, int threads, int calls, Duration latency)
            throws Exception {
        List<Long> arrivals = java.util.Collections.synchronizedList(new ArrayList<>());
        run(seed, () -> {
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

    private static void within(List<Long> arrivals, List<Limit> limits, String when) {
        for (Limit limit : limits) {
            int most = most(arrivals, limit.per());
            Lesson.unless(
                    most <= limit.calls(),
                    most + " calls arrived within one " + limit.per() + ", and " + limit + " are allowed, " + when,
                    "the other side counts arrivals in any stretch of time, not starts in those that begin on the hour; it then"
                            + " answers 429, or locks the key",
                    "hold a call's permit from its start until a window's length after its answer was seen");
        }
    }

    /** No stretch of time has more calls than allowed, as the other side sees them. */
    @Test
    void neverLetsMoreThroughThanAllowed() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < (hasItsOwnClock() ? 2 : SCHEDULES); i++) {
            int calls = 1 + random.nextInt(20);
            List<Limit> limits = List.of(
                    limit(calls, Duration.ofMillis(500 + random.nextInt(2_000))),
                    limit(calls * 3, Duration.ofMillis(5_000 + random.nextInt(20_000))));
            Duration latency = time(Duration.ofMillis(1 + random.nextInt(800)));
            int threads = hasItsOwnClock() ? 3 : 1 + random.nextInt(8);
            List<Long> arrivals = arrivals(i, limits, threads, hasItsOwnClock() ? 4 : 20, latency);
            within(arrivals, limits, "in schedule " + i + " with " + latency + " of latency");
        }
    }

    /** What is allowed can be used: calls without latency take no longer than the limit demands. */
    @Test
    void usesWhatIsAllowed() throws Exception {
        inSimulatedTimeOnly();
        Limit limit = new Limit(50, Duration.ofSeconds(10));
        List<Long> arrivals = arrivals(3, List.of(limit), 4, 100, Duration.ofMillis(1));
        Duration took = Duration.ofNanos(arrivals.get(arrivals.size() - 1) - arrivals.get(0));
        Lesson.unless(
                took.compareTo(Duration.ofSeconds(71)) < 0,
                "400 calls under a limit of " + limit + " took " + took + ", and need 70 seconds",
                "a backfill of days takes twice as long as it must",
                "let a permit be free again a window's length after its answer was seen, and wake one who waits for it");
    }

    /** Nobody waits for ever while others are served. */
    @Test
    void servesEverybody() throws Exception {
        Limit limit = limit(5, Duration.ofSeconds(1));
        int calls =
                arrivals(5, List.of(limit), 12, 5, time(Duration.ofMillis(50))).size();
        Lesson.unless(
                calls == 60,
                "of 60 calls by 12 callers " + calls + " were made",
                "a partition whose thread is never served never ends",
                "serve callers in the order in which they came");
    }

    /** A call that was never sent costs nothing. */
    @Test
    void takesBackWhatWasNeverSent() throws Exception {
        inSimulatedTimeOnly();
        run(1, () -> {
            RateLimiter limiter = limiter(List.of(new Limit(1, Duration.ofHours(1))));
            long begin = Ports.current().time().nanos();
            for (int i = 0; i < 10; i++) {
                limiter.acquire().unsent();
            }
            Lesson.unless(
                    since(begin).compareTo(Duration.ofMinutes(1)) < 0,
                    "ten calls that were never sent took " + since(begin) + " under a limit of one per hour",
                    "a call that is given up before it is sent was not counted by the other side",
                    "give the permit of an unsent call back at once");
            return true;
        });
    }

    /** A call that is closed more than once gives back one permit. */
    @Test
    void givesBackOnePermitForACall() throws Exception {
        Limit limit = limit(2, Duration.ofSeconds(10));
        List<Long> starts = new ArrayList<>();
        run(6, () -> {
            RateLimiter limiter = limiter(List.of(limit));
            for (int i = 0; i < 8; i++) {
                RateLimiter.Call call = limiter.acquire();
                starts.add(Ports.current().time().nanos());
                call.close();
                call.close();
                call.unsent();
            }
            return true;
        });
        within(starts, List.of(limit), "where each call is closed twice");
    }

    /** Somebody who gives up waiting takes no permit with him. */
    @Test
    void losesNoPermitToSomebodyWhoGivesUp() throws Exception {
        inSimulatedTimeOnly();
        run(2, () -> {
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
            Lesson.unless(
                    since(begin).compareTo(Duration.ofSeconds(11)) < 0,
                    "after five callers gave up waiting, two calls took " + since(begin)
                            + " under a limit of two per 10 seconds",
                    "each stop of a partition would make the limit smaller, until nothing moves",
                    "when a wait is interrupted, leave the queue and wake the next");
            return true;
        });
    }

    /** A wait can be interrupted. */
    @Test
    void honoursAnInterrupt() throws Exception {
        run(8, () -> {
            Ports ports = Ports.current();
            RateLimiter limiter = limiter(List.of(limit(1, Duration.ofHours(1))));
            limiter.acquire().close();
            AtomicBoolean honoured = new AtomicBoolean();
            Tasks.Task waiting = ports.tasks().start("waits", Thread::new, () -> {
                try {
                    limiter.acquire().close();
                } catch (InterruptedException e) {
                    honoured.set(true);
                }
            });
            ports.time().sleep(time(Duration.ofSeconds(1)).toNanos());
            waiting.interrupt();
            waiting.join();
            Lesson.unless(
                    honoured.get(),
                    "an interrupt is swallowed: a caller that waited was interrupted and waited on",
                    "a run that is to stop would wait until the limit lets it go on",
                    "let acquire throw InterruptedException");
            return true;
        });
    }

    /** When the other side asks for quiet, nobody calls. */
    @Test
    void isQuietWhenAsked() throws Exception {
        run(3, () -> {
            RateLimiter limiter = limiter(List.of(limit(100, Duration.ofSeconds(1))));
            long begin = Ports.current().time().nanos();
            limiter.quiet(time(Duration.ofMinutes(2)));
            limiter.acquire().close();
            quiet(begin, Duration.ofMinutes(2), "quiet was asked for");
            return true;
        });
    }

    private void quiet(long begin, Duration simulated, String what) {
        Lesson.unless(
                since(begin).compareTo(time(simulated)) >= 0,
                what + " for " + time(simulated) + ", and a call was made after " + since(begin),
                "Retry-After is a lower bound: who comes earlier is locked out for longer",
                "let no call start before the time is over, whoever asks");
    }

    /** A shorter wish for quiet does not undo a longer one. */
    @Test
    void staysQuietForTheLongest() throws Exception {
        run(4, () -> {
            RateLimiter limiter = limiter(List.of(limit(100, Duration.ofSeconds(1))));
            long begin = Ports.current().time().nanos();
            limiter.quiet(time(Duration.ofMinutes(2)));
            limiter.quiet(time(Duration.ofSeconds(1)));
            limiter.remaining(50, time(Duration.ofSeconds(1)));
            limiter.acquire().close();
            quiet(begin, Duration.ofMinutes(2), "quiet was asked for, and then for less,");
            return true;
        });
    }

    /** When the server says that no call is left, nobody calls until its count begins anew. */
    @Test
    void stopsWhenNoCallIsLeft() throws Exception {
        run(5, () -> {
            RateLimiter limiter = limiter(List.of(limit(100, Duration.ofSeconds(1))));
            limiter.acquire().close();
            long begin = Ports.current().time().nanos();
            limiter.remaining(0, time(Duration.ofMinutes(1)));
            limiter.acquire().close();
            quiet(begin, Duration.ofMinutes(1), "the server said that no call is left");
            return true;
        });
    }

    /** What a server says never allows more than the limit. */
    @Test
    void isNeverMadeFasterByTheServer() throws Exception {
        Limit limit = limit(3, Duration.ofSeconds(10));
        List<Long> starts = new ArrayList<>();
        run(7, () -> {
            RateLimiter limiter = limiter(List.of(limit));
            for (int i = 0; i < 9; i++) {
                RateLimiter.Call call = limiter.acquire();
                starts.add(Ports.current().time().nanos());
                call.left(limit, 1_000_000);
                limiter.remaining(1_000_000, time(Duration.ofSeconds(1)));
                limiter.resumed();
                call.close();
            }
            return true;
        });
        within(starts, List.of(limit), "where the server says that a million are left");
    }
}

package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a limiter makes of what the server says is left. */
class LimiterWithOthersTest {

    private static final Limit LIMIT = new Limit(10, Duration.ofMinutes(1));

    private static Duration since(long begin) {
        return Duration.ofNanos(Ports.current().time().nanos() - begin);
    }

    @Test
    void callsOfOthersAreLeftToThem() throws Exception {
        List<Duration> starts = new ArrayList<>();
        new World(1).run(() -> {
            RateLimiter limiter = RateLimiter.of(LIMIT);
            long begin = Ports.current().time().nanos();
            RateLimiter.Call first = limiter.acquire();
            first.left(LIMIT, 3);
            first.close();
            for (int i = 0; i < 5; i++) {
                limiter.acquire().close();
                starts.add(since(begin));
            }
            return true;
        });
        assertThat(starts.subList(0, 3)).allMatch(start -> start.compareTo(Duration.ofSeconds(1)) < 0);
        assertThat(starts.subList(3, 5))
                .allMatch(start ->
                        start.compareTo(Duration.ofSeconds(60)) >= 0 && start.compareTo(Duration.ofSeconds(62)) < 0);
    }

    @Test
    void aLimitOfAnotherLengthOrASmallerOneIsNotOurs() throws Exception {
        new World(1).run(() -> {
            RateLimiter limiter = RateLimiter.of(LIMIT);
            long begin = Ports.current().time().nanos();
            RateLimiter.Call first = limiter.acquire();
            first.left(new Limit(10, Duration.ofHours(1)), 0);
            first.left(new Limit(9, Duration.ofMinutes(1)), 0);
            first.close();
            limiter.acquire().close();
            assertThat(since(begin)).isLessThan(Duration.ofSeconds(1));
            return true;
        });
    }

    /** A server with sliding windows, of which nobody else makes use. */
    private static Duration elapsed(long seed, boolean told) throws Exception {
        List<Duration> elapsed = new ArrayList<>();
        new World(seed).run(() -> {
            RateLimiter limiter = RateLimiter.of(LIMIT);
            Ports ports = Ports.current();
            Deque<Long> counted = new ArrayDeque<>();
            List<Tasks.Task> tasks = new ArrayList<>();
            long begin = ports.time().nanos();
            for (int i = 0; i < 4; i++) {
                SplittableRandom random = new SplittableRandom(seed * 100 + i);
                tasks.add(ports.tasks().start("caller " + i, Thread::new, () -> {
                    try {
                        for (int j = 0; j < 50; j++) {
                            RateLimiter.Call call = limiter.acquire();
                            ports.time()
                                    .sleep(random.nextLong(Duration.ofSeconds(2).toNanos()));
                            long now = ports.time().nanos();
                            while (!counted.isEmpty()
                                    && now - counted.peek() >= LIMIT.per().toNanos()) {
                                counted.remove();
                            }
                            counted.add(now);
                            long left = LIMIT.calls() - counted.size();
                            assertThat(left).isNotNegative();
                            ports.time()
                                    .sleep(random.nextLong(Duration.ofSeconds(2).toNanos()));
                            if (told) {
                                call.left(LIMIT, left);
                            }
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
            elapsed.add(since(begin));
            return true;
        });
        return elapsed.get(0);
    }

    @Test
    void ourOwnCallsAreNotMistakenForThoseOfOthers() throws Exception {
        for (long seed = 1; seed <= 20; seed++) {
            assertThat(elapsed(seed, true))
                    .isLessThanOrEqualTo(elapsed(seed, false).plusSeconds(1));
        }
    }
}

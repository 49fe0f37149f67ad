package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Two runs with one credential share one limiter, and so one limit. */
class LimiterOfTwoRunsTest {

    private static final Limit LIMIT = new Limit(10, Duration.ofMinutes(1));
    private static final int PAGES = 60;

    private final List<Long> arrivals = new ArrayList<>();
    private final Map<String, Integer> calls = new TreeMap<>();
    private RateLimiter limiter;

    private static void sleep(Duration time) throws InterruptedException {
        Ports.current().time().sleep(time.toNanos());
    }

    private Run start(String name) throws Exception {
        Source<Integer> source = from -> {
            arrivals.add(Ports.current().time().nanos());
            calls.merge(name, 1, Integer::sum);
            int page = from.orElse(1);
            return page == PAGES ? Page.last(List.of(page)) : Page.of(List.of(page), page + 1);
        };
        return Backfill.named(name)
                .from(source.limitedBy(limiter))
                .into(batch -> {})
                .checkpoint(new MemoryCheckpoint())
                .start();
    }

    private void checkLimit() {
        long per = LIMIT.per().toNanos();
        for (int i = LIMIT.calls(); i < arrivals.size(); i++) {
            assertThat(arrivals.get(i) - arrivals.get(i - LIMIT.calls())).isGreaterThanOrEqualTo(per);
        }
    }

    @Test
    void togetherTheyKeepTheLimitAndNeitherStarves() throws Exception {
        for (int seed = 1; seed <= 5; seed++) {
            arrivals.clear();
            calls.clear();
            new World(seed).run(() -> {
                limiter = RateLimiter.of(LIMIT);
                Run first = start("first");
                Run second = start("second");
                sleep(Duration.ofSeconds(270)); // five windows of ten calls
                assertThat(calls.get("first")).isBetween(15, 35);
                assertThat(calls.get("first") + calls.get("second")).isEqualTo(50);
                assertThat(first.await().complete()).isTrue();
                assertThat(second.await().complete()).isTrue();
                return true;
            });
            assertThat(arrivals).hasSize(2 * PAGES);
            checkLimit();
        }
    }

    @Test
    void oneThatIsPausedOrStoppedLeavesTheLimitToTheOtherAndAddsNoBurstLater() throws Exception {
        new World(1).run(() -> {
            limiter = RateLimiter.of(LIMIT);
            Run paused = start("paused");
            Run stopped = start("stopped");
            Run other = start("other");
            sleep(Duration.ofSeconds(30)); // all of them wait for a permit
            paused.pause();
            stopped.stop();
            assertThat(stopped.await().status()).isEqualTo(Report.Status.INTERRUPTED);
            int before = calls.getOrDefault("paused", 0);
            assertThat(other.await().complete()).isTrue();
            assertThat(calls.getOrDefault("paused", 0) - before)
                    .as("a page that was being read")
                    .isLessThanOrEqualTo(1);
            sleep(Duration.ofMinutes(10));
            paused.resume();
            assertThat(paused.await().complete()).isTrue();
            assertThat(limiter.usage().waiting()).isZero();
            return true;
        });
        checkLimit();
    }
}

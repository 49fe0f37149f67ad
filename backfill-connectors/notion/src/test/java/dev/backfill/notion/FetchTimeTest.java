package dev.backfill.notion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.RateLimiter.Limit;
import dev.backfill.simulators.NotionSimulator;
import dev.backfill.testkit.JumpingTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long 33,700 pages take under Notion's limit, by a clock that stands still but for latency and waiting. */
class FetchTimeTest {

    private static final int PAGES = 33_700;
    private static final int CALLS = 180;
    private static final long WINDOW = 60_000;
    private static final long LATENCY = 150;
    private static final long JITTER = 100;

    @Test
    void readingTakesNoLongerThanTheLimitAllows() throws Exception {
        try (Workspace workspace = new Workspace(
                NotionSimulator.with()
                        .pages(PAGES)
                        .latency(Duration.ofMillis(LATENCY), Duration.ofMillis(JITTER))
                        .limit(new Limit(CALLS, Duration.ofMillis(WINDOW))),
                JumpingTime.still())) {
            Instant begin = workspace.time.now();
            int read = workspace
                    .bound(() -> Workspace.all(workspace.notion().pages("Name", "Flag")))
                    .size();
            double took = Duration.between(begin, workspace.time.now()).toNanos() / 1e6;

            List<String> log = workspace.log();
            int calls = log.size();
            double ideal = (calls - 1) / CALLS * WINDOW + ((calls - 1) % CALLS + 1) * (LATENCY + JITTER / 2.0);
            long refused = log.stream().filter(call -> call.contains(" 429 ")).count();
            System.out.printf(
                    "%,d pages in %d calls of %d to %d ms: %.1f s, %.4f of the ideal; %d answered 429%n",
                    read, calls, LATENCY, LATENCY + JITTER, took / 1000, took / ideal, refused);
            assertThat(refused).isZero();
            assertThat(took / ideal).isLessThanOrEqualTo(1.03);
            assertThat(read).isGreaterThanOrEqualTo(PAGES); // a page on the border of two windows may come twice
        }
    }
}

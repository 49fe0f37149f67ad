package dev.backfill.blaze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Cursor;
import dev.backfill.Partition;
import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.SlotLimiter;
import dev.backfill.simulators.BlazeSimulator;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much of an allowance is used, judged by what arrives at the other side; in a time that jumps. */
class BlazeAllowanceTest {

    private static final int CALLS = 600;
    private static final Duration WINDOW = Duration.ofMinutes(5);
    private static final int WINDOWS = 3;
    private static final LocalDate FROM = LocalDate.of(2018, 1, 1);
    private static final LocalDate TO = LocalDate.of(2024, 1, 1);

    @TempDir
    Path folder = Path.of("");

    /** Reads on, each window from where it is, until the process dies with so many calls made, or there is no more. */
    private void lives(Shop shop, Map<String, Optional<Cursor>> places, int calls) throws Exception {
        shop.bound(() -> {
            try (SlotLimiter limiter = RateLimiter.of(CALLS, WINDOW).keptIn(folder, "blaze")) {
                Blaze blaze = shop.blaze().limitedBy(limiter).windowsOf(1);
                int made = 0;
                for (Partition<Transaction> window :
                        blaze.transactions(FROM, TO).partitions()) {
                    Optional<Cursor> at = places.getOrDefault(window.name(), Optional.of(Cursor.START));
                    while (at.isPresent() && made < calls) {
                        at = window.source().read(at.get()).next();
                        made++;
                    }
                    places.put(window.name(), at);
                }
            }
            return true;
        });
    }

    @Test
    void theAllowanceIsUsedAndKeptAlsoByTwoProcessesOfWhichOneDies() throws Exception {
        try (Shop shop = new Shop(BlazeSimulator.with()
                .transactions(6_000)
                .between(FROM, TO.minusDays(1))
                .latency(Duration.ofMillis(20), Duration.ofMillis(150))
                .limit(new Limit(CALLS, WINDOW)))) {
            Map<String, Optional<Cursor>> places = new HashMap<>();
            lives(shop, places, 2 * CALLS + CALLS / 3);
            lives(shop, places, Integer.MAX_VALUE);

            List<Long> arrivals = new ArrayList<>();
            for (String call : shop.log()) {
                String[] words = call.split(" ", -1);
                assertThat(words[2]).isEqualTo("200");
                arrivals.add(Long.parseLong(words[0]));
            }
            long window = WINDOW.toMillis();
            for (int i = CALLS; i < arrivals.size(); i++) {
                assertThat(arrivals.get(i) - arrivals.get(i - CALLS)).isGreaterThanOrEqualTo(window);
            }
            long first = arrivals.get(0);
            long used = arrivals.stream()
                    .filter(at -> at < first + WINDOWS * window)
                    .count();
            assertThat(arrivals.get(arrivals.size() - 1)).isGreaterThan(first + WINDOWS * window);
            System.out.printf(
                    "%,d calls in %s, a death among them: %.2f %% of %d whole windows used, 0 answered 429%n",
                    CALLS, WINDOW, 100.0 * used / (WINDOWS * CALLS), WINDOWS);
            assertThat(used).isGreaterThanOrEqualTo(WINDOWS * CALLS * 995 / 1_000);
        }
    }
}

package dev.backfill.guesty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.SlotLimiter;
import dev.backfill.Source;
import dev.backfill.simulators.GuestySimulator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An account of 40,000 conversations under Guesty's three limits, in a time that jumps, by a process that dies thirty times.
 *
 * <p>Not a part of the ordinary build: {@code ./mvnw verify -pl backfill-connectors/guesty -am -Dtest=HourlyLimitCheck
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class HourlyLimitCheck {

    private static final int CONVERSATIONS = Integer.getInteger("backfill.guesty.conversations", 40_000);
    private static final int CRASHES = 30;
    private static final List<Limit> LIMITS =
            List.of(Limit.parse("15/1s"), Limit.parse("120/1m"), Limit.parse("5000/1h"));

    @TempDir
    Path folder = Path.of("");

    /** Reads on from a cursor as it was stored, by a process of its own, until it dies or there is no more; gives the last cursor. */
    private Optional<String> runs(Account account, String from, int reads, Map<String, Account.Row> rows)
            throws Exception {
        return account.bound(() -> {
            try (SlotLimiter limiter = RateLimiter.of(15, Duration.ofSeconds(1))
                    .and(120, Duration.ofMinutes(1))
                    .and(5_000, Duration.ofHours(1))
                    .keptIn(folder.resolve("calls"), "guesty")) {
                Guesty guesty = account.with(account.simulator.clientSecret())
                        .limitedBy(limiter)
                        .keptIn(folder);
                Source<Message> source = guesty.messages(Account.ALL);
                Cursor at = Cursor.parse(from);
                for (int i = 0; i < reads; i++) {
                    Page<Message> page = source.read(at);
                    rows.putAll(Account.rows(page.items()));
                    if (page.next().isEmpty()) {
                        return Optional.empty();
                    }
                    at = page.next().get();
                }
                return Optional.of(at.json());
            }
        });
    }

    @Test
    void theHourlyLimitIsUsedAndKeptAndNoConversationIsReadTwiceForNothing() throws Exception {
        try (Account account =
                new Account(GuestySimulator.with().conversations(CONVERSATIONS).documentedLimits())) {
            Map<String, Account.Row> rows = new TreeMap<>();
            SplittableRandom random = new SplittableRandom(11);
            String at = Cursor.START.json();
            for (int i = 0; i < CRASHES; i++) {
                at = runs(account, at, random.nextInt(2 * CONVERSATIONS / CRASHES), rows)
                        .orElseThrow();
            }
            assertThat(runs(account, at, Integer.MAX_VALUE, rows)).isEmpty();

            assertThat(rows).isEqualTo(account.truth());
            List<String> log = account.log();
            assertThat(log).noneMatch(call -> call.contains(" 429 "));
            judge(log);
        }
    }

    private static void judge(List<String> log) {
        List<Long> arrivals = new ArrayList<>();
        Map<String, Integer> calls = new HashMap<>();
        for (String call : log) {
            String[] fields = call.split(" ");
            arrivals.add(Long.parseLong(fields[0]));
            calls.merge(fields[3], 1, Integer::sum);
        }
        for (Limit limit : LIMITS) {
            for (int i = limit.calls(); i < arrivals.size(); i++) {
                assertThat(arrivals.get(i) - arrivals.get(i - limit.calls()))
                        .as("%s", limit)
                        .isGreaterThanOrEqualTo(limit.per().toMillis());
            }
        }
        int count = arrivals.size();
        long again = calls.entrySet().stream()
                .filter(entry -> entry.getKey().contains("/posts"))
                .mapToInt(entry -> entry.getValue() - 1)
                .sum();
        // whole hours at the hourly limit, and the last one at the limit of a minute
        double ideal = (double) ((count - 1) / 5_000 * 3_600_000L) + ((count - 1) % 5_000) / 120 * 60_000.0;
        double took = arrivals.get(count - 1) - arrivals.get(0);
        System.out.printf(
                "%,d conversations: %,d calls in %.2f h, %.4f of the ideal; %d crashes, after which %d calls for posts were made again%n",
                CONVERSATIONS, count, took / 3_600_000, took / ideal, CRASHES, again);
        assertThat(took / ideal).isLessThanOrEqualTo(1.02);
    }
}

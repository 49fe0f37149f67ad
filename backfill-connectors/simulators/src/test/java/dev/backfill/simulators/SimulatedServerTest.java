package dev.backfill.simulators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.RateLimiter.Limit;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class SimulatedServerTest {

    private static final String PATH = "/api/v1/partner/transactions?startDate=01/01/2024&endDate=01/08/2024";

    private static HttpResponse<byte[]> refused(Limits limits) throws Exception {
        try (BlazeSimulator blaze = BlazeSimulator.with().limits(limits).start(0)) {
            Client client = Client.of(blaze);
            for (int i = 0; i < 3; i++) {
                assertThat(client.status(PATH)).isEqualTo(200);
            }
            HttpResponse<byte[]> answer = client.send(PATH);
            assertThat(answer.statusCode()).isEqualTo(429);
            return answer;
        }
    }

    private static Limits threeAMinute() {
        return Limits.of(new Limit(3, Duration.ofMinutes(1)));
    }

    private static String retryAfter(HttpResponse<byte[]> answer) {
        return answer.headers().firstValue("Retry-After").orElse("");
    }

    @Test
    void refusesWhatIsTooMuchInAllWays() throws Exception {
        assertThat(Integer.parseInt(retryAfter(refused(threeAMinute())))).isBetween(50, 60);
        Instant date = ZonedDateTime.parse(
                        retryAfter(refused(threeAMinute().retryAfter(Limits.RetryAfter.HTTP_DATE))),
                        DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
        assertThat(date).isBetween(Instant.now().plusSeconds(40), Instant.now().plusSeconds(62));
        assertThat(retryAfter(refused(threeAMinute().retryAfter(Limits.RetryAfter.MISSING))))
                .isEmpty();
        assertThat(ZonedDateTime.parse(
                                retryAfter(refused(threeAMinute().retryAfter(Limits.RetryAfter.PAST))),
                                DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant())
                .isBefore(Instant.now());
        assertThat(retryAfter(refused(threeAMinute().retryAfter(Limits.RetryAfter.HUGE))))
                .isEqualTo("1000000");
        assertThat(retryAfter(refused(threeAMinute().retryAfter(Limits.RetryAfter.GARBAGE))))
                .isEqualTo("soon");
        assertThat(new String(refused(threeAMinute().inHtml()).body(), java.nio.charset.StandardCharsets.UTF_8))
                .startsWith("<html>");
        assertThat(Client.JSON
                        .readTree(refused(threeAMinute()).body())
                        .get("status")
                        .asInt())
                .isEqualTo(429);
    }

    @Test
    void tellsWhatIsLeftInAllShapes() throws Exception {
        assertThat(refused(threeAMinute().headers(Limits.Headers.STRUCTURED))
                        .headers()
                        .firstValue("RateLimit")
                        .orElseThrow())
                .matches("\"default\";r=0;t=\\d\\d");
        assertThat(refused(threeAMinute().headers(Limits.Headers.COMBINED))
                        .headers()
                        .firstValue("RateLimit")
                        .orElseThrow())
                .matches("limit=3, remaining=0, reset=\\d\\d");
        assertThat(refused(threeAMinute().headers(Limits.Headers.SPLIT))
                        .headers()
                        .firstValue("RateLimit-Remaining"))
                .contains("0");
        assertThat(Long.parseLong(refused(threeAMinute().headers(Limits.Headers.X_RATE_LIMIT))
                        .headers()
                        .firstValue("X-RateLimit-Reset")
                        .orElseThrow()))
                .isGreaterThan(1_000_000_000);
        assertThat(refused(threeAMinute().headers(Limits.Headers.MALFORMED))
                        .headers()
                        .firstValue("X-RateLimit-Reset"))
                .contains("tomorrow");
    }

    @Test
    void disablesAKeyThatDoesNotListen() throws Exception {
        try (BlazeSimulator blaze =
                BlazeSimulator.with().limits(threeAMinute().banAfter(2)).start(0)) {
            Client client = Client.of(blaze);
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                statuses.add(client.status(PATH));
            }
            assertThat(statuses).containsExactly(200, 200, 200, 429, 403, 403);
            assertThat(Client.of(blaze).header("partner_key", "another").status(PATH))
                    .as("another key has its own count")
                    .isEqualTo(401);
        }
    }

    @Test
    void theLogTellsEveryCallInOrderAndNoKey() throws Exception {
        try (BlazeSimulator blaze = BlazeSimulator.with().limits(threeAMinute()).start(0)) {
            Client client = Client.of(blaze);
            for (int i = 0; i < 4; i++) {
                client.status(PATH + "&skip=" + i);
            }
            Client.bare(blaze).status(PATH);
            client.truth("");
            List<String> log = client.log();
            assertThat(log).hasSize(5);
            assertThat(log.get(3)).matches("\\d{13} " + blaze.partnerKey().fingerprint() + " 429 /api/.*skip=3");
            assertThat(log.get(4)).matches("\\d{13} - 401 /api/.*");
            assertThat(log).isSortedAccordingTo(java.util.Comparator.comparing(line -> line.substring(0, 13)));
            assertThat(client.text("/__log")).doesNotContain(blaze.partnerKey().reveal());
        }
    }

    @Test
    void theLogKeepsManyCallsFromManyThreads() throws Exception {
        CallLog log = new CallLog();
        var threads = Executors.newFixedThreadPool(4);
        for (int t = 0; t < 4; t++) {
            int thread = t;
            threads.execute(() -> {
                for (int i = 0; i < 10_000; i++) {
                    log.answered(log.arrived(System::currentTimeMillis, "-", "/t" + thread + "/" + i), 200);
                }
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(1, java.util.concurrent.TimeUnit.MINUTES))
                .isTrue();
        log.arrived(System::currentTimeMillis, "-", "/open");
        var bytes = new java.io.ByteArrayOutputStream();
        log.to(bytes);
        List<String> lines =
                bytes.toString(java.nio.charset.StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(40_001);
        Set<String> requests = new HashSet<>();
        lines.forEach(line -> requests.add(line.split(" ", 4)[3]));
        assertThat(requests).hasSize(40_001);
        assertThat(lines.get(40_000)).endsWith(" - 0 /open");
    }

    @Test
    void everyKindOfFaultComesAndAClientThatTriesAgainGetsThrough() throws Exception {
        try (BlazeSimulator blaze =
                BlazeSimulator.with().faults(70).slowness(Duration.ofMillis(40)).start(0)) {
            Client client = Client.of(blaze);
            Set<String> seen = new HashSet<>();
            for (int skip = 0; skip < 60; skip++) {
                int inARow = 0;
                while (!attempt(client, PATH + "&skip=" + skip, seen)) {
                    assertThat(++inARow).isLessThanOrEqualTo(3);
                }
            }
            assertThat(seen).contains("500", "502", "503", "504", "html", "json", "empty", "reset", "truncated");
        }
    }

    /** Whether there was a sound answer. */
    private static boolean attempt(Client client, String path, Set<String> seen) throws InterruptedException {
        try {
            HttpResponse<byte[]> answer = client.send(path);
            String body = new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8);
            if (answer.statusCode() == 200) {
                Client.JSON.readTree(body);
                return true;
            }
            seen.add(String.valueOf(answer.statusCode()));
            seen.add(body.isEmpty() ? "empty" : body.startsWith("<html>") ? "html" : "json");
        } catch (IOException e) {
            seen.add("reset");
        } catch (tools.jackson.core.JacksonException e) {
            seen.add("truncated");
        }
        return false;
    }

    @Test
    void theSameSeedGivesTheSameFaults() throws Exception {
        List<List<Integer>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            try (BlazeSimulator blaze =
                    BlazeSimulator.with().seed(5).faults(40, Fault.ERROR).start(0)) {
                List<Integer> statuses = new ArrayList<>();
                for (int skip = 0; skip < 30; skip++) {
                    statuses.add(Client.of(blaze).status(PATH + "&skip=" + skip));
                }
                runs.add(statuses);
            }
        }
        assertThat(runs.get(1)).isEqualTo(runs.get(0)).contains(200, 503);
    }

    @Test
    void anAnswerTakesAsLongAsItIsTold() throws Exception {
        try (BlazeSimulator blaze = BlazeSimulator.with()
                        .latency(Duration.ofMillis(120), Duration.ofMillis(30))
                        .start(0);
                BlazeSimulator slow = BlazeSimulator.with()
                        .faults(100, Fault.SLOW)
                        .slowness(Duration.ofMillis(300))
                        .start(0)) {
            long begin = System.nanoTime();
            Client.of(blaze).status(PATH);
            assertThat(System.nanoTime() - begin).isGreaterThan(120_000_000L);
            begin = System.nanoTime();
            assertThat(Client.of(slow).status(PATH)).isEqualTo(200);
            assertThat(System.nanoTime() - begin).isGreaterThan(250_000_000L);
        }
    }
}

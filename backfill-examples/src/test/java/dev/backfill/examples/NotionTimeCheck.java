package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.RateLimiter.Limit;
import dev.backfill.simulators.NotionSettings;
import dev.backfill.simulators.NotionSimulator;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long the reading of 33,700 pages takes under Notion's limit in real time, beside what the limit and the latency allow.
 *
 * <p>Not a part of the ordinary build: {@code ./mvnw verify -Dtest=NotionTimeCheck -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class NotionTimeCheck {

    private static final int CALLS = 180;
    private static final long WINDOW = 60_000;
    private static final long LATENCY = 150;

    @TempDir
    Path folder = Path.of("");

    private static List<String> log(NotionSimulator notion) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(notion.url().resolve(URI.create("/__log")))
                                .build(),
                        HttpResponse.BodyHandlers.ofLines())
                .body()
                .toList();
    }

    private Process job(NotionSimulator notion) throws Exception {
        Path keys = folder.resolve("keys");
        Files.writeString(
                keys, "NOTION_TOKEN=" + notion.token().reveal() + "\nNOTION_DATABASE_ID=" + notion.database() + "\n");
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "notion-duplicates",
                        "--home",
                        folder.resolve("home").toString(),
                        "--url",
                        notion.url().toString(),
                        "--env-file",
                        keys.toString())
                .redirectErrorStream(true)
                .start();
    }

    private static NotionSettings settings() {
        return NotionSimulator.with().pages(33_700).latency(Duration.ofMillis(LATENCY), Duration.ZERO);
    }

    /** What a call takes, the work of the simulator included, for a client that does nothing but make the same calls. */
    private static double bareMillis(String path, int calls) throws Exception {
        Pattern next = Pattern.compile("\"next_cursor\":\"([^\"]*)\"");
        HttpClient client = HttpClient.newHttpClient();
        try (NotionSimulator notion = settings().start(0)) {
            String cursor = "";
            long begin = 0;
            for (int i = -20; i < calls; i++) { // the first ones warm up
                if (i == 0) {
                    begin = System.nanoTime();
                }
                String body =
                        "{\"page_size\":100,\"sorts\":[{\"timestamp\":\"created_time\",\"direction\":\"ascending\"}]"
                                + (cursor.isEmpty() ? "" : ",\"start_cursor\":\"" + cursor + "\"") + "}";
                String answer = client.send(
                                HttpRequest.newBuilder(notion.url().resolve(URI.create(path)))
                                        .header(
                                                "Authorization",
                                                "Bearer " + notion.token().reveal())
                                        .header("Notion-Version", "2025-09-03")
                                        .header("Content-Type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.ofString(body))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
                Matcher found = next.matcher(answer);
                cursor = found.find() ? found.group(1) : "";
                assertThat(cursor)
                        .as(answer.substring(0, Math.min(300, answer.length())))
                        .isNotEmpty();
            }
            return (System.nanoTime() - begin) / 1e6 / calls;
        }
    }

    @Test
    void readingTakesNoLongerThanTheLimitAllows() throws Exception {
        try (NotionSimulator notion =
                settings().limit(new Limit(CALLS, Duration.ofMillis(WINDOW))).start(0)) {
            Process job = job(notion);
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(job.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    System.out.println(line);
                    if (log(notion).stream().anyMatch(call -> call.contains("PATCH"))) {
                        break;
                    }
                }
            } finally {
                job.destroyForcibly();
            }
            List<String> calls = log(notion);
            List<Long> arrivals = calls.stream()
                    .takeWhile(call -> !call.contains("PATCH"))
                    .map(call -> Long.parseLong(call.split(" ")[0]))
                    .toList();
            int count = arrivals.size();
            String path = calls.get(count - 1).split(" ")[3];
            int last = (count - 1) % CALLS + 1;
            double bare = bareMillis(path, 60);
            double took = arrivals.get(count - 1) - arrivals.get(0) + bare;
            double ideal = (double) ((count - 1) / CALLS * WINDOW) + last * bare;
            long refused = calls.stream().filter(call -> call.contains(" 429 ")).count();
            System.out.printf(
                    "33,700 pages in %d calls: %.0f ms, %.3f of the ideal %.0f ms, which is what the limit allows and %d calls of"
                            + " %.0f ms in the last window; %d answered 429%n",
                    count, took, took / ideal, ideal, last, bare, refused);
            assertThat(refused).isZero();
            assertThat(count).isGreaterThanOrEqualTo(337);
        }
    }
}

package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.simulators.NotionSettings;
import dev.backfill.simulators.NotionSimulator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The job against a simulated Notion that outlives it, judged by what that Notion holds at the end. */
class NotionDuplicatesTest {

    private static final int PAGES = Integer.getInteger("backfill.notion.pages", 1_500);
    private static final int KILLS = Integer.getInteger("backfill.kills", 5);

    private static final Pattern LINE = Pattern.compile(
            "\"id\":\"([^\"]*)\".*\"duplicate\":(true|false).*\"Flag\":(null|\\{[^}]*\"name\":\"([^\"]*)\"[^}]*}|\"([^\"]*)\")");

    @TempDir
    Path folder = Path.of("");

    private Process job(NotionSimulator notion, String... more) throws Exception {
        Path keys = folder.resolve("keys");
        Files.writeString(
                keys, "NOTION_TOKEN=" + notion.token().reveal() + "\nNOTION_DATABASE_ID=" + notion.database() + "\n");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "notion-duplicates",
                "--home",
                folder.resolve("home").toString(),
                "--url",
                notion.url().toString(),
                "--env-file",
                keys.toString(),
                "--rate",
                "100000/1s"));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("NOTION_"));
        return builder.start();
    }

    private static String completes(Process job) throws Exception {
        String text = new String(job.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(job.waitFor()).as(text).isZero();
        assertThat(text).contains("notion-duplicates: COMPLETE");
        return text;
    }

    private static List<String> get(NotionSimulator notion, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(notion.url().resolve(URI.create(path)))
                                .build(),
                        HttpResponse.BodyHandlers.ofLines())
                .body()
                .toList();
    }

    /** Every page that is one of several is flagged as a duplicate, and no other is. */
    private static int flagsAreTheTruth(NotionSimulator notion) throws Exception {
        int duplicates = 0;
        for (String line : get(notion, "/__truth")) {
            Matcher page = LINE.matcher(line);
            assertThat(page.find()).as(line).isTrue();
            boolean duplicate = page.group(2).equals("true");
            String flag = page.group(4) != null ? page.group(4) : String.valueOf(page.group(5));
            assertThat(flag.equals("Duplicate")).as(line).isEqualTo(duplicate);
            duplicates += duplicate ? 1 : 0;
        }
        return duplicates;
    }

    private static NotionSettings troubled() {
        return NotionSimulator.with()
                .pages(PAGES)
                .cap(Math.max(400, PAGES / 4))
                .cursorsLast(20)
                .conflicts(2)
                .lostWrites(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"database", "file"})
    void theFlagsAreTheTruthHoweverOftenItIsKilled(String checkpoint) throws Exception {
        try (NotionSimulator notion = troubled().start(0)) {
            SplittableRandom random = new SplittableRandom(3);
            for (int i = 0; i < KILLS; i++) {
                Process job = job(notion, "--checkpoint", checkpoint);
                int enough = get(notion, "/__log").size() + 1 + random.nextInt(PAGES / 25);
                while (!job.waitFor(5, TimeUnit.MILLISECONDS)
                        && get(notion, "/__log").size() < enough) {
                    // until it has made some calls
                }
                job.toHandle().destroyForcibly();
                job.waitFor();
            }
            String last = completes(job(notion, "--checkpoint", checkpoint));
            int duplicates = flagsAreTheTruth(notion);
            assertThat(duplicates).isPositive();
            System.out.printf(
                    "%d kills, %s checkpoint: %d of %d pages are duplicates, and they are flagged; %d calls%n",
                    KILLS, checkpoint, duplicates, PAGES, get(notion, "/__log").size());
            assertThat(last).doesNotContain("dead letters");
        }
    }

    @Test
    void aDryRunTellsWhatItWouldDoAndTouchesNothing() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with().pages(400).start(0)) {
            List<String> before = get(notion, "/__truth");
            String text = completes(job(notion, "--dry-run"));
            assertThat(text).contains("would tag ").contains("would clear ");
            assertThat(get(notion, "/__truth")).isEqualTo(before);
            assertThat(get(notion, "/__log")).noneMatch(call -> call.contains("PATCH"));

            completes(job(notion));
            int flagged = flagsAreTheTruth(notion);
            assertThat(text.lines()
                            .filter(line -> line.startsWith("would tag "))
                            .count())
                    .isLessThanOrEqualTo(flagged)
                    .isPositive();
        }
    }
}

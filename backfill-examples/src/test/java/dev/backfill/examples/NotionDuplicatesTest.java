package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.simulators.NotionChange;
import dev.backfill.simulators.NotionQuirk;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The job against a simulated Notion that outlives it, judged by what that Notion holds at the end. */
class NotionDuplicatesTest {

    private static final int PAGES = Integer.getInteger("backfill.notion.pages", 600);
    private static final int KILLS = Integer.getInteger("backfill.kills", 1);

    private static final Pattern LINE = Pattern.compile(
            "\"id\":\"([^\"]*)\".*\"duplicate\":(true|false).*\"Flag\":(null|\\{[^}]*\"name\":\"([^\"]*)\"[^}]*}|\"([^\"]*)\")");

    private static final Pattern PAGE = Pattern.compile("\"id\":\"([^\"]*)\",\"title\":\"((?:[^\"\\\\]|\\\\.)*)\"");

    @TempDir
    Path folder = Path.of("");

    private Path keys(NotionSimulator notion) throws Exception {
        return Files.writeString(
                folder.resolve("keys"),
                "NOTION_TOKEN=" + notion.token().reveal() + "\nNOTION_DATABASE_ID=" + notion.database() + "\n");
    }

    private Process job(NotionSimulator notion, String... more) throws Exception {
        List<String> command = Jvm.main();
        command.addAll(arguments(notion, keys(notion), folder.resolve("home"), more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("NOTION_"));
        return builder.start();
    }

    private static List<String> arguments(NotionSimulator notion, Path keys, Path home, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "notion-duplicates",
                "--home",
                home.toString(),
                "--url",
                notion.url().toString(),
                "--env-file",
                keys.toString(),
                "--rate",
                "100000/1s"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** Runs the job in this process, for what is not killed. */
    private MainTest.Ended here(NotionSimulator notion, String... more) throws Exception {
        return MainTest.here(
                arguments(notion, keys(notion), folder.resolve("home"), more).toArray(String[]::new));
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
            duplicates += flagIsTheTruth(line) ? 1 : 0;
        }
        return duplicates;
    }

    /** Gives whether the page is a duplicate. */
    private static boolean flagIsTheTruth(String line) {
        Matcher page = LINE.matcher(line);
        assertThat(page.find()).as(line).isTrue();
        boolean duplicate = page.group(2).equals("true");
        String flag = page.group(4) != null ? page.group(4) : String.valueOf(page.group(5));
        assertThat(flag.equals("Duplicate")).as(line).isEqualTo(duplicate);
        return duplicate;
    }

    private static NotionSettings troubled() {
        return NotionSimulator.with()
                .pages(PAGES)
                .cap(Math.max(400, PAGES / 4))
                .cursorsLast(20)
                .conflicts(2)
                .lostWrites(2);
    }

    /** Kills the job when the simulator has seen enough; gives whether it was still at work. */
    private static boolean killed(Process job, Callable<Boolean> enough) throws Exception {
        while (!job.waitFor(5, TimeUnit.MILLISECONDS)) {
            if (enough.call()) {
                job.toHandle().destroyForcibly();
                job.waitFor();
                return true;
            }
        }
        return false;
    }

    private static long edits(NotionSimulator notion) throws Exception {
        return get(notion, "/__log").stream()
                .filter(call -> call.contains("PATCH") && call.contains(" 200 "))
                .count();
    }

    /** How many pages have a flag that they should not have, and how many lack one. */
    private static long[] wrong(NotionSimulator notion) throws Exception {
        long[] wrong = new long[2];
        for (String line : get(notion, "/__truth")) {
            Matcher page = LINE.matcher(line);
            assertThat(page.find()).as(line).isTrue();
            boolean flagged = "Duplicate".equals(page.group(4) != null ? page.group(4) : page.group(5));
            boolean duplicate = page.group(2).equals("true");
            wrong[0] += flagged && !duplicate ? 1 : 0;
            wrong[1] += duplicate && !flagged ? 1 : 0;
        }
        return wrong;
    }

    @ParameterizedTest
    @ValueSource(strings = {"database", "file"})
    void theFlagsAreTheTruthHoweverOftenItIsKilled(String checkpoint) throws Exception {
        try (NotionSimulator notion = troubled().start(0)) {
            SplittableRandom random = new SplittableRandom(3);
            long[] wrong = wrong(notion);
            int calls = (int) (PAGES / 100 + wrong[0] + wrong[1]);
            int kills = 0;
            for (int i = 0; i < KILLS; i++) {
                int enough = get(notion, "/__log").size() + 1 + random.nextInt(2 * calls / (KILLS + 2));
                kills += killed(
                                job(notion, "--checkpoint", checkpoint),
                                () -> get(notion, "/__log").size() >= enough)
                        ? 1
                        : 0;
            }
            String last = completes(job(notion, "--checkpoint", checkpoint));
            int duplicates = flagsAreTheTruth(notion);
            assertThat(duplicates).isPositive();
            System.out.printf(
                    "%d kills, %s checkpoint: %d of %d pages are duplicates, and they are flagged; %d calls%n",
                    kills, checkpoint, duplicates, PAGES, get(notion, "/__log").size());
            assertThat(last).doesNotContain("dead letters");
        }
    }

    @Test
    void theFlagsAreTheTruthWhenItIsKilledBetweenItsPhases() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with().pages(PAGES).start(0)) {
            long clears = wrong(notion)[0];
            assertThat(clears).isPositive();
            // as the first edit comes, the fetching has ended; as the last wrong flag is cleared, so has the clearing
            for (long edits : new long[] {1, clears, clears + 1}) {
                assertThat(killed(job(notion), () -> edits(notion) >= edits)).isTrue();
            }
            completes(job(notion));
            assertThat(flagsAreTheTruth(notion)).isPositive();
            assertThat(killed(job(notion), () -> false)).isFalse();
            assertThat(flagsAreTheTruth(notion)).isPositive();
        }
    }

    /** The ids by title of the pages, and the flag by id. */
    private static Map<String, Set<String>> titles(List<String> truth) {
        Map<String, Set<String>> titles = new HashMap<>();
        for (String line : truth) {
            Matcher page = PAGE.matcher(line);
            assertThat(page.find()).as(line).isTrue();
            String title = page.group(2)
                    .replace('\u00a0', ' ')
                    .strip()
                    .replaceAll(" +", " ")
                    .toLowerCase(Locale.ROOT);
            titles.computeIfAbsent(title, any -> new TreeSet<>()).add(page.group(1));
        }
        return titles;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    void peopleAtWorkCostNoPageThatStays(int changes) throws Exception {
        try (NotionSimulator notion = NotionSimulator.with()
                .pages(PAGES)
                .cap(Math.max(400, PAGES / 4))
                .people(changes, NotionChange.INSERT, NotionChange.EDIT, NotionChange.TRASH)
                .start(0)) {
            Map<String, Set<String>> before = titles(get(notion, "/__truth"));
            MainTest.Ended ended = here(notion);
            String text = ended.text();
            assertThat(ended.code()).as(text).isIn(0, 3); // pages that go to the trash meanwhile are dead letters
            assertThat(text).contains("notion-duplicates: COMPLETE");
            List<String> truth = get(notion, "/__truth");
            Map<String, Set<String>> after = titles(truth);
            Set<String> passing = new HashSet<>(); // titles of pages that came and went meanwhile
            titles(get(notion, "/__truth?trash=true")).forEach((title, ids) -> {
                if (!before.getOrDefault(title, Set.of()).containsAll(ids)) {
                    passing.add(title);
                }
            });
            int stable = 0;
            for (String line : truth) {
                Matcher page = PAGE.matcher(line);
                assertThat(page.find()).isTrue();
                String title = titles(List.of(line)).keySet().iterator().next();
                boolean untouched = after.get(title).equals(before.get(title)) && !passing.contains(title);
                if (untouched) { // else somebody has made it a duplicate, or the only one
                    flagIsTheTruth(line);
                    stable++;
                }
            }
            assertThat(stable).isGreaterThan(PAGES / 4);
            System.out.printf(
                    "%d changes before each answer: %d pages with stable titles, all flags right%n", changes, stable);
        }
    }

    private static String page(NotionSimulator notion) throws Exception {
        Matcher page = PAGE.matcher(get(notion, "/__truth").get(0));
        assertThat(page.find()).isTrue();
        return page.group(1);
    }

    /** Runs the job with these lines of environment; gives its code and what it printed. */
    private String mistaken(NotionSimulator notion, int code, String token, String database, String... more)
            throws Exception {
        Path keys = folder.resolve("wrong-keys");
        Files.writeString(keys, token + database);
        MainTest.Ended ended = MainTest.here(arguments(notion, keys, Files.createTempDirectory(folder, "home"), more)
                .toArray(String[]::new));
        String text = ended.text();
        assertThat(ended.code()).as(text).isEqualTo(code);
        assertThat(text).doesNotContain("\tat ").doesNotContain("S3CR3T");
        assertThat(get(notion, "/__log")).noneMatch(call -> call.contains("PATCH"));
        return text;
    }

    @Test
    void aMistakeIsToldInOneMessageAndNothingIsTouched() throws Exception {
        try (NotionSimulator notion =
                NotionSimulator.with().pages(30).and(NotionQuirk.ODD_TITLES).start(0)) {
            String token = "NOTION_TOKEN=" + notion.token().reveal() + "\n";
            String database = "NOTION_DATABASE_ID=" + notion.database() + "\n";
            assertThat(mistaken(notion, 2, "", database)).contains("NOTION_TOKEN is missing");
            assertThat(mistaken(notion, 2, "NOTION_TOKEN=\n", database)).contains("NOTION_TOKEN");
            assertThat(mistaken(notion, 2, token, "")).contains("NOTION_DATABASE_ID is missing");
            assertThat(mistaken(notion, 2, token, "NOTION_DATABASE_ID=companies\n"))
                    .contains("32 hexadecimal digits");
            assertThat(mistaken(notion, 3, "NOTION_TOKEN=S3CR3T-token\n", database))
                    .contains("NOTION_TOKEN");
            assertThat(mistaken(notion, 3, token, "NOTION_DATABASE_ID=00000000000000000000000000000000\n"))
                    .contains("share the database with the integration");
            assertThat(mistaken(notion, 3, token, "NOTION_DATABASE_ID=" + page(notion) + "\n"))
                    .contains("the id of a page and not of a database");
            assertThat(mistaken(notion, 3, token, database, "--property", "Colour"))
                    .contains("Colour")
                    .contains("Flag");
            assertThat(mistaken(notion, 3, token, database, "--key", "Colour")).contains("Colour");
            assertThat(mistaken(notion, 3, token, database, "--property", "Amount"))
                    .contains("Amount");
            assertThat(mistaken(notion, 3, token, database, "--value", "Yes, a duplicate"))
                    .contains("comma");
            assertThat(mistaken(notion, 3, token, database, "--property", "Stage", "--value", "No such stage"))
                    .contains("Stage")
                    .contains("No such stage");
        }
    }

    @Test
    void oddTitlesAndTrashedPagesAreJudgedAsPeopleReadThem() throws Exception {
        try (NotionSimulator notion =
                NotionSimulator.with().pages(600).and(NotionQuirk.ODD_TITLES).start(0)) {
            assertThat(here(notion).code()).isZero();
            assertThat(flagsAreTheTruth(notion)).isPositive();
        }
    }

    @Test
    void severalDataSourcesAreRefusedWithTheChoices() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with()
                .pages(30)
                .dataSources("Companies", "People")
                .start(0)) {
            String token = "NOTION_TOKEN=" + notion.token().reveal() + "\n";
            assertThat(mistaken(notion, 3, token, "NOTION_DATABASE_ID=" + notion.database() + "\n"))
                    .contains("'Companies'")
                    .contains("'People'");
        }
    }

    @Test
    void aDryRunTellsWhatItWouldDoAndTouchesNothing() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with().pages(400).start(0)) {
            List<String> before = get(notion, "/__truth");
            String text = here(notion, "--dry-run").text();
            assertThat(text).contains("would tag ").contains("would clear ");
            assertThat(get(notion, "/__truth")).isEqualTo(before);
            assertThat(get(notion, "/__log")).noneMatch(call -> call.contains("PATCH"));

            assertThat(here(notion).code()).isZero();
            int flagged = flagsAreTheTruth(notion);
            assertThat(text.lines()
                            .filter(line -> line.startsWith("would tag "))
                            .count())
                    .isLessThanOrEqualTo(flagged)
                    .isPositive();
        }
    }
}

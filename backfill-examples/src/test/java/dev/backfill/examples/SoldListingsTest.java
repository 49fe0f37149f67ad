package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.simulators.ListingsSettings;
import dev.backfill.simulators.ListingsSimulator;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job against a simulated site that outlives it, judged by the files, the commits, and what the site was asked. */
class SoldListingsTest {

    private static final int KILLS = Integer.getInteger("backfill.kills", 2);
    private static final int PARALLEL = 4;
    private static final YearMonth FIRST = YearMonth.of(2020, 1);
    private static final YearMonth LAST = KILLS > 10 ? YearMonth.of(2025, 11) : YearMonth.of(2021, 3);

    @TempDir
    Path folder = Path.of("");

    private static ListingsSettings small() {
        return ListingsSimulator.with().listings(KILLS > 10 ? 800 : 130);
    }

    private List<String> arguments(ListingsSimulator site, String home, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "sold-listings",
                "--home",
                folder.resolve(home).toString(),
                "--url",
                site.url().toString(),
                "--pause",
                "0s",
                "--parallel",
                "" + PARALLEL));
        arguments.addAll(List.of(more));
        if (!arguments.contains("--end")) {
            arguments.addAll(List.of("--end", LAST.toString()));
        }
        return arguments;
    }

    private MainTest.Ended here(ListingsSimulator site, String home, String... more) {
        return MainTest.here(arguments(site, home, more).toArray(String[]::new));
    }

    private Process process(ListingsSimulator site, String home, String... more) throws IOException {
        List<String> command = Jvm.main();
        command.addAll(arguments(site, home, more));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(home + ".out").toFile())
                .start();
    }

    private static String git(Path where, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("git", "-C", where.toString()));
        command.addAll(List.of(words));
        Process git = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(git.waitFor()).as(text).isZero();
        return text.strip();
    }

    /** The files of months, by name. */
    private static Map<String, String> files(Path in) throws IOException {
        Map<String, String> files = new TreeMap<>();
        Path links = in.resolve("sold_links");
        if (Files.exists(links)) {
            try (Stream<Path> all = Files.list(links)) {
                for (Path file : all.filter(path -> path.toString().endsWith(".csv") && Files.isRegularFile(path))
                        .toList()) {
                    files.put(file.getFileName().toString(), Files.readString(file));
                }
            }
        }
        return files;
    }

    private static List<String> log(ListingsSimulator site) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(site.url().resolve("/__log")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.contains("/sold?") && line.contains(" 200 "))
                .toList();
    }

    private static long total(ListingsSimulator site) {
        return Stream.iterate(FIRST, month -> !month.isAfter(LAST), month -> month.plusMonths(1))
                .mapToLong(site::count)
                .sum();
    }

    private static int months() {
        return (int) Stream.iterate(FIRST, month -> !month.isAfter(LAST), month -> month.plusMonths(1))
                .count();
    }

    /** Each month in one commit, and nothing else committed or left over. */
    private static void oneCommitAMonth(Path repository) throws Exception {
        List<String> subjects = git(repository, "log", "--format=%s").lines().toList();
        assertThat(subjects)
                .doesNotHaveDuplicates()
                .hasSize(months())
                .allMatch(line -> line.startsWith("data: sold links of "));
        assertThat(git(repository, "status", "--porcelain")).isEmpty();
        assertThat(git(repository, "ls-files").lines()).hasSize(2 * months());
    }

    @Test
    void takesThreeMonthsThenTheOthersThenNothing() throws Exception {
        try (ListingsSimulator site = small().start(0)) {
            MainTest.Ended test = here(site, "home", "--test", "--git");
            assertThat(test.code()).as(test.text()).isZero();
            Path repository = folder.resolve("home/repository");
            assertThat(files(repository)).hasSize(3);
            assertThat(test.text()).contains("commits        3");

            MainTest.Ended rest = here(site, "home", "--git");
            assertThat(rest.code()).as(rest.text()).isZero();
            assertThat(files(repository)).hasSize(months());
            assertThat(rest.text()).contains(FIRST + " to " + LAST + " done");
            assertThat(Files.readString(folder.resolve("home/backfill_summary.json")))
                    .contains("\"months\": " + months())
                    .contains("\"total\": " + total(site));
            assertThat(Files.readString(folder.resolve("home/backfill_progress.json")))
                    .contains("\"" + LAST + "\"");
            oneCommitAMonth(repository);

            int calls = log(site).size();
            MainTest.Ended again = here(site, "home", "--git");
            assertThat(again.code()).isZero();
            assertThat(again.text()).contains("commits        none, for nothing is new");
            assertThat(log(site)).hasSize(calls);
            oneCommitAMonth(repository);
        }
    }

    @Test
    void killedAtAnyMomentShowsNoHalfFileAndLosesNoMonth() throws Exception {
        SplittableRandom random = new SplittableRandom(7);
        try (ListingsSimulator site =
                small().latency(Duration.ofMillis(20), Duration.ofMillis(20)).start(0)) {
            assertThat(here(site, "clean").code()).isZero();
            Map<String, String> clean = files(folder.resolve("clean/data"));
            assertThat(clean).hasSize(months());
            int calls = log(site).size();
            Path repository = folder.resolve("home/repository");
            int kills = 0;
            while (kills < KILLS && files(repository).size() < months()) {
                Process job = process(site, "home", "--git");
                int until = log(site).size() + 1 + random.nextInt(2 * calls / KILLS);
                while (log(site).size() < until && !job.waitFor(5, TimeUnit.MILLISECONDS)) {
                    // it is at work
                }
                kills += job.isAlive() ? 1 : 0;
                job.destroyForcibly().waitFor();
                assertThat(clean).as("what is seen after kill %s", kills).containsAllEntriesOf(files(repository));
            }
            assertThat(kills).isPositive();
            Process last = process(site, "home", "--git", "--wait", "1m");
            assertThat(last.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(last.exitValue())
                    .as(Files.readString(folder.resolve("home.out")))
                    .isZero();
            assertThat(files(repository)).isEqualTo(clean);
            oneCommitAMonth(repository);
            int asked = log(site).size() - calls;
            assertThat(asked).isLessThanOrEqualTo(calls + kills * PARALLEL * 2);
            System.out.printf("sold listings: %d kills, %d pages (%d without kills)%n", kills, asked, calls);
        }
    }

    @Test
    void aFreshCloneOnAnotherMachineTakesOnlyWhatIsMissing() throws Exception {
        try (ListingsSimulator site = small().start(0)) {
            assertThat(here(site, "home", "--git").code()).isZero();
            Path first = folder.resolve("home/repository");
            Path clone = folder.resolve("clone");
            git(folder, "clone", "-q", first.toString(), clone.toString());
            git(clone, "config", "user.name", "A machine");
            git(clone, "config", "user.email", "machine@example.org");
            git(clone, "reset", "-q", "--hard", "HEAD~2");
            TreeSet<String> missing = new TreeSet<>(files(first).keySet());
            missing.removeAll(files(clone).keySet());
            int calls = log(site).size();

            MainTest.Ended ended = here(site, "other", "--git", clone.toString());

            assertThat(ended.code()).as(ended.text()).isZero();
            assertThat(files(clone)).isEqualTo(files(first));
            oneCommitAMonth(clone);
            List<String> asked = log(site);
            assertThat(asked.subList(calls, asked.size()))
                    .isNotEmpty()
                    .allMatch(line ->
                            missing.stream().anyMatch(name -> line.contains("month=" + name.substring(11, 18))));
        }
    }

    @Test
    void processesOnClonesPushToOneRemoteWithoutConflict() throws Exception {
        try (ListingsSimulator site = small().start(0)) {
            Path bare = folder.resolve("bare.git");
            git(folder, "init", "-q", "--bare", "--initial-branch=main", bare.toString());
            List<Process> jobs = new ArrayList<>();
            int share = (months() + 3) / 4;
            for (int i = 0; i < 4; i++) {
                Path clone = folder.resolve("clone" + i);
                git(folder, "clone", "-q", bare.toString(), clone.toString());
                git(clone, "config", "user.name", "Machine " + i);
                git(clone, "config", "user.email", "machine@example.org");
                YearMonth start = FIRST.plusMonths((long) i * share);
                YearMonth end = start.plusMonths(share - 1L);
                jobs.add(process(
                        site,
                        "home" + i,
                        "--start",
                        start.toString(),
                        "--end",
                        (end.isAfter(LAST) ? LAST : end).toString(),
                        "--git",
                        clone.toString(),
                        "--push"));
            }
            for (int i = 0; i < jobs.size(); i++) {
                assertThat(jobs.get(i).waitFor(5, TimeUnit.MINUTES)).isTrue();
                assertThat(jobs.get(i).exitValue())
                        .as(Files.readString(folder.resolve("home" + i + ".out")))
                        .isZero();
            }
            Path all = folder.resolve("all");
            git(folder, "clone", "-q", bare.toString(), all.toString());
            assertThat(files(all)).hasSize(months());
            oneCommitAMonth(all);
        }
    }

    @Test
    void aMonthWithMorePagesThanAllowedIsCommittedInPartAndNotDone() throws Exception {
        try (ListingsSimulator site = small().start(0)) {
            MainTest.Ended cut = here(site, "home", "--test", "--git", "--max-pages", "1");
            assertThat(cut.code()).as(cut.text()).isEqualTo(Exit.PARTIAL);
            assertThat(cut.text()).contains("has more than 1 pages").contains("failed");
            Path repository = folder.resolve("home/repository");
            assertThat(files(repository)).isEmpty();
            assertThat(git(repository, "ls-files")).contains("sold_links/sold_links_2020-01.csv.partial");

            MainTest.Ended whole = here(site, "home", "--test", "--git");
            assertThat(whole.code()).as(whole.text()).isZero();
            assertThat(files(repository)).hasSize(3);
            assertThat(git(repository, "ls-files")).doesNotContain("partial");
            assertThat(git(repository, "status", "--porcelain")).isEmpty();
        }
    }

    @Test
    void stopsInTimeAndGoesOn() throws Exception {
        try (ListingsSimulator site =
                small().latency(Duration.ofMillis(100), Duration.ZERO).start(0)) {
            MainTest.Ended stopped = here(site, "home", "--time-limit", "500ms");
            assertThat(stopped.code()).as(stopped.text()).isEqualTo(Exit.PARTIAL);
            assertThat(stopped.text()).contains("INTERRUPTED").contains("stopped after 0.5s, as the job says");
            assertThat(here(site, "home").code()).isZero();
            assertThat(files(folder.resolve("home/data"))).hasSize(months());
        }
    }

    @Test
    void mistakesAreTold() throws Exception {
        try (ListingsSimulator site = small().start(0)) {
            assertThat(here(site, "home", "--start", "2021-01", "--end", "2020-12"))
                    .isEqualTo(new MainTest.Ended(
                            Exit.USAGE,
                            "sold-listings: --end 2020-12 is before --start 2021-01" + System.lineSeparator()));
            assertThat(here(site, "home", "--end", "2999-01").text()).contains("--end 2999-01 is in the future");
            assertThat(here(site, "home", "--git", folder.toString()).text()).contains("is in no work tree of git");
            assertThat(here(site, "home", "--push").text()).contains("--push needs --git");
            assertThat(here(site, "home", "--max-pages", "0").text()).contains("--max-pages must be at least 1");
            Path other = Files.createDirectories(folder.resolve("home/data/sold_links"));
            Files.createDirectory(other.resolve("sold_links_2020-02.csv"));
            MainTest.Ended inTheWay = here(site, "home", "--test");
            assertThat(inTheWay.code()).isEqualTo(Exit.PARTIAL);
            assertThat(files(folder.resolve("home/data")).keySet())
                    .contains("sold_links_2020-01.csv", "sold_links_2020-03.csv");
        }
    }

    @Test
    void mostMonthsAreEnoughIfThatIsAccepted() throws Exception {
        try (ListingsSimulator site = small().start(0)) {
            Path links = Files.createDirectories(folder.resolve("home/data/sold_links"));
            Files.createDirectory(links.resolve("sold_links_2020-02.csv"));
            assertThat(here(site, "home", "--accept", "99").code()).isEqualTo(Exit.PARTIAL);
            MainTest.Ended accepted = here(site, "home", "--accept", "90");
            assertThat(accepted.code()).as(accepted.text()).isZero();
            assertThat(accepted.text()).contains("2020-01 done, 2020-02 failed, 2020-03 to " + LAST + " done");
        }
    }
}

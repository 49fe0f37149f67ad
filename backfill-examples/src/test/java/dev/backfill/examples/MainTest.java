package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.simulators.BlazeQuirk;
import dev.backfill.simulators.BlazeSimulator;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the jobs as processes of their own, as a user does. */
class MainTest {

    @TempDir
    Path folder = Path.of("");

    private BlazeSimulator blaze = MainTest.start(month());

    private static dev.backfill.simulators.BlazeSettings month() {
        return BlazeSimulator.with()
                .transactions(1_500)
                .between(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 1, 31))
                .latency(java.time.Duration.ofMillis(20), java.time.Duration.ZERO)
                .faults(2);
    }

    private static BlazeSimulator start(dev.backfill.simulators.BlazeSettings settings) {
        try {
            return settings.start(0);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void writeKeys() throws Exception {
        Files.writeString(
                folder.resolve("keys"),
                "# keys\n\nexport BLAZE_PARTNER_KEY=" + blaze.partnerKey().reveal() + "\nBLAZE_KEY="
                        + blaze.dispensaryKey().reveal() + "\n");
    }

    @AfterEach
    void stop() {
        blaze.close();
    }

    record Ended(int code, String text) {}

    private Process process(String... arguments) throws Exception {
        List<String> command = Jvm.main();
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("BLAZE_"));
        return builder.start();
    }

    private static Ended ended(Process process) throws Exception {
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), text);
    }

    private Ended run(String... arguments) throws Exception {
        return ended(process(arguments));
    }

    /** Runs in this process, for what ends soon. */
    static Ended here(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream both = new PrintStream(text, true, StandardCharsets.UTF_8);
        System.setOut(both);
        System.setErr(both);
        try {
            return new Ended(Main.run(arguments), text.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private String[] job(String... more) {
        return jobAt(blaze.url().toString(), more);
    }

    private String[] jobAt(String url, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "blaze-items",
                "--home",
                folder.resolve("home").toString(),
                "--url",
                url,
                "--env-file",
                folder.resolve("keys").toString(),
                "--to",
                "2024-01-31"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private String get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(blaze.url().resolve(URI.create(path)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** The keys and some values of the rows that ought to be there. */
    private List<String> truth() throws Exception {
        return get("/__truth")
                .lines()
                .map(row ->
                        field(row, "transaction_id") + " " + field(row, "item_id") + " " + field(row, "status") + " "
                                + new BigDecimal(field(row, "final_price"))
                                        .stripTrailingZeros()
                                        .toPlainString())
                .sorted()
                .toList();
    }

    /** Without a JSON library: declared for tests, it would no longer be packed into the jar. */
    private static String field(String row, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(row);
        assertThat(matcher.find()).as(name + " in " + row).isTrue();
        return matcher.group(1);
    }

    private List<String> rows() throws Exception {
        List<String> rows = new ArrayList<>();
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("home/data.db"));
                var statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "select transaction_id, item_id, status, final_price from transaction_items_blaze")) {
            while (result.next()) {
                rows.add(result.getString(1) + " " + result.getString(2) + " " + result.getString(3) + " "
                        + result.getBigDecimal(4).stripTrailingZeros().toPlainString());
            }
        }
        rows.sort(null);
        return rows;
    }

    @Test
    void listsItsJobs() {
        Ended ended = here();
        assertThat(ended.code()).isZero();
        assertThat(ended.text()).contains("hello", "blaze-items", "simulate");
    }

    @Test
    void helloHasNothingToDoTheSecondTime() {
        String home = folder.resolve("hello").toString();
        assertThat(here("hello", "--home", home).text()).contains("Post 1\n", "Post 45\n", "COMPLETE");
        assertThat(here("hello", "--home", home).text())
                .doesNotContain("Post 1\n")
                .contains("COMPLETE");
    }

    @Test
    void theRowsAreTheTruthAlsoWhenTheJobIsKilledOverAndOver() throws Exception {
        for (int kill = 0; kill < 3; kill++) {
            Process process = process(job("--checkpoint", "file", "--parallel", "2"));
            int calls = get("/__log").split("\n", -1).length;
            while (process.isAlive() && get("/__log").split("\n", -1).length < calls + 6) {
                Thread.onSpinWait();
            }
            process.destroyForcibly().waitFor();
        }
        Ended ended = run(job("--checkpoint", "file", "--parallel", "2"));
        assertThat(ended.text()).contains("blaze-items: COMPLETE").contains("windows        5 of 5");
        assertThat(ended.code()).isZero();
        assertThat(rows()).isEqualTo(truth());
        int calls = get("/__log").split("\n", -1).length;
        assertThat(run(job("--checkpoint", "file")).code()).isZero();
        assertThat(get("/__log").split("\n", -1)).as("nothing is asked again").hasSize(calls);
    }

    @Test
    void anotherRunnerIsRefusedAndASignalEndsTheFirst() throws Exception {
        Process first = process(job("--rate", "1/1m"));
        while (get("/__log").isEmpty()) {
            Thread.onSpinWait();
        }
        Ended second = run(job("--rate", "1/1m", "--wait", "0"));
        assertThat(second.code()).isEqualTo(4);
        assertThat(second.text()).contains("held by").doesNotContain("\tat ");
        first.toHandle().destroy(); // SIGTERM; destroying the process itself would close its output
        Ended ended = ended(first);
        assertThat(ended.code()).isEqualTo(143);
        assertThat(ended.text()).contains("INTERRUPTED");
    }

    @Test
    void deadLettersAreToldByTheExitCode() throws Exception {
        blaze.close();
        blaze = start(month().and(BlazeQuirk.ITEMS_WITHOUT_ID));
        Ended ended = run(job());
        assertThat(ended.code()).isEqualTo(3);
        assertThat(ended.text()).contains("dead letters");
        assertThat(rows()).isEqualTo(truth());
        Ended replayed = run(job("--replay"));
        assertThat(replayed.code()).isEqualTo(3);
        assertThat(replayed.text()).contains("refused again");
    }

    @Test
    void aDryRunLeavesNothingBehind() throws Exception {
        Ended ended = run(job("--dry-run"));
        assertThat(ended.code()).isZero();
        assertThat(ended.text()).contains("COMPLETE");
        assertThat(folder.resolve("home/data.db")).doesNotExist();
    }

    @Test
    void aChangedDefinitionIsRefusedUntilItIsStartedOver() throws Exception {
        assertThat(run(job("--checkpoint", "file")).code()).isZero();
        String other = blaze.url().toString().replace("127.0.0.1", "localhost");
        Ended changed = run(jobAt(other, "--checkpoint", "file"));
        assertThat(changed.code()).as(changed.text()).isEqualTo(4);
        assertThat(changed.text()).contains("--start-over").doesNotContain("\tat ");
        assertThat(run(jobAt(other, "--checkpoint", "file", "--start-over")).code())
                .isZero();
    }

    @Test
    void damagedProgressIsOneMessage() throws Exception {
        assertThat(run(job("--checkpoint", "file", "--quiet")).code()).isZero();
        for (String name : List.of("blaze-items.journal", "blaze-items.journal.previous")) {
            Files.writeString(folder.resolve("home/progress").resolve(name), "nonsense\nnonsense\nnonsense\n");
        }
        Ended ended = run(job("--checkpoint", "file"));
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.text()).contains("progress of 'blaze-items'").doesNotContain("\tat ");
    }

    @Test
    void wrongUsageIsOneLine() throws Exception {
        Files.writeString(folder.resolve("quoted"), "BLAZE_PARTNER_KEY=\"S3CRET\"\nBLAZE_KEY=x\n");
        Files.writeString(folder.resolve("blank"), "BLAZE_PARTNER_KEY=  \nBLAZE_KEY=x\n");
        Files.writeString(folder.resolve("broken"), "S3CRET\n");
        Files.writeString(
                folder.resolve("project"), "SUPABASE_DB_PASSWORD=S3CRET\nSUPABASE_KEY=sb_publishable_S3CRET\n");
        String project = folder.resolve("project").toString();
        String home = folder.resolve("usage").toString();
        for (String[] wrong : new String[][] {
            {"nosuch"},
            {"blaze-items", "--to", "2024-13-01"},
            {"blaze-items", "--from", "2024-02-01", "--to", "2024-01-01"},
            {"blaze-items", "--rate", "0/5m"},
            {"blaze-items", "--rate", "7500/5m,"},
            {"blaze-items", "--batch", "0"},
            {"blaze-items", "--parallel", "0"},
            {"blaze-items", "--wait", "soon"},
            {"blaze-items", "--url", "no address"},
            {"blaze-items", "--dry-run", "--start-over"},
            {"blaze-items", "--home", home, "--url", "http://127.0.0.1:1"},
            {
                "blaze-items",
                "--home",
                home,
                "--env-file",
                folder.resolve("keys").toString(),
                "--url",
                "http://example.org"
            },
            {"blaze-items", "--home", home, "--database", "jdbc:mysql://u:S3CRET@h/x"},
            {"blaze-items", "--home", home, "--database", "jdbc:postgresql://h/x"},
            {"blaze-items", "--home", home, "--database", "postgresql://postgres.abc@h.pooler.supabase.com/postgres"},
            {"blaze-items", "--home", home, "--env-file", project, "--database", "postgresql://postgres.abc:S3CRET@h/x"
            },
            {"blaze-items", "--home", home, "--supabase-url", "https://abc.supabase.co"},
            {"blaze-items", "--home", home, "--env-file", project, "--supabase-url", "https://abc.supabase.co"},
            {"blaze-items", "--supabase-url", "https://abc.supabase.co", "--checkpoint", "database"},
            {"blaze-items", "--supabase-url", "https://abc.supabase.co", "--database", "jdbc:sqlite:x"},
            {
                "blaze-items",
                "--home",
                home,
                "--env-file",
                folder.resolve("quoted").toString()
            },
            {
                "blaze-items",
                "--home",
                home,
                "--env-file",
                folder.resolve("blank").toString()
            },
            {
                "blaze-items",
                "--home",
                home,
                "--env-file",
                folder.resolve("broken").toString()
            },
            {
                "blaze-items",
                "--home",
                home,
                "--env-file",
                folder.resolve("nosuch").toString()
            },
            {"simulate", "blaze", "--port", "70000"},
            {"simulate", "blaze", "--faults", "101"},
        }) {
            Ended ended = here(wrong);
            assertThat(ended.code())
                    .as(String.join(" ", wrong) + "\n" + ended.text())
                    .isEqualTo(2);
            assertThat(ended.text().strip().lines()).as(ended.text()).hasSize(1);
            assertThat(ended.text()).doesNotContain("S3CRET").doesNotContain("Exception");
        }
        Ended home1 = here("blaze-items", "--home", folder.resolve("keys").toString());
        assertThat(home1.code()).isEqualTo(1);
        assertThat(home1.text()).contains("--home");
    }

    @Test
    void everyOptionIsNamedOnce() {
        String help = here("blaze-items", "--help").text();
        TreeSet<String> options = new TreeSet<>();
        Matcher matcher = Pattern.compile("--[a-z-]+").matcher(help);
        while (matcher.find()) {
            options.add(matcher.group());
        }
        assertThat(options)
                .contains(
                        "--from",
                        "--to",
                        "--parallel",
                        "--home",
                        "--dry-run",
                        "--start-over",
                        "--url",
                        "--rate",
                        "--quiet",
                        "--wait",
                        "--env-file",
                        "--database",
                        "--supabase-url",
                        "--checkpoint",
                        "--replay");
    }
}

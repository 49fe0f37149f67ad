package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Secret;
import dev.backfill.simulators.GuestySettings;
import dev.backfill.simulators.GuestySimulator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The job against a simulated Guesty that outlives it, judged by what that Guesty holds at the end. */
class GuestyMessagesTest {

    private static final int KILLS = Integer.getInteger("backfill.kills", 1);

    @TempDir
    Path folder = Path.of("");

    private Path home() {
        return folder.resolve("home");
    }

    private List<String> arguments(GuestySimulator guesty, String... more) throws Exception {
        Path keys = folder.resolve("keys");
        Files.writeString(
                keys,
                "GUESTY_API_KEY=" + guesty.clientId().reveal() + "\nGUESTY_API_SECRET="
                        + guesty.clientSecret().reveal() + "\n");
        return arguments(guesty, keys, more);
    }

    private List<String> arguments(GuestySimulator guesty, Path keys, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "guesty-messages",
                "--home",
                home().toString(),
                "--url",
                guesty.url().toString(),
                "--env-file",
                keys.toString(),
                "--rate",
                "100000/1s"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private MainTest.Ended run(GuestySimulator guesty, String... more) throws Exception {
        return MainTest.here(arguments(guesty, more).toArray(String[]::new));
    }

    private static String get(GuestySimulator guesty, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(guesty.url().resolve(URI.create(path)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static String field(String line, String name) {
        Matcher field = Pattern.compile("\"" + name + "\":(null|\"((?:[^\"\\\\]|\\\\.)*)\")")
                .matcher(line);
        assertThat(field.find()).as(name + " in " + line).isTrue();
        return field.group(2) == null ? "null" : field.group(2).replaceAll("\\\\(.)", "$1");
    }

    private static String millis(String instant) {
        return instant.equals("null") ? "null" : "" + Instant.parse(instant).toEpochMilli();
    }

    /** The rows that ought to be there, by some of their columns. */
    private static TreeSet<String> truth(GuestySimulator guesty, Instant since) throws Exception {
        TreeSet<String> truth = new TreeSet<>();
        get(guesty, "/__truth?since=" + since)
                .lines()
                .forEach(line -> truth.add(field(line, "message_id") + " " + field(line, "conversation_id") + " "
                        + field(line, "reservation_id") + " " + field(line, "guest_name") + " "
                        + millis(field(line, "created_at"))));
        return truth;
    }

    private TreeSet<String> rows(String sql) throws Exception {
        TreeSet<String> found = new TreeSet<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + home().resolve("data.db"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    String value = rows.getString(i);
                    String name = rows.getMetaData().getColumnName(i);
                    row.append(row.isEmpty() ? "" : " ")
                            .append(name.equals("created_at") && value != null ? millis(value) : "" + value);
                }
                found.add(row.toString());
            }
        }
        return found;
    }

    private TreeSet<String> messages() throws Exception {
        return rows("SELECT message_id, conversation_id, reservation_id, guest_name, created_at FROM messages");
    }

    private static GuestySettings account() {
        return GuestySimulator.with().conversations(60).faults(2);
    }

    @Test
    void aSecondRunIsANewPassWhichWritesOnlyWhatIsNew() throws Exception {
        try (GuestySimulator guesty = account().start(0)) {
            Instant since = Instant.now().minus(Duration.ofDays(400));
            MainTest.Ended first = run(guesty, "--days", "400");
            int rows = messages().size();
            assertThat(first.text())
                    .contains("Starting backfill for 400 days")
                    .containsPattern("Total messages fetched: +" + rows)
                    .containsPattern("New messages saved: +" + rows)
                    .containsPattern("Duplicates skipped: +0");
            assertThat(messages()).isEqualTo(truth(guesty, since));
            rows("UPDATE messages SET is_processed = 1 RETURNING 1");

            MainTest.Ended second = run(guesty, "--days", "400");
            assertThat(second.text())
                    .containsPattern("New messages saved: +0")
                    .containsPattern("Duplicates skipped: +" + rows)
                    .containsPattern("Changed messages: +0");

            guesty.post(5);
            MainTest.Ended third = run(guesty, "--days", "30");
            assertThat(third.text()).containsPattern("New messages saved: +5").containsPattern("Changed messages: +0");
            assertThat(messages()).isEqualTo(truth(guesty, since));
            assertThat(rows("SELECT count(*) FROM messages WHERE NOT is_processed"))
                    .containsExactly("5");
            assertThat(rows("SELECT count(*) FROM messages WHERE created_at IS NULL AND created_at_raw IS NOT NULL"))
                    .doesNotContain("0");
            assertThat(guesty.tokensGiven(guesty.clientId().reveal())).isEqualTo(1);
        }
    }

    @Test
    void theFlatListBringsTheSameMessages() throws Exception {
        try (GuestySimulator guesty = account().flatMessages().start(0)) {
            MainTest.Ended ended = run(guesty, "--days", "400", "--flat");
            assertThat(ended.text()).contains("COMPLETE");
            assertThat(messages()).isEqualTo(truth(guesty, Instant.now().minus(Duration.ofDays(400))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"database", "file"})
    void nothingIsLostOrDoubledHoweverOftenItIsKilled(String checkpoint) throws Exception {
        try (GuestySimulator guesty = account().start(0)) {
            SplittableRandom random = new SplittableRandom(7);
            Instant since = Instant.now().minus(Duration.ofDays(400));
            for (int i = 0; i < KILLS; i++) {
                long enough = get(guesty, "/__log").lines().count() + 1 + random.nextInt(60 * 3 / (KILLS + 1));
                Process job = process(guesty, checkpoint);
                while (!job.waitFor(5, TimeUnit.MILLISECONDS)
                        && get(guesty, "/__log").lines().count() < enough) {
                    // until it has made some calls
                }
                job.destroyForcibly().waitFor();
            }
            Process last = process(guesty, checkpoint);
            String text = new String(last.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(last.waitFor()).as(text).isIn(0, 3); // 3 for those that have no id
            assertThat(text).contains("guesty-messages: COMPLETE");
            assertThat(messages()).isEqualTo(truth(guesty, since));
            assertThat(guesty.tokensGiven(guesty.clientId().reveal())).isEqualTo(1);
        }
    }

    private Process process(GuestySimulator guesty, String checkpoint) throws Exception {
        List<String> command = Jvm.main();
        command.addAll(arguments(guesty, "--days", "400", "--checkpoint", checkpoint, "--wait", "1m"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("GUESTY_"));
        return builder.start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-3", "many", "40000", ""})
    void daysThatAreNoneAreRefused(String days) throws Exception {
        try (GuestySimulator guesty = account().start(0)) {
            MainTest.Ended ended = run(guesty, "--days", days);
            assertThat(ended.code()).isEqualTo(2);
            assertThat(ended.text()).contains("--days must be a number of days from 1 to");

            Path keys = folder.resolve("days");
            Files.writeString(keys, "GUESTY_API_KEY=x\nGUESTY_API_SECRET=y\nBACKFILL_DAYS=" + days + "x\n");
            ended = MainTest.here(arguments(guesty, keys).toArray(String[]::new));
            assertThat(ended.code()).isEqualTo(2);
            assertThat(ended.text()).contains("BACKFILL_DAYS must be a number of days from 1 to");
        }
    }

    private MainTest.Ended with(GuestySimulator guesty, String environment) throws Exception {
        Path keys = Files.createTempFile(folder, "keys", "");
        Files.writeString(keys, environment);
        MainTest.Ended ended = MainTest.here(arguments(guesty, keys).toArray(String[]::new));
        assertThat(ended.text()).doesNotContain("S3CR3T").doesNotContain("\tat ");
        return ended;
    }

    @Test
    void credentialsThatAreWrongOrMissingAreToldByName() throws Exception {
        try (GuestySimulator guesty = account().start(0)) {
            String id = "GUESTY_API_KEY=" + guesty.clientId().reveal() + "\n";
            assertThat(with(guesty, id).text()).contains("GUESTY_API_SECRET is missing");
            assertThat(with(guesty, "GUESTY_API_SECRET=S3CR3T\n").text()).contains("GUESTY_API_KEY is missing");
            MainTest.Ended wrong = with(guesty, id + "GUESTY_API_SECRET=S3CR3T-but-wrong\n");
            assertThat(wrong.code()).isIn(1, 3);
            assertThat(wrong.text())
                    .contains("does not accept the client id and the secret")
                    .contains("GUESTY_API_SECRET");
            MainTest.Ended right = run(guesty, "--days", "400"); // a wrong secret has not spent the day's tokens
            assertThat(right.text()).contains("COMPLETE");
        }
    }

    @Test
    void spentTokensEndTheRunWithTheTimeToComeBack() throws Exception {
        try (GuestySimulator guesty = account().tokensPerDay(1).start(0)) {
            assertThat(run(guesty, "--days", "30").text()).contains("COMPLETE");
            try (Stream<Path> kept = Files.list(home().resolve("tokens"))) {
                for (Path file : kept.toList()) {
                    Files.delete(file);
                }
            }
            MainTest.Ended ended = run(guesty, "--days", "30");
            assertThat(ended.code()).isNotZero();
            assertThat(ended.text()).contains("come back").contains("tokens");
        }
    }

    @Test
    void anEmptyAccountIsComplete() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with().conversations(0).start(0)) {
            MainTest.Ended ended = run(guesty);
            assertThat(ended.code()).as(ended.text()).isZero();
            assertThat(ended.text())
                    .contains("Starting backfill for 365 days")
                    .containsPattern("Total messages fetched: +0");
        }
    }

    @Test
    void theDatabaseMayBeNamedAsTheScriptsNameIt() throws Exception {
        Path file = folder.resolve("deep").resolve("inbox.db");
        try (GuestySimulator guesty = account().start(0)) {
            Path keys = folder.resolve("named");
            Secret secret = guesty.clientSecret();
            Files.writeString(
                    keys,
                    "GUESTY_API_KEY=" + guesty.clientId().reveal() + "\nGUESTY_API_SECRET=" + secret.reveal()
                            + "\nDATABASE_URL=sqlite:///" + file + "\n");
            MainTest.Ended ended =
                    MainTest.here(arguments(guesty, keys, "--days", "30").toArray(String[]::new));
            assertThat(ended.text()).contains("COMPLETE");
            assertThat(file).isNotEmptyFile();
        }
    }
}

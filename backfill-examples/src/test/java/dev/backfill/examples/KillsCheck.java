package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.blaze.Item;
import dev.backfill.jdbc.Db;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
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
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills the job's process at random moments, while the API lives on in another, and judges the end by what the API has seen.
 *
 * <p>Not a part of the ordinary build: {@code ./mvnw verify -Dtest=KillsCheck -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class KillsCheck {

    private static final int TRANSACTIONS = Integer.getInteger("backfill.kills.transactions", 4_000);
    private static final int KILLS = Integer.getInteger("backfill.kills", 20);
    private static final int PARALLEL = 4;
    private static final int BATCH = 500;

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    @TempDir
    Path folder = Path.of("");

    private final List<Process> apis = new ArrayList<>();

    @AfterEach
    void endsTheApis() {
        apis.forEach(Process::destroyForcibly);
    }

    /** An API in a process of its own. */
    private record Api(String url) {
        private HttpResponse<Stream<String>> get(String path) throws IOException, InterruptedException {
            return HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(URI.create(url + path)).build(), HttpResponse.BodyHandlers.ofLines());
        }

        List<String> lines(String path) throws IOException, InterruptedException {
            try (Stream<String> lines = get(path).body()) {
                return lines.toList();
            }
        }
    }

    private Process java(String heap, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("BLAZE_PARTNER_KEY", "partner");
        builder.environment().put("BLAZE_KEY", "dispensary");
        return builder.start();
    }

    private Api simulate(int transactions, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("simulate", "blaze", "--port", "0", "--transactions", "" + transactions, "--seed", "7"));
        arguments.addAll(List.of(more));
        Process process = java("-Xmx512m", arguments.toArray(String[]::new));
        apis.add(process);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        while (line != null && !line.startsWith("simulated Blaze at ")) {
            line = out.readLine();
        }
        assertThat(line).as("the simulator has started").isNotNull();
        return new Api(line.substring("simulated Blaze at ".length()));
    }

    private Process job(Api api, Path home, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "blaze-items",
                "--home",
                home.toString(),
                "--url",
                api.url(),
                "--to",
                "2024-12-31",
                "--parallel",
                "" + PARALLEL,
                "--batch",
                "" + BATCH));
        arguments.addAll(List.of(more));
        return java("-Xmx96m", arguments.toArray(String[]::new));
    }

    private static void completes(Process job) throws Exception {
        String text = new String(job.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(job.waitFor()).as(text).isZero();
        assertThat(text).contains("blaze-items: COMPLETE");
    }

    /** Lets the job live for a random part of what is usual, until it is done, and kills it so many times. */
    private void killOverAndOver(Api api, Path home, long usualMillis, String... more) throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < KILLS; i++) {
            Process process = job(api, home, more);
            long life = 200 + random.nextLong(Math.max(1_500, 2 * usualMillis / KILLS));
            if (process.waitFor(life, TimeUnit.MILLISECONDS)) {
                assertThat(process.exitValue())
                        .as(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .isZero();
            }
            process.toHandle().destroyForcibly();
            process.waitFor();
        }
        completes(job(api, home, more));
    }

    private static Connection open(Path home) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + home.resolve("data.db"));
    }

    /** Makes the table, with a trigger that counts what is written. */
    private static void countWrites(Path home) throws Exception {
        Files.createDirectories(home);
        try (Db db = Db.sqlite(home.resolve("data.db"))) {
            db.table("transaction_items_blaze").createIfMissing(Item.class, "transaction_id", "item_id");
        }
        try (Connection connection = open(home);
                Statement statement = connection.createStatement()) {
            statement.execute("create table writes (n integer)");
            statement.execute("insert into writes values (0)");
            for (String kind : List.of("insert", "update")) {
                statement.execute("create trigger count_" + kind + " after " + kind
                        + " on transaction_items_blaze begin update writes set n = n + 1; end");
            }
        }
    }

    private static long number(Path home, String query) throws SQLException {
        try (Connection connection = open(home);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    /** The fields of one flat JSON object as the table shows them. */
    private static Map<String, String> row(String json) {
        Map<String, String> row = new LinkedHashMap<>();
        Matcher fields = Pattern.compile("\"(\\w+)\":(\"((?:[^\"\\\\]|\\\\.)*)\"|[^,}]*)")
                .matcher(json);
        while (fields.find()) {
            String name = fields.group(1);
            String value = fields.group(3) == null ? fields.group(2) : fields.group(3);
            row.put(
                    name,
                    value.equals("null")
                            ? value
                            : switch (name) {
                                case "created", "modified" ->
                                    MICROS.format(Instant.ofEpochMilli(Long.parseLong(value)));
                                case "deleted" -> value.equals("true") ? "1" : "0";
                                default -> value.replace("\\\"", "\"").replace("\\\\", "\\");
                            });
        }
        return row;
    }

    /** Compares every row with the truth, column by column, in the truth's order. */
    private static long rowsAreTheTruth(Api api, Path home) throws Exception {
        long count = 0;
        try (Stream<String> truth = api.get("/__truth").body();
                Connection connection = open(home);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select * from transaction_items_blaze order by transaction_id, item_id")) {
            int columns = rows.getMetaData().getColumnCount();
            for (String line : (Iterable<String>) truth::iterator) {
                assertThat(rows.next()).as("a row for " + line).isTrue();
                Map<String, String> expected = row(line);
                assertThat(expected).hasSize(columns);
                for (Map.Entry<String, String> field : expected.entrySet()) {
                    String found = String.valueOf(rows.getString(field.getKey()));
                    if (!found.equals(field.getValue())) {
                        assertThat(field.getKey() + " " + found)
                                .as(line)
                                .isEqualTo(field.getKey() + " " + field.getValue());
                    }
                }
                count++;
            }
            assertThat(rows.next()).as("a row that is not in the truth").isFalse();
        }
        return count;
    }

    private static int mostInAnyWindow(List<Long> arrivals, long millis) {
        int most = 0;
        int first = 0;
        for (int last = 0; last < arrivals.size(); last++) {
            while (arrivals.get(last) - arrivals.get(first) >= millis) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    private void losesNothing(String place) throws Exception {
        String[] options = {"--checkpoint", place};
        Path cleanHome = folder.resolve("clean");
        countWrites(cleanHome);
        Api clean = simulate(TRANSACTIONS, "--latency", "20ms");
        long begin = System.nanoTime();
        completes(job(clean, cleanHome, options));
        long usual = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        long items = rowsAreTheTruth(clean, cleanHome);
        int cleanCalls = clean.lines("/__log").size();

        Path home = folder.resolve("killed");
        countWrites(home);
        Api api = simulate(TRANSACTIONS, "--latency", "20ms");
        killOverAndOver(api, home, usual, options);

        int calls = api.lines("/__log").size();
        long writes = number(home, "select n from writes") - number(cleanHome, "select n from writes");
        System.out.printf(
                "%d kills, %s checkpoint: %,d items equal the truth; %,d calls (%,d without kills, at most %,d more);"
                        + " %,d rows written again (at most %,d)%n",
                KILLS,
                place,
                items,
                calls,
                cleanCalls,
                KILLS * PARALLEL * 2,
                writes,
                place.equals("file") ? KILLS * PARALLEL * BATCH : 0);
        assertThat(rowsAreTheTruth(api, home)).isEqualTo(items);
        assertThat(calls).isLessThanOrEqualTo(cleanCalls + KILLS * PARALLEL * 2);
        assertThat(writes).isBetween(0L, place.equals("file") ? (long) KILLS * PARALLEL * BATCH : 0L);
    }

    @Test
    void losesNothingWithProgressInFiles() throws Exception {
        losesNothing("file");
    }

    @Test
    void writesNothingAgainWithProgressInTheDatabase() throws Exception {
        losesNothing("database");
    }

    @Test
    void keepsTheLimitHoweverOftenItIsKilled() throws Exception {
        Api api = simulate(15_000, "--latency", "20ms", "--jitter", "150ms", "--limit", "100/10s");
        Path home = folder.resolve("home");
        killOverAndOver(api, home, 25_000, "--rate", "100/10s");
        List<Long> arrivals = new ArrayList<>();
        int refused = 0;
        for (String call : api.lines("/__log")) {
            String[] parts = call.split(" ");
            arrivals.add(Long.parseLong(parts[0]));
            refused += parts[2].equals("429") ? 1 : 0;
        }
        int most = mostInAnyWindow(arrivals.stream().sorted().toList(), 10_000);
        System.out.printf(
                "%d kills at 100 calls in 10 s: %d calls, at most %d in any 10 s, %d answered 429%n",
                KILLS, arrivals.size(), most, refused);
        assertThat(most).isLessThanOrEqualTo(100);
        assertThat(refused).isZero();
        rowsAreTheTruth(api, home);
    }

    /** Takes some four minutes: as many windows of a minute are used up, and the process is killed in the second. */
    @Test
    void usesTheLimitAlsoWhenItIsKilled() throws Exception {
        Api api = simulate(200_000, "--latency", "20ms", "--jitter", "80ms", "--limit", "500/60s");
        Path home = folder.resolve("home");
        Process first = job(api, home, "--rate", "500/60s");
        assertThat(first.waitFor(65, TimeUnit.SECONDS)).isFalse();
        first.toHandle().destroyForcibly();
        first.waitFor();
        completes(job(api, home, "--rate", "500/60s"));

        List<Long> arrivals = new ArrayList<>();
        for (String call : api.lines("/__log")) {
            String[] parts = call.split(" ");
            arrivals.add(Long.parseLong(parts[0]));
            assertThat(parts[2]).isIn("200", "0"); // not answered: one that was in flight when its process was killed
        }
        arrivals.sort(null);
        int windows = (int) ((arrivals.get(arrivals.size() - 1) - arrivals.get(0)) / 60_000);
        long end = arrivals.get(0) + windows * 60_000L;
        double share = arrivals.stream().filter(at -> at < end).count() / (500.0 * windows);
        int most = mostInAnyWindow(arrivals, 60_000);
        System.out.printf(
                "500 calls in 60 s, killed once: %d calls, %.2f %% of %d whole windows used, at most %d in any 60 s,"
                        + " 0 answered 429%n",
                arrivals.size(), 100 * share, windows, most);
        assertThat(windows).isGreaterThanOrEqualTo(3);
        assertThat(most).isLessThanOrEqualTo(500);
        assertThat(share).isGreaterThanOrEqualTo(0.995);
        rowsAreTheTruth(api, home);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "database"})
    void aWaitingRunnerGoesOnWhenTheFirstIsKilled(String place) throws Exception {
        Api api = simulate(4_000, "--latency", "2s");
        Path home = folder.resolve("home");
        String[] alone = {"--checkpoint", place};
        String[] waiting = {"--checkpoint", place, "--wait"};
        Process first = job(api, home, alone);
        while (api.lines("/__log").isEmpty()) {
            Thread.onSpinWait();
        }
        Process second = job(api, home, alone);
        String refused = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(second.waitFor()).as(refused).isEqualTo(4);
        assertThat(refused)
                .contains("process " + first.pid())
                .contains(InetAddress.getLocalHost().getHostName())
                .containsPattern("since \\d{4}-\\d\\d-\\d\\dT");

        Process third = job(api, home, waiting);
        BufferedReader out = third.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        while (said.indexOf("waiting up to") < 0) {
            String line = out.readLine();
            assertThat(line).as("it waits: " + said).isNotNull();
            said.append(line).append('\n');
        }
        first.toHandle().destroyForcibly();
        first.waitFor();
        long killed = System.currentTimeMillis();
        out.lines().forEach(line -> said.append(line).append('\n'));
        assertThat(third.waitFor()).as(said.toString()).isZero();
        long after = api.lines("/__log").stream()
                        .mapToLong(call -> Long.parseLong(call.split(" ", 2)[0]))
                        .filter(at -> at > killed)
                        .min()
                        .orElseThrow()
                - killed;
        System.out.printf(
                "%s checkpoint: went on %,d ms after the first was killed%n%s%n", place, after, refused.strip());
        assertThat(after).isLessThan(17_000);
        rowsAreTheTruth(api, home);
    }
}

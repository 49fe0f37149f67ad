package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import dev.backfill.simulators.TypesenseSettings;
import dev.backfill.simulators.TypesenseSimulator;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The job against a real PostgreSQL and a simulated Typesense that outlive it, judged by what both hold at the end. */
class InventoryFieldsTest {

    private static final int PRODUCTS = Integer.getInteger("backfill.inventory.products", 8_000);
    private static final int KILLS = Integer.getInteger("backfill.kills", 1);
    private static final int ONLY_THERE = 300;
    private static final int PARALLEL = 4;
    private static final int BATCH = 500;

    private static final Pattern DOCUMENT =
            Pattern.compile("\"id\":\"([^\"]*)\",\"created_at\":([^,}]*),\"deleted_at\":([^,}]*)");

    @TempDir
    Path folder = Path.of("");

    private final List<AutoCloseable> open = new ArrayList<>();
    private String mongoUri = "";

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T opened(T one) {
        open.add(0, one);
        return one;
    }

    /** Both systems. */
    private record Systems(EmbeddedPostgres postgres, TypesenseSimulator typesense) {

        List<List<String>> rows(String sql) throws SQLException {
            try (Connection connection = postgres.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                List<List<String>> all = new ArrayList<>();
                while (rows.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        row.add(String.valueOf(rows.getString(i)));
                    }
                    all.add(row);
                }
                return all;
            }
        }

        void run(String sql) throws SQLException {
            try (Connection connection = postgres.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        List<String> lines(String path) throws IOException, InterruptedException {
            try (Stream<String> lines = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(typesense.url().resolve(path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofLines())
                    .body()) {
                return lines.toList();
            }
        }

        long imports() throws IOException, InterruptedException {
            return lines("/__log").stream()
                    .filter(line -> line.contains("/import"))
                    .count();
        }

        /** The documents with their fields, as the rows of the table say they should be. */
        void everyFieldIsThere() throws Exception {
            assertThat(rows("SELECT count(*) FROM products WHERE deleted_at IS NULL")
                            .get(0))
                    .containsExactly("0");
            List<String> wanted = new ArrayList<>();
            for (List<String> row :
                    rows("SELECT id, coalesce(floor(extract(epoch FROM created_at))::bigint, 0), deleted_at"
                            + " FROM products ORDER BY id")) {
                wanted.add(String.join(" ", row));
            }
            List<String> found = new ArrayList<>();
            int zeros = 0;
            for (String line : lines("/__truth")) {
                Matcher document = DOCUMENT.matcher(line);
                assertThat(document.find()).as(line).isTrue();
                if (document.group(1).startsWith("ts-")) {
                    assertThat(document.group(2) + document.group(3)).as(line).isEqualTo("00");
                    zeros++;
                } else {
                    found.add(document.group(1) + " " + document.group(2) + " " + document.group(3));
                }
            }
            found.sort(java.util.Comparator.comparingLong(one -> Long.parseLong(one.split(" ")[0])));
            assertThat(found).isEqualTo(wanted);
            assertThat(zeros).isEqualTo(ONLY_THERE);
        }

        void nothingDeletedWasBroughtBack() throws SQLException {
            assertThat(rows("SELECT count(*) FROM products WHERE id <= " + PRODUCTS
                                    + " AND deleted_at <> CASE WHEN id % 50 = 0 THEN 1700000000 + id ELSE 0 END")
                            .get(0))
                    .containsExactly("0");
        }
    }

    private Systems systems(TypesenseSettings settings) throws Exception {
        EmbeddedPostgres postgres = opened(EmbeddedPostgres.builder().start());
        SimulateInventory.fill(postgres, PRODUCTS);
        TypesenseSimulator typesense =
                opened(settings.products(PRODUCTS).onlyHere(ONLY_THERE).start(0));
        Systems systems = new Systems(postgres, typesense);
        systems.run("UPDATE products SET created_at = NULL WHERE id % 1000 = 7");
        return systems;
    }

    private Systems systems() throws Exception {
        return systems(TypesenseSimulator.with());
    }

    private Process job(Systems systems, String home, String... more) throws IOException {
        List<String> command = Jvm.main(
                "inventory-fields",
                "--home",
                folder.resolve(home).toString(),
                "--database",
                "jdbc:postgresql://127.0.0.1:" + systems.postgres().getPort() + "/postgres",
                "--typesense-url",
                systems.typesense().url().toString(),
                "--parallel",
                "" + PARALLEL,
                "--batch",
                "" + BATCH);
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("MONGO_") || name.startsWith("DB_"));
        environment.put("DATABASE_USER", "postgres");
        environment.put("DATABASE_PASSWORD", "not-asked-for");
        environment.put("TYPESENSE_API_KEY", systems.typesense().key().reveal());
        if (command.contains("mongodb")) {
            environment.put("MONGO_URI", mongo());
        }
        return builder.start();
    }

    private String mongo() {
        if (mongoUri.isEmpty()) {
            MongoServer server = new MongoServer(new MemoryBackend());
            open.add(0, server::shutdownNow);
            mongoUri = "mongodb:/" + server.bind();
        }
        return mongoUri;
    }

    private record Ended(int code, String text) {}

    private static Ended ended(Process job) throws Exception {
        String text = new String(job.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(job.waitFor(), text);
    }

    /** Kills the job when there is enough to see of it; gives whether it was still at work. */
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

    @Test
    void startsItsOwnSystemsAndFillsEveryField() throws Exception {
        Path home = folder.resolve("own");
        Process job = new ProcessBuilder(Jvm.main(
                        "inventory-fields", "--home", home.toString(), "--products", "3000", "--typesense-only", "70"))
                .redirectErrorStream(true)
                .start();
        Ended ended = ended(job);
        assertThat(ended.code()).as(ended.text()).isZero();
        assertThat(ended.text())
                .contains("inventory-fields: COMPLETE")
                .contains("3,000 products with deleted_at, 0 without")
                .contains("3,070 documents with both fields, 0 without; 70 have created_at = 0");
        assertThat(home.resolve("inventory.properties"))
                .as("the systems have ended")
                .doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "database", "mongodb"})
    void endsInTheSameStateWhereverItIsKilled(String checkpoint) throws Exception {
        Systems systems = systems(TypesenseSimulator.with().writesPerSecond(20_000));
        SplittableRandom random = new SplittableRandom(checkpoint.hashCode());
        long clean = PRODUCTS / BATCH + PARALLEL + ONLY_THERE / BATCH + 1;
        int kills = 0;
        for (int phase = 1; phase <= 2; phase++) {
            for (int i = 0; i < KILLS; i++) {
                long from = systems.imports();
                boolean exported = phase == 1;
                long enough = phase == 1 ? 1 + random.nextInt((int) clean / (KILLS + 1) + 1) : 0;
                long wait = random.nextInt(300);
                Process job = job(systems, "home", "--checkpoint", checkpoint, "--wait");
                long[] reached = {0};
                kills += killed(job, () -> {
                            boolean there = exported
                                    ? systems.imports() - from >= enough
                                    : systems.lines("/__log").stream().anyMatch(line -> line.contains("/export"));
                            reached[0] = there && reached[0] == 0 ? System.nanoTime() : reached[0];
                            return there && (exported || System.nanoTime() - reached[0] > wait * 1_000_000);
                        })
                        ? 1
                        : 0;
            }
        }
        Ended ended = ended(job(systems, "home", "--checkpoint", checkpoint, "--wait"));
        assertThat(ended.code()).as(ended.text()).isZero();
        systems.everyFieldIsThere();
        systems.nothingDeletedWasBroughtBack();
        long calls = systems.imports();
        System.out.printf(
                "inventory, %s checkpoint: %d kills, %,d imports (%,d without kills, at most %d more)%n",
                checkpoint, kills, calls, clean, kills * PARALLEL * 2);
        assertThat(kills).isPositive();
        assertThat(calls).isLessThanOrEqualTo(clean + (long) kills * PARALLEL * 2);
    }

    @Test
    void goesOnFromAnotherServerWithTheSameMongo() throws Exception {
        Systems systems = systems(TypesenseSimulator.with().writesPerSecond(10_000));
        long before = systems.imports();
        assertThat(killed(job(systems, "one", "--checkpoint", "mongodb"), () -> systems.imports() - before >= 4))
                .isTrue();
        long there = systems.imports();
        Ended ended = ended(job(systems, "another", "--checkpoint", "mongodb", "--wait"));
        assertThat(ended.code()).as(ended.text()).isZero();
        systems.everyFieldIsThere();
        systems.nothingDeletedWasBroughtBack();
        assertThat(systems.imports() - there).isLessThan(PRODUCTS / BATCH + PARALLEL);
    }

    @Test
    void aSignalEndsItWithinTheGraceTimeAndItGoesOn() throws Exception {
        Systems systems = systems(TypesenseSimulator.with().writesPerSecond(4_000));
        Process job = job(systems, "home");
        while (systems.imports() < 3) {
            assertThat(job.isAlive()).isTrue();
            Thread.onSpinWait();
        }
        job.toHandle().destroy(); // SIGTERM, and the output is still read
        Ended ended = ended(job);
        assertThat(ended.code()).as(ended.text()).isEqualTo(143);
        assertThat(ended.text()).contains("INTERRUPTED");
        Ended again = ended(job(systems, "home"));
        assertThat(again.code()).as(again.text()).isZero();
        systems.everyFieldIsThere();
        systems.nothingDeletedWasBroughtBack();
    }

    @Test
    void aLiveWriterIsNotUndone() throws Exception {
        Systems systems = systems(
                TypesenseSimulator.with().writesPerSecond(6_000).latency(Duration.ofMillis(20), Duration.ofMillis(30)));
        AtomicBoolean stop = new AtomicBoolean();
        List<String> problems = new ArrayList<>();
        Thread writer = new Thread(() -> {
            try {
                live(systems, stop);
            } catch (Exception e) {
                problems.add(e.toString());
            }
        });
        writer.start();
        Ended ended;
        try {
            ended = ended(job(systems, "home"));
        } finally {
            stop.set(true);
            writer.join();
        }
        assertThat(problems).isEmpty();
        // a product that was inserted a moment before its document may be a dead letter
        assertThat(ended.code()).as(ended.text()).isIn(Exit.COMPLETE, Exit.PARTIAL);
        systems.everyFieldIsThere();
        Matcher again = Pattern.compile("sent again +([0-9,]+) documents").matcher(ended.text());
        assertThat(again.find()).as(ended.text()).isTrue();
        System.out.println("inventory beside a live writer: " + again.group());
    }

    /** An application that writes to the database first and then to Typesense: inserts, soft deletes, and new times. */
    private static void live(Systems systems, AtomicBoolean stop) throws Exception {
        SplittableRandom random = new SplittableRandom(4);
        long next = PRODUCTS;
        try (Connection connection = systems.postgres().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            while (!stop.get()) {
                if (random.nextInt(10) == 0) {
                    next++;
                    statement.execute("INSERT INTO products VALUES (" + next + ", 'new', 1, to_timestamp("
                            + (1_600_000_000L + next) + "), 0)");
                    systems.typesense()
                            .put(
                                    "" + next,
                                    Map.of(
                                            "name",
                                            "new",
                                            "price",
                                            1.0,
                                            "created_at",
                                            1_600_000_000L + next,
                                            "deleted_at",
                                            0L));
                } else if (random.nextInt(2) == 0) {
                    long id = 1 + random.nextInt(PRODUCTS);
                    long when = 1_800_000_000L + random.nextInt(1_000_000);
                    statement.execute("UPDATE products SET deleted_at = " + when + " WHERE id = " + id);
                    systems.typesense().patch("" + id, Map.of("deleted_at", when));
                } else {
                    long id = 1 + random.nextInt(PRODUCTS);
                    long when = 1_500_000_000L + random.nextInt(1_000_000);
                    statement.execute("UPDATE products SET created_at = to_timestamp(" + when + ") WHERE id = " + id);
                    systems.typesense().patch("" + id, Map.of("created_at", when));
                }
            }
        }
    }

    @Test
    void troublesChangeNothingButTheDeadLettersOfWhatIsRefused() throws Exception {
        Systems systems = systems(TypesenseSimulator.with()
                .refusedLines(1)
                .lostAnswers(5)
                .cutAnswers(5)
                .cutExports(1)
                .lagging(Duration.ofSeconds(Integer.getInteger("backfill.inventory.lag", 2))));
        Ended ended = ended(job(systems, "home"));
        assertThat(ended.code()).as(ended.text()).isEqualTo(3);
        assertThat(systems.rows("SELECT count(*) FROM products WHERE deleted_at IS NULL")
                        .get(0))
                .containsExactly("0");
        systems.nothingDeletedWasBroughtBack();
        long without = systems.lines("/__truth").stream()
                .filter(line -> !DOCUMENT.matcher(line).find())
                .count();
        Matcher letters = Pattern.compile("dead letters +([0-9]+)").matcher(ended.text());
        assertThat(letters.find()).as(ended.text()).isTrue();
        assertThat(without).isPositive().isEqualTo(Long.parseLong(letters.group(1)));
    }

    private MainTest.Ended wrong(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(
                List.of("inventory-fields", "--home", folder.resolve("wrong").toString()));
        all.addAll(List.of(arguments));
        return MainTest.here(all.toArray(String[]::new));
    }

    @Test
    void whatIsWrongIsToldInOneLine() throws Exception {
        Path keys = Files.writeString(
                folder.resolve("keys"), "TYPESENSE_API_KEY=x\nDATABASE_USER=u\nDATABASE_PASSWORD=p\n");
        assertThat(wrong("--typesense-url", "http://127.0.0.1:1", "--env-file", keys.toString()))
                .satisfies(end -> {
                    assertThat(end.code()).isEqualTo(Exit.USAGE);
                    assertThat(end.text()).contains("Typesense is given but no database");
                });
        Path batch = Files.writeString(folder.resolve("batch"), "BATCH_SIZE=none\n");
        assertThat(wrong("--env-file", batch.toString())).satisfies(end -> {
            assertThat(end.code()).isEqualTo(Exit.USAGE);
            assertThat(end.text()).contains("BATCH_SIZE must be a number");
        });
        assertThat(wrong("--url", "http://127.0.0.1:1")).satisfies(end -> {
            assertThat(end.code()).isEqualTo(Exit.USAGE);
            assertThat(end.text()).contains("--typesense-url");
        });
    }
}

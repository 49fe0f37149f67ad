package dev.backfill.guides;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Counts;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.guesty.Guesty;
import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Table;
import dev.backfill.simulators.GuestySimulator;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The code of docs/guides/top-ups.md, run against a simulated Guesty. */
class TopUpsTest {

    private static final System.Logger log = System.getLogger("top-ups");

    record Waiting(String messageId, String body) {}

    record Done(String messageId, boolean isProcessed, String category) {}

    record Stored(
            String messageId,
            String conversationId,
            @Nullable String reservationId,
            @Nullable String guestName,
            String body,
            @Nullable Instant createdAt,
            @Nullable String createdAtRaw,
            @Nullable String sentBy,
            @Nullable String module,
            boolean isProcessed,
            @Nullable String category) {}

    @TempDir
    Path folder = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private GuestySimulator simulator;

    @SuppressWarnings("NullAway.Init")
    private Db db;

    @SuppressWarnings("NullAway.Init")
    private Table messages;

    @BeforeEach
    void open() throws Exception {
        simulator = GuestySimulator.with().conversations(40).start(0);
        db = Db.sqlite(folder.resolve("messages.db"));
        messages = db.table("messages").createIfMissing(Stored.class, "message_id");
    }

    @AfterEach
    void close() {
        db.close();
        simulator.close();
    }

    private Guesty guesty() {
        return Guesty.connect(simulator.clientId().reveal(), simulator.clientSecret())
                .at(simulator.url().toString())
                .limitedBy(RateLimiter.of(100_000, Duration.ofSeconds(1)));
    }

    private Backfill topUp(Guesty guesty) {
        Backfill topUp = Backfill.named("messages")
                .from(guesty.messages(Duration.ofDays(30)))
                .filter(message -> !message.internal())
                .into(messages.upsert("message_id").onInsert("is_processed", false))
                .checkpoint(db.checkpoint())
                .repeating();
        return topUp.tolerate(1_000, 1);
    }

    static void weekly(Backfill topUp) {
        try {
            Report report = topUp.run();
            Counts counts = report.counts();
            log.log(
                    INFO,
                    "{0} new, {1} changed, {2} already there",
                    counts.inserted(),
                    counts.updated(),
                    counts.unchanged());
            if (!report.complete() || report.deadLetters() > 0) {
                log.log(ERROR, report.toString());
            }
        } catch (BackfillException e) {
            log.log(ERROR, "not complete; the next run goes on: {0}", e.getMessage());
        }
    }

    private static ScheduledExecutorService executor(Backfill topUp) {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        clock.scheduleAtFixedRate(() -> weekly(topUp), 0, 7, TimeUnit.DAYS);
        return clock;
    }

    @Component
    static class TopUp {
        private final Backfill topUp;

        TopUp(Backfill topUp) {
            this.topUp = topUp;
        }

        @Scheduled(cron = "${topup.cron:0 0 2 * * SUN}")
        void run() {
            weekly(topUp);
        }
    }

    @EnableScheduling
    static class Scheduling {}

    private static String category(String body) {
        return body.contains("?") ? "question" : "other";
    }

    private Backfill worker() {
        Backfill worker = Backfill.named("classify")
                .from(messages.rows(Waiting.class).where("is_processed", false))
                .map(message -> new Done(message.messageId(), true, category(message.body())))
                .into(messages.update("message_id"))
                .checkpoint(db.checkpoint())
                .repeating();
        return worker;
    }

    private long rows(String condition) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("messages.db"));
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM messages WHERE " + condition)) {
            return count.getLong(1);
        }
    }

    @Test
    void aTopUpCountsWhatIsNewAndLeavesAloneWhatAWorkerHasDone() throws Exception {
        Backfill topUp = topUp(guesty());
        long first = topUp.run().counts().inserted();
        assertThat(first).isPositive();
        assertThat(worker().run().counts().updated()).isEqualTo(first);
        assertThat(rows("is_processed AND category IS NOT NULL")).isEqualTo(first);

        simulator.post(5);
        Report second = topUp.run();
        assertThat(second.counts().inserted()).isEqualTo(5);
        assertThat(second.counts().updated()).isZero();
        assertThat(second.counts().unchanged()).isEqualTo(first);
        assertThat(rows("is_processed")).isEqualTo(first);
        assertThat(worker().run().counts().updated()).isEqualTo(5);
        assertThat(rows("NOT is_processed OR category IS NULL")).isZero();
    }

    /** A job that tells when it has run. */
    private Backfill telling(CountDownLatch ran) {
        return topUp(guesty()).listen(event -> {
            if (event instanceof dev.backfill.Event.PhaseDone) {
                ran.countDown();
            }
        });
    }

    @Test
    void anExecutorRunsIt() throws Exception {
        CountDownLatch ran = new CountDownLatch(1);
        ScheduledExecutorService clock = executor(telling(ran));
        try {
            assertThat(ran.await(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            clock.shutdownNow();
            assertThat(clock.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(rows("true")).isPositive();
    }

    @Test
    void springRunsIt() throws Exception {
        CountDownLatch ran = new CountDownLatch(1);
        try (AnnotationConfigApplicationContext spring = new AnnotationConfigApplicationContext()) {
            spring.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource("test", Map.of("topup.cron", "* * * * * *")));
            spring.registerBean(Backfill.class, () -> telling(ran));
            spring.register(Scheduling.class, TopUp.class);
            spring.refresh();
            assertThat(ran.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(rows("true")).isPositive();
    }
}

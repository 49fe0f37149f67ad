package dev.backfill.examples;

import dev.backfill.BackfillException;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.Secret;
import dev.backfill.SlotLimiter;
import dev.backfill.notion.Notion;
import dev.backfill.simulators.NotionSimulator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A Notion database with its limiter: the real one, one elsewhere, or one that is simulated inside this process. */
final class NotionAccount implements AutoCloseable {

    private static final String REAL = "https://api.notion.com";
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int CALLS = 180;

    /** Of the simulated time: so that a minute of the limit passes in a second. */
    private static final int FACTOR = 60;

    private static final int PAGES = 33_700;

    private final Notion notion;
    private final SlotLimiter limiter;
    private final @Nullable NotionSimulator simulator;
    private final String named;

    private NotionAccount(Notion notion, SlotLimiter limiter, @Nullable NotionSimulator simulator, String named) {
        this.notion = notion.limitedBy(limiter);
        this.limiter = limiter;
        this.simulator = simulator;
        this.named = named;
    }

    /** @param realTime whether a simulated Notion keeps to the true limit */
    static NotionAccount open(JobOptions options, Environment environment, boolean realTime)
            throws InterruptedException {
        boolean known = environment.has("NOTION_TOKEN") || environment.has("NOTION_DATABASE_ID");
        return known || options.url != null ? real(options, environment) : simulated(options, realTime);
    }

    private static NotionAccount real(JobOptions options, Environment environment) throws InterruptedException {
        Secret token = environment.secret("NOTION_TOKEN");
        String database = environment
                .value("NOTION_DATABASE_ID")
                .orElseThrow(() -> new Exit.Wrong(
                        "NOTION_DATABASE_ID is missing: the id of the database, or its address in the browser"));
        String url = options.url == null ? REAL : options.url.toString();
        if (options.url != null && !Exit.safe(options.url)) {
            throw new Exit.Wrong("--url must be https, since it is sent credentials; http only for 127.0.0.1");
        }
        Notion notion;
        try {
            notion = Notion.connect(token, database).at(url);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
        URI uri = URI.create(url);
        String origin = uri.getScheme() + "://" + uri.getAuthority();
        SlotLimiter limiter = options.limiter(limit(1), origin + " " + token.fingerprint());
        return new NotionAccount(notion, limiter, null, "Notion at " + origin);
    }

    private static Text.LimitList limit(int factor) {
        return Text.LimitList.of(new Limit(CALLS, WINDOW.dividedBy(factor)));
    }

    private static NotionAccount simulated(JobOptions options, boolean realTime) throws InterruptedException {
        int factor = realTime ? 1 : FACTOR;
        SlotLimiter limiter = options.limiter(limit(factor), "a simulated Notion");
        NotionSimulator simulator;
        try {
            simulator = simulator(options.home.toAbsolutePath(), factor);
        } catch (IOException | RuntimeException e) {
            limiter.close();
            throw new BackfillException("cannot simulate Notion: " + Exit.message(e), e);
        }
        Notion notion = Notion.connect(simulator.token(), simulator.database())
                .at(simulator.url().toString());
        return new NotionAccount(
                notion,
                limiter,
                simulator,
                "a simulated Notion at " + simulator.url() + " (NOTION_TOKEN and NOTION_DATABASE_ID are not in the"
                        + " environment), whose limit of " + CALLS + " calls a minute is one "
                        + (realTime
                                ? "in real time"
                                : "for " + WINDOW.dividedBy(factor).toMillis() + " ms here"));
    }

    /** At the same port in each run of a home: a job that is resumed at another address would be another job. */
    private static NotionSimulator simulator(Path home, int factor) throws IOException {
        Path file = home.resolve("simulated-notion.port");
        int port = Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 0;
        NotionSimulator simulator = NotionSimulator.with()
                .pages(PAGES)
                .people(1)
                .latency(Duration.ofMillis(2), Duration.ofMillis(3))
                .limit(new Limit(CALLS, WINDOW.dividedBy(factor)))
                .start(port);
        if (port == 0) {
            Files.writeString(file, simulator.url().getPort() + "\n");
        }
        return simulator;
    }

    Notion notion() {
        return notion;
    }

    SlotLimiter limiter() {
        return limiter;
    }

    /** How many pages there will be, if that can be known beforehand. */
    OptionalLong pages() {
        return simulator == null ? OptionalLong.empty() : OptionalLong.of(PAGES);
    }

    /** How it is called in the first line of a job. */
    String named() {
        return named;
    }

    @Override
    public void close() {
        limiter.close();
        if (simulator != null) {
            simulator.close();
        }
    }
}

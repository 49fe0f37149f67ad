package dev.backfill.examples;

import dev.backfill.BackfillException;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.Secret;
import dev.backfill.SlotLimiter;
import dev.backfill.guesty.Guesty;
import dev.backfill.simulators.GuestySimulator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Guesty account with its limiter: the real one, one elsewhere, or one that is simulated inside this process. */
final class GuestyAccount implements AutoCloseable {

    private static final String REAL = "https://open-api.guesty.com";

    /** Of the simulated time: so that a minute of the limits passes in a second. */
    private static final int FACTOR = 60;

    private final Guesty guesty;
    private final SlotLimiter limiter;
    private final @Nullable GuestySimulator simulator;
    private final String named;

    private GuestyAccount(Guesty guesty, SlotLimiter limiter, @Nullable GuestySimulator simulator, String named) {
        this.guesty = guesty.limitedBy(limiter);
        this.limiter = limiter;
        this.simulator = simulator;
        this.named = named;
    }

    /** @param realTime whether a simulated Guesty keeps to the true limits */
    static GuestyAccount open(JobOptions options, Environment environment, boolean realTime)
            throws InterruptedException {
        boolean known = environment.has("GUESTY_API_KEY") || environment.has("GUESTY_API_SECRET");
        return known || options.url != null ? real(options, environment) : simulated(options, realTime);
    }

    private static GuestyAccount real(JobOptions options, Environment environment) throws InterruptedException {
        String id = environment
                .value("GUESTY_API_KEY")
                .orElseThrow(
                        () -> new Exit.Wrong("GUESTY_API_KEY is missing: the client id of your Guesty application"));
        Secret secret = environment.secret("GUESTY_API_SECRET");
        String url = options.url == null ? REAL : options.url.toString();
        if (options.url != null && !Exit.safe(options.url)) {
            throw new Exit.Wrong("--url must be https, since it is sent credentials; http only for 127.0.0.1");
        }
        Guesty guesty;
        try {
            guesty = Guesty.connect(id, secret).at(url).keptIn(tokens(options));
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
        URI uri = URI.create(url);
        String origin = uri.getScheme() + "://" + uri.getAuthority();
        SlotLimiter limiter = options.limiter(limits(1), origin + " " + secret.fingerprint());
        return new GuestyAccount(guesty, limiter, null, "Guesty at " + origin);
    }

    /** Where the token is kept: Guesty gives five a day. */
    private static Path tokens(JobOptions options) {
        return options.home.toAbsolutePath().resolve("tokens");
    }

    private static Text.LimitList limits(int factor) {
        return Text.LimitList.of(
                new Limit(15, Duration.ofSeconds(1).dividedBy(factor)),
                new Limit(120, Duration.ofMinutes(1).dividedBy(factor)),
                new Limit(5_000, Duration.ofHours(1).dividedBy(factor)));
    }

    private static GuestyAccount simulated(JobOptions options, boolean realTime) throws InterruptedException {
        int factor = realTime ? 1 : FACTOR;
        SlotLimiter limiter = options.limiter(limits(factor), "a simulated Guesty");
        GuestySimulator simulator;
        try {
            simulator = simulator(options.home.toAbsolutePath(), factor);
        } catch (IOException | RuntimeException e) {
            limiter.close();
            throw new BackfillException("cannot simulate Guesty: " + Exit.message(e), e);
        }
        Guesty guesty = Guesty.connect(simulator.clientId().reveal(), simulator.clientSecret())
                .at(simulator.url().toString()); // whose tokens end with this process, so none is kept
        return new GuestyAccount(
                guesty,
                limiter,
                simulator,
                "a simulated Guesty at " + simulator.url() + " (GUESTY_API_KEY and GUESTY_API_SECRET are not in the"
                        + " environment), whose limits are " + (realTime ? "in real time" : factor + " times as fast"));
    }

    /** At the same port and with the same messages in each run of a home: at another address it would be another job. */
    private static GuestySimulator simulator(Path home, int factor) throws IOException {
        Path file = home.resolve("simulated-guesty");
        List<String> known = Files.exists(file) ? Files.readAllLines(file) : List.of();
        int port = known.size() == 2 ? Integer.parseInt(known.get(0)) : 0;
        Instant now =
                known.size() == 2 ? Instant.parse(known.get(1)) : Instant.now().truncatedTo(ChronoUnit.SECONDS);
        GuestySimulator simulator = GuestySimulator.with()
                .now(now)
                .latency(Duration.ofMillis(2), Duration.ofMillis(3))
                .day(Duration.ofDays(1).dividedBy(factor))
                .limit(limits(factor).array())
                .flatMessages()
                .start(port);
        if (port == 0) {
            Files.writeString(file, simulator.url().getPort() + "\n" + now + "\n");
        }
        return simulator;
    }

    Guesty guesty() {
        return guesty;
    }

    SlotLimiter limiter() {
        return limiter;
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

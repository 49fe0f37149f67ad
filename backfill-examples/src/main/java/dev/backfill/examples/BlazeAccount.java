package dev.backfill.examples;

import dev.backfill.BackfillException;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.Secret;
import dev.backfill.SlotLimiter;
import dev.backfill.blaze.Blaze;
import dev.backfill.simulators.BlazeSimulator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** A Blaze with its limiter: the real one, one elsewhere, or one that is simulated inside this process. */
final class BlazeAccount implements AutoCloseable {

    private static final String REAL = "https://api.partners.blaze.me";
    private static final Text.LimitList STANDARD = Text.LimitList.of(new Limit(7_500, Duration.ofMinutes(5)));
    private static final int TRANSACTIONS = 20_000;

    private final Blaze blaze;
    private final SlotLimiter limiter;
    private final @Nullable BlazeSimulator simulator;

    private BlazeAccount(Blaze blaze, SlotLimiter limiter, @Nullable BlazeSimulator simulator) {
        this.blaze = blaze.limitedBy(limiter);
        this.limiter = limiter;
        this.simulator = simulator;
    }

    static BlazeAccount open(JobOptions options, Environment environment) throws InterruptedException {
        boolean known = environment.has("BLAZE_PARTNER_KEY") || environment.has("BLAZE_KEY");
        return known || options.url != null ? real(options, environment) : simulated(options);
    }

    private static BlazeAccount real(JobOptions options, Environment environment) throws InterruptedException {
        Secret partnerKey = environment.secret("BLAZE_PARTNER_KEY");
        Secret key = environment.secret("BLAZE_KEY");
        String origin = options.url == null ? REAL : options.url.toString();
        if (options.url != null && !Exit.safe(options.url)) { // else each window would say it
            throw new Exit.Wrong("--url must be https, since it is sent credentials; http only for 127.0.0.1");
        }
        Blaze blaze;
        try {
            blaze = Blaze.connect(partnerKey, key).at(origin);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong("--url: " + Exit.message(e));
        }
        return new BlazeAccount(
                blaze, options.limiter(STANDARD, origin(origin) + " " + partnerKey.fingerprint()), null);
    }

    /** Without the path, which does not matter for the counting of calls. */
    private static String origin(String url) {
        URI uri = URI.create(url);
        return uri.getScheme() + "://" + uri.getAuthority();
    }

    private static BlazeAccount simulated(JobOptions options) throws InterruptedException {
        SlotLimiter limiter =
                options.limiter(STANDARD, "a simulated Blaze"); // first: it tells if another runner is here
        BlazeSimulator simulator;
        try {
            simulator = simulator(options.home.toAbsolutePath());
        } catch (IOException | RuntimeException e) {
            limiter.close();
            throw new BackfillException("cannot simulate Blaze: " + Exit.message(e), e);
        }
        Blaze blaze = Blaze.connect(simulator.partnerKey(), simulator.dispensaryKey())
                .at(simulator.url().toString());
        return new BlazeAccount(blaze, limiter, simulator);
    }

    /** At the same port in each run of a home: a job that is resumed at another address would be another job. */
    private static BlazeSimulator simulator(Path home) throws IOException {
        Path file = home.resolve("simulated-blaze.port");
        int port = Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 0;
        BlazeSimulator simulator = BlazeSimulator.with()
                .transactions(TRANSACTIONS)
                .latency(Duration.ofMillis(20), Duration.ofMillis(20))
                .faults(1)
                .start(port);
        if (port == 0) {
            Files.writeString(file, simulator.url().getPort() + "\n");
        }
        return simulator;
    }

    Blaze blaze() {
        return blaze;
    }

    SlotLimiter limiter() {
        return limiter;
    }

    /** How it is called in the first line of a job. */
    String named(JobOptions options) {
        if (simulator != null) {
            return "a simulated Blaze at " + simulator.url()
                    + " (BLAZE_PARTNER_KEY and BLAZE_KEY are not in the environment)";
        }
        return "Blaze at " + origin(options.url == null ? REAL : options.url.toString());
    }

    /** The last day if none was named: the simulator's data ends, reality does not. */
    LocalDate lastDay(LocalDate today) {
        return simulator == null ? today : LocalDate.of(2024, 12, 31);
    }

    @Override
    public void close() {
        limiter.close();
        if (simulator != null) {
            simulator.close();
        }
    }
}

package dev.backfill.examples;

import dev.backfill.BackfillException;
import dev.backfill.RateLimiter;
import dev.backfill.simulators.ListingsSimulator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The site, with a session that outlives this process: one elsewhere, or one that is simulated inside this process. */
final class ListingsAccount implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final ListingsSite site;
    private final URI url;
    private final @Nullable ListingsSimulator simulator;

    private ListingsAccount(ListingsSite site, URI url, @Nullable ListingsSimulator simulator) {
        this.site = site;
        this.url = url;
        this.simulator = simulator;
    }

    static ListingsAccount open(JobOptions options, @Nullable Path session, int maxPages) {
        ListingsSimulator simulator = options.url == null ? simulated(options.home.toAbsolutePath()) : null;
        URI url = simulator == null ? Objects.requireNonNull(options.url) : simulator.url();
        Session kept = Session.in(
                session == null ? options.home.resolve("session.txt") : session,
                Objects.requireNonNullElse(url.getHost(), "localhost"));
        return new ListingsAccount(new ListingsSite(url, kept, maxPages), url, simulator);
    }

    /** At the same port in each run of a home, so that the session stays its own. */
    private static ListingsSimulator simulated(Path home) {
        Path file = home.resolve("simulated-listings.port");
        try {
            int port =
                    Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 0;
            ListingsSimulator simulator = ListingsSimulator.with().start(port);
            if (port == 0) {
                Files.writeString(file, simulator.url().getPort() + "\n");
            }
            return simulator;
        } catch (IOException | RuntimeException e) {
            throw new BackfillException("cannot simulate the site: " + Exit.message(e), e);
        }
    }

    ListingsSite site() {
        return site;
    }

    /** A site that states no limit is asked one page after the other, with pauses; the one in this process bears anything. */
    Optional<RateLimiter> limiter(@Nullable Duration pause) {
        Duration least = pause != null ? pause : simulator == null ? PAUSE : Duration.ZERO;
        return least.isZero() ? Optional.empty() : Optional.of(RateLimiter.spaced(least, least.multipliedBy(2)));
    }

    @Override
    public String toString() {
        return (simulator == null ? "the site at " : "a simulated site at ") + url;
    }

    @Override
    public void close() {
        if (simulator != null) {
            simulator.close();
        }
    }
}

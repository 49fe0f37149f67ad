package dev.backfill.simulators;

import dev.backfill.RateLimiter.Limit;
import dev.backfill.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a simulated Blaze holds and how it behaves. An immutable value: every method gives a new one; {@link #start} makes a server
 * of it.
 */
public final class BlazeSettings {

    int transactions = 2_000;
    long seed = 1;
    LocalDate from = LocalDate.of(2024, 1, 1);
    LocalDate to = LocalDate.of(2024, 12, 31);
    ZoneId zone = ZoneId.of("America/Los_Angeles");
    int bytes = 0;
    int rowsPerPage = 100;
    int deepestSkip = Integer.MAX_VALUE;
    Set<BlazeQuirk> quirks = BlazeQuirk.STANDARD;
    Secret partnerKey = Secret.of("partner key", "simulated-partner");
    Secret dispensaryKey = Secret.of("dispensary key", "simulated-dispensary");
    Traffic traffic = Traffic.NONE;

    BlazeSettings() {}

    private BlazeSettings(BlazeSettings other) {
        transactions = other.transactions;
        seed = other.seed;
        from = other.from;
        to = other.to;
        zone = other.zone;
        bytes = other.bytes;
        rowsPerPage = other.rowsPerPage;
        deepestSkip = other.deepestSkip;
        quirks = other.quirks;
        partnerKey = other.partnerKey;
        dispensaryKey = other.dispensaryKey;
        traffic = other.traffic;
    }

    private BlazeSettings with(Consumer<BlazeSettings> change) {
        BlazeSettings copy = new BlazeSettings(this);
        change.accept(copy);
        return copy;
    }

    private BlazeSettings traffic(Traffic changed) {
        return with(copy -> copy.traffic = changed);
    }

    /**
     * How many transactions there are; 2,000 if nothing is said. Each has five items on average. They are made when asked for and
     * take no memory.
     *
     * @param transactions 0 to 100,000,000
     */
    public BlazeSettings transactions(int transactions) {
        return with(copy -> copy.transactions = between("transactions", transactions, 0, 100_000_000));
    }

    /** All data and faults are a function of this number. */
    public BlazeSettings seed(long seed) {
        return with(copy -> copy.seed = seed);
    }

    /** The local days over which the transactions are spread, both included; all of 2024 if nothing is said. Not beyond now. */
    public BlazeSettings between(LocalDate from, LocalDate to) {
        if (to.isBefore(from)) {
            throw new IllegalArgumentException("the days end (" + to + ") before they begin (" + from + ")");
        }
        return with(copy -> {
            copy.from = from;
            copy.to = to;
        });
    }

    /** The zone of the shop; America/Los_Angeles if nothing is said. */
    public BlazeSettings zone(ZoneId zone) {
        return with(copy -> copy.zone = Objects.requireNonNull(zone, "zone"));
    }

    /**
     * Fills each transaction up to this size; about 3,500 bytes by themselves. Real ones have about 35,000.
     *
     * @param bytes 0 to 1,000,000
     */
    public BlazeSettings bytesPerTransaction(int bytes) {
        return with(copy -> copy.bytes = between("bytesPerTransaction", bytes, 0, 1_000_000));
    }

    /** The most rows in a page, even if more are asked for and there; 1 to 100. */
    public BlazeSettings rowsPerPage(int rows) {
        return with(copy -> copy.rowsPerPage = between("rowsPerPage", rows, 1, 100));
    }

    /** A larger {@code skip} than this is refused with 400; no bound if nothing is said. */
    public BlazeSettings deepestSkip(int skip) {
        return with(copy -> copy.deepestSkip = between("deepestSkip", skip, 0, Integer.MAX_VALUE));
    }

    /** Adds these to what it does. */
    public BlazeSettings and(BlazeQuirk... more) {
        return with(copy -> {
            EnumSet<BlazeQuirk> all = EnumSet.noneOf(BlazeQuirk.class);
            all.addAll(quirks);
            all.addAll(List.of(more));
            copy.quirks = all;
        });
    }

    /** Takes these from what it does. */
    public BlazeSettings without(BlazeQuirk... less) {
        return with(copy -> {
            EnumSet<BlazeQuirk> all = EnumSet.noneOf(BlazeQuirk.class);
            all.addAll(quirks);
            all.removeAll(List.of(less));
            copy.quirks = all;
        });
    }

    /** The keys that are accepted. */
    public BlazeSettings keys(Secret partnerKey, Secret dispensaryKey) {
        return with(copy -> {
            copy.partnerKey = Objects.requireNonNull(partnerKey, "partnerKey");
            copy.dispensaryKey = Objects.requireNonNull(dispensaryKey, "dispensaryKey");
        });
    }

    /** How long every answer takes, and how much longer some take at most. */
    public BlazeSettings latency(Duration latency, Duration jitter) {
        return traffic(new Traffic(
                latency,
                jitter,
                traffic.faults(),
                traffic.kinds(),
                traffic.slowness(),
                traffic.limits(),
                traffic.gzip()));
    }

    /**
     * So many answers of a hundred go wrong, in these ways; in all ways if none is named. The same request goes wrong three times
     * in a row at most.
     */
    public BlazeSettings faults(double percent, Fault... kinds) {
        List<Fault> ways = kinds.length == 0 ? List.of(Fault.values()) : List.of(kinds);
        return traffic(new Traffic(
                traffic.latency(),
                traffic.jitter(),
                percent,
                ways,
                traffic.slowness(),
                traffic.limits(),
                traffic.gzip()));
    }

    /** How long a slow answer takes; a second if nothing is said. */
    public BlazeSettings slowness(Duration slowness) {
        return traffic(new Traffic(
                traffic.latency(),
                traffic.jitter(),
                traffic.faults(),
                traffic.kinds(),
                slowness,
                traffic.limits(),
                traffic.gzip()));
    }

    /** How many calls a partner key may make, in exact sliding windows; any number if nothing is said. */
    public BlazeSettings limit(Limit... windows) {
        return limits(Limits.of(windows));
    }

    /** How calls are counted and refused. */
    public BlazeSettings limits(Limits limits) {
        return traffic(new Traffic(
                traffic.latency(),
                traffic.jitter(),
                traffic.faults(),
                traffic.kinds(),
                traffic.slowness(),
                limits,
                traffic.gzip()));
    }

    /**
     * Starts a server on 127.0.0.1.
     *
     * @param port 0 for any that is free
     * @throws IOException if the port is taken
     */
    public BlazeSimulator start(int port) throws IOException {
        return new BlazeSimulator(this, port);
    }

    private static int between(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be from " + least + " to " + most + ", not " + value);
        }
        return value;
    }
}

package dev.backfill.simulators;

import java.io.IOException;
import java.time.Duration;
import java.time.YearMonth;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What a simulated site of sold homes holds and how it behaves. An immutable value: every method gives a new one; {@link #start} makes a
 * server of it.
 */
public final class ListingsSettings {

    int listings = 800;
    long seed = 1;
    YearMonth from = YearMonth.of(2020, 1);
    YearMonth to = YearMonth.of(2025, 11);
    YearMonth empty = YearMonth.of(2020, 4);
    int pageSize = 50;
    int challengeEvery = 200;
    int challengeStatus = 403;
    Traffic traffic = Traffic.NONE;

    ListingsSettings() {}

    private ListingsSettings with(Consumer<ListingsSettings> change) {
        ListingsSettings copy = new ListingsSettings();
        copy.listings = listings;
        copy.seed = seed;
        copy.from = from;
        copy.to = to;
        copy.empty = empty;
        copy.pageSize = pageSize;
        copy.challengeEvery = challengeEvery;
        copy.challengeStatus = challengeStatus;
        copy.traffic = traffic;
        change.accept(copy);
        return copy;
    }

    /**
     * How many sales a month has on average; 800 if nothing is said. Each June has three times as many, other months differ by a quarter.
     * They are made when asked for and take no memory.
     *
     * @param listings 0 to 100,000
     */
    public ListingsSettings listings(int listings) {
        return with(copy -> copy.listings = between("listings", listings, 0, 100_000));
    }

    /** All data, challenges and faults are a function of this number. */
    public ListingsSettings seed(long seed) {
        return with(copy -> copy.seed = seed);
    }

    /** The months that have sales, both included; 2020-01 to 2025-11 if nothing is said. All others are empty. */
    public ListingsSettings between(YearMonth from, YearMonth to) {
        if (to.isBefore(from)) {
            throw new IllegalArgumentException("the months end (" + to + ") before they begin (" + from + ")");
        }
        return with(copy -> {
            copy.from = from;
            copy.to = to;
        });
    }

    /** The month among the others that has no sale; 2020-04 if nothing is said. */
    public ListingsSettings empty(YearMonth month) {
        return with(copy -> copy.empty = Objects.requireNonNull(month, "month"));
    }

    /** How many sales a page has; 50 if nothing is said; 1 to 1,000. */
    public ListingsSettings pageSize(int sales) {
        return with(copy -> copy.pageSize = between("pageSize", sales, 1, 1_000));
    }

    /**
     * For how many lists a pass is good on average, from half to one and a half of this; 200 if nothing is said. Who has no pass meets a
     * challenge.
     *
     * @param lists 0 for never a challenge
     */
    public ListingsSettings challengeEvery(int lists) {
        return with(copy -> copy.challengeEvery = between("challengeEvery", lists, 0, 1_000_000));
    }

    /** The status of a challenge: 403 if nothing is said, or 200, with which some sites show it. */
    public ListingsSettings challengeStatus(int status) {
        if (status != 403 && status != 200) {
            throw new IllegalArgumentException("a challenge has the status 403 or 200, not " + status);
        }
        return with(copy -> copy.challengeStatus = status);
    }

    /** How long every answer takes, and how much longer some take at most. */
    public ListingsSettings latency(Duration latency, Duration jitter) {
        return with(copy -> copy.traffic = new Traffic(
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
    public ListingsSettings faults(double percent, Fault... kinds) {
        List<Fault> ways = kinds.length == 0 ? List.of(Fault.values()) : List.of(kinds);
        return with(copy -> copy.traffic = new Traffic(
                traffic.latency(),
                traffic.jitter(),
                percent,
                ways,
                traffic.slowness(),
                traffic.limits(),
                traffic.gzip()));
    }

    /** How long a slow answer takes; a second if nothing is said. */
    public ListingsSettings slowness(Duration slowness) {
        return with(copy -> copy.traffic = new Traffic(
                traffic.latency(),
                traffic.jitter(),
                traffic.faults(),
                traffic.kinds(),
                slowness,
                traffic.limits(),
                traffic.gzip()));
    }

    /**
     * Starts a server on 127.0.0.1.
     *
     * @param port 0 for any that is free
     * @throws IOException if the port is taken
     */
    public ListingsSimulator start(int port) throws IOException {
        return new ListingsSimulator(this, port);
    }

    private static int between(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be from " + least + " to " + most + ", not " + value);
        }
        return value;
    }
}

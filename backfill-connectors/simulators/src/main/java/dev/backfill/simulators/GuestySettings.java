package dev.backfill.simulators;

import dev.backfill.RateLimiter.Limit;
import dev.backfill.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated Guesty holds and how it behaves. An immutable value: every method gives a new one; {@link #start} makes a server
 * of it.
 */
public final class GuestySettings {

    int conversations = 300;
    long seed = 1;

    @Nullable
    Instant now;

    double oddTimes = 5;
    int changes = 0;
    List<GuestyChange> kinds = List.of(GuestyChange.values());
    Duration day = Duration.ofDays(1);
    int tokensPerDay = 5;

    @Nullable
    Duration tokenLife;

    int tokenDown = 0;
    boolean flat = false;
    int deepestSkip = Integer.MAX_VALUE;

    @Nullable
    Duration cursorsLast;

    Set<GuestyQuirk> quirks = GuestyQuirk.STANDARD;
    Secret clientId = Secret.of("client id", "0oasimulated");
    Secret clientSecret = Secret.of("client secret", "simulated-secret");
    Traffic traffic = Traffic.NONE;

    GuestySettings() {}

    private GuestySettings(GuestySettings other) {
        conversations = other.conversations;
        seed = other.seed;
        now = other.now;
        oddTimes = other.oddTimes;
        changes = other.changes;
        kinds = other.kinds;
        day = other.day;
        tokensPerDay = other.tokensPerDay;
        tokenLife = other.tokenLife;
        tokenDown = other.tokenDown;
        flat = other.flat;
        deepestSkip = other.deepestSkip;
        cursorsLast = other.cursorsLast;
        quirks = other.quirks;
        clientId = other.clientId;
        clientSecret = other.clientSecret;
        traffic = other.traffic;
    }

    private GuestySettings with(Consumer<GuestySettings> change) {
        GuestySettings copy = new GuestySettings(this);
        change.accept(copy);
        return copy;
    }

    Duration tokenLife() {
        return tokenLife == null ? day : tokenLife;
    }

    /**
     * How many conversations there are; 300 if nothing is said. Each has about eight posts, from none to sixty.
     *
     * @param conversations 0 to 1,000,000
     */
    public GuestySettings conversations(int conversations) {
        return with(copy -> copy.conversations = between("conversations", conversations, 0, 1_000_000));
    }

    /** All data and faults are a function of this number. */
    public GuestySettings seed(long seed) {
        return with(copy -> copy.seed = seed);
    }

    /**
     * Where the past ends: everything was written in the 400 days before; the beginning of today in UTC if nothing is said. What
     * happens while the simulator runs happens by the clock.
     */
    public GuestySettings now(Instant now) {
        return with(copy -> copy.now = Objects.requireNonNull(now, "now"));
    }

    /** So many posts of a hundred tell the time of their making in an odd form, or not at all; 5 if nothing is said. */
    public GuestySettings oddTimes(double percent) {
        return with(copy -> copy.oddTimes = percent(percent));
    }

    /** So much happens before each answer; of all kinds if none is named. */
    public GuestySettings people(int changes, GuestyChange... kinds) {
        return with(copy -> {
            copy.changes = between("changes", changes, 0, 10_000);
            copy.kinds = kinds.length == 0 ? List.of(GuestyChange.values()) : List.of(kinds);
        });
    }

    /** How long the day is for which tokens are counted, and a token lives if nothing else is said; 24 hours if nothing is said. */
    public GuestySettings day(Duration day) {
        return with(copy -> copy.day = positive("day", day));
    }

    /** How many tokens are given in a day; five if nothing is said. */
    public GuestySettings tokensPerDay(int tokens) {
        return with(copy -> copy.tokensPerDay = between("tokensPerDay", tokens, 1, 1_000_000));
    }

    /** How long a token is good; a day if nothing is said. */
    public GuestySettings tokenLife(Duration life) {
        return with(copy -> copy.tokenLife = positive("tokenLife", life));
    }

    /** So many of the first calls for a token are answered 503. */
    public GuestySettings tokenDown(int calls) {
        return with(copy -> copy.tokenDown = between("tokenDown", calls, 0, Integer.MAX_VALUE));
    }

    /** There is a list of the messages of all conversations, too, which no documentation knows. */
    public GuestySettings flatMessages() {
        return with(copy -> copy.flat = true);
    }

    /** A {@code skip} beyond this is refused; none is if nothing is said. */
    public GuestySettings deepestSkip(int skip) {
        return with(copy -> copy.deepestSkip = between("deepestSkip", skip, 0, Integer.MAX_VALUE));
    }

    /** A cursor is refused when it is older; none is if nothing is said. */
    public GuestySettings cursorsLast(Duration life) {
        return with(copy -> copy.cursorsLast = positive("cursorsLast", life));
    }

    /** Adds these to what it does. */
    public GuestySettings and(GuestyQuirk... more) {
        return with(copy -> {
            EnumSet<GuestyQuirk> all = EnumSet.noneOf(GuestyQuirk.class);
            all.addAll(quirks);
            all.addAll(List.of(more));
            copy.quirks = all;
        });
    }

    /** Takes these from what it does. */
    public GuestySettings without(GuestyQuirk... less) {
        return with(copy -> {
            EnumSet<GuestyQuirk> all = EnumSet.noneOf(GuestyQuirk.class);
            all.addAll(quirks);
            all.removeAll(List.of(less));
            copy.quirks = all;
        });
    }

    /** The client that is given tokens. */
    public GuestySettings client(Secret id, Secret secret) {
        return with(copy -> {
            copy.clientId = Objects.requireNonNull(id, "id");
            copy.clientSecret = Objects.requireNonNull(secret, "secret");
        });
    }

    /** How long every answer takes, and how much longer some take at most. */
    public GuestySettings latency(Duration latency, Duration jitter) {
        return traffic(latency, jitter, traffic.faults(), traffic.kinds(), traffic.slowness(), traffic.limits());
    }

    /**
     * So many answers of a hundred go wrong, in these ways; in all ways if none is named. The same request goes wrong three times
     * in a row at most. Tokens are given without faults, for each costs one of a few; see {@link #tokenDown}.
     */
    public GuestySettings faults(double percent, Fault... kinds) {
        List<Fault> ways = kinds.length == 0 ? List.of(Fault.values()) : List.of(kinds);
        return traffic(traffic.latency(), traffic.jitter(), percent, ways, traffic.slowness(), traffic.limits());
    }

    /** How long a slow answer takes; a second if nothing is said. */
    public GuestySettings slowness(Duration slowness) {
        return traffic(
                traffic.latency(), traffic.jitter(), traffic.faults(), traffic.kinds(), slowness, traffic.limits());
    }

    /** As documented: 15 calls a second, 120 a minute, 5,000 an hour, 15 at once; for all tokens together. */
    public GuestySettings documentedLimits() {
        return limit(Limit.parse("15/1s"), Limit.parse("120/1m"), Limit.parse("5000/1h"));
    }

    /** How many calls may be made in any stretch of time, for all tokens together, 15 at once; any number if nothing is said. */
    public GuestySettings limit(Limit... windows) {
        return limits(Limits.of(windows).headers(Limits.Headers.BY_UNIT).atOnce(15));
    }

    /** How calls are counted and refused. */
    public GuestySettings limits(Limits limits) {
        return traffic(
                traffic.latency(), traffic.jitter(), traffic.faults(), traffic.kinds(), traffic.slowness(), limits);
    }

    private GuestySettings traffic(
            Duration latency, Duration jitter, double faults, List<Fault> kinds, Duration slowness, Limits limits) {
        Traffic changed = new Traffic(latency, jitter, faults, kinds, slowness, limits, traffic.gzip());
        return with(copy -> copy.traffic = changed);
    }

    /**
     * Starts a server on 127.0.0.1.
     *
     * @param port 0 for any that is free
     * @throws IOException if the port is taken
     */
    public GuestySimulator start(int port) throws IOException {
        return new GuestySimulator(this, port);
    }

    private static int between(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be from " + least + " to " + most + ", not " + value);
        }
        return value;
    }

    private static Duration positive(String what, Duration length) {
        if (length.isZero() || length.isNegative()) {
            throw new IllegalArgumentException(what + " must be longer than nothing, not " + length);
        }
        return length;
    }

    private static double percent(double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("this is a number from 0 to 100 per cent, not " + percent);
        }
        return percent;
    }
}

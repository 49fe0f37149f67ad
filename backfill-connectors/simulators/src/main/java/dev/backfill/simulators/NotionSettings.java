package dev.backfill.simulators;

import dev.backfill.RateLimiter.Limit;
import dev.backfill.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a simulated Notion holds and how it behaves. An immutable value: every method gives a new one; {@link #start} makes a server
 * of it.
 */
public final class NotionSettings {

    int pages = 2_000;
    long seed = 1;
    LocalDate from = LocalDate.of(2024, 1, 1);
    LocalDate to = LocalDate.of(2024, 12, 31);
    int imported = 0;
    int cap = 10_000;
    int cursorPages = 0;
    int heavyAbove = 0;
    int changes = 0;
    List<NotionChange> kinds = List.of(NotionChange.values());
    double conflicts = 0;
    double lostWrites = 0;
    int spaceLimitAt = 0;
    Duration spaceLimit = Duration.ZERO;
    List<String> dataSources = List.of("Companies");
    Set<NotionQuirk> quirks = NotionQuirk.STANDARD;
    Secret token = Secret.of("token", "ntn_simulated");
    Traffic traffic = Traffic.NONE;

    NotionSettings() {}

    private NotionSettings(NotionSettings other) {
        pages = other.pages;
        seed = other.seed;
        from = other.from;
        to = other.to;
        imported = other.imported;
        cap = other.cap;
        cursorPages = other.cursorPages;
        heavyAbove = other.heavyAbove;
        changes = other.changes;
        kinds = other.kinds;
        conflicts = other.conflicts;
        lostWrites = other.lostWrites;
        spaceLimitAt = other.spaceLimitAt;
        spaceLimit = other.spaceLimit;
        dataSources = other.dataSources;
        quirks = other.quirks;
        token = other.token;
        traffic = other.traffic;
    }

    private NotionSettings with(Consumer<NotionSettings> change) {
        NotionSettings copy = new NotionSettings(this);
        change.accept(copy);
        return copy;
    }

    /**
     * How many pages there are; 2,000 if nothing is said.
     *
     * @param pages 0 to 1,000,000
     */
    public NotionSettings pages(int pages) {
        return with(copy -> copy.pages = between("pages", pages, 0, 1_000_000));
    }

    /** All data and faults are a function of this number. */
    public NotionSettings seed(long seed) {
        return with(copy -> copy.seed = seed);
    }

    /** The days, in UTC, over which the making of the pages is spread, both included; all of 2024 if nothing is said. */
    public NotionSettings between(LocalDate from, LocalDate to) {
        if (to.isBefore(from)) {
            throw new IllegalArgumentException("the days end (" + to + ") before they begin (" + from + ")");
        }
        return with(copy -> {
            copy.from = from;
            copy.to = to;
        });
    }

    /** So many of the pages were made within one minute, as an import does; none if nothing is said. */
    public NotionSettings imported(int pages) {
        return with(copy -> copy.imported = between("imported", pages, 0, 1_000_000));
    }

    /** So many pages a query gives at most, whatever follows; 10,000 if nothing is said. */
    public NotionSettings cap(int pages) {
        return with(copy -> copy.cap = between("cap", pages, 1, Integer.MAX_VALUE));
    }

    /** A query's cursors are refused after so many answers; 0 for never. */
    public NotionSettings cursorsLast(int answers) {
        return with(copy -> copy.cursorPages = between("cursorsLast", answers, 0, Integer.MAX_VALUE));
    }

    /** In every other two hundred pages, a query that asks for more than this at once is answered 504; 0 for never. */
    public NotionSettings heavyAbove(int pageSize) {
        return with(copy -> copy.heavyAbove = between("heavyAbove", pageSize, 0, 100));
    }

    /** People make so many changes before each answer to a query; in all ways if none is named. */
    public NotionSettings people(int changes, NotionChange... kinds) {
        return with(copy -> {
            copy.changes = between("changes", changes, 0, 10_000);
            copy.kinds = kinds.length == 0 ? List.of(NotionChange.values()) : List.of(kinds);
        });
    }

    /** So many writes of a hundred are answered 409, the same one twice in a row at most. */
    public NotionSettings conflicts(double percent) {
        return with(copy -> copy.conflicts = percent(percent));
    }

    /** So many writes of a hundred are done and yet answered 503, the same one twice in a row at most. */
    public NotionSettings lostWrites(double percent) {
        return with(copy -> copy.lostWrites = percent(percent));
    }

    /** At this call, counted from 1, the limit that a workspace shares is reached for so long. */
    public NotionSettings workspaceLimit(int call, Duration length) {
        return with(copy -> {
            copy.spaceLimitAt = between("call", call, 1, Integer.MAX_VALUE);
            copy.spaceLimit = Objects.requireNonNull(length, "length");
        });
    }

    /** The data sources of the database; all pages are in the first. One if nothing is said. */
    public NotionSettings dataSources(String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException("a database has one data source at least");
        }
        return with(copy -> copy.dataSources = List.of(names));
    }

    /** Adds these to what it does. */
    public NotionSettings and(NotionQuirk... more) {
        return with(copy -> {
            EnumSet<NotionQuirk> all = EnumSet.noneOf(NotionQuirk.class);
            all.addAll(quirks);
            all.addAll(List.of(more));
            copy.quirks = all;
        });
    }

    /** Takes these from what it does. */
    public NotionSettings without(NotionQuirk... less) {
        return with(copy -> {
            EnumSet<NotionQuirk> all = EnumSet.noneOf(NotionQuirk.class);
            all.addAll(quirks);
            all.removeAll(List.of(less));
            copy.quirks = all;
        });
    }

    /** The token that is accepted. */
    public NotionSettings token(Secret token) {
        return with(copy -> copy.token = Objects.requireNonNull(token, "token"));
    }

    /** How long every answer takes, and how much longer some take at most. */
    public NotionSettings latency(Duration latency, Duration jitter) {
        return traffic(latency, jitter, traffic.faults(), traffic.kinds(), traffic.slowness(), traffic.limits());
    }

    /**
     * So many answers of a hundred go wrong, in these ways; in all ways if none is named. The same request goes wrong three times
     * in a row at most.
     */
    public NotionSettings faults(double percent, Fault... kinds) {
        List<Fault> ways = kinds.length == 0 ? List.of(Fault.values()) : List.of(kinds);
        return traffic(traffic.latency(), traffic.jitter(), percent, ways, traffic.slowness(), traffic.limits());
    }

    /** How long a slow answer takes; a second if nothing is said. */
    public NotionSettings slowness(Duration slowness) {
        return traffic(
                traffic.latency(), traffic.jitter(), traffic.faults(), traffic.kinds(), slowness, traffic.limits());
    }

    /** How many calls a token may make, in fixed windows as Notion counts; any number if nothing is said. */
    public NotionSettings limit(Limit... windows) {
        return limits(Limits.of(windows).counting(Limits.Counting.FIXED));
    }

    /** How calls are counted and refused. */
    public NotionSettings limits(Limits limits) {
        return traffic(
                traffic.latency(), traffic.jitter(), traffic.faults(), traffic.kinds(), traffic.slowness(), limits);
    }

    private NotionSettings traffic(
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
    public NotionSimulator start(int port) throws IOException {
        return new NotionSimulator(this, port);
    }

    private static int between(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be from " + least + " to " + most + ", not " + value);
        }
        return value;
    }

    private static double percent(double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("this is a number from 0 to 100 per cent, not " + percent);
        }
        return percent;
    }
}

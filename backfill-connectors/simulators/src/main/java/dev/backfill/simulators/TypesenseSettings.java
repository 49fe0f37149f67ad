package dev.backfill.simulators;

import dev.backfill.RateLimiter.Limit;
import dev.backfill.Secret;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a simulated Typesense holds and how it behaves. An immutable value: every method gives a new one; {@link #start} makes a
 * server of it.
 */
public final class TypesenseSettings {

    int products = 1_000;
    int onlyHere = 20;
    String name = "products_search";
    String sortingField = "";
    Map<String, List<TypesenseField>> empty = Map.of();
    long seed = 1;
    String version = "30.2";
    long limitHits = -1;
    int writesPerSecond = 0;
    int writeLag = 500;
    int readLag = 1_000;
    Duration schemaChangeTakes = Duration.ZERO;
    Duration lagging = Duration.ZERO;
    double refusedLines = 0;
    double lostAnswers = 0;
    double cutAnswers = 0;
    double cutLastLines = 0;
    double emptyAnswers = 0;
    double late = 0;
    Duration lateness = Duration.ofSeconds(5);
    int cutExports = 0;
    long diskFullAfter = -1;
    String resource = "OUT_OF_DISK";
    int leaderless = 0;
    int nodes = 1;
    Set<TypesenseQuirk> quirks = TypesenseQuirk.STANDARD;
    Secret key = Secret.of("typesense api key", "simulated-key");
    Traffic traffic = Traffic.NONE;

    TypesenseSettings() {}

    private TypesenseSettings(TypesenseSettings other) {
        products = other.products;
        onlyHere = other.onlyHere;
        name = other.name;
        sortingField = other.sortingField;
        empty = other.empty;
        seed = other.seed;
        version = other.version;
        limitHits = other.limitHits;
        writesPerSecond = other.writesPerSecond;
        writeLag = other.writeLag;
        readLag = other.readLag;
        schemaChangeTakes = other.schemaChangeTakes;
        lagging = other.lagging;
        refusedLines = other.refusedLines;
        lostAnswers = other.lostAnswers;
        cutAnswers = other.cutAnswers;
        cutLastLines = other.cutLastLines;
        emptyAnswers = other.emptyAnswers;
        late = other.late;
        lateness = other.lateness;
        cutExports = other.cutExports;
        diskFullAfter = other.diskFullAfter;
        resource = other.resource;
        leaderless = other.leaderless;
        nodes = other.nodes;
        quirks = other.quirks;
        key = other.key;
        traffic = other.traffic;
    }

    private TypesenseSettings with(Consumer<TypesenseSettings> change) {
        TypesenseSettings copy = new TypesenseSettings(this);
        change.accept(copy);
        return copy;
    }

    int major() {
        return Integer.parseInt(version.substring(0, version.indexOf('.')));
    }

    long limitHits() {
        return limitHits >= 0 ? limitHits : major() < 28 ? 4_294_967_295L : 1_000_000;
    }

    /**
     * How many products the first collection has, with the ids 1, 2 and so on; 1,000 if nothing is said.
     *
     * @param products 0 to 50,000,000
     */
    public TypesenseSettings products(int products) {
        return with(copy -> copy.products = between("products", products, 0, 50_000_000));
    }

    /** How many more documents it has, of which nothing else knows, with the ids ts-1, ts-2 and so on; 20 if nothing is said. */
    public TypesenseSettings onlyHere(int documents) {
        return with(copy -> copy.onlyHere = between("onlyHere", documents, 0, 50_000_000));
    }

    /** The name of the first collection; {@code products_search} if nothing is said. */
    public TypesenseSettings collection(String name) {
        return with(copy -> copy.name = named(name));
    }

    /**
     * Adds an empty collection.
     *
     * @param fields as {@code title:string} or, if it may be missing, {@code price:float?}
     */
    public TypesenseSettings emptyCollection(String name, String... fields) {
        List<TypesenseField> parsed = new ArrayList<>();
        for (String field : fields) {
            parsed.add(TypesenseField.parse(field));
        }
        return with(copy -> {
            Map<String, List<TypesenseField>> more = new LinkedHashMap<>(empty);
            more.put(named(name), List.copyOf(parsed));
            copy.empty = more;
        });
    }

    /** The first collection is sorted by its price where nothing is said. */
    public TypesenseSettings sortedByPrice() {
        return with(copy -> copy.sortingField = "price");
    }

    /** All data and faults are a function of this number. */
    public TypesenseSettings seed(long seed) {
        return with(copy -> copy.seed = seed);
    }

    /** Which version it is, as 26.0, 27.1, 28.0 or 30.2; the last if nothing is said. */
    public TypesenseSettings version(String version) {
        if (!version.matches("[1-9][0-9]?\\.[0-9]{1,2}")) {
            throw new IllegalArgumentException("a version is two numbers, as 28.0, not " + version);
        }
        return with(copy -> copy.version = version);
    }

    /** Searches give nothing beyond so many hits, and do not say so; a million if nothing is said, without end before version 28. */
    public TypesenseSettings limitHits(long hits) {
        if (hits < 0) {
            throw new IllegalArgumentException("limitHits must not be negative: " + hits);
        }
        return with(copy -> copy.limitHits = hits);
    }

    /** How many documents are written in a second, one collection at a time; as many as can be for 0, which is so if nothing is said. */
    public TypesenseSettings writesPerSecond(int documents) {
        return with(copy -> copy.writesPerSecond = between("writesPerSecond", documents, 0, 1_000_000_000));
    }

    /**
     * From how many units of waiting writes on calls are refused; 500 and 1,000 if nothing is said. A unit is one write, or 196,605
     * bytes of an import.
     */
    public TypesenseSettings lagsBehind(int refusesWrites, int refusesReads) {
        return with(copy -> {
            copy.writeLag = between("refusesWrites", refusesWrites, 0, Integer.MAX_VALUE);
            copy.readLag = between("refusesReads", refusesReads, 0, Integer.MAX_VALUE);
        });
    }

    /** How long a change of a schema blocks the writes to its collection; a moment if nothing is said. */
    public TypesenseSettings schemaChangeTakes(Duration length) {
        return with(copy -> copy.schemaChangeTakes = notNegative("schemaChangeTakes", length));
    }

    /** So long after the start every call is refused with 503. */
    public TypesenseSettings lagging(Duration length) {
        return with(copy -> copy.lagging = notNegative("lagging", length));
    }

    /** So many documents of a hundred are refused by imports, always the same ones. */
    public TypesenseSettings refusedLines(double percent) {
        return with(copy -> copy.refusedLines = percent(percent));
    }

    /** So many imports of a hundred are done and not answered; two times in a row at most, as is so for all faults of imports. */
    public TypesenseSettings lostAnswers(double percent) {
        return with(copy -> copy.lostAnswers = percent(percent));
    }

    /** So many imports of a hundred are done in part, and the connection ends after some of the results. */
    public TypesenseSettings cutAnswers(double percent) {
        return with(copy -> copy.cutAnswers = percent(percent));
    }

    /** So many imports of a hundred are done, and the last result ends in the middle although the answer is whole. */
    public TypesenseSettings cutLastLines(double percent) {
        return with(copy -> copy.cutLastLines = percent(percent));
    }

    /** So many imports of a hundred are done, and the answer has nothing in it. */
    public TypesenseSettings emptyAnswers(double percent) {
        return with(copy -> copy.emptyAnswers = percent(percent));
    }

    /** So many imports of a hundred are done and answered so much later, and what comes behind them waits, too. */
    public TypesenseSettings late(double percent, Duration lateness) {
        return with(copy -> {
            copy.late = percent(percent);
            copy.lateness = notNegative("lateness", lateness);
        });
    }

    /** The first exports end in the middle of a line: the first one as if it were whole, the second one with its connection, and so on. */
    public TypesenseSettings cutExports(int exports) {
        return with(copy -> copy.cutExports = between("cutExports", exports, 0, Integer.MAX_VALUE));
    }

    /** There is room for so many more writes; then they are refused with 422, in the middle of an import, too. */
    public TypesenseSettings diskFullAfter(int documents) {
        return outOfResource("OUT_OF_DISK", documents);
    }

    /** The same for {@code OUT_OF_MEMORY} or any other resource. */
    public TypesenseSettings outOfResource(String resource, int documents) {
        return with(copy -> {
            copy.resource = Objects.requireNonNull(resource, "resource");
            copy.diskFullAfter = between("documents", documents, 0, Integer.MAX_VALUE);
        });
    }

    /** The first writes are answered with 500, for no node leads yet. */
    public TypesenseSettings noLeader(int writes) {
        return with(copy -> copy.leaderless = between("noLeader", writes, 0, Integer.MAX_VALUE));
    }

    /** How many nodes the cluster has; one if nothing is said. They have ports that follow one another, unless the port is 0. */
    public TypesenseSettings nodes(int nodes) {
        return with(copy -> copy.nodes = between("nodes", nodes, 1, 9));
    }

    /** Adds these to what it does. */
    public TypesenseSettings and(TypesenseQuirk... more) {
        return with(copy -> {
            EnumSet<TypesenseQuirk> all = EnumSet.noneOf(TypesenseQuirk.class);
            all.addAll(quirks);
            all.addAll(List.of(more));
            copy.quirks = all;
        });
    }

    /** Takes these from what it does. */
    public TypesenseSettings without(TypesenseQuirk... less) {
        return with(copy -> {
            EnumSet<TypesenseQuirk> all = EnumSet.noneOf(TypesenseQuirk.class);
            all.addAll(quirks);
            all.removeAll(List.of(less));
            copy.quirks = all;
        });
    }

    /** The key that it accepts. */
    public TypesenseSettings key(Secret key) {
        return with(copy -> copy.key = Objects.requireNonNull(key, "key"));
    }

    /** How long every answer takes, and how much longer some take at most. */
    public TypesenseSettings latency(Duration latency, Duration jitter) {
        return traffic(latency, jitter, traffic.faults(), traffic.kinds(), traffic.slowness(), traffic.limits());
    }

    /**
     * So many answers of a hundred go wrong, in these ways; in all ways if none is named. The same request goes wrong three times
     * in a row at most.
     */
    public TypesenseSettings faults(double percent, Fault... kinds) {
        List<Fault> ways = kinds.length == 0 ? List.of(Fault.values()) : List.of(kinds);
        return traffic(traffic.latency(), traffic.jitter(), percent, ways, traffic.slowness(), traffic.limits());
    }

    /** How long a slow answer takes; a second if nothing is said. */
    public TypesenseSettings slowness(Duration slowness) {
        return traffic(
                traffic.latency(), traffic.jitter(), traffic.faults(), traffic.kinds(), slowness, traffic.limits());
    }

    /** How many calls may be made with a key in any stretch of time; any number if nothing is said, as is so where nobody made rules. */
    public TypesenseSettings limit(Limit... windows) {
        return traffic(
                traffic.latency(),
                traffic.jitter(),
                traffic.faults(),
                traffic.kinds(),
                traffic.slowness(),
                Limits.of(windows).retryAfter(Limits.RetryAfter.MISSING));
    }

    private TypesenseSettings traffic(
            Duration latency, Duration jitter, double faults, List<Fault> kinds, Duration slowness, Limits limits) {
        Traffic changed = new Traffic(latency, jitter, faults, kinds, slowness, limits, traffic.gzip());
        return with(copy -> copy.traffic = changed);
    }

    /**
     * Starts its nodes on 127.0.0.1.
     *
     * @param port of the first node; 0 for any that is free
     * @throws IOException if a port is taken
     */
    public TypesenseSimulator start(int port) throws IOException {
        return new TypesenseSimulator(this, port);
    }

    private static String named(String name) {
        if (!name.matches("[A-Za-z0-9_-]{1,100}")) {
            throw new IllegalArgumentException("a collection's name is of letters, digits, _ and -, not " + name);
        }
        return name;
    }

    private static int between(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " must be from " + least + " to " + most + ", not " + value);
        }
        return value;
    }

    private static Duration notNegative(String what, Duration length) {
        if (length.isNegative()) {
            throw new IllegalArgumentException(what + " must not be negative: " + length);
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

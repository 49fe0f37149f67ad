package dev.backfill.testkit;

import dev.backfill.Bookmark;
import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.SlotLimiter;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.testkit.Pipeline.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** What one life of a {@link Swarm} reads: numbers in parts, in some of the ways in which services give and withhold them. */
final class SwarmSource {

    /** How pages come. */
    private enum Kind {
        PLAIN,
        EMPTY_PAGES,
        SHORT_PAGES,
        OVERLAPPING,
        CHANGING,
        EXPIRING
    }

    private final SplittableRandom random;
    private final World world;
    private final SwarmTroubles troubles;
    private final Set<String> probes;
    private final Kind kind;
    private final int perPage;
    private final int parts;
    private final double busy;
    private final Map<Integer, TreeSet<Integer>> stable = new TreeMap<>();
    private final Map<Integer, TreeSet<Integer>> now = new HashMap<>();
    private final Set<Integer> ever = new HashSet<>();
    private final List<Long> arrivals = new ArrayList<>();

    SwarmSource(SplittableRandom random, World world, SwarmTroubles troubles, Set<String> probes) {
        this.random = random;
        this.world = world;
        this.troubles = troubles;
        this.probes = probes;
        this.kind = Kind.values()[random.nextInt(Kind.values().length)];
        this.perPage = random.nextInt(9) + 1;
        this.parts = random.nextInt(4) == 0 ? 2 + random.nextInt(3) : 1;
        this.busy = random.nextInt(4) == 0 ? 0.05 : 0;
        for (int part = 0; part < parts; part++) {
            int first = part * 1_000;
            TreeSet<Integer> numbers = new TreeSet<>(IntStream.range(0, random.nextInt(20))
                    .map(i -> first + 2 * i)
                    .boxed()
                    .toList());
            stable.put(part, numbers);
            now.put(part, new TreeSet<>(numbers));
            ever.addAll(numbers);
        }
    }

    int mostParts() {
        return parts;
    }

    Partitioned<Integer> parts(Optional<SlotLimiter> limiter) {
        return Partitioned.of(List.copyOf(stable.keySet()), part -> "part " + part, part -> {
            Source<Integer> source = from -> page(part, from);
            return limiter.isPresent() ? source.limitedBy(limiter.get()) : source;
        });
    }

    /** Keyset paging: the cursor is the last number that came. */
    private Page<Integer> page(int part, Cursor from) {
        arrivals.add(world.nanos());
        if (troubles.strikes(busy)) {
            troubles.struck();
            probes.add("asked to wait");
            throw new TransientException("429", Duration.ofSeconds(random.nextInt(90)));
        }
        if (kind == Kind.EXPIRING && !from.isStart() && troubles.strikes(0.03)) {
            troubles.struck();
            throw new ExpiredCursorException("the cursor " + from + " has expired");
        }
        TreeSet<Integer> numbers = now.get(part);
        change(numbers, part);
        int last = from.orElse(-1);
        int most = kind == Kind.SHORT_PAGES ? 1 + Math.abs(last) % perPage : perPage;
        boolean empty = kind == Kind.EMPTY_PAGES && !from.isStart() && last % 6 == 0 && last % 1_000 > 0;
        int after = kind == Kind.OVERLAPPING && !from.isStart() ? last - 3 : last;
        if (empty) {
            // an empty page leads on to a cursor that gives numbers again: odd ones are never those of a number
            return Page.of(List.of(), last + 1);
        }
        List<Integer> items =
                numbers.tailSet(after, false).stream().limit(most + 2L).toList();
        if (items.size() <= most || (items.get(most - 1) <= last && items.size() < most + 2)) {
            return Page.last(items);
        }
        List<Integer> page = items.subList(0, items.get(most - 1) <= last ? most + 2 : most);
        return Page.of(page, Math.max(last + 1, page.get(page.size() - 1)));
    }

    /** Records come and go between two calls, those that stay excepted. */
    private void change(TreeSet<Integer> numbers, int part) {
        if (kind == Kind.CHANGING && random.nextBoolean()) {
            int odd = part * 1_000 + 1 + 2 * random.nextInt(20);
            if (!numbers.remove(odd)) {
                numbers.add(odd);
                ever.add(odd);
            }
            probes.add("records came and went");
        }
    }

    /** The rows of a table as a second phase reads them. */
    Source<Row> rows(Supplier<Map<String, Row>> table) {
        return from -> {
            List<Row> rows = List.copyOf(new TreeMap<>(table.get()).values());
            int start = Math.min(rows.size(), from.orElse(0));
            int end = Math.min(rows.size(), start + perPage);
            List<Row> page = rows.subList(start, end);
            return end == rows.size() ? Page.last(page) : Page.of(page, end);
        };
    }

    // ---- what is known of it

    /** The numbers that are there from the beginning to the end. */
    Set<Integer> stable() {
        Set<Integer> all = new TreeSet<>();
        stable.values().forEach(all::addAll);
        return all;
    }

    /** The numbers that were there at some time. */
    Set<Integer> ever() {
        return ever;
    }

    /** The most records that a page has. */
    int mostPerPage() {
        return perPage + 3;
    }

    /** The stable numbers that a bookmark has passed. */
    Set<Integer> before(Bookmark bookmark) {
        TreeSet<Integer> numbers = stable.get(part(bookmark));
        return bookmark.done() ? numbers : numbers.headSet(bookmark.cursor().orElse(-1), true);
    }

    long position(Bookmark bookmark) {
        return bookmark.done() ? Long.MAX_VALUE : bookmark.cursor().orElse(-1) + 1;
    }

    private static int part(Bookmark bookmark) {
        return Integer.parseInt(bookmark.partition().substring("part ".length()));
    }

    boolean mayBeginAgain() {
        return kind == Kind.EXPIRING;
    }

    boolean mayRepeatRecords() {
        return kind == Kind.EXPIRING || kind == Kind.CHANGING || kind == Kind.OVERLAPPING;
    }

    /** The most calls that came in any stretch of this length. */
    int mostCallsIn(Duration time) {
        int most = 0;
        for (int i = 0, j = 0; i < arrivals.size(); i++) {
            while (j < arrivals.size() && arrivals.get(j) - arrivals.get(i) < time.toNanos()) {
                j++;
            }
            most = Math.max(most, j - i);
        }
        return most;
    }

    @Override
    public String toString() {
        return kind + " pages of " + perPage + " from "
                + stable.values().stream().map(TreeSet::size).toList();
    }

    static List<String> rareBranches() {
        return List.of("asked to wait", "records came and went");
    }
}

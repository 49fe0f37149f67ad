package dev.backfill.supabase;

import dev.backfill.Cursor;
import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Ranges of a table's key, named by their ends as those of the database road are. */
final class Ranges<T> implements Partitioned<T> {

    /** Of the 200 that a name may have. */
    private static final int MAX_NAME = 200;

    private final RestRows<T> rows;
    private final int count;

    Ranges(RestRows<T> rows, int count) {
        if (count < 1 || count > 10_000) {
            throw new IllegalArgumentException("there can be 1 to 10000 ranges, not " + count);
        }
        this.rows = rows;
        this.count = count;
    }

    @Override
    public List<Partition<T>> partitions() throws InterruptedException {
        Layout<T> layout = rows.layout();
        layout.checkNulls();
        long all = rows.table().count(layout.filters());
        long step = Math.max(1, (all + count - 1) / count);
        List<Partition<T>> partitions = new ArrayList<>();
        List<Object> after = List.of();
        for (long planned = step; planned < all; planned += step) {
            Optional<List<Object>> border = layout.keyBehind(after, step - 1);
            if (border.isEmpty()
                    || name(after, border.get()).length() > MAX_NAME
                    || name(border.get(), List.of()).length() > MAX_NAME) {
                break; // the rest is one range
            }
            partitions.add(partition(name(after, border.get())));
            after = border.get();
        }
        partitions.add(partition(name(after, List.of())));
        return partitions;
    }

    /**
     * Planned once: later runs take the names that the first has given. If a crash has left only some of them, what is behind the last
     * that joins on is one more range.
     */
    @Override
    public List<Partition<T>> partitions(List<String> known) throws InterruptedException {
        if (known.isEmpty()) {
            return partitions();
        }
        Map<Optional<Object>, Optional<Object>> ends = new HashMap<>();
        for (String name : known) {
            Map<?, ?> said = said(name);
            ends.put(Optional.ofNullable(said.get("after")), Optional.ofNullable(said.get("to")));
        }
        Optional<Object> reached = Optional.empty();
        boolean whole = false;
        while (!whole && ends.containsKey(reached)) {
            reached = ends.remove(reached);
            whole = reached.isEmpty();
        }
        List<Partition<T>> partitions =
                new ArrayList<>(known.stream().map(this::partition).toList());
        if (!whole) {
            partitions.add(partition(name(reached.orElse(List.of()), List.of())));
        }
        return partitions;
    }

    private static Map<?, ?> said(String name) {
        return Cursor.parse(name).as(Map.class).orElse(Map.of());
    }

    private static String name(Object after, Object to) {
        Map<String, Object> name = new LinkedHashMap<>();
        if (!after.equals(List.of())) {
            name.put("after", after);
        }
        if (!to.equals(List.of())) {
            name.put("to", to);
        }
        return Cursor.of(name).json();
    }

    private Partition<T> partition(String name) {
        Map<?, ?> said = said(name);
        return Partition.of(
                name,
                rows.within(
                        said.get("after") instanceof List<?> after ? after : List.of(),
                        said.get("to") instanceof List<?> to ? to : List.of()));
    }

    @Override
    public Paging paging() {
        return rows.paging();
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return rows.limiter();
    }

    @Override
    public String definition() {
        return rows.definition() + " in ranges";
    }
}

package dev.backfill.simulators;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/** What changes while the server runs: rows that appear late, vanish, are edited, or are added today. */
final class BlazeHistory {

    private static final int LATE = 21;
    private static final int VOID = 22;
    private static final int EDIT = 23;
    private static final int ONE_IN = 150;
    private static final int MOST_TODAY = 1_000;

    private final BlazeData data;
    private final Set<BlazeQuirk> quirks;
    private final ReentrantLock lock = new ReentrantLock();
    private final NavigableSet<Integer> late;
    private final NavigableSet<Integer> doomed;
    private final NavigableSet<Integer> editable;
    private final NavigableSet<Integer> hidden;
    private final Set<Integer> edited = new TreeSet<>();
    private final List<Long> today = new ArrayList<>();
    private long calls;

    BlazeHistory(BlazeData data, Set<BlazeQuirk> quirks) {
        this.data = data;
        this.quirks = quirks;
        late = chosen(BlazeQuirk.LATE_COMPLETIONS, LATE);
        doomed = chosen(BlazeQuirk.VOIDS, VOID);
        doomed.removeAll(late);
        editable = chosen(BlazeQuirk.REFUNDS, EDIT);
        hidden = new TreeSet<>(late);
    }

    private NavigableSet<Integer> chosen(BlazeQuirk quirk, int salt) {
        NavigableSet<Integer> chosen = new TreeSet<>();
        for (int i = 0; quirks.contains(quirk) && i < data.transactions; i++) {
            if (data.oneIn(ONE_IN, i, salt)) {
                chosen.add(i);
            }
        }
        return chosen;
    }

    /**
     * The rows of a page, as one snapshot.
     *
     * @param rows places of transactions
     * @param total of the window
     */
    record Rows(List<Integer> rows, long total) {}

    /** A page of the transactions that were completed from one time to another; the second is not included. */
    Rows page(long from, long to, int skip, int limit) {
        lock.lock();
        try {
            calls++;
            if (skip > 0) {
                change(from, to);
            }
            long now = data.time.now().toEpochMilli();
            if (quirks.contains(BlazeQuirk.TODAY_GROWS) && from <= now && now < to && today.size() < MOST_TODAY) {
                today.add(now);
            }
            int low = firstAt(from);
            int high = firstAt(to);
            NavigableSet<Integer> gone = hidden.subSet(low, true, high, false);
            int total = high - low - gone.size();
            List<Integer> rows = new ArrayList<>();
            if (skip < total) {
                boolean backwards = quirks.contains(BlazeQuirk.NEWEST_FIRST);
                int step = backwards ? -1 : 1;
                int row = place(gone, low, backwards ? total - 1 - skip : skip);
                for (int i = 0; i < limit && row >= low && row < high; row += step) {
                    if (!gone.contains(row)) {
                        rows.add(row);
                        i++;
                    }
                }
            }
            long drift = quirks.contains(BlazeQuirk.TOTAL_DRIFTS) ? calls % 3 - 1 : 0;
            return new Rows(rows, Math.max(0, total + drift));
        } finally {
            lock.unlock();
        }
    }

    private static int place(NavigableSet<Integer> gone, int low, int rank) {
        int place = low + rank;
        for (int hole : gone) {
            if (hole > place) {
                break;
            }
            place++;
        }
        return place;
    }

    /** One change of each kind before a page that is not the first of its window. */
    private void change(long from, long to) {
        int low = firstAt(from);
        int high = firstAt(to);
        first(late, low, high).ifPresent(hidden::remove);
        first(doomed, low, high).ifPresent(hidden::add);
        first(editable, low, high).ifPresent(edited::add);
    }

    private static java.util.Optional<Integer> first(NavigableSet<Integer> set, int low, int high) {
        Iterator<Integer> found = set.subSet(low, true, high, false).iterator();
        if (!found.hasNext()) {
            return java.util.Optional.empty();
        }
        int first = found.next();
        found.remove();
        return java.util.Optional.of(first);
    }

    private int firstAt(long millis) {
        int place = data.firstAt(millis);
        if (place < data.transactions) {
            return place;
        }
        int added = 0;
        while (added < today.size() && today.get(added) < millis) {
            added++;
        }
        return place + added;
    }

    /** All places that are there now, in order. */
    List<Range> present(long from, long to) {
        lock.lock();
        try {
            List<Range> ranges = new ArrayList<>();
            int begin = firstAt(from);
            int high = firstAt(to);
            for (int hole : hidden.subSet(begin, true, high, false)) {
                ranges.add(new Range(begin, hole));
                begin = hole + 1;
            }
            ranges.add(new Range(begin, high));
            return ranges;
        } finally {
            lock.unlock();
        }
    }

    /** Places from one to another, without the second. */
    record Range(int from, int to) {}

    boolean exists(int place) {
        lock.lock();
        try {
            return place >= 0 && place < data.transactions + today.size() && !hidden.contains(place);
        } finally {
            lock.unlock();
        }
    }

    boolean isEdited(int place) {
        if (!quirks.contains(BlazeQuirk.REFUNDS)) {
            return false; // asked for each item: no need for the lock
        }
        lock.lock();
        try {
            return edited.contains(place);
        } finally {
            lock.unlock();
        }
    }

    /** When it was completed, in milliseconds. */
    long completed(int place) {
        if (place < data.transactions) {
            return data.completed(place);
        }
        lock.lock();
        try {
            return today.get(place - data.transactions);
        } finally {
            lock.unlock();
        }
    }
}

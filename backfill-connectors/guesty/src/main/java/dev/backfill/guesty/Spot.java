package dev.backfill.guesty;

import dev.backfill.ExpiredCursorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in a list in the order of its ids that is paged by skipping rows while rows come and go: the decisions, without any I/O.
 *
 * <p>Each page begins at the last row that was taken. If it begins behind that, rows before it have vanished, and the next page begins
 * further back; so nothing can slip through.
 *
 * @param at how many rows are skipped
 * @param last the id of the last row that was taken; null before the first
 * @param idle how many pages in a row have brought nothing
 * @param beyond whether the page before was empty, so that nothing stood at its place or behind
 * @param most how many rows a page has had at most; one with fewer was not cut
 */
record Spot(long at, @Nullable String last, int idle, boolean beyond, int most) {

    static final Spot FIRST = new Spot(0, null, 0, false, 0);

    /** The most rows that Guesty gives at once; it is asked for as many. */
    static final int LIMIT = 100;

    /** So many rows back the first time, then more and more. */
    private static final int FIRST_STEP = 10;

    /** So many pages back are tried, which is some 20,000 rows. */
    private static final int MOST_IDLE = 200;

    /**
     * What a page brings.
     *
     * @param fresh which of its rows are new
     * @param next where to go on; empty at the end
     */
    record Taken(List<Integer> fresh, Optional<Spot> next) {}

    /**
     * Takes a page in.
     *
     * @param ids of its rows
     * @throws IllegalStateException if they are not in the order of their ids
     * @throws ExpiredCursorException if the list must be read again from its start
     */
    Taken take(List<String> ids) {
        for (int i = 1; i < ids.size(); i++) {
            if (ids.get(i - 1).compareTo(ids.get(i)) >= 0) {
                throw new IllegalStateException(
                        "Guesty did not sort by _id as asked (" + ids.get(i - 1) + " came before " + ids.get(i)
                                + "), and a list in another order cannot be read without loss while it changes");
            }
        }
        boolean anchored =
                at == 0 || (!ids.isEmpty() && last != null && ids.get(0).compareTo(last) <= 0);
        if (!anchored) {
            return new Taken(List.of(), Optional.of(back(ids.isEmpty())));
        }
        List<Integer> fresh = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            if (last == null || ids.get(i).compareTo(last) > 0) {
                fresh.add(i);
            }
        }
        boolean end = ids.isEmpty() || (fresh.isEmpty() && (ids.size() == 1 || (beyond && ids.size() < most)));
        if (end) {
            return new Taken(fresh, Optional.empty());
        }
        String newest = fresh.isEmpty() ? last : ids.get(ids.size() - 1);
        Spot next = new Spot(
                at + ids.size() - 1, newest, fresh.isEmpty() ? idle + 1 : 0, false, Math.max(most, ids.size()));
        if (next.idle() > MOST_IDLE) {
            throw lost();
        }
        return new Taken(fresh, Optional.of(next));
    }

    private Spot back(boolean empty) {
        if (idle >= MOST_IDLE) {
            throw lost();
        }
        return new Spot(
                Math.max(0, at - Math.min(LIMIT, FIRST_STEP << Math.min(idle, 4))), last, idle + 1, empty, most);
    }

    private static ExpiredCursorException lost() {
        return new ExpiredCursorException(
                "the rows before the place have changed so much that it cannot be found again");
    }
}

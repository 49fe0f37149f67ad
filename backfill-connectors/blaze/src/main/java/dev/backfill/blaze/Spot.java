package dev.backfill.blaze;

import dev.backfill.ExpiredCursorException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A place in a list that is paged by skipping rows while rows come and go: the decisions, without any I/O.
 *
 * <p>Each page begins some rows before the last one that was taken. As long as one of those is found on it, nothing can have slipped
 * through between the two pages. If none is, rows before it have vanished, and the next page begins further back. At the end, the number
 * of rows taken must be what the service counts; if not, the list is read again from its start, which the runner bounds.
 *
 * @param at how many rows are skipped
 * @param last the ids of the last rows that were taken, the newest at the end
 * @param seen how many rows were taken
 * @param idle how many pages in a row have brought nothing
 * @param edge whether the page before ended exactly here and brought nothing, so that this page needs no row of it
 */
record Spot(long at, List<String> last, long seen, int idle, boolean edge) {

    static final Spot FIRST = new Spot(0, List.of(), 0, 0, false);

    /** The most rows that the service gives at once; it is asked for as many. */
    static final int LIMIT = 100;

    private static final int OVERLAP = 5;

    /** So many pages back are tried, which is about 2,000 rows. */
    private static final int STEPS_BACK = 20;

    /** So often is the end asked for again while its count differs, since the count may waver. */
    private static final int ASKS_AT_END = 6;

    Spot {
        last = List.copyOf(last);
    }

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
     * @param total how many rows the list has, if that is known for certain enough to be compared
     * @throws ExpiredCursorException if the list must be read again from its start
     */
    Taken take(List<String> ids, OptionalLong total) {
        boolean first = last.isEmpty();
        int anchor = anchor(ids);
        if (anchor < 0 && !first && !edge) {
            return new Taken(List.of(), Optional.of(stepBack(ids.size())));
        }
        Set<String> known = new HashSet<>(last);
        List<Integer> fresh = new ArrayList<>();
        List<String> taken = new ArrayList<>(last);
        for (int i = Math.max(0, anchor); i < ids.size(); i++) {
            if (known.add(ids.get(i))) {
                fresh.add(i);
                taken.add(ids.get(i));
            }
        }
        List<String> newest = taken.subList(Math.max(0, taken.size() - OVERLAP), taken.size());
        long now = seen + fresh.size();
        long behind = at + ids.size();
        boolean nothingFollows =
                ids.isEmpty() || (total.isPresent() && behind >= total.getAsLong() && ids.size() < LIMIT);
        if (nothingFollows && (total.isEmpty() || total.getAsLong() == now)) {
            return new Taken(fresh, Optional.empty());
        }
        if (nothingFollows && idle >= ASKS_AT_END) {
            throw new ExpiredCursorException(now + " rows were read, but Blaze counts " + total.getAsLong()
                    + "; if this stays so, run again at a quieter time");
        }
        int overlap = Math.min(OVERLAP, Math.max(1, ids.size() - 1));
        if (nothingFollows || !fresh.isEmpty()) {
            int still = fresh.isEmpty() || nothingFollows ? idle + 1 : 0;
            return new Taken(fresh, Optional.of(new Spot(Math.max(0, behind - overlap), newest, now, still, false)));
        }
        // either the end, or a page so small that it holds nothing but rows that are known
        return new Taken(fresh, Optional.of(new Spot(behind, newest, now, idle + 1, true)));
    }

    /** The first row of the page that was taken before; -1 if there is none. */
    private int anchor(List<String> ids) {
        for (int i = 0; i < ids.size(); i++) {
            if (last.contains(ids.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private Spot stepBack(int rows) {
        if (at == 0 || idle >= STEPS_BACK) {
            throw new ExpiredCursorException(
                    "the rows before the place have changed so much that it cannot be found again");
        }
        int step = rows == 0 ? LIMIT / 2 : Math.max(1, rows - OVERLAP); // pages must touch
        return new Spot(Math.max(0, at - step), last, seen, idle + 1, false);
    }
}

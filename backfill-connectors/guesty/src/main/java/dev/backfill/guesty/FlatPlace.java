package dev.backfill.guesty;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A place in the flat list of messages, which is paged by skipping rows while rows come and go, in an order that is not unique: the
 * decisions, without any I/O.
 *
 * <p>Each page begins some rows before the last one that was taken. If none of those is on it, rows before it have vanished, and the next
 * page begins further back.
 *
 * @param since milliseconds; messages that were written before are not wanted, whenever the pass goes on
 * @param at how many rows are skipped
 * @param last the ids of the last rows that were taken, the newest at the end
 * @param idle how many pages in a row have brought nothing
 * @param edge whether the page before ended exactly here and brought nothing, so that this page needs no row of it
 * @param anew how often the list was begun anew
 */
record FlatPlace(long since, long at, List<String> last, int idle, boolean edge, int anew) {

    /** The most rows that are asked for at once. */
    static final int LIMIT = 100;

    private static final int OVERLAP = 5;

    /** So many pages back are tried, which is about 2,000 rows. */
    private static final int STEPS_BACK = 20;

    /** So often is the list begun anew in a pass. */
    private static final int MOST_ANEW = 10;

    FlatPlace {
        last = List.copyOf(last);
    }

    static FlatPlace first(long since) {
        return new FlatPlace(since, 0, List.of(), 0, false, 0);
    }

    /**
     * What a page brings.
     *
     * @param fresh which of its rows are new
     * @param next where to go on; empty at the end
     */
    record Taken(List<Integer> fresh, Optional<FlatPlace> next) {}

    /**
     * Takes a page in.
     *
     * @param ids of its rows; empty texts for those that have none
     * @throws IllegalStateException if the list was begun anew too often
     */
    Taken take(List<String> ids) {
        if (ids.isEmpty() && (edge || at == 0)) {
            return new Taken(List.of(), Optional.empty());
        }
        int anchor = anchor(ids);
        if (anchor < 0 && !last.isEmpty() && !edge) {
            return new Taken(List.of(), Optional.of(back(ids.size())));
        }
        Set<String> known = new HashSet<>(last);
        List<Integer> fresh = new ArrayList<>();
        List<String> taken = new ArrayList<>(last);
        for (int i = 0; i < ids.size(); i++) {
            String id = ids.get(i);
            if (id.isEmpty() || known.add(id)) {
                fresh.add(i);
            }
            if (!id.isEmpty() && !last.contains(id)) {
                taken.add(id);
            }
        }
        long behind = at + ids.size();
        List<String> newest = taken.subList(Math.max(0, taken.size() - OVERLAP), taken.size());
        boolean brought = taken.size() > last.size();
        int overlap = brought ? Math.min(OVERLAP, ids.size() - 1) : 0;
        return new Taken(
                fresh,
                Optional.of(new FlatPlace(since, behind - overlap, newest, brought ? 0 : idle + 1, !brought, anew)));
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

    private FlatPlace back(int rows) {
        if (at == 0 || idle >= STEPS_BACK) {
            if (anew >= MOST_ANEW) {
                throw new IllegalStateException(
                        "the messages before the place change so much that it cannot be found again");
            }
            return new FlatPlace(since, 0, List.of(), 0, false, anew + 1);
        }
        int step = rows == 0 ? LIMIT / 2 : Math.max(1, rows - OVERLAP); // pages must touch
        return new FlatPlace(since, Math.max(0, at - step), last, idle + 1, false, anew);
    }
}

package dev.backfill.notion;

import dev.backfill.ExpiredCursorException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A place in a list of pages in the order in which they were made: the decisions, without any I/O.
 *
 * <p>A query gives 10,000 pages at most, and its cursor may die. In both cases another query goes on: for the pages made at the minute of
 * the last one or later, of which those that were already taken are left out.
 *
 * @param from the pages of this query were made at this minute or later; null for all
 * @param at Notion's cursor in this query; null at its begin
 * @param last the minute of the last page taken; null before the first
 * @param edge the pages of that minute that were taken, packed
 * @param rows how many pages this query has given
 * @param size how many are asked for at once
 * @param idle how often a cursor died since the last page that was new
 * @param cut whether Notion has said that it will not give all
 */
record Place(
        @Nullable Instant from,
        @Nullable String at,
        @Nullable Instant last,
        String edge,
        int rows,
        int size,
        int idle,
        boolean cut) {

    /** The most pages that Notion gives at once. */
    static final int MOST = 100;

    static final Place FIRST = new Place(null, null, null, "", 0, MOST, 0, false);

    /** The fewest that are asked for at once, when Notion takes too long. */
    private static final int LEAST = 10;

    /** After each answer a tenth more is asked for, until it is as much as before: a query that is too slow takes a minute to fail. */
    private static final int GROWTH = 10;

    /** So many pages a query gives at most, as far as known. */
    private static final int CAP = 10_000;

    /** So often may a cursor die without a new page before it. */
    private static final int DEATHS = 5;

    /** A page on its way: its id, and when it was made. */
    record Row(String id, Instant made) {}

    /**
     * What an answer brings.
     *
     * @param fresh which of its rows are new
     * @param next where to go on; empty at the end
     */
    record Taken(List<Integer> fresh, Optional<Place> next) {}

    /**
     * Takes an answer in.
     *
     * @param cursor of the next answer; null if Notion gives no more
     * @param told whether it says that it has not given all
     * @param windowed whether another query may go on where this one ends
     */
    Taken take(List<Row> rows, @Nullable String cursor, boolean told, boolean windowed) {
        List<Integer> fresh = new ArrayList<>();
        Instant newest = last;
        Set<String> known = Ids.unpacked(edge);
        StringBuilder taken = new StringBuilder(edge);
        for (int i = 0; i < rows.size(); i++) {
            Instant made = rows.get(i).made();
            String id = windowed ? Ids.packed(rows.get(i).id()) : "";
            if (windowed && (newest == null || made.isAfter(newest))) {
                newest = made;
                known.clear();
                taken.setLength(0);
            }
            if (!windowed || known.add(id)) {
                fresh.add(i);
                taken.append(made.equals(newest) ? id : "");
            }
        }
        int count = this.rows + rows.size();
        int deaths = fresh.isEmpty() ? idle : 0;
        boolean incomplete = cut || told;
        if (cursor != null) {
            int more = Math.min(MOST, size + size / GROWTH);
            Place next = new Place(from, cursor, newest, taken.toString(), count, more, deaths, incomplete);
            return new Taken(fresh, Optional.of(next));
        }
        if (!incomplete && count < CAP) {
            return new Taken(fresh, Optional.empty());
        }
        if (!windowed) {
            throw new IllegalStateException(
                    "Notion gives " + CAP + " pages of a query at most, and more may follow; leave"
                            + " out the order, then they are read in several queries, or narrow it by where(…)");
        }
        if (newest == null || newest.equals(from)) {
            throw new IllegalStateException(count + " pages or more were made in the minute of " + newest
                    + ", as by an import, and Notion gives no more of one query; read them in several sources, each with"
                    + " a where(…) of its own, such as on a number or the beginning of the title");
        }
        return new Taken(fresh, Optional.of(new Place(newest, null, newest, taken.toString(), 0, size, 0, false)));
    }

    /** Where to go on when this place's cursor has died. */
    Place again(ExpiredCursorException e) {
        if (at == null || idle >= DEATHS) {
            throw e;
        }
        return new Place(last == null ? from : last, null, last, edge, 0, size, idle + 1, false);
    }

    /** This place with fewer pages at once; empty if there is no less. */
    Optional<Place> smaller() {
        return size <= LEAST
                ? Optional.empty()
                : Optional.of(new Place(from, at, last, edge, rows, Math.max(LEAST, size / 2), idle, cut));
    }
}

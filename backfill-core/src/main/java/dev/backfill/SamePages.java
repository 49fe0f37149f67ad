package dev.backfill;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sees that a source gives one page over and over although its cursor moves on: the other side does not know the parameter that says
 * where to read, answers a page behind the last with the last, or stands behind a cache.
 *
 * <p>Two pages are the same if they have as many records and equal ones at both ends, so only two records are kept. Used by the reading
 * side of one partition.
 */
final class SamePages {

    /** So many in a row are no accident of the data, even of records that do not say which they are. */
    private static final int MOST = 1_000;

    private final boolean byKey;
    private @Nullable Object first;
    private @Nullable Object last;
    private int size;
    private boolean asked;
    private int times;

    /** @param paging a source that goes on behind the last key, or that knows its last rows, cannot do this with a cursor that moves */
    SamePages(Paging paging) {
        this.byKey = paging == Paging.KEYSET || paging == Paging.ANCHORED;
    }

    /** Takes a page in. True if it must be read once more, since what came is the page before, which a cache may have given. */
    boolean again(List<?> page, Cursor from) {
        if (byKey || page.isEmpty()) {
            return false;
        }
        Object begin = page.get(0);
        Object end = page.get(page.size() - 1);
        if (page.size() != size || !begin.equals(first) || !end.equals(last)) {
            first = begin;
            last = end;
            size = page.size();
            asked = false;
            times = 0;
            return false;
        }
        if (!asked) {
            asked = true;
            return true;
        }
        if (++times > MOST) {
            throw new IllegalStateException(
                    "the source is looping: " + MOST + " pages in a row, up to the one at " + from
                            + ", had the same " + size
                            + " records; does the other side know the parameter that says where to read?"
                            + " A source of records that are alike says Paging.KEYSET");
        }
        return false;
    }
}

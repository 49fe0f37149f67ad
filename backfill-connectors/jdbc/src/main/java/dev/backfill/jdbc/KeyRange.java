package dev.backfill.jdbc;

import java.util.List;

/**
 * A stretch of a table in the order of its primary key; made by {@link Table#keyRanges}.
 *
 * @param after the key behind which it begins; empty at the beginning of the table
 * @param to the key with which it ends
 */
public record KeyRange(List<Object> after, List<Object> to) {

    /** Checks and copies. */
    public KeyRange {
        after = List.copyOf(after);
        to = List.copyOf(to);
        if (to.isEmpty()) {
            throw new IllegalArgumentException("a range of keys ends with a key");
        }
    }
}

package dev.backfill.guesty;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in a list that is walked by Guesty's cursors, which notices when they go round in a circle.
 *
 * <p>The cursor of the last page may lead to itself. A circle of several cursors is found by a mark that is set anew at each power of two, so
 * that no more than one cursor has to be remembered.
 *
 * @param at the cursor; null at the begin
 * @param mark a cursor that led here; null before the first
 * @param steps how many pages led here
 */
record Trail(@Nullable String at, @Nullable String mark, int steps) {

    static final Trail START = new Trail(null, null, 0);

    /** The place behind this page; empty if its cursor leads nowhere, or back. */
    Optional<Trail> to(String next) {
        if (next.isEmpty() || next.equals(at) || next.equals(mark)) {
            return Optional.empty();
        }
        int more = steps + 1;
        return Optional.of(new Trail(next, Integer.bitCount(more) == 1 ? next : mark, more));
    }
}

package dev.backfill;

import java.util.Objects;
import java.util.Optional;

/**
 * A named part of a source with a cursor of its own: a window of days, a month, a range of keys.
 *
 * <p>The name says where a window begins and never where it ends, so that it stays the same when the window grows.
 *
 * @param name unique within its phase; the progress is kept under it
 * @param source what reads this part
 * @param end for a window whose end may move: the cursor from which a longer version of this partition goes on. A partition
 *     that was finished at another end is opened again there
 * @param open whether the partition still grows, such as a window that touches the present: it is read to its end and then
 *     never remembered as finished, but read again from {@code end} by the next run
 */
public record Partition<T>(String name, Source<T> source, Optional<Cursor> end, boolean open) {

    /** Checks the name. */
    public Partition {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(end, "end");
        Job.checkName("a partition", name);
    }

    /** A part that is finished once it has been read. */
    public static <T> Partition<T> of(String name, Source<T> source) {
        return new Partition<>(name, source, Optional.empty(), false);
    }

    /** This partition as a window that ends at the given position; anything that {@link Cursor#of} takes. */
    public Partition<T> endingAt(Object end) {
        return new Partition<>(name, source, Optional.of(Cursor.of(end)), false);
    }

    /** This partition as one that still grows: the next run reads it again from the given position. */
    public Partition<T> openAt(Object again) {
        return new Partition<>(name, source, Optional.of(Cursor.of(again)), true);
    }
}

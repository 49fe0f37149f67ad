package dev.backfill;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One answer of a source: some records, and where to go on.
 *
 * <p>A short or even an empty page is not the end; only a page without a next cursor is.
 *
 * @param items the records, in the order of the source; never null inside
 * @param next the cursor of the next page, or empty at the end
 * @param total how many records the whole partition has, where the source says so; used for progress, and for a note in the report if
 *     fewer came
 */
public record Page<T>(List<T> items, Optional<Cursor> next, OptionalLong total) {

    /** Checks and copies. */
    public Page {
        items = copy(items);
        Objects.requireNonNull(next, "next");
        Objects.requireNonNull(total, "total");
        if (next.isPresent() && next.get().isStart()) {
            throw new IllegalArgumentException(
                    "the next cursor of a page is the start: the source would begin again for ever");
        }
    }

    private static <T> List<T> copy(List<T> items) {
        if (items == null) {
            throw new IllegalArgumentException(
                    "a page was given null in the place of its records; is the answer the one expected? An empty page has List.of()");
        }
        try {
            return List.copyOf(items);
        } catch (NullPointerException e) {
            throw new IllegalArgumentException("a page holds a null record", e);
        }
    }

    /**
     * A page after which the source goes on.
     *
     * @param next the position of the next page; anything that {@link Cursor#of} takes
     * @throws IllegalArgumentException if next is null (the commonest bug of a source), the start, or cannot be stored
     */
    public static <T> Page<T> of(List<T> items, Object next) {
        if (next == null) {
            throw new IllegalArgumentException(
                    "Page.of was given a null next cursor; use Page.last(items) at the end, or Page.until(items, nextOrNull)");
        }
        return new Page<>(items, Optional.of(Cursor.of(next)), OptionalLong.empty());
    }

    /** The last page of the source. */
    public static <T> Page<T> last(List<T> items) {
        return new Page<>(items, Optional.empty(), OptionalLong.empty());
    }

    /** A page whose next position may be null (or an empty {@link Optional}), which means the end. */
    public static <T> Page<T> until(List<T> items, @Nullable Object nextOrNull) {
        Object next = nextOrNull instanceof Optional<?> optional ? optional.orElse(null) : nextOrNull;
        return next == null ? last(items) : of(items, next);
    }

    /** The same page, telling how many records the whole partition has. */
    public Page<T> withTotal(long records) {
        return new Page<>(items, next, OptionalLong.of(records));
    }
}

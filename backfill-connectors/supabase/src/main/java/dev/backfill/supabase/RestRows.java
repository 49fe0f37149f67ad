package dev.backfill.supabase;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table as a source, in the order of a key; made by {@link RestTable#rows}.
 *
 * <p>Each page is one call for the rows behind the last key. The API may give fewer rows than asked for, 1,000 unless its settings
 * say otherwise, and does not tell; so a short page is not the end, and the call that ends a table is one more that finds nothing. A row
 * that is there from the beginning to the end is read for certain, as long as its key stays as it is. Immutable.
 *
 * @param <T> what a row is read as
 */
public final class RestRows<T> implements Source<T> {

    private static final int PAGE = 1_000;

    private final RestTable table;
    private final Class<T> type;
    private final Selection selection;
    private final int size;
    private final List<?> after;
    private final List<?> to;
    private volatile @Nullable Layout<T> layout;

    private RestRows(RestTable table, Class<T> type, Selection selection, int size, List<?> after, List<?> to) {
        this.table = table;
        this.type = type;
        this.selection = selection;
        this.size = size;
        this.after = after;
        this.to = to;
    }

    static <T> RestRows<T> of(RestTable table, Class<T> type) {
        return new RestRows<>(table, type, Selection.ALL, PAGE, List.of(), List.of());
    }

    private RestRows<T> with(Selection other) {
        return new RestRows<>(table, type, other, size, after, to);
    }

    /**
     * These rows with some columns only; for maps, since a record has its own.
     *
     * @throws IllegalStateException if the rows are read as records
     */
    public RestRows<T> columns(String... columns) {
        if (columns.length == 0) {
            throw new IllegalArgumentException("name the columns to read");
        }
        if (!Map.class.isAssignableFrom(type)) {
            throw new IllegalStateException(
                    "a record's components are the columns that are read; make a record with fewer, or say rows()");
        }
        return with(selection.columns(columns));
    }

    /**
     * Those of these rows that have a value in a column, and what was said before. The job may change that column: the order of reading
     * does not depend on it.
     *
     * @param value any value that a record could have there; null for the rows that have none
     */
    public RestRows<T> where(String column, @Nullable Object value) {
        return with(selection.where(table.filter(column, value)));
    }

    /** Those of these rows that have nothing in a column: {@code where(column, null)}. */
    public RestRows<T> whereNull(String column) {
        return where(column, null);
    }

    /**
     * These rows in the order of other columns, which should have an index. The primary key decides between equal ones; in a table without
     * one the columns must be unique together. A null in one of them ends the run, for its row would be missed.
     */
    public RestRows<T> by(String... columns) {
        if (columns.length == 0) {
            throw new IllegalArgumentException("name the columns to read by");
        }
        return with(selection.by(columns));
    }

    /** These rows, so many at once; 1,000 unless said. The API's own limit on rows stays. */
    public RestRows<T> pagesOf(int rows) {
        if (rows < 1 || rows > 100_000) {
            throw new IllegalArgumentException("a page has 1 to 100000 rows, not " + rows);
        }
        return new RestRows<>(table, type, selection, rows, after, to);
    }

    /**
     * Not on this road: the API does not tell the time of the database.
     *
     * @throws UnsupportedOperationException always
     */
    public RestRows<T> lag(Duration lag) {
        return Supabase.only("lag(" + lag + ")", null);
    }

    /**
     * Not on this road: the API does not tell the time of the database.
     *
     * @throws UnsupportedOperationException always
     */
    public Partitioned<T> following() {
        return Supabase.only("following()", null);
    }

    /**
     * These rows in several ranges of the key, to be read side by side.
     *
     * <p>The ranges are planned when the job begins, by a call for each, and have the same number of rows then. A later run finds them
     * again in their names; rows behind the last key belong to the last range.
     */
    public Partitioned<T> ranges(int ranges) {
        return new Ranges<>(this, ranges);
    }

    RestRows<T> within(List<?> after, List<?> to) {
        return new RestRows<>(table, type, selection, size, after, to);
    }

    RestTable table() {
        return table;
    }

    @Override
    public Page<T> read(Cursor from) throws InterruptedException {
        Layout<T> known = layout();
        Map<?, ?> place = from.as(Map.class).orElse(Map.of());
        if (place.isEmpty()) {
            known.checkNulls();
        }
        List<?> reached = place.get("after") instanceof List<?> list ? list : after;
        Layout.Found<T> found = selected(known, reached);
        return found.rows().isEmpty() ? Page.last(found.rows()) : Page.of(found.rows(), Map.of("after", found.last()));
    }

    /** With fewer rows at once while that takes too long. */
    private Layout.Found<T> selected(Layout<T> known, List<?> reached) throws InterruptedException {
        for (int limit = size; ; limit /= 2) {
            try {
                return known.select(reached, to, limit);
            } catch (Failures.Slow e) {
                if (limit == 1) {
                    throw e;
                }
            }
        }
    }

    Layout<T> layout() throws InterruptedException {
        Layout<T> known = layout;
        if (known == null) {
            known = Layout.of(table, type, selection);
            layout = known;
        }
        return known;
    }

    @Override
    public Paging paging() {
        return Paging.KEYSET;
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return table.db().http().limiter();
    }

    @Override
    public String definition() {
        return selection.definition(table);
    }

    @Override
    public String toString() {
        return definition();
    }
}

package dev.backfill.jdbc;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Source;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table as a source, in the order of a key; made by {@link Table#rows}.
 *
 * <p>Each page is one query for the rows behind the last key, so a page costs the same at the end of the table as at its beginning,
 * and rows that others add or remove meanwhile move nothing. A row that is there from the beginning to the end is read for certain, as long as
 * its key stays as it is. In the order of a time that is written later than it says, rows can become visible behind the place
 * that was reached: then say {@link #lag}. Immutable.
 *
 * @param <T> what a row is read as
 */
public final class Rows<T> implements Source<T> {

    private static final int PAGE = 1_000;

    private final Table table;
    private final Class<T> type;
    private final Selection selection;
    private final int size;
    private final @Nullable Duration lag;
    private final Bounds bounds;
    private volatile @Nullable Layout<T> layout;

    /** What of the key's order is read: behind {@code after}, up to and with {@code to}, and before {@code until} by its first column. */
    record Bounds(
            @Nullable List<?> after,
            @Nullable List<?> to,
            @Nullable Object until) {
        static final Bounds NONE = new Bounds(null, null, null);
    }

    private Rows(Table table, Class<T> type, Selection selection, int size, @Nullable Duration lag, Bounds bounds) {
        this.table = table;
        this.type = type;
        this.selection = selection;
        this.size = size;
        this.lag = lag;
        this.bounds = bounds;
    }

    static <T> Rows<T> of(Table table, Class<T> type) {
        return new Rows<>(table, type, Selection.ALL, PAGE, null, Bounds.NONE);
    }

    /**
     * These rows with some columns only; for maps, since a record has its own.
     *
     * @throws IllegalStateException if the rows are read as records
     */
    public Rows<T> columns(String... columns) {
        if (columns.length == 0) {
            throw new IllegalArgumentException("name the columns to read");
        }
        if (!Map.class.isAssignableFrom(type)) {
            throw new IllegalStateException(
                    "a record's components are the columns that are read; make a record with fewer, or say rows()");
        }
        return new Rows<>(table, type, selection.columns(columns), size, lag, bounds);
    }

    /**
     * Those of these rows that have a value in a column, and what was said before. The job may change that column: the order of reading
     * does not depend on it.
     *
     * @param value any value that a record could have there; null for the rows that have none
     */
    public Rows<T> where(String column, @Nullable Object value) {
        Selection.Filter filter = new Selection.Filter(column, value);
        return new Rows<>(table, type, selection.where(filter), size, lag, bounds);
    }

    /** Those of these rows that have nothing in a column: {@code where(column, null)}. */
    public Rows<T> whereNull(String column) {
        return where(column, null);
    }

    /**
     * These rows in the order of other columns, which should have an index. The primary key decides between equal ones; in a table without
     * one the columns must be unique together. A null in one of them ends the run, for its row would be missed.
     */
    public Rows<T> by(String... columns) {
        if (columns.length == 0) {
            throw new IllegalArgumentException("name the columns to read by");
        }
        return new Rows<>(table, type, selection.by(columns), size, lag, bounds);
    }

    /** These rows, so many at once; 1,000 unless said. */
    public Rows<T> pagesOf(int rows) {
        if (rows < 1 || rows > 100_000) {
            throw new IllegalArgumentException("a page has 1 to 100000 rows, not " + rows);
        }
        return new Rows<>(table, type, selection, rows, lag, bounds);
    }

    /**
     * These rows up to a time that is fixed when the first page is read: now by the clock of the database, less the lag. The
     * first column of {@link #by} is that time: a timestamp, a text of one format in UTC, or seconds or milliseconds since 1970.
     *
     * @param lag longer than any row takes from the time that it says until others can see it
     */
    public Rows<T> lag(Duration lag) {
        if (lag.isNegative()) {
            throw new IllegalArgumentException("the lag must not be negative, and is " + lag);
        }
        if (selection.by().isEmpty()) {
            throw new IllegalStateException("say by(column) first, with the column that has the time");
        }
        return new Rows<>(table, type, selection, size, lag, bounds);
    }

    /**
     * These rows as a partition that stays open: each run reads on from the time at which the run before ended. Needs {@link #lag}.
     * Rows that have changed since, and so have a later time, are read again.
     */
    public Partitioned<T> following() {
        Duration behind = lag;
        if (behind == null) {
            throw new IllegalStateException("say lag(duration) first: rows that become visible late would be missed");
        }
        Rows<T> rows = this;
        return new Partitioned<>() {
            @Override
            public List<Partition<T>> partitions() {
                Object until = table.db().reading("reading the clock for the table " + table.name(), tx -> {
                    Layout<T> known = layout(tx);
                    return tx.dialect()
                            .ago(tx, table.name(), known.order().columns().get(0), behind);
                });
                Rows<T> bounded = new Rows<>(table, type, selection, size, null, new Bounds(null, null, until));
                return List.of(Partition.<T>of("all", bounded).openAt(Map.of("from", until)));
            }

            @Override
            public Paging paging() {
                return rows.paging();
            }

            @Override
            public String definition() {
                return rows.definition() + " following";
            }
        };
    }

    /**
     * These rows in several ranges of the key, to be read side by side.
     *
     * <p>The ranges are planned when the job begins, and have about the same number of rows then: by a pass over the key's index, and in a
     * large ordinary table of PostgreSQL by some of its pages. A later run finds them again in their names; rows behind the last key belong
     * to the last range.
     */
    public Partitioned<T> ranges(int ranges) {
        return new Ranges<>(this, ranges);
    }

    Rows<T> within(Bounds range) {
        return new Rows<>(table, type, selection, size, lag, range);
    }

    Table table() {
        return table;
    }

    @Override
    public Page<T> read(Cursor from) {
        Map<?, ?> place = from.as(Map.class).orElse(Map.of());
        return table.db().reading("reading the table " + table.name(), tx -> {
            Layout<T> known = layout(tx);
            if (place.isEmpty()) {
                known.order().checkNulls(tx);
            }
            Object until = bounds.until() != null ? bounds.until() : place.get("until");
            if (until == null && lag != null) {
                until = tx.dialect()
                        .ago(tx, table.name(), known.order().columns().get(0), lag);
            }
            List<?> after = place.get("after") instanceof List<?> list ? list : bounds.after();
            Layout.Found<T> found = known.select(tx, after, place.get("from"), bounds.to(), until, size);
            if (found.rows().size() < size) {
                return Page.last(found.rows());
            }
            Map<String, Object> next = new LinkedHashMap<>();
            next.put("after", found.last());
            if (until != null && bounds.until() == null) {
                next.put("until", until);
            }
            return Page.of(found.rows(), next);
        });
    }

    Layout<T> layout(Tx tx) throws java.sql.SQLException {
        Layout<T> known = layout;
        if (known == null) {
            known = Layout.of(tx, table, type, selection);
            layout = known;
        }
        return known;
    }

    @Override
    public Paging paging() {
        return Paging.KEYSET;
    }

    @Override
    public String definition() {
        return selection.definition(table.name());
    }

    @Override
    public String toString() {
        return definition();
    }
}

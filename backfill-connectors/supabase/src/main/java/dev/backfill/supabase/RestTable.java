package dev.backfill.supabase;

import dev.backfill.BackfillException;
import dev.backfill.Partitioned;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.http.Answer;
import dev.backfill.jdbc.KeyRange;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A table or view by the REST API, to be written by key or read in the order of its key.
 *
 * <p>What can be said of it is what can be said of a {@link dev.backfill.jdbc.Table}, with the same meaning: a record's component
 * {@code createdAt} is the column {@code created_at}, Jackson's {@code @JsonProperty} says another name, the keys of a map are the names
 * of columns as they are, and what is nested is JSON.
 */
public final class RestTable {

    private final Supabase db;
    private final Endpoint endpoint;

    RestTable(Supabase db, Endpoint endpoint) {
        this.db = db;
        this.endpoint = endpoint;
    }

    Supabase db() {
        return db;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /**
     * A sink that inserts a record, or changes the row that has its key; a row that would stay the same is written as well.
     *
     * @param keys the columns of a primary key or unique index
     */
    public RestSink upsert(String... keys) {
        return new RestSink(this, RestSink.Rule.UPSERT, List.of(keys));
    }

    /**
     * A sink that inserts a record unless a row has its key; a row that is there is left alone.
     *
     * @param keys the columns of a primary key or unique index
     */
    public RestSink insertIfAbsent(String... keys) {
        return new RestSink(this, RestSink.Rule.IF_ABSENT, List.of(keys));
    }

    /**
     * A sink that changes the rows that have the records' keys, and makes none; a record whose key no row has is refused.
     *
     * <p>The API sets one value in many rows at once, and many values in as many calls: records that are alike but for their key
     * are quick, and others take a call each. By the database it is one statement for all.
     *
     * @param keys the columns of a primary key or unique index
     */
    public RestSink update(String... keys) {
        return new RestSink(this, RestSink.Rule.UPDATE, List.of(keys));
    }

    /** The rows as records of this type, in the order of the primary key; only the columns of its components are read. */
    public <T> RestRows<T> rows(Class<T> type) {
        return RestRows.of(this, type);
    }

    /**
     * The rows in several ranges of the primary key, to be read side by side.
     *
     * @param ranges how many, more or less; planned by the rows that are there when the job begins
     */
    public <T> Partitioned<T> rows(Class<T> type, int ranges) {
        return RestRows.of(this, type).ranges(ranges);
    }

    /** The rows as maps of column names to values, with all columns, in the order of the primary key. A null column is a null value. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // a map that Jackson makes of JSON has names and values
    public RestRows<Map<String, Object>> rows() {
        return (RestRows) RestRows.of(this, Map.class);
    }

    /**
     * The ranges of the primary key, of so many rows each, one after the other; for {@link #set} and {@link #fill}.
     *
     * @param rows how many rows a range has; may change between two runs of a job
     */
    public Source<KeyRange> keyRanges(int rows) {
        return new KeyRanges(this, rows);
    }

    /**
     * A sink that sets a column in all rows of a range, each range by one statement. Rows that have the value already are not written; a
     * range without any other counts as unchanged.
     *
     * @param value any value that a record could have there, or null
     */
    public Sink<KeyRange> set(String column, @Nullable Object value) {
        return new RangeSink(this, column, value, false);
    }

    /**
     * A sink that sets a column in those rows of a range in which it is null, each range by one statement. A range without one counts as
     * unchanged.
     *
     * @param value any value that a record could have there
     */
    public Sink<KeyRange> fill(String column, Object value) {
        return new RangeSink(this, column, Objects.requireNonNull(value, "value"), true);
    }

    /** A value as a condition has it. */
    Selection.Filter filter(String column, @Nullable Object value) {
        if (value == null) {
            return new Selection.Filter(column, null);
        }
        try {
            return new Selection.Filter(column, Encoder.text(db.records(), column, value));
        } catch (Encoder.Unfit e) {
            throw new IllegalArgumentException("no row can have this value: " + e.getMessage(), e);
        }
    }

    /** How many rows there are, counted now. Blocks; of a large table the API may take too long to count. */
    public long count() {
        try {
            return count(List.of());
        } catch (InterruptedException e) { // not declared, since the other road cannot be interrupted here
            Thread.currentThread().interrupt();
            throw new BackfillException("counting the rows of the table " + endpoint + " was interrupted", e);
        }
    }

    long count(List<String> conditions) throws InterruptedException {
        Answer answer = endpoint.send(endpoint.get()
                .query("and", conditions.isEmpty() ? null : Where.all(conditions))
                .query("limit", 0)
                .header("Prefer", "count=exact"));
        return Endpoint.count(answer)
                .orElseThrow(() -> new BackfillException(
                        "the API did not say how many rows the table " + endpoint
                                + " has; something between takes its headers away",
                        null));
    }

    /**
     * Not on this road.
     *
     * @throws UnsupportedOperationException always
     */
    public <T> List<T> find(Class<T> type, Collection<?> keys) {
        return Supabase.only("find(type, keys)", "read the rows with rows(type).where(column, value)");
    }

    /**
     * Not on this road.
     *
     * @throws UnsupportedOperationException always
     */
    public <R> List<R> absent(Collection<? extends R> records, Function<? super R, ?> key) {
        return Supabase.only(
                "absent(records, key)", "insertIfAbsent(keys), if the records are to be written to this table");
    }

    /**
     * Not on this road.
     *
     * @throws UnsupportedOperationException always
     */
    public RestTable createIfMissing(Class<?> type, String... keys) {
        return Supabase.only("createIfMissing(type, keys)", "create the table in the dashboard");
    }

    @Override
    public String toString() {
        return "table " + endpoint;
    }
}

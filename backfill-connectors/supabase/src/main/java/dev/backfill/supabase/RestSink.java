package dev.backfill.supabase;

import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.RefusedException;
import dev.backfill.Sink;
import dev.backfill.http.Answer;
import dev.backfill.http.Request;
import dev.backfill.internal.Pace;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A sink that writes records and maps into a table by key; made by {@link RestTable#upsert}, {@link RestTable#insertIfAbsent} and
 * {@link RestTable#update}.
 *
 * <p>Records that have the same columns go in one call of at most 500 rows and a mebibyte, which is written whole or not at all. A call
 * that takes too long is halved at once, and later calls stay smaller for a while. A record that the database refuses for what is in
 * it is told by {@link Batch#refused}, found by halving its call, and does not harm the others. When an answer is lost, nobody
 * knows whether the rows were written: they are written again, which changes nothing. Of two records of a batch with the same key the
 * last is written, and the other counts as unchanged. Only the columns that a record has are written. Immutable.
 */
public final class RestSink implements Sink<Object> {

    enum Rule {
        UPSERT,
        IF_ABSENT,
        UPDATE
    }

    /** More of them are faster no longer, and at the limit of what a statement may take. */
    private static final int MOST = 500;

    /** No limit is published; what lies between the two sides often has one of this size. */
    private static final int BYTES = 1 << 20;

    private final RestTable table;
    private final Rule rule;
    private final List<String> keys;
    private final Pace pace = new Pace(MOST);

    RestSink(RestTable table, Rule rule, List<String> keys) {
        this.table = table;
        this.rule = rule;
        this.keys = keys;
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("name the columns by which a row is found");
        }
        if (new HashSet<>(keys).size() != keys.size()) {
            throw new IllegalArgumentException("a key column is named twice: " + keys);
        }
    }

    /**
     * Not on this road: the API cannot compare a record with the row that is there.
     *
     * @throws UnsupportedOperationException always
     */
    public RestSink newestBy(String version) {
        return Supabase.only("newestBy(\"" + version + "\")", "insertIfAbsent(keys)");
    }

    /**
     * Not on this road: the API writes the same columns whether a row is new or not.
     *
     * @throws UnsupportedOperationException always
     */
    public RestSink onInsert(String column, @Nullable Object value) {
        return Supabase.only("onInsert(\"" + column + "\", value)", "give the column a default in the database");
    }

    /**
     * Not on this road: the API cannot look at what a row has while it writes it.
     *
     * @throws UnsupportedOperationException always
     */
    public RestSink fillNulls() {
        return Supabase.only("fillNulls()", "fill(column, value)");
    }

    @Override
    public void write(Batch<Object> batch) throws InterruptedException {
        boolean update = rule == Rule.UPDATE;
        Encoder encoder = new Encoder(table.db().records(), keys, !update);
        Rounds rounds = new Rounds(batch, rule == Rule.IF_ABSENT);
        for (int i = 0; i < batch.size(); i++) {
            try {
                rounds.add(encoder.row(i, batch.get(i)));
            } catch (Encoder.Unfit e) {
                batch.refused(i, String.valueOf(e.getMessage()));
            }
        }
        Call call = update ? new Updating(table.endpoint(), keys, batch) : rows -> insert(rows, batch);
        for (List<Row> group : rounds.alike(update ? Row::body : Row::columns)) {
            for (int at = 0; at < group.size(); ) {
                List<Row> rows = call.fitting(next(group, at));
                put(rows, call, batch);
                at += rows.size();
            }
        }
    }

    /** The rows for the next call. */
    private List<Row> next(List<Row> rows, int from) {
        int end = from;
        long bytes = 0;
        int most = Math.min(rows.size(), from + pace.records());
        while (end < most) {
            bytes += rows.get(end).body().length() + 2L;
            if (bytes > BYTES && end > from) {
                break;
            }
            end++;
        }
        return rows.subList(from, end);
    }

    /** One call for some rows that are alike. */
    interface Call {
        void make(List<Row> rows) throws InterruptedException;

        /** As many of these as one call can take; at least one. */
        default List<Row> fitting(List<Row> rows) {
            return rows;
        }
    }

    /** Makes the call; in halves, down to the row, if it is refused or takes too long. No other rows are written again for that. */
    private void put(List<Row> rows, Call call, Batch<?> batch) throws InterruptedException {
        int size = rows.size();
        try {
            call.make(rows);
            pace.well(size);
            return;
        } catch (Failures.Slow e) {
            pace.tooMuch(size);
            if (size == 1) {
                throw e;
            }
        } catch (RefusedException e) {
            if (e instanceof Failures.TooLarge) {
                pace.tooMuch(size);
            }
            if (size == 1) {
                batch.refused(rows.get(0).index(), String.valueOf(e.getMessage()));
                return;
            }
        }
        put(rows.subList(0, size / 2), call, batch);
        put(rows.subList(size / 2, size), call, batch);
    }

    private void insert(List<Row> rows, Batch<?> batch) throws InterruptedException {
        String resolution = rule == Rule.IF_ABSENT ? "resolution=ignore-duplicates" : "resolution=merge-duplicates";
        String body = rows.stream().map(Row::body).collect(Collectors.joining(",\n", "[", "]"));
        Request request = table.endpoint()
                .post()
                .query("on_conflict", Where.names(keys))
                .query("columns", Where.names(rows.get(0).columns()))
                .header("Prefer", resolution + ", missing=default, handling=strict, return=minimal, count=exact")
                .bytes("application/json", body.getBytes(StandardCharsets.UTF_8));
        Answer answer = table.endpoint().send(request);
        checkApplied(answer, resolution);
        int written = (int) Endpoint.count(answer).orElse(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            // the API says how many rows it has left alone, and not which: the numbers of the report are right
            if (i >= written) {
                batch.unchanged(rows.get(i).index());
            } else if (answer.status() == 200) { // and not 201: all of them were there
                batch.updated(rows.get(i).index());
            }
        }
    }

    /** Without the preference it was a plain insert, which doubles rows. */
    private void checkApplied(Answer answer, String resolution) {
        String applied = answer.header("preference-applied").orElse("").toLowerCase(Locale.ROOT);
        if (!applied.contains(resolution)) {
            throw new BackfillException(
                    "the API has inserted rows into the table " + table.endpoint()
                            + " without looking at their keys: the table has no primary key or unique index on "
                            + String.join(", ", keys)
                            + ", or something between takes the header Prefer away. Make the index, remove rows that are there"
                            + " twice, and run again",
                    null);
        }
    }

    @Override
    public int batchSize() {
        return MOST;
    }

    /** The values of the key columns, with commas between; empty if one is missing or null. */
    @Override
    public String key(Object record) {
        try {
            return String.join(
                    ",",
                    new Encoder(table.db().records(), keys, false)
                            .row(0, record)
                            .key());
        } catch (Encoder.Unfit e) {
            return ""; // records without a whole key are not told apart by the rest of it
        }
    }

    @Override
    public String definition() {
        String does = switch (rule) {
            case UPSERT -> " upserts by ";
            case IF_ABSENT -> " inserts what is absent by ";
            case UPDATE -> " updates by ";
        };
        return table + does + String.join(", ", keys);
    }

    @Override
    public boolean orderFree() {
        return rule == Rule.IF_ABSENT;
    }

    @Override
    public String toString() {
        return definition();
    }
}

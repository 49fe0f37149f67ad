package dev.backfill.supabase;

import dev.backfill.Batch;
import dev.backfill.RefusedException;
import dev.backfill.Sink;
import dev.backfill.http.Answer;
import dev.backfill.http.Request;
import dev.backfill.jdbc.KeyRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sets one column to one value in the rows of a range: one call, which is one statement, for each range. */
final class RangeSink implements Sink<KeyRange> {

    private static final int MAX_SHOWN = 200;

    private final RestTable table;
    private final String column;
    private final boolean fills;
    private final Row row;
    private final Selection.Filter same;

    /**
     * @param fills whether only nulls are replaced
     */
    RangeSink(RestTable table, String column, @Nullable Object value, boolean fills) {
        this.table = table;
        this.column = column;
        this.fills = fills;
        this.same = table.filter(column, value);
        try {
            this.row =
                    new Encoder(table.db().records(), List.of(), true).row(0, Collections.singletonMap(column, value));
        } catch (Encoder.Unfit e) {
            throw new IllegalArgumentException("the value cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void write(Batch<KeyRange> batch) throws InterruptedException {
        List<String> order = table.rows().layout().order();
        for (int i = 0; i < batch.size(); i++) {
            try {
                if (set(order, batch.get(i)) == 0) {
                    batch.unchanged(i);
                } else {
                    batch.updated(i);
                }
            } catch (RefusedException e) {
                batch.refused(i, String.valueOf(e.getMessage()));
            }
        }
    }

    private long set(List<String> order, KeyRange range) throws InterruptedException {
        List<String> conditions = new ArrayList<>(Where.between(order, range.after(), range.to()));
        if (fills) {
            conditions.add(Where.isNull(column));
        } else if (same.value() == null) {
            conditions.add(Where.quoted(column) + ".not.is.null");
        } else if (!row.body().endsWith("}}")
                && !row.body().endsWith("]}")) { // what is nested cannot be compared everywhere
            conditions.add("or" + Where.all(List.of(Where.isNull(column), Where.is(column, "neq", same.value()))));
        }
        Request request = table.endpoint()
                .patch()
                .query("and", Where.all(conditions))
                .query("columns", Where.names(List.of(column)))
                .header("Prefer", "handling=strict, return=minimal, count=exact")
                .bytes("application/json", row.body().getBytes(StandardCharsets.UTF_8));
        Answer answer = table.endpoint().send(request);
        return Endpoint.count(answer).orElse(1);
    }

    /** One range is one statement, so that its locks are not held for longer than need be. */
    @Override
    public int batchSize() {
        return 1;
    }

    @Override
    public String key(KeyRange range) {
        return range.after() + " to " + range.to();
    }

    @Override
    public String definition() {
        String shown = String.valueOf(same.value());
        return table
                + (fills ? " fills " + column + " with " : " sets " + column + " to ")
                + (shown.length() <= MAX_SHOWN ? shown : shown.substring(0, MAX_SHOWN) + "…");
    }

    @Override
    public boolean orderFree() {
        return true;
    }

    @Override
    public String toString() {
        return definition();
    }
}

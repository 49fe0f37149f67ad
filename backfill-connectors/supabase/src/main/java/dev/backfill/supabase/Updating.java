package dev.backfill.supabase;

import dev.backfill.Batch;
import dev.backfill.RefusedException;
import dev.backfill.http.Answer;
import dev.backfill.http.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sets the same values in all rows that have one of some keys, and finds out which keys no row has. */
final class Updating implements RestSink.Call {

    /** An address of this length passes everywhere; the rest of it has room beside. */
    private static final int ADDRESS = 7_000;

    private final Endpoint endpoint;
    private final List<String> keys;
    private final Batch<?> batch;

    Updating(Endpoint endpoint, List<String> keys, Batch<?> batch) {
        this.endpoint = endpoint;
        this.keys = keys;
        this.batch = batch;
    }

    @Override
    public List<Row> fitting(List<Row> rows) {
        int length = 0;
        for (int i = 0; i < rows.size(); i++) {
            length += Where.encoded(Where.oneOf(keys, List.of(rows.get(i).key())));
            if (length > ADDRESS) {
                return rows.subList(0, Math.max(1, i));
            }
        }
        return rows;
    }

    @Override
    public void make(List<Row> rows) throws InterruptedException {
        if (Where.encoded(filter(rows)) > 2 * ADDRESS) {
            throw new RefusedException("its key is too long for the address of a call");
        }
        long changed = rows.get(0).columns().isEmpty() ? 0 : patch(rows);
        if (changed < rows.size()) {
            tellMissing(rows);
        } else {
            rows.forEach(row -> batch.updated(row.index()));
        }
    }

    private String filter(List<Row> rows) {
        return Where.all(List.of(Where.oneOf(keys, rows.stream().map(Row::key).toList())));
    }

    private long patch(List<Row> rows) throws InterruptedException {
        Request request = endpoint.patch()
                .query("and", filter(rows))
                .query("columns", Where.names(rows.get(0).columns()))
                .header("Prefer", "handling=strict, return=minimal, count=exact")
                .bytes("application/json", rows.get(0).body().getBytes(StandardCharsets.UTF_8));
        Answer answer = endpoint.send(request);
        return Endpoint.count(answer).orElse(0);
    }

    /** Asks which of these keys there are. */
    private void tellMissing(List<Row> rows) throws InterruptedException {
        Set<List<String>> found = found(rows);
        for (Row row : rows) {
            boolean there = found.contains(row.key());
            if (!there && !found.isEmpty() && rows.size() > 1) {
                there = !found(List.of(row)).isEmpty(); // the database may write the same key in another way
            }
            if (!there && rows.size() == 1) {
                there = !found.isEmpty();
            }
            if (!there) {
                batch.refused(row.index(), "no row has the key " + String.join(",", row.key()));
            } else if (row.columns().isEmpty()) {
                batch.unchanged(row.index());
            } else {
                batch.updated(row.index());
            }
        }
    }

    private Set<List<String>> found(List<Row> rows) throws InterruptedException {
        List<String> selected = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            selected.add("k" + i + ":" + Where.quoted(keys.get(i)) + "::text");
        }
        Set<List<String>> found = new HashSet<>();
        Request request =
                endpoint.get().query("select", String.join(",", selected)).query("and", filter(rows));
        for (Map<String, @Nullable Object> row : endpoint.rows(request)) {
            List<String> key = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                key.add(String.valueOf(row.get("k" + i)));
            }
            found.add(key);
        }
        return found;
    }
}

package dev.backfill.supabase;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.jdbc.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The ranges of a table's primary key: a page is one range, and the cursor its last key. */
final class KeyRanges implements Source<KeyRange> {

    private final RestRows<Map<String, Object>> keys;
    private final int rows;

    KeyRanges(RestTable table, int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("a range has 1 row or more, not " + rows);
        }
        this.keys = table.rows();
        this.rows = rows;
    }

    @Override
    public Page<KeyRange> read(Cursor from) throws InterruptedException {
        List<Object> after = new ArrayList<>();
        from.as(List.class).ifPresent(key -> after.addAll((List<?>) key));
        Layout<?> layout = keys.layout();
        Optional<List<Object>> full = layout.keyBehind(after, rows - 1L);
        Optional<List<Object>> end = full.isPresent() ? full : layout.lastKey(after);
        if (end.isEmpty()) {
            return Page.last(List.of());
        }
        List<KeyRange> range = List.of(new KeyRange(after, end.get()));
        return full.isPresent() ? Page.of(range, end.get()) : Page.last(range);
    }

    @Override
    public Paging paging() {
        return Paging.KEYSET;
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return keys.limiter();
    }

    @Override
    public String definition() {
        return keys.table() + " ranges of its primary key";
    }

    @Override
    public String toString() {
        return definition();
    }
}

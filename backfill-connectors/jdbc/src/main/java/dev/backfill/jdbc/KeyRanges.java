package dev.backfill.jdbc;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ranges of a table's primary key: a page is one range, and the cursor its last key. */
final class KeyRanges implements Source<KeyRange> {

    private final Table table;
    private final int rows;

    KeyRanges(Table table, int rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("a range has 1 row or more, not " + rows);
        }
        this.table = table;
        this.rows = rows;
    }

    @Override
    public Page<KeyRange> read(Cursor from) {
        List<Object> after = new ArrayList<>();
        from.as(List.class).ifPresent(key -> after.addAll((List<?>) key));
        return table.db().reading("finding a range of the table " + table.name(), tx -> {
            KeyOrder order = KeyOrder.of(table, table.columns(tx), List.of());
            Optional<List<Object>> full = order.end(tx, after, rows);
            Optional<List<Object>> end = full.isPresent() ? full : order.end(tx, after);
            if (end.isEmpty()) {
                return Page.last(List.of());
            }
            List<KeyRange> range = List.of(new KeyRange(after, end.get()));
            return full.isPresent() ? Page.of(range, end.get()) : Page.last(range);
        });
    }

    @Override
    public Paging paging() {
        return Paging.KEYSET;
    }

    @Override
    public String definition() {
        return "table " + table.name() + " ranges of its primary key";
    }

    @Override
    public String toString() {
        return definition();
    }
}

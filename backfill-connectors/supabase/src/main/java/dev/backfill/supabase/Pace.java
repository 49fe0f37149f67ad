package dev.backfill.supabase;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** How many rows go into one call: fewer after one that took too long, and then slowly more again. Safe for several threads. */
final class Pace {

    /** More of them are faster no longer, and at the limit of what a statement may take. */
    static final int MOST = 500;

    /** No limit is published; what lies between the two sides often has one of this size. */
    private static final int BYTES = 1 << 20;

    private final AtomicInteger rows = new AtomicInteger(MOST);

    /** A call with so many rows went well. */
    void well(int size) {
        rows.updateAndGet(now -> size < now ? now : Math.min(MOST, now + Math.max(1, now / 10)));
    }

    /** A call with so many rows took too long. */
    void slow(int size) {
        rows.updateAndGet(now -> Math.max(1, Math.min(now, size / 2)));
    }

    /** The rows for the next call. */
    List<Row> next(List<Row> rows, int from) {
        List<Row> part = new ArrayList<>();
        long bytes = 0;
        int most = this.rows.get();
        for (int i = from; i < rows.size() && part.size() < most; i++) {
            bytes += rows.get(i).body().length() + 2L;
            if (bytes > BYTES && !part.isEmpty()) {
                break;
            }
            part.add(rows.get(i));
        }
        return part;
    }
}

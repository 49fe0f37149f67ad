package dev.backfill.benchmarks.copy;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row of both tables. */
public record Copied(
        long id,
        String name,
        int quantity,
        BigDecimal price,
        @Nullable Instant changedAt) {

    /** The table that is read. */
    public static final String FROM = "narrow_from";

    /** The table that is written. */
    public static final String TO = "narrow_to";

    static final String COLUMNS = "id, name, quantity, price, changed_at";

    static final String ON_CONFLICT =
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, quantity = excluded.quantity,"
                    + " price = excluded.price, changed_at = excluded.changed_at";
}

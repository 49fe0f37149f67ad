package dev.backfill.blaze;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A product of a shop. What Blaze leaves out, and the time 0, is null. */
public record Product(
        @Nullable String id,
        @Nullable String sku,
        @Nullable String name,
        @Nullable String categoryId,
        @Nullable String brandId,
        @Nullable String unitType,
        @Nullable BigDecimal unitPrice,
        boolean active,
        boolean deleted,
        @Nullable Instant created,
        @Nullable Instant modified) {}

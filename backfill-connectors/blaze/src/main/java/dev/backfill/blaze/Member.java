package dev.backfill.blaze;

import java.math.BigDecimal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A customer who is registered with a shop. Personal data.
 *
 * <p>What Blaze leaves out, and the time 0, is null.
 *
 * @param dob the date of birth, as Blaze keeps it: a point in time
 * @param status such as Active, Pending, Inactive
 * @param startDate when the membership began
 */
public record Member(
        @Nullable String id,
        @Nullable String firstName,
        @Nullable String lastName,
        @Nullable String email,
        @Nullable String primaryPhone,
        @Nullable Instant dob,
        @Nullable String status,
        @Nullable Instant created,
        @Nullable Instant modified,
        @Nullable Instant lastVisitDate,
        @Nullable Instant startDate,
        @Nullable BigDecimal loyaltyPoints) {

    /** The id alone, since the rest is personal. */
    @Override
    public String toString() {
        return "Member[id=" + id + "]";
    }
}

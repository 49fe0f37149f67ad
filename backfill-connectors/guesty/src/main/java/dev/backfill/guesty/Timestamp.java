package dev.backfill.guesty;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A time as it was sent.
 *
 * @param at the time; null if there is none that can be read
 * @param raw what stood there, if it cannot be read; else null
 */
record Timestamp(@Nullable Instant at, @Nullable String raw) {

    private static final Timestamp NONE = new Timestamp(null, null);

    /** With a zone, for a time without one means another moment in each zone. */
    private static final Pattern ISO = Pattern.compile(
            "(\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?)(Z|[+-]\\d{2}:\\d{2}|[+-]\\d{4})");

    /** Milliseconds below are more likely seconds; 1973. */
    private static final long FEWEST_MILLIS = 100_000_000_000L;

    /** Milliseconds above are beyond the year 9999. */
    private static final long MOST_MILLIS = 253_402_300_799_999L;

    /** Reads a text in ISO 8601 with a zone, or a whole number of milliseconds since 1970; anything else is kept as it is. */
    static Timestamp of(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return NONE;
        }
        if (node.isString()) {
            Instant at = iso(node.asString());
            return at == null ? new Timestamp(null, node.asString()) : new Timestamp(at, null);
        }
        boolean millis = node.isIntegralNumber()
                && node.canConvertToLong()
                && node.asLong() >= FEWEST_MILLIS
                && node.asLong() <= MOST_MILLIS;
        return millis ? new Timestamp(Instant.ofEpochMilli(node.asLong()), null) : new Timestamp(null, node.toString());
    }

    private static @Nullable Instant iso(String text) {
        if (text.length() > 40) {
            return null;
        }
        var parts = ISO.matcher(text);
        if (!parts.matches()) {
            return null;
        }
        String zone = parts.group(2);
        String colon = zone.length() == 5 ? zone.substring(0, 3) + ":" + zone.substring(3) : zone;
        try {
            return OffsetDateTime.parse(parts.group(1) + colon).toInstant();
        } catch (DateTimeException e) {
            return null; // a month 13, a 30th of February
        }
    }
}

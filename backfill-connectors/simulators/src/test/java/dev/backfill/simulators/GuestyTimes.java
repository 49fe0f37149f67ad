package dev.backfill.simulators;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A strict reader of times, written from the rules and not from the simulator. */
final class GuestyTimes {

    private GuestyTimes() {}

    static @Nullable String read(JsonNode json) {
        if (json.isIntegralNumber()) {
            return text(Instant.ofEpochMilli(json.asLong()));
        }
        String plain = json.isString() ? json.asString() : "";
        if (!plain.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:?\\d\\d)")) {
            return null;
        }
        String colon = plain.replaceFirst("([+-]\\d\\d)(\\d\\d)$", "$1:$2");
        return text(OffsetDateTime.parse(colon).toInstant());
    }

    private static String text(Instant instant) {
        String seconds = instant.truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", "");
        return String.format("%s.%03dZ", seconds, instant.getNano() / 1_000_000);
    }

    static @Nullable String raw(JsonNode json) {
        return read(json) != null || json.isNull() || json.isMissingNode()
                ? null
                : json.isString()
                        ? json.asString()
                        : json.isNumber() ? json.decimalValue().toPlainString() : json.toString();
    }

    /** Runs of digits become a 9, and those of a fraction their length. */
    static String shape(String time) {
        String fraction = time.replaceAll("^[^.]*\\.?(\\d*).*$", "$1");
        String shape = time.replaceAll("\\d+", "9");
        return fraction.isEmpty() || !time.contains(".") ? shape : shape.replaceFirst("\\.9", "." + fraction.length());
    }
}

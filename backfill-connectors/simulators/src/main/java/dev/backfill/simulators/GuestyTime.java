package dev.backfill.simulators;

import dev.backfill.internal.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The forms in which a post may tell when it was made; most of them are not documented and only feared. */
enum GuestyTime {
    USUAL("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", true),
    NO_FRACTION("uuuu-MM-dd'T'HH:mm:ss'Z'", true),
    MICROSECONDS("uuuu-MM-dd'T'HH:mm:ss.SSS'456Z'", true),
    NANOSECONDS("uuuu-MM-dd'T'HH:mm:ss.SSS'456789Z'", true),
    OFFSET("uuuu-MM-dd'T'HH:mm:ss.SSS'+00:00'", true),
    SHORT_OFFSET("uuuu-MM-dd'T'HH:mm:ss.SSS'+0000'", true),
    EAST("", true),
    FUTURE("", true),
    EPOCH("", true),
    EMPTY("''", false),
    NULL("", false),
    MISSING("", false),
    INVALID("'Invalid date'", false),
    ZERO("'0000-00-00'", false),
    DATE("uuuu-MM-dd", false),
    LOCAL("uuuu-MM-dd'T'HH:mm:ss.SSS", false),
    TRUE("", false),
    OBJECT("", false),
    SECONDS("", false);

    private static final long CENTURY = 36_524L * 86_400_000;

    private final DateTimeFormatter format;
    private final boolean readable;

    GuestyTime(String pattern, boolean readable) {
        format = DateTimeFormatter.ofPattern(pattern.equals("''") || pattern.isEmpty() ? "[]" : pattern)
                .withZone(ZoneOffset.UTC);
        this.readable = readable;
    }

    static GuestyTime of(double percent, long dice) {
        return dice % 100_000 >= percent * 1_000 ? USUAL : values()[1 + (int) (dice / 100_000 % (values().length - 1))];
    }

    static String text(long millis) {
        return USUAL.format.format(Instant.ofEpochMilli(millis));
    }

    /** What stands in the JSON. */
    @Nullable
    Object json(long millis) {
        Instant instant = Instant.ofEpochMilli(millis);
        return switch (this) {
            case EAST ->
                instant.atOffset(ZoneOffset.ofHours(2))
                        .format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxxx"));
            case FUTURE -> text(millis + CENTURY);
            case EPOCH -> millis;
            case NULL, MISSING -> null;
            case TRUE -> true;
            case OBJECT -> Map.of("$date", text(millis));
            case SECONDS -> BigDecimal.valueOf(Math.floorDiv(millis, 1_000) * 10 + 5, 1);
            default -> format.format(instant);
        };
    }

    /** Puts it there, unless it is missing. */
    void put(Map<String, @Nullable Object> post, long millis) {
        if (this != MISSING) {
            post.put("createdAt", json(millis));
        }
    }

    /** What a strict reader makes of it, to the millisecond; null if it cannot be read. */
    @Nullable
    Long read(long millis) {
        return !readable
                ? null
                : this == FUTURE
                        ? Long.valueOf(millis + CENTURY)
                        : this == NO_FRACTION
                                ? Long.valueOf(Math.floorDiv(millis, 1_000) * 1_000)
                                : Long.valueOf(millis);
    }

    /** What is kept of it where it cannot be read. */
    @Nullable
    String raw(long millis) {
        Object json = json(millis);
        return readable || json == null ? null : json instanceof String text ? text : Json.write(json);
    }
}

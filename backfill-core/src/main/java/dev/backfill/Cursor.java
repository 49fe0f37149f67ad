package dev.backfill;

import dev.backfill.internal.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A position in a source: the place from which the next page is read.
 *
 * <p>A cursor is JSON that only its source understands: a page number, the last key, a token, or a record of several of
 * these. It is JSON even between two pages of one run, so a position that does not survive storage fails on the second page
 * of the first test and not after the first crash. Two cursors are equal when their JSON is. Immutable.
 */
public final class Cursor {

    /** Before the first page. */
    public static final Cursor START = new Cursor("null");

    private static final int MAX_LENGTH = 1 << 20;

    private static final Pattern EXPONENT = Pattern.compile("[0-9][eE][+-]?[0-9]");

    private final String json;

    private Cursor(String json) {
        this.json = json;
    }

    /**
     * A position that holds the given value.
     *
     * @param position a number, string, boolean, date, record, list or map
     * @throws IllegalArgumentException if the value cannot be stored as JSON, or takes more than a mebibyte
     */
    public static Cursor of(Object position) {
        Objects.requireNonNull(position, "a cursor needs a position; use Cursor.START for the beginning");
        if (position instanceof Cursor cursor) {
            return cursor;
        }
        if (position instanceof Integer || position instanceof Long) {
            return new Cursor(position.toString());
        }
        String json;
        try {
            json = Json.writeSorted(position); // the order of Map.of is another in each process
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "a cursor of " + position.getClass().getName()
                            + " cannot be stored: use a number, a string, a date, or a record of these. "
                            + e.getMessage(),
                    e);
        }
        return checked(json);
    }

    /**
     * Reads a stored position back.
     *
     * @param json what {@link #json()} gave
     * @throws IllegalArgumentException if this is not JSON
     */
    public static Cursor parse(String json) {
        Json.check(json);
        return checked(json);
    }

    private static Cursor checked(String json) {
        if (json.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a cursor of " + json.length()
                    + " characters is too large: keep a position in it, not data (at most " + MAX_LENGTH + ")");
        }
        if (json.equals("null")) {
            return START;
        }
        // a store may write 1e3 as 1E+3; whoever compares must not take them for two positions
        return new Cursor(EXPONENT.matcher(json).find() ? Json.tree(json).toString() : json);
    }

    /** Whether this is the beginning of the source. */
    public boolean isStart() {
        return equals(START);
    }

    /**
     * The position, or the given one at the start; its class says how the position is read.
     *
     * @param first the position of the first page
     * @throws IllegalArgumentException if the stored position is of another shape
     */
    @SuppressWarnings("unchecked")
    public <T> T orElse(T first) {
        Class<?> type = first instanceof Map ? Map.class : first instanceof List ? List.class : first.getClass();
        if (first instanceof Enum<?> constant) {
            type = constant.getDeclaringClass();
        }
        return isStart() ? first : (T) read(type);
    }

    /**
     * The position read as the given type; empty at the start.
     *
     * @throws IllegalArgumentException if the stored position is of another shape
     */
    public <T> Optional<T> as(Class<T> type) {
        return isStart() ? Optional.empty() : Optional.of(read(type));
    }

    private <T> T read(Class<T> type) {
        try {
            return Json.read(json, type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the cursor " + this + " cannot be read as " + type.getName() + ". " + e.getMessage(), e);
        }
    }

    /** The position as JSON; {@code null} (the JSON word) at the start. */
    public String json() {
        return json;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Cursor cursor && cursor.json.equals(json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** The position for messages: {@code start}, or its JSON cut to 200 characters. */
    @Override
    public String toString() {
        if (isStart()) {
            return "start";
        }
        return json.length() <= 200 ? json : json.substring(0, 200) + "…";
    }
}

package dev.backfill.simulators;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** Cuts pages out of lists, by cursors and by numbers of rows, and says how many there are. */
final class GuestyPaging {

    private static final int USUAL = 25;
    private static final int MOST = 100;

    private final GuestySettings settings;
    private final Time time = Ports.current().time();
    private final Map<String, Long> given = new HashMap<>();
    private long counted;

    GuestyPaging(GuestySettings settings) {
        this.settings = settings;
    }

    private boolean quirk(GuestyQuirk quirk) {
        return settings.quirks.contains(quirk);
    }

    /** How many rows a page has. */
    int limit(Ask ask) throws GuestyError {
        int limit = number(ask, "limit", USUAL);
        if (limit < 1 || (limit > MOST && quirk(GuestyQuirk.LIMIT_REFUSED))) {
            throw GuestyError.invalid("\"limit\" must be from 1 to " + MOST);
        }
        return Math.min(limit, MOST);
    }

    int skip(Ask ask) throws GuestyError {
        int skip = number(ask, "skip", 0);
        if (skip < 0 || skip > settings.deepestSkip) {
            throw GuestyError.invalid("\"skip\" must be from 0 to " + settings.deepestSkip);
        }
        return skip;
    }

    private static int number(Ask ask, String name, int otherwise) throws GuestyError {
        try {
            return ask.parameter(name).map(Integer::parseInt).orElse(otherwise);
        } catch (NumberFormatException e) {
            throw GuestyError.invalid("\"" + name + "\" must be a number");
        }
    }

    /** What is said about how many there are. */
    long count(int rows) {
        counted++;
        return quirk(GuestyQuirk.NEGATIVE_COUNT)
                ? -1 - rows
                : quirk(GuestyQuirk.WRONG_COUNT) ? rows / 2 + counted % 3 : rows;
    }

    /** So many rows behind so many. */
    <T> List<T> slice(Ask ask, List<T> rows) throws GuestyError {
        int from = Math.min(skip(ask), rows.size());
        return rows.subList(from, Math.min(rows.size(), from + limit(ask)));
    }

    /**
     * A list that has cursors.
     *
     * @param inOrder by key and id, both upwards
     * @param down whether it is read from its end
     * @param key by which it is sorted
     * @param hidden whether its cursors are empty because the key is not shown
     * @param endTold whether the last page says that it is the last
     */
    record Rows<T>(
            List<T> inOrder,
            boolean down,
            ToLongFunction<T> key,
            Function<T, String> id,
            boolean hidden,
            boolean endTold) {

        /** The row at that place in the direction of reading. */
        private T at(int index) {
            return inOrder.get(down ? inOrder.size() - 1 - index : index);
        }

        /** The first row that is at least so far behind the place. */
        private int first(Place place, int least) {
            int low = 0;
            int high = inOrder.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (behind(at(middle), place) < least) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        private String cursor(T row) {
            String text = GuestyTime.text(key.applyAsLong(row)) + "_" + id.apply(row);
            return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
        }

        /** Whether the row comes behind the place (1), before it (-1) or is there (0). */
        private int behind(T row, Place place) {
            int order = Long.compare(key.applyAsLong(row), place.key());
            order = order == 0 ? id.apply(row).compareTo(place.id()) : order;
            return down ? -order : order;
        }
    }

    private record Place(long key, String id) {}

    /**
     * A page.
     *
     * @param after empty if nothing follows, or for other reasons
     */
    record Page<T>(List<T> rows, String after, String before) {}

    private Optional<Place> place(Optional<String> cursor) throws GuestyError {
        if (cursor.isEmpty()) {
            return Optional.empty();
        }
        try {
            String text = new String(Base64.getDecoder().decode(cursor.get()), StandardCharsets.US_ASCII);
            int middle = text.lastIndexOf('_');
            Instant key = Instant.parse(text.substring(0, Math.max(0, middle)));
            Long made = given.get(cursor.get());
            boolean old = settings.cursorsLast != null
                    && (made == null || time.nanos() - made > settings.cursorsLast.toNanos());
            if (!old && text.substring(middle + 1).matches("[0-9a-f]{24}")) {
                return Optional.of(new Place(key.toEpochMilli(), text.substring(middle + 1)));
            }
        } catch (IllegalArgumentException | DateTimeException e) {
            // told below
        }
        if (quirk(GuestyQuirk.BAD_CURSOR_IGNORED)) {
            return Optional.empty();
        }
        throw GuestyError.invalid("Invalid cursor");
    }

    <T> Page<T> page(Ask ask, int limit, Rows<T> list) throws GuestyError {
        Optional<String> asked = ask.parameter("cursorAfter");
        if (asked.isPresent() && ask.parameter("cursorBefore").isPresent()) {
            throw GuestyError.invalid("\"cursorAfter\" and \"cursorBefore\" must not be used together");
        }
        Optional<Place> after = place(asked);
        Optional<Place> before = place(ask.parameter("cursorBefore"));
        int size = list.inOrder().size();
        int from = after.isPresent() ? list.first(after.get(), 1) : 0;
        int to = Math.min(size, from + limit);
        if (before.isPresent()) {
            to = list.first(before.get(), 0);
            from = Math.max(0, to - limit);
        }
        List<T> rows = new ArrayList<>();
        for (int i = from; i < to; i++) {
            rows.add(list.at(i));
        }
        if (list.hidden()) {
            return new Page<>(rows, "", "");
        }
        String next = "";
        if (to < size) {
            next = list.cursor(rows.get(rows.size() - 1));
        } else if (quirk(GuestyQuirk.CURSOR_REPEATS) && asked.isPresent()) {
            next = asked.get();
        } else if (!rows.isEmpty() && !list.endTold()) {
            next = list.cursor(rows.get(rows.size() - 1));
        }
        String previous = from == 0 || rows.isEmpty() ? "" : list.cursor(rows.get(0));
        if (settings.cursorsLast != null) {
            given.put(next, time.nanos());
            given.put(previous, time.nanos());
        }
        return new Page<>(rows, next, previous);
    }
}

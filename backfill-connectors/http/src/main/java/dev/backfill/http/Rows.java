package dev.backfill.http;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An answer that carries a list of rows and, around it, some words about the list, such as {@code {"results": […], "has_more": true}}.
 *
 * @param items the rows, in the order of the answer
 * @param rest what stands beside the list, by name
 */
public record Rows<T>(List<T> items, Map<String, @Nullable Object> rest) {

    /** Makes both unchangeable; the lists are not copied row by row. */
    public Rows {
        items = Collections.unmodifiableList(items);
        rest = Collections.unmodifiableMap(rest);
    }

    /** A whole number that stands beside the list; empty if it is absent, null or no whole number. */
    public OptionalLong number(String name) {
        Object value = rest.get(name);
        return value instanceof Integer || value instanceof Long
                ? OptionalLong.of(((Number) value).longValue())
                : OptionalLong.empty();
    }

    /** A text that stands beside the list; empty if it is absent, null or no text. */
    public Optional<String> text(String name) {
        return rest.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** A yes or no that stands beside the list; empty if it is absent, null or neither. */
    public Optional<Boolean> flag(String name) {
        return rest.get(name) instanceof Boolean flag ? Optional.of(flag) : Optional.empty();
    }
}

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

    /**
     * A whole number that stands beside the list; empty if it is absent or null.
     *
     * @throws IllegalStateException if it is anything else: what is not understood must not pass for the end of a list
     */
    public OptionalLong number(String name) {
        Object value = rest.get(name);
        if (value instanceof Integer || value instanceof Long) {
            return OptionalLong.of(((Number) value).longValue());
        }
        if (value != null) {
            throw other(name, value, "whole number");
        }
        return OptionalLong.empty();
    }

    /**
     * A text that stands beside the list; empty if it is absent or null.
     *
     * @throws IllegalStateException if it is anything else
     */
    public Optional<String> text(String name) {
        Object value = rest.get(name);
        if (value != null && !(value instanceof String)) {
            throw other(name, value, "text");
        }
        return Optional.ofNullable((String) value);
    }

    /**
     * A yes or no that stands beside the list; empty if it is absent or null.
     *
     * @throws IllegalStateException if it is anything else, such as a text
     */
    public Optional<Boolean> flag(String name) {
        Object value = rest.get(name);
        if (value != null && !(value instanceof Boolean)) {
            throw other(name, value, "yes or no");
        }
        return Optional.ofNullable((Boolean) value);
    }

    /** Names the kind and not the value, which may be personal. */
    private static IllegalStateException other(String name, Object value, String expected) {
        String kind = value instanceof String
                ? "a text"
                : value instanceof Number
                        ? "a number"
                        : value instanceof Boolean ? "a yes or no" : "a list or an object";
        return new IllegalStateException("the field '" + name + "' of the answer is " + kind + " and no " + expected
                + "; if the service means it so, take it from rest()");
    }
}

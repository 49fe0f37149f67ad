package dev.backfill.notion;

import java.util.List;
import java.util.Objects;

/**
 * Which pages are read: a condition on a property, or several of these.
 *
 * <p>Notion takes two levels of {@link #all} and {@link #any} at most.
 */
public sealed interface Filter {

    /**
     * A condition, such as {@code Filter.on("Flag", "equals", "Duplicate")} or {@code Filter.on("Flag", "is_empty", true)}.
     *
     * @param property its name; {@code created_time} and {@code last_edited_time} are the page's own, unless there are such properties
     * @param condition in Notion's words: equals, does_not_equal, contains, starts_with, is_empty, is_not_empty, greater_than, on_or_after
     *     and so on, as far as Notion has it for the type of the property
     * @param value a text, number, boolean, date or point in time; true for is_empty and its like
     */
    static Filter on(String property, String condition, Object value) {
        return new On(property, condition, value);
    }

    /** All of these. */
    static Filter all(Filter... filters) {
        return new All(List.of(filters));
    }

    /** At least one of these. */
    static Filter any(Filter... filters) {
        return new Any(List.of(filters));
    }

    /**
     * A condition on a property; see {@link Filter#on}.
     *
     * @param property its name
     * @param condition in Notion's words
     * @param value what it is compared with
     */
    record On(String property, String condition, Object value) implements Filter {

        /** Checks that nothing is missing. */
        public On {
            Objects.requireNonNull(property, "property");
            Objects.requireNonNull(condition, "condition");
            Objects.requireNonNull(value, "value");
        }

        @Override
        public String toString() {
            return property + " " + condition + " " + value;
        }
    }

    /**
     * All of some filters.
     *
     * @param filters one at least
     */
    record All(List<Filter> filters) implements Filter {

        /** Copies. */
        public All {
            filters = List.copyOf(filters);
            if (filters.isEmpty()) {
                throw new IllegalArgumentException("all(…) needs a filter at least");
            }
        }

        @Override
        public String toString() {
            return "all of " + filters;
        }
    }

    /**
     * At least one of some filters.
     *
     * @param filters one at least
     */
    record Any(List<Filter> filters) implements Filter {

        /** Copies. */
        public Any {
            filters = List.copyOf(filters);
            if (filters.isEmpty()) {
                throw new IllegalArgumentException("any(…) needs a filter at least");
            }
        }

        @Override
        public String toString() {
            return "any of " + filters;
        }
    }
}

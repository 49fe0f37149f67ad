package dev.backfill.supabase;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is read of a table, and in what order.
 *
 * @param columns the columns of a map; all if there are none
 * @param filters what the rows have in common
 * @param by the columns to read by before the primary key
 */
record Selection(List<String> columns, List<Filter> filters, List<String> by) {

    static final Selection ALL = new Selection(List.of(), List.of(), List.of());

    /** A column that must have this value, as text, or be null. */
    record Filter(String column, @Nullable String value) {

        String condition() {
            return value == null ? Where.isNull(column) : Where.is(column, "eq", value);
        }

        @Override
        public String toString() {
            return column + (value == null ? " is null" : " = " + value);
        }
    }

    Selection {
        columns = List.copyOf(columns);
        filters = List.copyOf(filters);
        by = List.copyOf(by);
    }

    Selection columns(String... names) {
        return new Selection(List.of(names), filters, by);
    }

    Selection by(String... names) {
        return new Selection(columns, filters, List.of(names));
    }

    Selection where(Filter filter) {
        List<Filter> more = new ArrayList<>(filters);
        more.add(filter);
        return new Selection(columns, more, by);
    }

    List<String> conditions() {
        return filters.stream().map(Filter::condition).toList();
    }

    String definition(RestTable table) {
        StringBuilder definition =
                new StringBuilder(table + " rows by " + (by.isEmpty() ? "its primary key" : String.join(", ", by)));
        filters.forEach(filter -> definition.append("\nwhere ").append(filter));
        return definition.toString();
    }
}

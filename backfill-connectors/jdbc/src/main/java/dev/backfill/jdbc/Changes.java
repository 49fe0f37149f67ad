package dev.backfill.jdbc;

import java.util.List;
import java.util.function.IntFunction;

/**
 * What an existing row takes over of a record, and when it has to be written at all. In the statement the row is {@code t}.
 *
 * @param sets the assignments; empty if a record has nothing but its key
 * @param when true if the row would become another
 */
record Changes(String sets, String when) {

    /** {@link Dialect#differ}. */
    @FunctionalInterface
    interface Comparison {
        String differ(Column column, String one, String other);
    }

    /**
     * @param fresh the record's value for the column at a place of the shape
     */
    static Changes of(Shape shape, Plan plan, IntFunction<String> fresh, Comparison comparison) {
        List<Integer> places = shape.changing(plan);
        boolean fills = plan.rule().fillsNulls();
        List<String> sets = places.stream()
                .map(place -> {
                    String column = shape.columns().get(place).sql();
                    String value = fresh.apply(place);
                    return column + " = " + (fills ? "coalesce(t." + column + ", " + value + ")" : value);
                })
                .toList();
        List<String> differences = places.stream()
                .map(place -> {
                    Column column = shape.columns().get(place);
                    String old = "t." + column.sql();
                    String value = fresh.apply(place);
                    return fills
                            ? "(" + old + " IS NULL AND " + value + " IS NOT NULL)"
                            : comparison.differ(column, old, value);
                })
                .toList();
        String when = String.join(" OR ", differences);
        if (shape.version() >= 0) {
            String old = "t." + shape.columns().get(shape.version()).sql();
            String version = fresh.apply(shape.version());
            when = version + " > " + old + " OR (" + old + " IS NULL AND " + version + " IS NOT NULL)";
        }
        return new Changes(String.join(", ", sets), when);
    }

    boolean none() {
        return sets.isEmpty();
    }
}

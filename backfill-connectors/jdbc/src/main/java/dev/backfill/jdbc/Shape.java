package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Records that have the same columns, and the statement that writes them.
 *
 * @param columns the columns to write, in the order of the cells
 * @param keys the places of the key columns among them
 * @param version the place of the version column, or -1
 * @param problem why records of this shape are refused, or empty
 */
record Shape(List<String> names, List<Column> columns, List<Integer> keys, int version, String problem) {

    /** Looks the columns up; a column that the table does not have stops the run, for every record will have it. */
    static Shape of(List<String> names, Plan plan) {
        Map<String, Integer> places = new HashMap<>();
        Set<String> folded = new HashSet<>();
        for (String name : names) {
            if (!folded.add(name.toLowerCase(Locale.ROOT))) {
                return refused(names, "two of its columns differ in case only: " + shown(name));
            }
        }
        List<Column> columns = new ArrayList<>();
        for (String name : names) {
            Column column = plan.column(name);
            if (column == null) {
                throw new BackfillException(
                        "the table " + plan.table() + " has no column '" + shown(name) + "' (it has "
                                + String.join(", ", plan.columns().keySet())
                                + "); add the column to the table, or take it out of the record",
                        null);
            }
            places.put(column.name(), columns.size());
            columns.add(column);
        }
        List<Integer> keys = new ArrayList<>();
        for (String key : plan.rule().keys()) {
            Integer place = places.get(key);
            if (place == null) {
                return refused(names, "no key: it has no " + key);
            }
            keys.add(place);
        }
        int version = -1;
        if (plan.rule().version() != null) {
            Integer place = places.get(plan.rule().version());
            if (place == null) {
                return refused(names, "no version: it has no " + plan.rule().version());
            }
            version = place;
        }
        return new Shape(names, columns, List.copyOf(keys), version, "");
    }

    /** A plan has each shape once. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    private static Shape refused(List<String> names, String problem) {
        return new Shape(names, List.of(), List.of(), -1, problem);
    }

    private static String shown(String name) {
        return name.length() <= 80 ? name : name.substring(0, 80) + "…";
    }

    /** The places of the columns that an existing row takes over. */
    List<Integer> changing(Plan plan) {
        return inserted(plan).stream().filter(place -> !keys.contains(place)).toList();
    }

    /** The columns of the insert that come from records; what is set on insert only comes from elsewhere. */
    List<Integer> inserted(Plan plan) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (!plan.onInsert().containsKey(columns.get(i).name())) {
                places.add(i);
            }
        }
        return places;
    }
}

package dev.backfill.jdbc;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How rows are written.
 *
 * @param keys the columns that say which row a record is
 * @param fillsNulls whether a row that is there is changed only where it is null
 * @param version the column by which the newest version stays
 * @param onInsert columns that are set when a row is made, and never after
 */
record Rule(
        Way way,
        List<String> keys,
        boolean fillsNulls,
        @Nullable String version,
        Map<String, @Nullable Object> onInsert) {

    /** What becomes of a record whose row is there, and of one whose row is not. */
    enum Way {
        /** Changed, and made. */
        UPSERT("upserts by"),
        /** Left alone, and made. */
        INSERT_IF_ABSENT("inserts what is absent by"),
        /** Changed, and refused. */
        UPDATE("updates by");

        private final String words;

        Way(String words) {
            this.words = words;
        }
    }

    Rule {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("name the columns by which a row is found");
        }
        if (new HashSet<>(keys).size() != keys.size()) {
            throw new IllegalArgumentException("a key column is named twice: " + keys);
        }
        if (version != null && (keys.contains(version) || onInsert.containsKey(version))) {
            throw new IllegalArgumentException("the version column " + version + " is also "
                    + (keys.contains(version) ? "a key column" : "set on insert only"));
        }
        for (String column : onInsert.keySet()) {
            if (keys.contains(column)) {
                throw new IllegalArgumentException("the column " + column + " is a key column and is set anyway");
            }
        }
    }

    static Rule of(Way way, String... keys) {
        return new Rule(way, List.of(keys), false, null, Map.of());
    }

    boolean updates() {
        return way == Way.UPDATE;
    }

    boolean ifAbsent() {
        return way == Way.INSERT_IF_ABSENT;
    }

    String definition(TableName table) {
        List<String> lines = new ArrayList<>();
        lines.add("table " + table + " " + way.words + " " + String.join(", ", keys));
        if (fillsNulls) {
            lines.add("fills nulls only");
        }
        if (version != null) {
            lines.add("newest by " + version);
        }
        if (!onInsert.isEmpty()) {
            lines.add("on insert " + String.join(", ", onInsert.keySet()));
        }
        return String.join("\n", lines);
    }
}

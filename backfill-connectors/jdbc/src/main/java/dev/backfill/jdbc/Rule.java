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
 * @param ifAbsent whether a row that is there stays as it is
 * @param version the column by which the newest version stays
 * @param onInsert columns that are set when a row is made, and never after
 */
record Rule(List<String> keys, boolean ifAbsent, @Nullable String version, Map<String, @Nullable Object> onInsert) {

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

    String definition(TableName table) {
        List<String> lines = new ArrayList<>();
        lines.add("table " + table + (ifAbsent ? " inserts what is absent by " : " upserts by ")
                + String.join(", ", keys));
        if (version != null) {
            lines.add("newest by " + version);
        }
        if (!onInsert.isEmpty()) {
            lines.add("on insert " + String.join(", ", onInsert.keySet()));
        }
        return String.join("\n", lines);
    }
}

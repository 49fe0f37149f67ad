package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.internal.Pace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A rule against the table as it is: its columns, and the statements for each shape of records. Safe for several threads. */
final class Plan {

    private final TableName table;
    private final Rule rule;
    private final boolean folds;
    private final boolean tellsNewRows;
    private final Map<String, Column> columns;
    private final Map<String, @Nullable Object> onInsert = new LinkedHashMap<>();
    private final Map<List<String>, Shape> shapes = new ConcurrentHashMap<>();
    private final Map<List<?>, String> statements = new ConcurrentHashMap<>();
    private final Pace pace;
    private volatile boolean orderly;
    private volatile boolean mixed;

    /**
     * @param folds whether the database takes names that differ in case for the same
     * @param tellsNewRows see {@link Dialect#tellsNewRows}
     * @param onInsert the values of the rule as cells
     * @param pace how many rows go into one statement
     */
    Plan(
            TableName table,
            Rule rule,
            boolean folds,
            boolean tellsNewRows,
            List<Column> all,
            Map<String, @Nullable Object> onInsert,
            Pace pace) {
        this.table = table;
        this.pace = pace;
        this.folds = folds;
        this.tellsNewRows = tellsNewRows;
        this.columns = new LinkedHashMap<>();
        all.forEach(column -> columns.put(column.name(), column));
        this.rule = new Rule(
                rule.way(),
                rule.keys().stream().map(this::known).toList(),
                rule.fillsNulls(),
                rule.version() == null ? null : known(rule.version()),
                rule.onInsert());
        onInsert.forEach((name, value) -> this.onInsert.put(known(name), value));
        List<String> primary = all.stream()
                .filter(column -> column.key() > 0)
                .map(Column::name)
                .toList();
        this.orderly = primary.isEmpty() || !this.rule.keys().containsAll(primary);
    }

    private String known(String name) {
        Column column = column(name);
        if (column == null) {
            throw new BackfillException(
                    "the table " + table + " has no column '" + name + "' (it has "
                            + String.join(", ", columns.keySet()) + "); name one of them, as the table spells it",
                    null);
        }
        return column.name();
    }

    /** Whether an update locks its rows in order first: if its key may not be unique, or it and another have waited for each other. */
    boolean orderly() {
        return orderly;
    }

    void makeOrderly() {
        orderly = true;
    }

    /** Whether some of the records that an update was given have changed no row: they are missing, or as they shall be. */
    boolean mixed() {
        return mixed;
    }

    void makeMixed() {
        mixed = true;
    }

    Pace pace() {
        return pace;
    }

    boolean tellsNewRows() {
        return tellsNewRows;
    }

    TableName table() {
        return table;
    }

    Rule rule() {
        return rule;
    }

    Map<String, Column> columns() {
        return columns;
    }

    Map<String, @Nullable Object> onInsert() {
        return onInsert;
    }

    @Nullable
    Column column(String name) {
        Column column = columns.get(name);
        if (column == null && folds) {
            String folded = name.toLowerCase(Locale.ROOT);
            for (Column each : columns.values()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(folded)) {
                    return each;
                }
            }
        }
        return column;
    }

    Shape shape(List<String> names) {
        Shape known = shapes.get(names);
        if (known == null) {
            known = Shape.of(List.copyOf(names), this);
            if (shapes.size() < 1_000) {
                shapes.put(known.names(), known);
            }
        }
        return known;
    }

    /**
     * One text for each kind of batch, so that the driver and the database prepare it once.
     *
     * @param kind all that the text depends on
     */
    String statement(List<?> kind, Supplier<String> make) {
        return statements.computeIfAbsent(kind, unknown -> make.get());
    }
}

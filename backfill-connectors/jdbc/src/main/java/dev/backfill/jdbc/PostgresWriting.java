package dev.backfill.jdbc;

import dev.backfill.Batch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows into PostgreSQL: one statement for all, with one array for each column, so that its text is the same for any number of rows.
 *
 * <p>A statement that is refused for its data is undone to the savepoint and sent again in halves, until the record at fault is alone.
 */
final class PostgresWriting implements Dialect.Writing {

    private static final String TWICE = "21000";

    private final Tx tx;
    private final Plan plan;
    private final Outcomes outcomes;
    /** Whether nothing was written since the savepoint, which {@link Postgres#begin} sets first. */
    private boolean fresh = true;

    PostgresWriting(Tx tx, Plan plan, Outcomes outcomes) {
        this.tx = tx;
        this.plan = plan;
        this.outcomes = outcomes;
    }

    @Override
    public void put(Shape shape, List<Row> rows) throws SQLException {
        put(shape, rows, false);
    }

    /**
     * @param bad whether it is known that one of the rows cannot be written, so that sending all of them is in vain
     */
    private void put(Shape shape, List<Row> rows, boolean bad) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        if (!bad || rows.size() == 1) {
            try {
                if (!fresh) {
                    tx.run("RELEASE SAVEPOINT backfill; SAVEPOINT backfill");
                    fresh = true;
                }
                send(shape, rows);
                fresh = false;
                return;
            } catch (SQLException e) {
                boolean twice = Failures.state(e).equals(TWICE);
                Failures.Kind kind = tx.dialect().kind(e);
                boolean halve = twice || kind == Failures.Kind.DATA || (kind == Failures.Kind.SLOW && rows.size() > 1);
                if (!halve) {
                    throw e;
                }
                tx.run("ROLLBACK TO SAVEPOINT backfill");
                if (twice && rows.size() > 1) {
                    put(shape, withoutTwins(shape, rows), false);
                    return;
                }
                if (rows.size() == 1) {
                    outcomes.refuse(rows.get(0).index(), reason(shape, e));
                    return;
                }
            }
        }
        int half = rows.size() / 2;
        int before = outcomes.refused();
        put(shape, rows.subList(0, half), false);
        put(shape, rows.subList(half, rows.size()), outcomes.refused() == before);
    }

    private void send(Shape shape, List<Row> rows) throws SQLException {
        String sql = plan.statement(shape, each -> statement(each, plan));
        try (PreparedStatement statement = tx.connection().prepareStatement(sql)) {
            int at = 1;
            for (int place : shape.inserted(plan)) {
                statement.setArray(at++, tx.connection().createArrayOf("text", texts(shape, rows, place)));
            }
            for (Object constant : plan.onInsert().values()) {
                statement.setString(at++, Postgres.text(constant));
            }
            boolean[] changed = new boolean[rows.size()];
            int count = 0;
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    int row = (int) found.getLong(1) - 1;
                    changed[row] = true;
                    count++;
                    if (!found.getBoolean(2)) {
                        outcomes.say(rows.get(row).index(), Batch.Outcome.UPDATED);
                    }
                }
            }
            for (int i = 0; i < changed.length && count < changed.length; i++) {
                if (!changed[i]) {
                    outcomes.say(rows.get(i).index(), Batch.Outcome.UNCHANGED);
                }
            }
        }
    }

    private static @Nullable String[] texts(Shape shape, List<Row> rows, int place) {
        boolean array = shape.columns().get(place).type().endsWith("[]");
        @Nullable String[] texts = new @Nullable String[rows.size()];
        for (int i = 0; i < texts.length; i++) {
            Object cell = rows.get(i).cell(place);
            texts[i] = array && cell instanceof Row.Json json ? ArrayText.literal(json.text()) : Postgres.text(cell);
        }
        return texts;
    }

    /**
     * One statement for this shape and any number of rows. The rows are numbered, so that each can be told what became of it; a row
     * that was inserted has no earlier version ({@code xmax}). A row that stays the same is not written at all.
     */
    private static String statement(Shape shape, Plan plan) {
        List<Integer> places = shape.inserted(plan);
        List<String> names = new ArrayList<>();
        List<String> arrays = new ArrayList<>();
        List<String> aliases = new ArrayList<>();
        List<String> casts = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (int place : places) {
            Column column = shape.columns().get(place);
            names.add(column.sql());
            arrays.add("?::text[]");
            aliases.add("c" + place);
            casts.add("u.c" + place + "::" + column.type() + " AS c" + place);
            values.add("c" + place);
        }
        for (String name : plan.onInsert().keySet()) {
            Column column = plan.columns().get(name);
            names.add(Dialect.quote(name));
            values.add("?::text::" + (column == null ? "text" : column.type()));
        }
        List<String> keys = new ArrayList<>();
        List<String> returned = new ArrayList<>();
        List<String> joins = new ArrayList<>();
        for (int i = 0; i < shape.keys().size(); i++) {
            String key = shape.columns().get(shape.keys().get(i)).sql();
            keys.add(key);
            returned.add("t." + key + " AS k" + i);
            joins.add("u.c" + shape.keys().get(i) + " = w.k" + i);
        }
        return "WITH u AS (SELECT o, " + String.join(", ", casts) + " FROM unnest(" + String.join(", ", arrays)
                + ") WITH ORDINALITY AS u (" + String.join(", ", aliases) + ", o)), w AS (INSERT INTO "
                + plan.table().sql() + " AS t (" + String.join(", ", names) + ") SELECT " + String.join(", ", values)
                + " FROM u ORDER BY o ON CONFLICT (" + String.join(", ", keys) + ") DO " + action(shape, plan)
                + " RETURNING " + String.join(", ", returned) + ", t.xmax = 0 AS inserted)"
                + " SELECT u.o, w.inserted FROM w JOIN u ON " + String.join(" AND ", joins);
    }

    private static String action(Shape shape, Plan plan) {
        List<Column> changing = shape.changing(plan);
        if (plan.rule().ifAbsent() || changing.isEmpty()) {
            return "NOTHING";
        }
        List<String> sets = changing.stream()
                .map(column -> column.sql() + " = excluded." + column.sql())
                .toList();
        String when;
        if (shape.version() >= 0) {
            String version = shape.columns().get(shape.version()).sql();
            when = "excluded." + version + " > t." + version + " OR t." + version + " IS NULL AND excluded." + version
                    + " IS NOT NULL";
        } else {
            List<String> differences = changing.stream()
                    .map(column -> compared("t.", column) + " IS DISTINCT FROM " + compared("excluded.", column))
                    .toList();
            when = String.join(" OR ", differences);
        }
        return "UPDATE SET " + String.join(", ", sets) + " WHERE " + when;
    }

    /** Some types have no equality of their own. */
    private static String compared(String of, Column column) {
        boolean plain = switch (column.type()) {
            case "json", "xml", "point", "box", "line", "lseg", "path", "polygon", "circle" -> false;
            default -> true;
        };
        return of + column.sql() + (plain ? "" : "::text");
    }

    /** Keys that differ here and are equal to the database, by case or by form: writing both would lose one of them unseen. */
    private List<Row> withoutTwins(Shape shape, List<Row> rows) throws SQLException {
        List<String> names = new ArrayList<>();
        List<String> arrays = new ArrayList<>();
        List<String> aliases = new ArrayList<>();
        List<String> casts = new ArrayList<>();
        for (int place : shape.keys()) {
            names.add(shape.columns().get(place).sql());
            arrays.add("?::text[]");
            aliases.add("c" + place);
            casts.add("u.c" + place + "::" + shape.columns().get(place).type());
        }
        String keyed = String.join(", ", names);
        String sql =
                "SELECT o FROM (SELECT o, row_number() OVER (PARTITION BY " + keyed + " ORDER BY o) AS n FROM (SELECT "
                        + keyed + ", 0::bigint AS o FROM " + plan.table().sql() // gives the columns their collations
                        + " WHERE false UNION ALL SELECT " + String.join(", ", casts) + ", u.o FROM unnest("
                        + String.join(", ", arrays) + ") WITH ORDINALITY AS u (" + String.join(", ", aliases)
                        + ", o)) AS all_keys) AS numbered WHERE n > 1";
        @Nullable Object[] keys = new Object[shape.keys().size()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = tx.connection()
                    .createArrayOf("text", texts(shape, rows, shape.keys().get(i)));
        }
        List<Integer> twins = tx.query(sql, found -> (int) found.getLong(1) - 1, keys);
        List<Row> others = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            if (twins.contains(i)) {
                outcomes.refuse(
                        rows.get(i).index(),
                        "collision: to the database its key equals that of another record, "
                                + rows.get(i).key());
            } else {
                others.add(rows.get(i));
            }
        }
        if (twins.isEmpty()) {
            throw new SQLException("a row would be changed twice by one statement, and its key is not at fault", TWICE);
        }
        return others;
    }

    /** What the database said, and the column if only one can be meant. */
    private static String reason(Shape shape, SQLException e) {
        String words = Failures.words(e);
        List<String> meant = shape.columns().stream()
                .filter(column -> words.contains(column.fullType()) || words.contains('"' + column.name() + '"'))
                .map(Column::name)
                .toList();
        return meant.size() == 1 ? meant.get(0) + ": " + words : words;
    }
}

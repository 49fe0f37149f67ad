package dev.backfill.jdbc;

import dev.backfill.Batch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows into SQLite, one statement each inside the one transaction: there is no way to the server to save, and a statement that fails
 * undoes itself alone.
 */
final class SqliteWriting implements Dialect.Writing {

    private final Tx tx;
    private final Plan plan;
    private final Outcomes outcomes;

    SqliteWriting(Tx tx, Plan plan, Outcomes outcomes) {
        this.tx = tx;
        this.plan = plan;
        this.outcomes = outcomes;
    }

    @Override
    public void put(Shape shape, List<Row> rows) throws SQLException {
        List<Integer> places = shape.inserted(plan);
        List<@Nullable Object> constants = new ArrayList<>(plan.onInsert().values());
        try (PreparedStatement find = tx.connection().prepareStatement(find());
                PreparedStatement put =
                        tx.connection().prepareStatement(plan.statement(shape, each -> statement(each, plan)))) {
            for (Row row : rows) {
                boolean there = there(find, row);
                try {
                    int at = 1;
                    for (int place : places) {
                        put.setObject(at++, tx.dialect().bound(row.cell(place)));
                    }
                    for (Object constant : constants) {
                        put.setObject(at++, tx.dialect().bound(constant));
                    }
                    boolean changed = put.executeUpdate() > 0;
                    if (!changed) {
                        outcomes.say(row.index(), Batch.Outcome.UNCHANGED);
                    } else if (there) {
                        outcomes.say(row.index(), Batch.Outcome.UPDATED);
                    }
                } catch (SQLException e) {
                    if (tx.dialect().kind(e) != Failures.Kind.DATA) {
                        throw e;
                    }
                    outcomes.refuse(row.index(), Failures.words(e));
                }
            }
        }
    }

    private boolean there(PreparedStatement find, Row row) throws SQLException {
        List<Integer> keys = row.shape().keys();
        for (int i = 0; i < keys.size(); i++) {
            find.setObject(i + 1, tx.dialect().bound(row.cell(keys.get(i))));
        }
        try (ResultSet found = find.executeQuery()) {
            return found.next();
        }
    }

    private String find() {
        List<String> conditions = plan.rule().keys().stream()
                .map(key -> Dialect.quote(key) + " = ?")
                .toList();
        return "SELECT 1 FROM " + plan.table().sql() + " WHERE " + String.join(" AND ", conditions);
    }

    private static String statement(Shape shape, Plan plan) {
        List<String> names = new ArrayList<>();
        shape.inserted(plan)
                .forEach(place -> names.add(shape.columns().get(place).sql()));
        plan.onInsert().keySet().forEach(name -> names.add(Dialect.quote(name)));
        String keys = String.join(
                ", ", plan.rule().keys().stream().map(Dialect::quote).toList());
        StringBuilder sql = new StringBuilder("INSERT INTO ")
                .append(plan.table().sql())
                .append(" AS t (")
                .append(String.join(", ", names))
                .append(") VALUES (")
                .append(String.join(", ", java.util.Collections.nCopies(names.size(), "?")))
                .append(") ON CONFLICT (")
                .append(keys)
                .append(") DO ");
        List<Column> changing = shape.changing(plan);
        if (plan.rule().ifAbsent() || changing.isEmpty()) {
            return sql.append("NOTHING").toString();
        }
        List<String> sets = changing.stream()
                .map(column -> column.sql() + " = excluded." + column.sql())
                .toList();
        sql.append("UPDATE SET ").append(String.join(", ", sets)).append(" WHERE ");
        if (shape.version() >= 0) {
            String version = shape.columns().get(shape.version()).sql();
            sql.append("excluded.").append(version).append(" > t.").append(version);
            sql.append(" OR (t.")
                    .append(version)
                    .append(" IS NULL AND excluded.")
                    .append(version)
                    .append(" IS NOT NULL)");
        } else {
            List<String> differences = changing.stream()
                    .map(column -> "t." + column.sql() + " IS NOT excluded." + column.sql())
                    .toList();
            sql.append(String.join(" OR ", differences));
        }
        return sql.toString();
    }
}

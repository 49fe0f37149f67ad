package dev.backfill.jdbc;

import dev.backfill.Batch;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

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
        String sql = plan.statement(shape.names(), () -> plan.rule().updates() ? update(shape) : insert(shape));
        try (PreparedStatement find = tx.connection().prepareStatement(find());
                PreparedStatement put = tx.connection().prepareStatement(sql)) {
            for (Row row : rows) {
                boolean there = there(find, row);
                if (!there && plan.rule().updates()) {
                    outcomes.refuse(row.index(), row.missing(plan));
                    continue;
                }
                try {
                    int changed = put(put, row);
                    if (changed > 1) {
                        throw row.several(plan);
                    }
                    if (changed == 0) {
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

    private int put(PreparedStatement put, Row row) throws SQLException {
        int at = 1;
        for (int place : row.shape().inserted(plan)) {
            put.setObject(at++, tx.dialect().bound(row.cell(place)));
        }
        for (Object constant : plan.onInsert().values()) {
            put.setObject(at++, tx.dialect().bound(constant));
        }
        return put.executeUpdate();
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

    private String insert(Shape shape) {
        List<String> names = new ArrayList<>();
        shape.inserted(plan)
                .forEach(place -> names.add(shape.columns().get(place).sql()));
        plan.onInsert().keySet().forEach(name -> names.add(Dialect.quote(name)));
        String keys = String.join(
                ", ", plan.rule().keys().stream().map(Dialect::quote).toList());
        Changes changes = Changes.of(
                shape, plan, place -> "excluded." + shape.columns().get(place).sql(), tx.dialect()::differ);
        return "INSERT INTO " + plan.table().sql() + " AS t (" + String.join(", ", names) + ") VALUES ("
                + String.join(", ", Collections.nCopies(names.size(), "?")) + ") ON CONFLICT (" + keys + ") DO "
                + (plan.rule().ifAbsent() || changes.none()
                        ? "NOTHING"
                        : "UPDATE SET " + changes.sets() + " WHERE " + changes.when());
    }

    private String update(Shape shape) {
        Changes changes = Changes.of(shape, plan, place -> "u.c" + place, tx.dialect()::differ);
        String key = String.join(
                " AND ",
                shape.keys().stream()
                        .map(place -> "t." + shape.columns().get(place).sql() + " = u.c" + place)
                        .toList());
        String first = shape.columns().get(shape.keys().get(0)).sql();
        return "UPDATE " + plan.table().sql() + " AS t SET "
                + (changes.none() ? first + " = " + first : changes.sets()) + " FROM (SELECT "
                + String.join(
                        ", ",
                        shape.inserted(plan).stream()
                                .map(place -> "? AS c" + place)
                                .toList())
                + ") AS u WHERE " + key + " AND (" + (changes.none() ? "false" : changes.when()) + ")";
    }
}

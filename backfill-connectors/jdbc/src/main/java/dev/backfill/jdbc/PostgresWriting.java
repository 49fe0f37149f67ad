package dev.backfill.jdbc;

import dev.backfill.Batch;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Rows into PostgreSQL: one statement for all.
 *
 * <p>A statement that is refused for its data is undone to the savepoint and sent again in halves, until the record at fault is alone. One
 * that is too much for the database is sent again with fewer rows, as are those after it.
 */
final class PostgresWriting implements Dialect.Writing {

    private static final String TWICE = "21000";
    private static final String DEADLOCK = "40P01";

    private static final Set<String> WHOLE = Set.of("bigint", "integer", "smallint");

    /** So many microseconds from 1970 on, and to it, the database multiplies exactly; 285 years. */
    private static final long EXACT = 1L << 53;

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
        for (int at = 0; at < rows.size(); ) {
            int end = Math.min(rows.size(), at + plan.pace().records());
            put(shape, rows.subList(at, end), false);
            at = end;
        }
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
                    tx.dialect().keep(tx);
                    fresh = true;
                }
                send(shape, rows);
                fresh = false;
                plan.pace().well(rows.size());
                return;
            } catch (SQLException e) {
                if (Failures.state(e).equals(DEADLOCK) && plan.rule().updates() && !plan.orderly()) {
                    tx.dialect().undo(tx); // which lets the other go on
                    plan.makeOrderly();
                    put(shape, rows, false);
                    return;
                }
                boolean twice = Failures.state(e).equals(TWICE);
                Failures.Kind kind = tx.dialect().kind(e);
                boolean heavy = kind == Failures.Kind.HEAVY && rows.size() > 1;
                if (!twice && !heavy && kind != Failures.Kind.DATA) {
                    throw e;
                }
                tx.dialect().undo(tx);
                if (heavy) {
                    plan.pace().tooMuch(rows.size());
                    put(shape, rows.subList(0, rows.size() / 2));
                    put(shape, rows.subList(rows.size() / 2, rows.size()));
                    return;
                }
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
        boolean orderly = plan.rule().updates() && plan.orderly();
        List<Integer> whole = whole(shape, plan, rows);
        if (plan.rule().updates() && !orderly && !plan.mixed() && isCommon(shape, rows, whole)) {
            if (sendCommon(shape, rows)) {
                rows.forEach(row -> outcomes.say(row.index(), Batch.Outcome.UPDATED));
                return;
            }
            tx.dialect().undo(tx); // for nobody can say any more which rows it has changed
            plan.makeMixed();
        }
        String sql = plan.statement(
                List.of(shape.names(), whole, orderly),
                () -> PostgresStatements.of(shape, whole, orderly, plan, tx.dialect()));
        Set<Integer> places = new LinkedHashSet<>(shape.inserted(plan));
        places.addAll(shape.keys());
        PostgresColumns columns = new PostgresColumns(shape, rows, places, whole);
        try (PreparedStatement statement = tx.connection().prepareStatement(sql)) {
            int at = 1;
            for (int place : shape.inserted(plan)) {
                statement.setObject(at++, columns.argument(place, tx.connection()));
            }
            if (plan.rule().updates()) {
                statement.setLong(at++, rows.size());
            }
            for (Object constant : plan.onInsert().values()) {
                statement.setString(at++, Postgres.text(constant));
            }
            statement.setLong(at++, rows.size());
            if (!orderly) {
                for (int place : shape.keys()) {
                    statement.setObject(at++, columns.argument(place, tx.connection()));
                }
                statement.setLong(at++, rows.size());
            }
            try (ResultSet found = statement.executeQuery()) {
                if (plan.rule().updates()) {
                    updated(shape, rows, found);
                } else {
                    written(rows, found);
                }
            }
        }
    }

    /** Whether each record has changed a row of its own; if not, some have. */
    private boolean sendCommon(Shape shape, List<Row> rows) throws SQLException {
        String sql = plan.statement(
                List.of(shape.names(), "common"), () -> PostgresStatements.commonUpdate(shape, plan, tx.dialect()));
        PostgresColumns keys = new PostgresColumns(shape, rows, shape.keys(), shape.keys());
        try (PreparedStatement statement = tx.connection().prepareStatement(sql)) {
            int at = 1;
            for (int place : shape.changing(plan)) {
                statement.setString(at++, PostgresColumns.text(shape, place, rows.get(0)));
            }
            statement.setObject(at, keys.argument(shape.keys().get(0), tx.connection()));
            try (ResultSet found = statement.executeQuery()) {
                found.next();
                return found.getLong(1) == rows.size() && found.getLong(2) == rows.size();
            }
        }
    }

    /** What was not written was there and stayed as it was. */
    private void written(List<Row> rows, ResultSet found) throws SQLException {
        found.next();
        long written = found.getLong(1);
        Array each = found.getArray(3);
        if (each == null) {
            if (written == 0) {
                rows.forEach(row -> outcomes.say(row.index(), Batch.Outcome.UNCHANGED));
            } else if (found.getLong(2) == 0) {
                rows.forEach(row -> outcomes.say(row.index(), Batch.Outcome.UPDATED));
            }
            return;
        }
        boolean[] seen = new boolean[rows.size()];
        for (Object number : (Object[]) each.getArray()) {
            long signed = ((Number) number).longValue();
            int row = (int) Math.abs(signed) - 1;
            seen[row] = true;
            if (signed < 0) {
                outcomes.say(rows.get(row).index(), Batch.Outcome.UPDATED);
            }
        }
        for (int i = 0; i < seen.length && written < seen.length; i++) {
            if (!seen[i]) {
                outcomes.say(rows.get(i).index(), Batch.Outcome.UNCHANGED);
            }
        }
    }

    /** What is not among the results was not there, or means the same row as another, which was changed meanwhile. */
    private void updated(Shape shape, List<Row> rows, ResultSet found) throws SQLException {
        found.next();
        Array each = found.getArray(2);
        if (each == null && found.getLong(1) == rows.size()) {
            rows.forEach(row -> outcomes.say(row.index(), Batch.Outcome.UPDATED));
            return;
        }
        boolean[] there = new boolean[rows.size()];
        int count = 0;
        for (Object number : each == null ? new Object[0] : (Object[]) each.getArray()) {
            long signed = ((Number) number).longValue();
            int row = (int) Math.abs(signed) - 1;
            if (there[row]) {
                throw rows.get(row).several(plan);
            }
            there[row] = true;
            count++;
            outcomes.say(rows.get(row).index(), signed > 0 ? Batch.Outcome.UPDATED : Batch.Outcome.UNCHANGED);
        }
        boolean twins = found.getLong(3) > 1;
        if (twins || (count < there.length && !twins(shape, rows).isEmpty())) {
            throw new SQLException("two records mean the same row", TWICE);
        }
        for (int i = 0; i < there.length; i++) {
            if (!there[i]) {
                outcomes.refuse(rows.get(i).index(), rows.get(i).missing(plan));
            }
        }
    }

    /** Whether several rows differ in nothing but their key, which is a whole number. */
    private boolean isCommon(Shape shape, List<Row> rows, List<Integer> whole) {
        List<Integer> changing = shape.changing(plan);
        if (rows.size() < 2 || changing.isEmpty() || shape.keys().size() > 1) {
            return false;
        }
        int key = shape.keys().get(0);
        return whole.contains(key)
                && WHOLE.contains(shape.columns().get(key).type())
                && changing.stream().allMatch(place -> {
                    Object first = rows.get(0).cell(place);
                    return rows.stream().allMatch(row -> Objects.deepEquals(row.cell(place), first));
                });
    }

    /** The places at which all rows have nothing or what goes as a whole number, which needs no text in between. */
    private static List<Integer> whole(Shape shape, Plan plan, List<Row> rows) {
        return shape.inserted(plan).stream()
                .filter(place -> {
                    Column column = shape.columns().get(place);
                    return WHOLE.contains(column.type())
                            ? all(rows, place, Long.class::isInstance)
                            : PostgresStatements.isTime(column) && all(rows, place, PostgresWriting::exact);
                })
                .toList();
    }

    private static boolean all(List<Row> rows, int place, Predicate<Object> fit) {
        for (Row row : rows) {
            Object cell = row.cell(place);
            if (cell != null && !fit.test(cell)) {
                return false;
            }
        }
        return true;
    }

    private static boolean exact(Object cell) {
        return cell instanceof Instant time && Math.abs(time.getEpochSecond()) < EXACT / 1_000_000 - 1;
    }

    /** Which rows have a key that differs here and is equal to the database, by case or by form, to one before it. */
    private List<Integer> twins(Shape shape, List<Row> rows) throws SQLException {
        PostgresColumns columns = new PostgresColumns(shape, rows, shape.keys(), List.of());
        Object[] keys = new Object[shape.keys().size()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = columns.argument(shape.keys().get(i), tx.connection());
        }
        return tx.query(PostgresStatements.twins(shape, plan, tx.dialect()), found -> (int) found.getLong(1) - 1, keys);
    }

    /** Writing twins would lose one of them unseen. */
    private List<Row> withoutTwins(Shape shape, List<Row> rows) throws SQLException {
        List<Integer> twins = twins(shape, rows);
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

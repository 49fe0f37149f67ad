package dev.backfill.jdbc;

import dev.backfill.Batch;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one batch, sorted so that a statement has no key twice.
 *
 * <p>Of rows with the same key and columns one is left. Rows with the same key and other columns are written one after the other, in
 * rounds, for each has something that the other has not.
 */
final class Rounds {

    private record Last(int round, Row row) {}

    private final Plan plan;
    private final Outcomes outcomes;
    private final Map<List<@Nullable Object>, Last> last = new HashMap<>();
    private final List<Map<List<@Nullable Object>, Row>> rounds = new ArrayList<>();

    private Rounds(Plan plan, Outcomes outcomes) {
        this.plan = plan;
        this.outcomes = outcomes;
    }

    /** Writes the rows, those of one shape together and in the order of their keys. */
    static void write(List<Row> rows, Plan plan, Outcomes outcomes, Dialect.Writing writing) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        List<Row> sorted = new ArrayList<>(rows);
        sorted.sort(Row::inOrder);
        if (alike(sorted)) { // as nearly always
            writing.put(sorted.get(0).shape(), sorted);
            return;
        }
        Rounds rounds = new Rounds(plan, outcomes);
        rows.forEach(rounds::add);
        rounds.write(writing);
    }

    /** Whether all are of one shape, and no two have keys that might be the same. */
    private static boolean alike(List<Row> sorted) {
        for (int i = 1; i < sorted.size(); i++) {
            if (!sorted.get(i).shape().equals(sorted.get(0).shape())
                    || Row.inOrder(sorted.get(i - 1), sorted.get(i)) == 0) {
                return false;
            }
        }
        return true;
    }

    private void add(Row row) {
        List<@Nullable Object> key = row.key();
        Last before = last.get(key);
        if (before == null) {
            put(0, key, row);
            return;
        }
        OptionalInt order = before.row().shape().equals(row.shape()) ? order(before.row(), row) : OptionalInt.empty();
        if (order.isEmpty()) {
            put(before.round() + 1, key, row);
        } else if (order.getAsInt() > 0) {
            outcomes.say(before.row().index(), Batch.Outcome.UNCHANGED);
            put(before.round(), key, row);
        } else {
            outcomes.say(row.index(), Batch.Outcome.UNCHANGED);
        }
    }

    private void put(int round, List<@Nullable Object> key, Row row) {
        if (round == rounds.size()) {
            rounds.add(new HashMap<>());
        }
        rounds.get(round).put(key, row);
        last.put(key, new Last(round, row));
    }

    /** Positive if the later row is to be written, negative or zero if the earlier; empty if only the database can tell. */
    private OptionalInt order(Row earlier, Row later) {
        if (plan.rule().ifAbsent()) {
            return OptionalInt.of(-1);
        }
        if (plan.rule().fillsNulls()) {
            return OptionalInt.empty(); // each may fill what the other leaves null
        }
        int version = later.shape().version();
        return version < 0 ? OptionalInt.of(1) : newer(earlier.cell(version), later.cell(version));
    }

    static OptionalInt newer(@Nullable Object earlier, @Nullable Object later) {
        if (later == null || earlier == null) {
            return OptionalInt.of(later == null ? -1 : 1);
        }
        if (earlier.equals(later)) {
            return OptionalInt.of(0);
        }
        if (earlier instanceof Number && later instanceof Number) {
            return OptionalInt.of(Row.decimal(later).compareTo(Row.decimal(earlier)));
        }
        Instant from = instant(earlier);
        Instant to = instant(later);
        return from != null && to != null ? OptionalInt.of(to.compareTo(from)) : OptionalInt.empty();
    }

    private static @Nullable Instant instant(Object cell) {
        if (cell instanceof Instant instant) {
            return instant;
        }
        try {
            return cell instanceof String text && text.length() >= 20
                    ? OffsetDateTime.parse(text).toInstant()
                    : null;
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Writes each round, its rows of one shape together and in the order of their keys. */
    private void write(Dialect.Writing writing) throws SQLException {
        for (Map<List<@Nullable Object>, Row> round : rounds) {
            List<Row> rows = new ArrayList<>(round.values());
            rows.sort(Row::inOrder);
            Map<Shape, List<Row>> shapes = new LinkedHashMap<>();
            rows.forEach(row -> shapes.computeIfAbsent(row.shape(), shape -> new ArrayList<>())
                    .add(row));
            for (Map.Entry<Shape, List<Row>> entry : shapes.entrySet()) {
                writing.put(entry.getKey(), entry.getValue());
            }
        }
    }
}

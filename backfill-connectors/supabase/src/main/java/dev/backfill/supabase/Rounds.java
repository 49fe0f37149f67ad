package dev.backfill.supabase;

import dev.backfill.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The rows of one batch, sorted so that a call has no key twice.
 *
 * <p>Of rows with the same key and columns one is left. Rows with the same key and other columns are written one after the other, in
 * rounds, for each has something that the other has not.
 */
final class Rounds {

    private record Last(int round, Row row) {}

    private final Batch<?> batch;
    private final boolean firstStays;
    private final Map<List<String>, Last> last = new HashMap<>();
    private final List<Map<List<String>, Row>> rounds = new ArrayList<>();

    Rounds(Batch<?> batch, boolean firstStays) {
        this.batch = batch;
        this.firstStays = firstStays;
    }

    void add(Row row) {
        Last before = last.get(row.key());
        if (before == null) {
            put(0, row);
        } else if (firstStays) {
            batch.unchanged(row.index());
        } else if (before.row().columns().equals(row.columns())) {
            batch.unchanged(before.row().index());
            put(before.round(), row);
        } else {
            put(before.round() + 1, row);
        }
    }

    private void put(int round, Row row) {
        if (round == rounds.size()) {
            rounds.add(new LinkedHashMap<>());
        }
        rounds.get(round).put(row.key(), row);
        last.put(row.key(), new Last(round, row));
    }

    /** The rows in the order of writing: those of one round that are alike together, and these in the order of their keys. */
    List<List<Row>> alike(Function<Row, ?> likeness) {
        List<List<Row>> groups = new ArrayList<>();
        for (Map<List<String>, Row> round : rounds) {
            List<Row> rows = new ArrayList<>(round.values());
            rows.sort(Row::inOrder);
            Map<Object, List<Row>> alike = new LinkedHashMap<>();
            rows.forEach(row -> alike.computeIfAbsent(likeness.apply(row), any -> new ArrayList<>())
                    .add(row));
            groups.addAll(alike.values());
        }
        return groups;
    }
}

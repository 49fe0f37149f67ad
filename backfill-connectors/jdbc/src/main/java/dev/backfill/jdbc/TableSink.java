package dev.backfill.jdbc;

import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Save;
import dev.backfill.TransactionalSink;
import dev.backfill.TransientException;
import dev.backfill.internal.Pace;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A sink that writes records and maps into a table by key; made by {@link Table#upsert}, {@link Table#insertIfAbsent} and
 * {@link Table#update}.
 *
 * <p>Each batch is one transaction. With the checkpoint of the same {@link Db} object the progress is part of it, and after a crash
 * nothing is written twice, also when the answer to a commit was lost. A record that the database refuses for what is in it is told by
 * {@link Batch#refused} and does not harm the others. Of two records of a batch with the same key the last is written (with
 * {@link #newestBy} the newest), and the other counts as unchanged. Only the columns that a record has are written. When a statement takes
 * too long for PostgreSQL, or too much of its memory, the sink goes on with fewer rows in each, and slowly more again. Immutable otherwise.
 */
public final class TableSink implements TransactionalSink<Object> {

    /** A page that is larger is one statement all the same, as long as the database bears it. */
    private static final int MOST = 1 << 20;

    private final Table table;
    private final Rule rule;
    private volatile @Nullable Plan plan;
    private volatile boolean deadlocked;
    private final Pace pace = new Pace(MOST);

    TableSink(Table table, Rule rule) {
        this.table = table;
        this.rule = rule;
    }

    /**
     * This sink, keeping the newest: a row is changed only by a record whose version is larger. An older or equal one counts as
     * unchanged, and a null is older than everything. So the order of writing does not matter, and live writers are not undone.
     *
     * @param version a column such as {@code updated_at}, which every record must have
     */
    public TableSink newestBy(String version) {
        if (rule.ifAbsent() || rule.fillsNulls()) {
            throw new IllegalStateException(
                    (rule.ifAbsent() ? "insertIfAbsent leaves rows alone" : "fillNulls keeps what a row has")
                            + ", so newestBy has no meaning; say upsert(...).newestBy(...)");
        }
        return new TableSink(table, new Rule(rule.way(), rule.keys(), false, version, rule.onInsert()));
    }

    /**
     * This sink, filling gaps: a column of a row that is there is changed only where it is null. A row that gains nothing is not written
     * and counts as unchanged.
     */
    public TableSink fillNulls() {
        if (rule.ifAbsent() || rule.version() != null) {
            throw new IllegalStateException(
                    (rule.ifAbsent() ? "insertIfAbsent leaves rows alone" : "newestBy takes all of a newer record")
                            + ", so fillNulls has no meaning; say upsert(...).fillNulls()");
        }
        return new TableSink(table, new Rule(rule.way(), rule.keys(), true, null, rule.onInsert()));
    }

    /**
     * This sink, setting a column when a row is made and never after, whatever the record has for it.
     *
     * @param value any value that a record could have there, or null
     * @throws IllegalArgumentException if rows are found by this column
     */
    public TableSink onInsert(String column, @Nullable Object value) {
        if (rule.updates()) {
            throw new IllegalStateException("update makes no rows, so onInsert has no meaning; say upsert(...)");
        }
        if (rule.keys().contains(column)) {
            throw new IllegalArgumentException(
                    "rows are found by " + column + ", so a record's own value is written there; set another column");
        }
        Map<String, @Nullable Object> more = new LinkedHashMap<>(rule.onInsert());
        more.put(column, value);
        return new TableSink(
                table,
                new Rule(
                        rule.way(), rule.keys(), rule.fillsNulls(), rule.version(), Collections.unmodifiableMap(more)));
    }

    @Override
    public void write(Batch<Object> batch) {
        if (batch.isEmpty()) {
            return;
        }
        doing(tx -> {
            put(tx, batch).tell(batch);
            return true;
        });
    }

    @Override
    public boolean joins(Checkpoint checkpoint) {
        return checkpoint == table.db().checkpoint();
    }

    @Override
    public void write(Batch<Object> batch, Supplier<Save> save) {
        TableCheckpoint progress = table.db().tableCheckpoint();
        doing(tx -> {
            put(tx, batch).tell(batch);
            progress.store(tx, save.get());
            return true;
        });
    }

    private <T> T doing(Db.Work<T> work) {
        try {
            return table.db()
                    .transaction(
                            "writing to the table " + table.name() + " by " + String.join(", ", rule.keys()), work);
        } catch (RuntimeException e) {
            Plan known = plan;
            if (known != null && known.orderly()) {
                deadlocked = true;
            }
            plan = null; // the table may have changed: looked at anew
            throw e;
        }
    }

    private Outcomes put(Tx tx, Batch<Object> batch) throws SQLException {
        boolean remembered = plan != null;
        Plan known = plan(tx);
        Outcomes outcomes = new Outcomes(batch.size());
        Encoder encoder = new Encoder(table.db().records(), known);
        Rounds.write(
                encoder.encode(batch, outcomes), known, outcomes, tx.dialect().writing(tx, known, outcomes));
        if (remembered && outcomes.refusedWith("42804")) { // for no record is at fault when a column is of another type
            throw new TransientException("the columns of the table " + table.name()
                    + " may be of other types than they were; the table is looked at again");
        }
        return outcomes;
    }

    private Plan plan(Tx tx) throws SQLException {
        Plan known = plan;
        if (known == null) {
            known = new Plan(
                    table.name(),
                    rule,
                    tx.dialect() instanceof Sqlite,
                    tx.dialect().tellsNewRows(tx, table.name()),
                    new ArrayList<>(table.columns(tx).values()),
                    constants(),
                    pace);
            if (deadlocked) {
                known.makeOrderly();
            }
            plan = known;
        }
        return known;
    }

    private Map<String, @Nullable Object> constants() {
        Map<String, @Nullable Object> constants = new LinkedHashMap<>();
        rule.onInsert()
                .forEach((name, value) ->
                        constants.put(name, Encoder.constant(table.db().records(), name, value)));
        return constants;
    }

    @Override
    public int batchSize() {
        return 2_000;
    }

    /** The values of the key columns, with commas between; empty if one is missing or null. */
    @Override
    public String key(Object record) {
        try (JsonParser tokens =
                table.db().records().of(record.getClass()).tokens(record).asParser()) {
            Map<String, Object> found = new LinkedHashMap<>();
            tokens.nextToken();
            while (tokens.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = tokens.currentName();
                tokens.nextToken();
                if (rule.keys().contains(name) && tokens.currentToken() != JsonToken.VALUE_NULL) {
                    found.put(name, String.valueOf(tokens.getString()));
                }
                tokens.skipChildren();
            }
            if (found.size() < rule.keys().size()) {
                return ""; // records without a whole key are not told apart by the rest of it
            }
            return rule.keys().stream()
                    .map(key -> String.valueOf(found.get(key)))
                    .collect(Collectors.joining(","));
        }
    }

    @Override
    public String definition() {
        return rule.definition(table.name());
    }

    @Override
    public boolean orderFree() {
        return rule.ifAbsent() || rule.fillsNulls() || rule.version() != null;
    }

    @Override
    public String toString() {
        return definition();
    }
}

package dev.backfill.jdbc;

import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Save;
import dev.backfill.TransactionalSink;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sets one column to one value in the rows of a range: one statement for each range, one transaction for each batch. */
final class RangeSink implements TransactionalSink<KeyRange> {

    private static final int MAX_SHOWN = 200;

    private final Table table;
    private final String column;
    private final @Nullable Object value;
    private final boolean fills;

    /**
     * @param fills whether only nulls are replaced
     */
    RangeSink(Table table, String column, @Nullable Object value, boolean fills) {
        this.table = table;
        this.column = column;
        this.value = value;
        this.fills = fills;
    }

    @Override
    public void write(Batch<KeyRange> batch) {
        doing(tx -> {
            set(tx, batch);
            return true;
        });
    }

    @Override
    public boolean joins(Checkpoint checkpoint) {
        return checkpoint == table.db().checkpoint();
    }

    @Override
    public void write(Batch<KeyRange> batch, Supplier<Save> save) {
        TableCheckpoint progress = table.db().tableCheckpoint();
        doing(tx -> {
            set(tx, batch);
            progress.store(tx, save.get());
            return true;
        });
    }

    private void doing(Db.Work<Boolean> work) {
        table.db().transaction("setting " + column + " in the table " + table.name(), work);
    }

    private void set(Tx tx, Batch<KeyRange> batch) throws SQLException {
        Map<String, Column> all = table.columns(tx);
        KeyOrder order = KeyOrder.of(table, all, List.of());
        Column set = table.find(all, column);
        Object cell = tx.dialect().bound(Encoder.constant(table.db().records(), column, value));
        for (int i = 0; i < batch.size(); i++) {
            tx.dialect().keep(tx);
            try {
                if (set(tx, order, set, cell, batch.get(i)) == 0) {
                    batch.unchanged(i);
                } else {
                    batch.updated(i);
                }
            } catch (SQLException e) {
                if (tx.dialect().kind(e) != Failures.Kind.DATA) {
                    throw e;
                }
                tx.dialect().undo(tx);
                batch.refused(i, Failures.words(e));
            }
        }
    }

    private int set(Tx tx, KeyOrder order, Column set, @Nullable Object cell, KeyRange range) throws SQLException {
        Dialect dialect = tx.dialect();
        List<@Nullable Object> arguments = new ArrayList<>();
        arguments.add(cell);
        List<String> conditions = new ArrayList<>();
        if (!range.after().isEmpty()) {
            conditions.add(order.condition(dialect, ">", range.after(), arguments));
        }
        conditions.add(order.condition(dialect, "<=", range.to(), arguments));
        if (fills) {
            conditions.add("t." + set.sql() + " IS NULL");
        } else {
            conditions.add(dialect.differ(set, "t." + set.sql(), dialect.placeholder(set)));
            arguments.add(cell);
        }
        return tx.update(
                "UPDATE " + table.name().sql() + " AS t SET " + set.sql() + " = " + dialect.placeholder(set) + " WHERE "
                        + String.join(" AND ", conditions),
                arguments.toArray());
    }

    /** One range is one transaction, so that its locks are not held for longer than need be. */
    @Override
    public int batchSize() {
        return 1;
    }

    @Override
    public String key(KeyRange range) {
        return range.after() + " to " + range.to();
    }

    @Override
    public String definition() {
        String shown = String.valueOf(value);
        return "table " + table.name() + (fills ? " fills " + column + " with " : " sets " + column + " to ")
                + (shown.length() <= MAX_SHOWN ? shown : shown.substring(0, MAX_SHOWN) + "…");
    }

    @Override
    public boolean orderFree() {
        return true;
    }

    @Override
    public String toString() {
        return definition();
    }
}

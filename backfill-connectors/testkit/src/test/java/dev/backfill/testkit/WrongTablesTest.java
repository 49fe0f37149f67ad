package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Save;
import dev.backfill.TransactionalSink;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Each check of the contract of sinks that commit rows and progress together catches something. */
class WrongTablesTest {

    record Row(String key, String value) {}

    /** A table as it should be, of which each mistake changes one thing. */
    private static class Right implements TransactionalSink<Row> {
        final Database.Table<Row> table;

        Right(Database.Table<Row> table) {
            this.table = table;
        }

        @Override
        public void write(Batch<Row> batch) throws Exception {
            table.write(batch);
        }

        @Override
        public boolean joins(Checkpoint checkpoint) {
            return table.joins(checkpoint);
        }

        @Override
        public void write(Batch<Row> batch, Supplier<Save> save) throws Exception {
            table.write(batch, save);
        }
    }

    private static final class Checked extends TransactionalSinkContract<Row> {
        private final Database database = new World(1).database();
        private final Database.Table<Row> table = database.table(Row::key);
        private final Function<Database.Table<Row>, TransactionalSink<Row>> making;

        Checked(Function<Database.Table<Row>, TransactionalSink<Row>> making) {
            this.making = making;
            table.poison(row -> row.value().equals("poison"));
        }

        @Override
        protected TransactionalSink<Row> sink() {
            return making.apply(table);
        }

        @Override
        protected Checkpoint checkpoint() {
            return database.checkpoint();
        }

        @Override
        protected Object content() {
            return table.rows();
        }

        @Override
        protected Row record(int number, int version) {
            return new Row("" + number, "row " + version);
        }

        @Override
        protected Row bad() {
            return new Row("bad", "poison");
        }
    }

    private static Supplier<Checked> of(Function<Database.Table<Row>, TransactionalSink<Row>> making) {
        return () -> new Checked(making);
    }

    private static Map<String, Supplier<?>> tables() {
        Map<String, Supplier<?>> wrong = new LinkedHashMap<>();
        wrong.put("joins every checkpoint", of(table -> new Right(table) {
            @Override
            public boolean joins(Checkpoint checkpoint) {
                return true;
            }
        }));
        wrong.put("commits rows without progress", of(table -> new Right(table) {
            @Override
            public void write(Batch<Row> batch, Supplier<Save> save) throws Exception {
                save.get();
                table.write(batch);
            }
        }));
        wrong.put("writes rows before their progress", of(table -> new Right(table) {
            @Override
            public void write(Batch<Row> batch, Supplier<Save> save) throws Exception {
                table.write(batch);
                table.write(batch, save);
            }
        }));
        wrong.put("asks twice what to save", of(table -> new Right(table) {
            @Override
            public void write(Batch<Row> batch, Supplier<Save> save) throws Exception {
                save.get();
                table.write(batch, save);
            }
        }));
        wrong.put("ignores failures", of(table -> new Right(table) {
            @Override
            public void write(Batch<Row> batch, Supplier<Save> save) throws Exception {
                table.write(batch, save);
                for (int i = 0; i < batch.size(); i++) {
                    if (batch.outcome(i) == Batch.Outcome.REFUSED) {
                        batch.unchanged(i);
                    }
                }
            }
        }));
        return wrong;
    }

    @Test
    void eachCheckOfATransactionalSinkCatchesSomething() throws Exception {
        assertThat(Checks.failures(of(Right::new))).isEmpty();
        List<String> checks = Checks.names(TransactionalSinkContract.class);
        checks.removeAll(Checks.names(SinkContract.class)); // see WrongSinksTest
        assertThat(Checks.caughtBy(tables())).containsAll(checks);
    }
}

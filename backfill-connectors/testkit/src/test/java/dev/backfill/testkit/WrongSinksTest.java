package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.RefusedException;
import dev.backfill.Sink;
import dev.backfill.TransientException;
import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Each check of the contract of sinks catches something. */
class WrongSinksTest {

    private static final String TOKEN = "S3CR3T/token";

    /** A row of the target. */
    record Row(String key, String value, int version) {}

    /** What a sink does with a table; the right one, of which each mistake changes one thing. */
    private static class Right implements Sink<Row> {
        final Map<String, List<Row>> table;

        Right(Map<String, List<Row>> table) {
            this.table = table;
        }

        @Override
        public void write(Batch<Row> batch) throws Exception {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i).key().equals("bad")) {
                    refuse(batch, i);
                } else {
                    put(batch, i, batch.get(i));
                }
            }
        }

        void refuse(Batch<Row> batch, int i) {
            batch.refused(i, "a bad key");
        }

        void put(Batch<Row> batch, int i, Row row) throws Exception {
            synchronized (table) {
                if (table.put(row.key(), List.of(row)) != null) {
                    batch.updated(i);
                }
            }
        }

        final void append(Row row) {
            synchronized (table) {
                table.computeIfAbsent(row.key(), key -> new ArrayList<>()).add(row);
            }
        }

        @Override
        public String key(Row row) {
            return row.key();
        }
    }

    /** Makes a sink over a table. */
    @FunctionalInterface
    private interface Making {
        Sink<Row> over(Map<String, List<Row>> table);
    }

    private static class Checked extends SinkContract<Row> {
        private final Map<String, List<Row>> table = new TreeMap<>();
        private final Making making;

        Checked(Making making) {
            this.making = making;
        }

        @Override
        protected Sink<Row> sink() {
            return making.over(table);
        }

        @Override
        protected Object content() {
            synchronized (table) {
                return table.toString();
            }
        }

        @Override
        protected Row record(int number, int version) {
            return new Row("" + number, "value " + version, version);
        }

        @Override
        protected Row bad() {
            return new Row("bad", "", 1);
        }

        @Override
        protected Row saying(int number, String text) {
            return new Row("" + number, text, 1);
        }

        @Override
        protected Sink<Row> broken() {
            return batch -> {
                throw new IOException("nobody listens");
            };
        }

        @Override
        protected List<String> secrets() {
            return List.of(TOKEN);
        }
    }

    private static Supplier<Checked> of(Making making) {
        return () -> new Checked(making);
    }

    private static Supplier<Checked> broken(Sink<Row> broken) {
        return () -> new Checked(Right::new) {
            @Override
            protected Sink<Row> broken() {
                return broken;
            }
        };
    }

    private static Map<String, Supplier<?>> sinks() {
        Map<String, Supplier<?>> wrong = new LinkedHashMap<>();
        wrong.put("appends", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) {
                append(row);
            }
        }));
        wrong.put("writes nothing", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) {}
        }));
        wrong.put("leaves out what is behind its size", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) throws Exception {
                if (i < 10) {
                    super.put(batch, i, row);
                }
            }

            @Override
            public int batchSize() {
                return 10;
            }
        }));
        wrong.put("keeps the first", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) throws Exception {
                synchronized (table) {
                    table.putIfAbsent(row.key(), List.of(row));
                }
            }
        }));
        wrong.put("says that the order is free", of(table -> new Right(table) {
            @Override
            public boolean orderFree() {
                return true;
            }
        }));
        wrong.put("says that the order is free, and appends", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) {
                append(row);
            }

            @Override
            public boolean orderFree() {
                return true;
            }
        }));
        wrong.put("counts empty batches", of(table -> new Right(table) {
            @Override
            public void write(Batch<Row> batch) throws Exception {
                super.write(batch);
                if (batch.isEmpty()) {
                    append(new Row("empty", "", 1));
                }
            }
        }));
        wrong.put("refuses what was there", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) throws Exception {
                super.put(batch, i, row);
                if (batch.outcome(i) == Batch.Outcome.UPDATED) {
                    batch.refused(i, "duplicate key");
                }
            }
        }));
        wrong.put("names records by their values", of(table -> new Right(table) {
            @Override
            public String key(Row row) {
                return row.toString();
            }
        }));
        wrong.put("is at home in one thread", () -> {
            Thread home = Thread.currentThread();
            return of(table -> new Right(table) {
                        @Override
                        void put(Batch<Row> batch, int i, Row row) throws Exception {
                            if (Thread.currentThread() == home) {
                                super.put(batch, i, row);
                            }
                        }
                    })
                    .get();
        });
        wrong.put("shows an end for each end", of(table -> new Right(table) {
            @Override
            public void end(String partition, boolean open) {
                append(new Row("end", "", 1));
            }
        }));
        wrong.put("writes in a dry run", of(table -> new Right(table) {
            @Override
            public Sink<Row> dryRun() {
                return this;
            }
        }));
        wrong.put("writes the machine's zone", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) throws Exception {
                super.put(batch, i, new Row(row.key(), row.value() + ZoneId.systemDefault(), 1));
            }
        }));
        wrong.put("writes the machine's digits", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) throws Exception {
                super.put(batch, i, new Row(row.key(), row.value() + "%d".formatted(1), 1));
            }
        }));
        wrong.put("swallows an interrupt", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) throws Exception {
                Thread.interrupted();
                super.put(batch, i, row);
            }
        }));
        wrong.put("is another in each process", of(table -> new Right(table) {
            @Override
            public String definition() {
                return "sink " + System.identityHashCode(this);
            }
        }));
        wrong.put("ignores failures", of(table -> new Right(table) {
            @Override
            void refuse(Batch<Row> batch, int i) {}
        }));
        wrong.put("refuses the batch with the bad record, and the good ones after it", of(table -> new Right(table) {
            private boolean refused;

            @Override
            public void write(Batch<Row> batch) throws Exception {
                refused |= batch.stream().anyMatch(row -> row.key().equals("bad"));
                if (refused) {
                    throw new RefusedException("some record is bad");
                }
                super.write(batch);
            }
        }));
        wrong.put("cuts texts", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) throws Exception {
                super.put(
                        batch,
                        i,
                        new Row(row.key(), row.value().split("\u0000", 2)[0].strip(), 1));
            }
        }));
        wrong.put("lets texts do things", of(table -> new Right(table) {
            @Override
            void put(Batch<Row> batch, int i, Row row) throws Exception {
                if (row.value().contains("DROP TABLE")) {
                    table.remove("1");
                }
                super.put(batch, i, row);
            }
        }));
        wrong.put("cannot be told of a beginning", of(table -> new Right(table) {
            @Override
            public void end(String partition, boolean open) {
                table.remove("1");
            }

            @Override
            public void begin(String partition, Cursor from) {
                append(new Row("begin", "", 1));
            }
        }));
        wrong.put("swallows errors", broken(batch -> {}));
        wrong.put("gives up at once", broken(batch -> {
            throw new IllegalStateException("nobody listens");
        }));
        wrong.put("tells its token when it fails", broken(batch -> {
            throw new TransientException("no answer to POST /?key=S3CR3T%2Ftoken");
        }));
        wrong.put("tells its token", of(table -> new Right(table) {
            @Override
            public String toString() {
                return "sink with " + TOKEN;
            }
        }));
        return wrong;
    }

    @Test
    void eachCheckOfASinkCatchesSomething() throws Exception {
        assertThat(Checks.failures(of(Right::new))).isEmpty();
        assertThat(Checks.caughtBy(sinks())).containsAll(Checks.names(SinkContract.class));
    }
}

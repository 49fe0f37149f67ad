package dev.backfill.testkit;

import dev.backfill.Checkpoint;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.TransactionalSink;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The parts of the core keep their own contracts. */
class BuiltInContractsTest {

    @Nested
    class Memory extends CheckpointContract {
        private final Checkpoint memory = new MemoryCheckpoint();

        @Override
        protected Checkpoint open() {
            return memory;
        }
    }

    @Nested
    class Files extends CheckpointContract {
        @TempDir
        Path folder;

        @Override
        protected Checkpoint open() {
            return FileCheckpoint.in(folder.resolve("progress"));
        }
    }

    @Nested
    class Slots extends LimiterContract {
        @Override
        protected RateLimiter limiter(List<RateLimiter.Limit> limits) {
            return RateLimiter.of(limits.toArray(RateLimiter.Limit[]::new));
        }
    }

    @Nested
    class KeptSlots extends LimiterContract {
        @Override
        protected RateLimiter limiter(List<RateLimiter.Limit> limits) {
            return RateLimiter.of(limits.toArray(RateLimiter.Limit[]::new)).keptIn(Path.of("/limits"), "account");
        }
    }

    @Nested
    class Numbers extends SourceContract<Integer> {
        @Override
        protected Source<Integer> source() {
            return Pipeline.numbers(1, 95, 10);
        }

        @Override
        protected List<Integer> expected() {
            return IntStream.rangeClosed(1, 95).boxed().toList();
        }
    }

    /** The kit's own database, which the sweep relies on. */
    @Nested
    class Tables extends TransactionalSinkContract<Pipeline.Row> {
        private final Database database = new World(1).database();
        private final Database.Table<Pipeline.Row> table = database.table(Pipeline.Row::key);

        @Override
        protected TransactionalSink<Pipeline.Row> sink() {
            return table;
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
        protected Pipeline.Row record(int number) {
            return Pipeline.row(number);
        }

        @Override
        protected Pipeline.Row changed(int number) {
            return new Pipeline.Row(record(number).key(), "changed");
        }
    }
}

package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.TransactionalSink;
import dev.backfill.Windows;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.List;
import java.util.Locale;
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

    /** Months of time, with a source for each. */
    @Nested
    class Months extends PartitionedContract<Integer> {
        @Override
        protected Partitioned<Integer> source() {
            return Windows.months(YearMonth.of(2020, 11), YearMonth.of(2021, 3))
                    .each(month -> Pipeline.numbers(first(month), first(month) + 24, 10));
        }

        private static int first(Windows.Window month) {
            return month.from().getYear() * 10_000 + month.from().getMonthValue() * 100;
        }

        @Override
        protected List<Integer> expected() {
            return Windows.months(YearMonth.of(2020, 11), YearMonth.of(2021, 3)).list().stream()
                    .flatMap(month -> IntStream.rangeClosed(first(month), first(month) + 24)
                            .boxed())
                    .toList();
        }
    }

    record Entry(String key) {}

    /** A pipeline of three months side by side, with its rows and progress in one database. */
    @Nested
    class MonthsIntoATable extends PipelineContract {
        @Override
        protected Pipeline pipeline(World world) {
            Database database = world.database();
            Database.Table<Entry> table = database.table(Entry::key);
            Months months = new Months();
            return new Pipeline(
                    () -> Backfill.named("months")
                            .from(world.partitioned(months.source()))
                            .map(number -> new Entry("" + number))
                            .into(table)
                            .batch(10)
                            .parallel(3)
                            .checkpoint(database.checkpoint()),
                    table::rows);
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
        protected Pipeline.Row record(int number, int version) {
            return new Pipeline.Row(String.format(Locale.ROOT, "%04d", number), "row " + number + "." + version);
        }

        @Override
        protected Pipeline.Row bad() {
            table.poison(row -> row.value().equals("poison"));
            return new Pipeline.Row("0100", "poison");
        }
    }
}

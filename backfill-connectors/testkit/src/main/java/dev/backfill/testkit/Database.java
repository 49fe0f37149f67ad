package dev.backfill.testkit;

import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.RefusedException;
import dev.backfill.Save;
import dev.backfill.TransactionalSink;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A database in a world: tables whose rows are committed together with the progress that is kept in it. */
public final class Database {

    private final World world;
    private @Nullable Claim claim;
    private final Checkpoint memory;
    private final Checkpoint place;

    Database(World world) {
        this.world = world;
        this.memory = World.outside(MemoryCheckpoint::new);
        this.place = world.checkpoint(this::claim);
    }

    private Claim claim(String job, Duration wait) throws Exception {
        Claim taken = memory.claim(job, wait);
        claim = taken;
        return taken;
    }

    /** Where this database keeps progress. */
    public Checkpoint checkpoint() {
        return place;
    }

    /** An empty table with rows by key. */
    public <T> Table<T> table(Function<T, String> key) {
        return new Table<>(key);
    }

    /**
     * Rows by key, which also counts how often each was written.
     *
     * @param <T> the type of the rows
     */
    public final class Table<T> implements TransactionalSink<T> {

        private final Function<T, String> key;
        private final Map<String, T> rows = new ConcurrentSkipListMap<>();
        private Predicate<T> poisoned = row -> false;

        private Table(Function<T, String> key) {
            this.key = key;
        }

        /** Lets the table refuse every batch that holds a row like this. */
        public void poison(Predicate<T> rowsToRefuse) {
            poisoned = rowsToRefuse;
        }

        /** The rows, by key. */
        public Map<String, T> rows() {
            return Map.copyOf(rows);
        }

        @Override
        public void write(Batch<T> batch) throws IOException {
            refuse(batch);
            world.io(
                    "write " + batch.size() + " records",
                    () -> put(batch, batch.size()),
                    () -> put(batch, batch.size() / 2));
        }

        private void refuse(Batch<T> batch) {
            if (batch.stream().anyMatch(poisoned)) {
                throw new RefusedException("the table refuses a row");
            }
        }

        private void put(Batch<T> batch, int records) {
            for (int i = 0; i < records; i++) {
                T before = rows.put(key.apply(batch.get(i)), batch.get(i));
                if (before != null) {
                    batch.updated(i);
                }
            }
            world.written(records);
        }

        @Override
        public boolean joins(Checkpoint checkpoint) {
            return checkpoint == place;
        }

        @Override
        public void write(Batch<T> batch, Supplier<Save> save) throws Exception {
            for (int i = 0; i < batch.size(); i++) {
                if (poisoned.test(batch.get(i))) {
                    batch.refused(i, "the table refuses a row");
                } else if (rows.containsKey(key.apply(batch.get(i)))) {
                    batch.updated(i);
                }
            }
            Save saved = save.get();
            world.io("commit " + batch.size() + " records", () -> commit(batch, saved));
        }

        private void commit(Batch<T> batch, Save save) throws IOException {
            Claim held = claim;
            if (held == null) {
                throw new IllegalStateException("nobody has claimed this database");
            }
            if (save.bookmarks().stream().anyMatch(bookmark -> bookmark.run() != held.run())) {
                throw new BackfillException.Lost("run " + held.run() + " has taken the job over");
            }
            try {
                held.save(save);
            } catch (RuntimeException | IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
            int written = 0;
            for (int i = 0; i < batch.size(); i++) {
                if (batch.outcome(i) != Batch.Outcome.REFUSED) {
                    rows.put(key.apply(batch.get(i)), batch.get(i));
                    written++;
                }
            }
            world.written(written);
        }

        @Override
        public String key(T row) {
            return key.apply(row);
        }
    }
}

package dev.backfill.examples;

import dev.backfill.Checkpoint;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.jdbc.Db;

/** The place where progress is kept, as the options and the environment name it. */
record Checkpoints(Checkpoint checkpoint, Runnable closing) implements AutoCloseable {

    static Checkpoints of(JobOptions options, Environment environment, Db db) {
        JobOptions.Place place = options.checkpoint == null ? JobOptions.Place.FILE : options.checkpoint;
        return switch (place) {
            case DATABASE -> new Checkpoints(db.checkpoint(), () -> {});
            case FILE -> new Checkpoints(FileCheckpoint.in(options.home.resolve("progress")), () -> {});
        };
    }

    @Override
    public void close() {
        closing.run();
    }
}

package dev.backfill.examples;

import dev.backfill.Checkpoint;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.jdbc.Db;
import dev.backfill.mongodb.Mongo;
import java.util.function.Supplier;

/** The place where progress is kept, as the options and the environment name it. */
record Checkpoints(Checkpoint checkpoint, Runnable closing) implements AutoCloseable {

    private static final String DATABASE = "backfill";
    private static final String COLLECTION = "backfill_progress";

    /** @param standard when no option says */
    static Checkpoints of(JobOptions options, Environment environment, Db db, JobOptions.Place standard) {
        return of(options, environment, db::checkpoint, standard);
    }

    /** The same for rows that go to a place that cannot keep progress. */
    static Checkpoints of(JobOptions options, Environment environment) {
        Supplier<Checkpoint> none = () -> {
            throw new Exit.Wrong("--checkpoint database: the REST API cannot keep progress; say file or mongodb");
        };
        return of(options, environment, none, JobOptions.Place.FILE);
    }

    private static Checkpoints of(
            JobOptions options, Environment environment, Supplier<Checkpoint> database, JobOptions.Place standard) {
        return switch (options.checkpoint == null ? standard : options.checkpoint) {
            case DATABASE -> new Checkpoints(database.get(), () -> {});
            case FILE -> new Checkpoints(FileCheckpoint.in(options.home.resolve("progress")), () -> {});
            case MONGODB -> mongodb(environment);
        };
    }

    private static Checkpoints mongodb(Environment environment) {
        String collection = environment.value("MONGO_CHECKPOINT_COLLECTION").orElse(COLLECTION);
        String name = environment.value("MONGO_DB_NAME").orElse(DATABASE);
        try {
            Mongo mongo = Mongo.connect(environment.secret("MONGO_URI"));
            return new Checkpoints(mongo.checkpoint(name, collection), mongo::close);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
    }

    @Override
    public void close() {
        closing.run();
    }
}

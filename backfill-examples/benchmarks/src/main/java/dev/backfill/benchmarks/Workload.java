package dev.backfill.benchmarks;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;

/** Some work, what must be there before it is done, and whether it was done. */
interface Workload extends AutoCloseable {

    /** Under which its contenders are known. */
    String kind();

    /** For files, such as {@code w1-20ms}. */
    String name();

    String title();

    /** What one record is called, as in "items". */
    String unit();

    /** How many of them there are; known when it has been prepared. */
    long records();

    /** In its own unit, for the contenders. */
    int size();

    /** Makes all that stays as it is while the contenders run. */
    void prepare(Postgres postgres) throws Exception;

    Optional<StandIn> standIn();

    /** Makes everything as it was before anybody ran. */
    void reset(Postgres postgres) throws SQLException;

    /** A query that has an answer as soon as something is committed; cheap. Empty if nobody is to ask. */
    Optional<String> begun();

    /** How many records are a batch, if its cost is what matters, and not that of starting a process; 0 otherwise. */
    default int batch() {
        return 0;
    }

    /** What is compared of a run. */
    default double seconds(Run run) {
        return batch() > 0 ? run.inside() : run.wall();
    }

    /** What is wrong with the result; empty if it is right. */
    Optional<String> wrong(Postgres postgres) throws Exception;

    /** How many calls the stand-in has been asked since it started. */
    default long calls() throws IOException, InterruptedException {
        return 0;
    }

    @Override
    default void close() {
        standIn().ifPresent(StandIn::close);
    }
}

package dev.backfill;

import java.time.Duration;

/** The place where progress is kept: a folder, a table, a collection. It serves any number of jobs. */
@FunctionalInterface
public interface Checkpoint {

    /**
     * Takes the progress of one job for this runner alone, until the claim is closed or its holder is dead.
     *
     * <p>Blocks for as long as another runner holds the job, but no longer than {@code wait}. A holder that is dead is taken over
     * without a person.
     *
     * @param job the job's name
     * @param wait how long to wait for another runner; zero to be told at once
     * @throws BackfillException.Held if another runner still holds the job
     * @throws BackfillException.Damaged if there is progress that cannot be believed; it is never taken for empty
     */
    Claim claim(String job, Duration wait) throws Exception;
}

package dev.backfill;

import java.util.Objects;

/**
 * The place a job has reached in one partition; this is what a checkpoint keeps.
 *
 * @param job the job's name
 * @param phase the phase's name
 * @param partition the partition's name
 * @param run the number of the run that saved it
 * @param cursor the next page is read from here: everything before it is safely in the sink or the dead letters
 * @param done whether the partition has been read to its end
 * @param counts what became of the records so far; a record that is written again after a crash is not counted twice
 */
public record Bookmark(
        String job, String phase, String partition, long run, Cursor cursor, boolean done, Counts counts) {

    /** Checks that nothing is missing. */
    public Bookmark {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(partition, "partition");
        Objects.requireNonNull(cursor, "cursor");
        Objects.requireNonNull(counts, "counts");
        if (run < 1) {
            throw new IllegalArgumentException("a run number begins at 1, not " + run);
        }
    }
}

package dev.backfill;

import java.time.Duration;

/**
 * Something that happened in a run, for logs, metrics and tests.
 *
 * <p>Given to the listeners of {@link Backfill#listen} by the thread to which it happened, one event at a time for a partition and
 * several at once for several partitions.
 */
public sealed interface Event {

    /** A phase begins. */
    record PhaseBegun(String phase, int partitions, Paging paging) implements Event {}

    /** All partitions of a phase are done. */
    record PhaseDone(String phase) implements Event {}

    /** A page was read. */
    record PageRead(String phase, String partition, Cursor from, int records, Duration took) implements Event {}

    /** A batch was written. */
    record BatchWritten(String phase, String partition, int records, Duration took) implements Event {}

    /** A bookmark was saved. */
    record Saved(Bookmark bookmark) implements Event {}

    /** A partition was read to its end. */
    record PartitionDone(String phase, String partition, Counts counts) implements Event {}

    /** A partition was given up for this run; the others go on. */
    record PartitionFailed(String phase, String partition, String reason) implements Event {}

    /** A call failed and will be made again. */
    record Retrying(String phase, String partition, String doing, int attempt, Duration in, String reason)
            implements Event {}

    /** A batch was refused and is written in halves. */
    record Halved(String phase, String partition, int records, String reason) implements Event {}

    /** A record was kept as a dead letter. */
    record Died(DeadLetter letter) implements Event {}

    /** The source no longer took its cursor: the partition is read from its start again. */
    record CursorExpired(String phase, String partition, Cursor cursor) implements Event {}

    /** Something that a person should know. */
    record Noted(String note) implements Event {}
}

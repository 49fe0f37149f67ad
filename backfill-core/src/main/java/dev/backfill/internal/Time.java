package dev.backfill.internal;

import java.time.Instant;

/** Clocks, waiting and chance. */
public interface Time {

    /** A clock that only goes forward, in nanoseconds from anywhere; compare by difference. */
    long nanos();

    /** The wall clock, which may jump. */
    Instant now();

    /** Waits that long at least. */
    void sleep(long nanos) throws InterruptedException;

    /** A number from 0 (included) to 1 (excluded). */
    double random();
}

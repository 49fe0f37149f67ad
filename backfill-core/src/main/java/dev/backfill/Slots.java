package dev.backfill;

import java.time.Duration;

/** The slots of one limit. Guarded by the limiter. */
final class Slots {

    /**
     * A slot rests a little longer than the window: the other side counts whole milliseconds on a clock of its own, which may run
     * some millionths faster than this one.
     */
    private static final long REST = Duration.ofMillis(2).toNanos();

    private final int calls;
    private final long per;
    /** When resting slots are free again, in this order; a ring. */
    private final long[] resting;

    private int first;
    private int size;
    private int inFlight;

    Slots(RateLimiter.Limit limit) {
        this.calls = limit.calls();
        this.per = limit.per().toNanos() + REST + limit.per().toNanos() / 100_000;
        this.resting = new long[calls];
    }

    /** How long until a slot is free: 0 for now, {@link Long#MAX_VALUE} for not before a call ends. */
    long waitAt(long now) {
        while (size > 0 && resting[first] - now <= 0) {
            first = (first + 1) % calls;
            size--;
        }
        if (inFlight + size < calls) {
            return 0;
        }
        return size > 0 ? resting[first] - now : Long.MAX_VALUE;
    }

    /** How many slots are free. */
    int free(long now) {
        return waitAt(now) > 0 ? 0 : calls - inFlight - size;
    }

    /**
     * The other side had so many calls left when it counted one of ours. What was free here all the time since that one began, and
     * is not there, others have used: just now, as far as can be told.
     */
    void left(long theirs, int freeAtBegin, long now) {
        for (long others = Math.min(freeAtBegin, free(now)) - theirs; others > 0; others--) {
            rest(now + per);
        }
    }

    void take() {
        inFlight++;
    }

    void end(boolean sent, long now) {
        inFlight--;
        if (sent) {
            rest(now + per);
        }
    }

    /** Counts a call of an earlier process that was seen no later than this. */
    void charge(long at, long now) {
        if (at + per - now > 0) {
            if (size == calls) { // more than a window's worth: the latest count
                first = (first + 1) % calls;
                size--;
            }
            rest(at + per);
        }
    }

    /** All slots come free one by one over a window, as if the allowance had been spent evenly. */
    void pace(long now) {
        first = 0;
        size = 0;
        for (int i = inFlight; i < calls; i++) {
            rest(now + (long) ((double) per * (i + 1) / calls));
        }
    }

    private void rest(long until) {
        resting[(first + size) % calls] = until;
        size++;
    }
}

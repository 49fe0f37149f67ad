package dev.backfill;

import java.time.Duration;

/**
 * How many partitions are worked on side by side: the decisions, without any I/O and without waiting. Guarded by the phase's gate.
 *
 * <p>It is doubled while that lets nearly twice as much through, as where each partition waits for answers most of the time, and stays
 * where the gain ends. When the other side suffers, it is halved; after a while more is tried again.
 */
final class Width {

    /** More threads and connections than this nobody expects who has not asked for them. */
    private static final int MOST = 32;

    /** What the pages and batches of one partition may take of the memory. */
    private static final long MEMORY = 16L << 20;

    private static final long LOOK = Duration.ofMillis(200).toNanos();
    private static final long REST = Duration.ofSeconds(30).toNanos();

    /** 0 if it stays as it is. */
    private final int most;

    private int now;

    /** What the width before let through, in records a second; 0 if nothing is to be compared. */
    private double before;

    private boolean resting;
    private long since = -1;
    private long records;
    private int saves;

    private Width(int first, int most) {
        this.now = first;
        this.most = most;
    }

    /** One that stays as it is. */
    static Width of(int partitions) {
        return new Width(partitions, 0);
    }

    /**
     * One that finds out by itself, beginning with one partition after the other.
     *
     * @param memory that the process may use, in bytes
     */
    static Width automatic(long memory) {
        return new Width(1, (int) Math.max(1, Math.min(MOST, memory / MEMORY)));
    }

    int now() {
        return now;
    }

    /** So many records of a partition are safe now. Whether the width is another one now. */
    boolean saved(long more, long time) {
        if (most == 0) {
            return false;
        }
        if (since < 0) { // what came before the first save was preparation
            since = time;
            return false;
        }
        records += more;
        saves++;
        if (time - since < (resting ? REST : LOOK) || saves < 2 * now) {
            return false;
        }
        double rate = records * 1e9 / (time - since);
        int width = now;
        if (resting) {
            resting = false;
            before = rate;
            now = Math.min(most, 2 * now);
        } else if (before == 0 || rate > 1.5 * before) {
            before = rate;
            now = Math.min(most, 2 * now);
            resting = now == width;
        } else {
            now = rate > 1.1 * before ? now : Math.max(1, now / 2);
            resting = true;
        }
        begin(time);
        return now != width;
    }

    /** A call has failed that may succeed later. Whether the width is another one now. */
    boolean suffered(long time) {
        if (most == 0 || (resting && time - since < LOOK)) { // the calls that were in flight fail together
            return false;
        }
        int width = now;
        now = Math.max(1, now / 2);
        resting = true;
        begin(time);
        return now != width;
    }

    private void begin(long time) {
        since = time;
        records = 0;
        saves = 0;
    }
}

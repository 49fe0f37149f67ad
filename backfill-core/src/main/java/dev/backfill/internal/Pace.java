package dev.backfill.internal;

import java.util.concurrent.atomic.AtomicInteger;

/** How many records the other side bears at once: half after it were too many, and then slowly more again. Safe for several threads. */
public final class Pace {

    private final int most;
    private final AtomicInteger now;

    /** Begins with the most. */
    public Pace(int most) {
        this.most = most;
        this.now = new AtomicInteger(most);
    }

    /** As many as may be sent next, at least 1. */
    public int records() {
        return now.get();
    }

    /** So many went well. */
    public void well(int records) {
        now.updateAndGet(size -> records < size ? size : Math.min(most, size + Math.max(1, size / 50)));
    }

    /** So many were too many, or took too long. */
    public void tooMuch(int records) {
        now.updateAndGet(size -> Math.max(1, Math.min(size, records / 2)));
    }
}

package dev.backfill;

import dev.backfill.internal.Tasks;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many partitions are worked on side by side: the decisions, without waiting. Guarded by the phase's gate.
 *
 * <p>It is doubled while that lets nearly twice as much through, as where each partition waits for answers most of the time, and stays
 * where the gain ends, and as long as the processors are taken: more threads would only take them from the compilers of a process that has
 * just started. Then fewer and more are tried now and again: such a process gets faster by itself, which passes for a gain, and the other
 * side is not always the same. When that side suffers, the width is halved.
 */
final class Width {

    /** More threads and connections than this nobody expects who has not asked for them. */
    private static final int MOST = 32;

    /** As many as no server minds, of which one can read while the other writes; fewer only where calls fail. */
    private static final int FEW = 2;

    /** What the pages and batches of one partition may take of the memory. */
    private static final long MEMORY = 16L << 20;

    private static final long LOOK = Duration.ofMillis(200).toNanos();
    private static final long FIRST_REST = Duration.ofSeconds(4).toNanos();
    private static final long REST = Duration.ofSeconds(30).toNanos();

    private enum Trying {
        /** Twice as many as before. */
        MORE,
        /** Half as many as before. */
        FEWER,
        /** Nothing. */
        NOTHING
    }

    /** 0 if it stays as it is. */
    private final int most;

    private final Tasks.Load load;

    private int now;
    private Trying trying = Trying.MORE;

    /** What is compared with, in records a second; 0 if there is nothing as yet. */
    private double before;

    /** Since when it would have tried more if the processors had not been taken. */
    private @Nullable Long heldSince;

    private long rest = FIRST_REST;
    private boolean begun;
    private long since;
    private long records;
    private int saves;

    private Width(int first, int most, Tasks.Load load) {
        this.now = first;
        this.most = most;
        this.load = load;
    }

    /** One that stays as it is. */
    static Width of(int partitions) {
        return new Width(partitions, 0, () -> false);
    }

    /**
     * One that finds out by itself, beginning with one, in which may show what is wrong with all, and going on with a few.
     *
     * @param memory that the process may use, in bytes
     * @param load asked five times a second at most
     */
    static Width automatic(long memory, Tasks.Load load) {
        return new Width(1, (int) Math.max(1, Math.min(MOST, memory / MEMORY)), load);
    }

    int now() {
        return now;
    }

    /** So many records of a partition are safe now. Whether the width is another one now. */
    boolean saved(long more, long time) {
        if (most == 0) {
            return false;
        }
        if (!begun) { // what came before the first save was preparation
            begin(time);
            now = Math.min(FEW, most);
            return now > 1;
        }
        records += more;
        saves++;
        if (time - since < (trying == Trying.NOTHING ? rest : LOOK) || saves < 2 * now) {
            return false;
        }
        int width = now;
        decide(records * 1e9 / (time - since), load.isFull(), time);
        begin(time);
        return now != width;
    }

    private void decide(double rate, boolean full, long time) {
        switch (trying) {
            case NOTHING -> {
                rest = Math.min(REST, 2 * rest);
                before = rate;
                if (now > FEW) {
                    now = half();
                    trying = Trying.FEWER;
                } else {
                    more(full, time);
                }
            }
            case FEWER -> {
                if (rate < 0.95 * before) {
                    now = Math.min(most, 2 * now);
                    more(full, time);
                } else if (now > FEW) {
                    now = half();
                } else {
                    trying = Trying.NOTHING;
                }
            }
            case MORE -> {
                if (before == 0 || rate > 1.5 * before) {
                    before = rate;
                    more(full, time);
                } else {
                    now = rate > 1.1 * before ? now : half();
                    trying = Trying.NOTHING;
                }
            }
        }
    }

    /** Rounded up, so that three become two. */
    private int half() {
        return (now + 1) / 2;
    }

    /** A machine that is always busy must not keep it for ever from trying more, nor from the few with which it began. */
    private void more(boolean full, long time) {
        trying = now < most ? Trying.MORE : Trying.NOTHING;
        if (full && now >= FEW && (heldSince == null || time - heldSince < REST)) {
            heldSince = heldSince == null ? (Long) time : heldSince;
            before = 0; // and looked at again soon
        } else {
            heldSince = null;
            now = Math.min(most, 2 * now);
        }
    }

    /** A call has failed that may succeed later. Whether the width is another one now. */
    boolean suffered(long time) {
        if (most == 0
                || (trying == Trying.NOTHING && time - since < LOOK)) { // the calls that were in flight fail together
            return false;
        }
        int width = now;
        now = Math.max(1, now / 2);
        trying = Trying.NOTHING;
        rest = REST;
        heldSince = null;
        begin(time);
        return now != width;
    }

    private void begin(long time) {
        begun = true;
        since = time;
        records = 0;
        saves = 0;
    }
}

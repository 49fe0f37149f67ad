package dev.backfill;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A limiter that never lets more calls through than allowed, in any stretch of time, as the other side counts them.
 *
 * <p>A limit of n calls is n slots. A call takes a slot before it is sent and the slot is free again a window's length after its
 * answer was seen. The other side has counted the call somewhere between the two, so it sees each slot once in any window,
 * whatever the latency, the number of threads or a pause of this process. Waiting callers are served in the order in which they came.
 */
public final class SlotLimiter implements RateLimiter, AutoCloseable {

    private final List<Limit> limits;
    private final Ports ports;
    private final Tasks.Gate gate;
    private final List<Slots> windows;
    private final @Nullable Spend spend;

    // guarded by the gate
    private final Deque<Object> queue = new ArrayDeque<>();
    private long quietUntil;
    private boolean quiet;
    private long leftUntil;
    private long left = Long.MAX_VALUE;
    private int inFlight;
    private long calls;
    private long firstCall;
    private long heldNanos;
    private boolean spendKnown;
    private boolean closed;

    private SlotLimiter(List<Limit> limits, @Nullable Path folder, String account) {
        if (limits.isEmpty()) {
            throw new IllegalArgumentException("a rate limiter needs at least one limit, such as 7500/5m");
        }
        this.limits = List.copyOf(limits);
        this.ports = Ports.current();
        this.gate = ports.tasks().gate();
        this.windows = this.limits.stream().map(Slots::new).toList();
        this.spend = folder == null ? null : Spend.open(ports, folder, account, this.limits);
        if (spend != null) {
            long now = ports.time().nanos();
            spendKnown = spend.restore(now, windows);
            if (spend.damaged()) {
                windows.forEach(window -> window.pace(now));
                spendKnown = true;
            }
        }
    }

    static SlotLimiter of(List<Limit> limits) {
        return new SlotLimiter(limits, null, "");
    }

    /** This limiter with one limit more; as yet unused. */
    public SlotLimiter and(int calls, Duration per) {
        List<Limit> more = new ArrayList<>(limits);
        more.add(new Limit(calls, per));
        return of(more);
    }

    /**
     * This limiter with a part of every limit only, so that the rest is left for other users of the same credential; as yet unused.
     *
     * @param part above 0, up to 1
     */
    public SlotLimiter share(double part) {
        if (!(part > 0 && part <= 1)) {
            throw new IllegalArgumentException("a share is above 0 and at most 1, not " + part);
        }
        return of(limits.stream()
                .map(limit -> new Limit(Math.max(1, (int) (limit.calls() * part)), limit.per()))
                .toList());
    }

    /**
     * This limiter remembering in a file what it has spent, so that a process which is killed and started again keeps the limit too.
     * Permits are written down some at a time before they are used. The file is held for this process alone until {@link #close}.
     *
     * @param folder where the file is; made if absent
     * @param account what the other side counts together: the address and the credential's {@linkplain Secret#fingerprint
     *     fingerprint}
     * @throws BackfillException.Held if another process, or another limiter of this one, spends from the same account
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public SlotLimiter keptIn(Path folder, String account) {
        return new SlotLimiter(limits, folder, account);
    }

    /** The limits that are kept, all at once. */
    public List<Limit> limits() {
        return limits;
    }

    @Override
    public Call acquire() throws InterruptedException {
        Object ticket = new Object();
        gate.lock();
        try {
            queue.add(ticket);
            try {
                long begin = ports.time().nanos();
                long now = begin;
                while (queue.peek() != ticket || waitAt(now) > 0) {
                    gate.await(queue.peek() == ticket ? waitAt(now) : Long.MAX_VALUE);
                    now = ports.time().nanos();
                }
                heldNanos += now - begin;
                return start(now);
            } finally {
                queue.remove(ticket);
                gate.changed();
            }
        } finally {
            gate.unlock();
        }
    }

    private long waitAt(long now) {
        long wait = 0;
        if (quiet) {
            wait = quietUntil - now;
            quiet = wait > 0;
        }
        if (left != Long.MAX_VALUE && leftUntil - now <= 0) {
            left = Long.MAX_VALUE;
        }
        if (left <= 0) {
            wait = Math.max(wait, leftUntil - now);
        }
        for (Slots window : windows) {
            wait = Math.max(wait, window.waitAt(now));
        }
        return wait;
    }

    private Call start(long now) {
        if (closed) {
            throw new IllegalStateException("the limiter is closed, and its file may be another's by now");
        }
        if (spend != null) {
            spend.use();
        }
        windows.forEach(Slots::take);
        if (left != Long.MAX_VALUE) {
            left--;
        }
        if (calls++ == 0) {
            firstCall = now;
        }
        inFlight++;
        int[] free = windows.stream().mapToInt(window -> window.free(now)).toArray();
        return new Call() {
            private boolean open = true;

            @Override
            public void left(Limit limit, long theirs) {
                gate.lock();
                try {
                    for (int i = 0; i < free.length; i++) {
                        Limit ours = limits.get(i);
                        // a smaller limit of theirs is another one, or none that this limiter could keep
                        if (open && ours.per().equals(limit.per()) && limit.calls() >= ours.calls()) {
                            windows.get(i).left(theirs, free[i], ports.time().nanos());
                        }
                    }
                } finally {
                    gate.unlock();
                }
            }

            @Override
            public void close() {
                end(true);
            }

            @Override
            public void unsent() {
                end(false);
            }

            private void end(boolean sent) {
                gate.lock();
                try {
                    if (open) {
                        open = false;
                        ended(sent);
                    }
                } finally {
                    gate.unlock();
                }
            }
        };
    }

    private void ended(boolean sent) {
        long now = ports.time().nanos();
        inFlight--;
        if (!sent) {
            calls--;
        }
        windows.forEach(window -> window.end(sent, now));
        if (spend != null && !closed) {
            spend.ended();
        }
        gate.changed();
    }

    @Override
    public void quiet(Duration length) {
        gate.lock();
        try {
            long until = ports.time().nanos() + length.toNanos();
            if (!quiet || until - quietUntil > 0) {
                quietUntil = until;
                quiet = true;
            }
            gate.changed();
        } finally {
            gate.unlock();
        }
    }

    @Override
    public void remaining(long remaining, Duration until) {
        gate.lock();
        try {
            long now = ports.time().nanos();
            long usable = Math.max(0, remaining - inFlight); // those on their way may not have been counted yet
            boolean samePeriod = left != Long.MAX_VALUE && leftUntil - now > 0;
            left = samePeriod ? Math.min(left, usable) : usable;
            leftUntil = now + until.toNanos();
            gate.changed();
        } finally {
            gate.unlock();
        }
    }

    @Override
    public void resumed() {
        gate.lock();
        try {
            if (calls == 0 && !spendKnown) {
                spendKnown = true;
                long now = ports.time().nanos();
                windows.forEach(window -> window.pace(now));
            }
        } finally {
            gate.unlock();
        }
    }

    @Override
    public Usage usage() {
        gate.lock();
        try {
            double share = 0;
            if (calls > 0) {
                double elapsed = ports.time().nanos() - firstCall;
                for (Limit limit : limits) {
                    double windowsSoFar = Math.max(1, elapsed / limit.per().toNanos());
                    share = Math.max(share, calls / (limit.calls() * windowsSoFar));
                }
            }
            return new Usage(calls, Math.min(1, share), Duration.ofNanos(heldNanos), queue.size());
        } finally {
            gate.unlock();
        }
    }

    /** Gives the file of {@link #keptIn} free; without one, does nothing. */
    @Override
    public void close() {
        gate.lock();
        try {
            if (spend != null && !closed) {
                closed = true;
                spend.close();
            }
        } finally {
            gate.unlock();
        }
    }

    @Override
    public String toString() {
        return limits.toString();
    }
}

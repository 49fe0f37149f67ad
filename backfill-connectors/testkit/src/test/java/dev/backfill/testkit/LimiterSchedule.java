package dev.backfill.testkit;

import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.SlotLimiter;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;

/**
 * Calls under a limiter in virtual time, drawn from one seed, without any thread: while somebody waits for a permit, the clock runs and the
 * answers to earlier calls come. So it takes microseconds.
 *
 * <p>Timers fire early or late, callers give up, calls are never sent, the other side asks for quiet, the wall clock jumps, and the clock that
 * only goes forward begins anywhere, often shortly before it overflows.
 */
final class LimiterSchedule implements Time, Tasks, Tasks.Gate {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long MOST_OFF = 10 * SECOND;
    private static final int MOST_CALLS = 80; // of five processes with sixteen each

    /** A slot may rest so much longer than the window; see the limiter. */
    private static final long REST = Duration.ofMillis(2).toNanos();

    private final SplittableRandom random;
    private final List<Limit> limits;
    private final long[] per;

    // how this schedule is
    private final long off;
    private final long latency;
    private final long gap;
    private final int givesUp;
    private final int unsent;
    private final boolean quiets;
    private final boolean hints;

    // time, counted from the begin of the schedule
    private long base;
    private long t;
    private long wall;
    private long interruptAt = Long.MAX_VALUE;
    private boolean locked;

    // calls
    private final long[] begun = new long[MOST_CALLS];
    private final long[] arrives = new long[MOST_CALLS];
    private final long[] answered = new long[MOST_CALLS];
    private final long[] ended = new long[MOST_CALLS];
    private final boolean[] reached = new boolean[MOST_CALLS];
    private final RateLimiter.Call[] open = new RateLimiter.Call[MOST_CALLS];
    private int calls;
    private int firstOpen;
    private long quietUntil;
    private SlotLimiter limiter;

    private int waits;
    private int gaveUp;

    LimiterSchedule(long seed) {
        random = new SplittableRandom(seed);
        long scale = Duration.ofMillis(1).toNanos() << random.nextInt(22);
        limits = limits(scale);
        per = limits.stream().mapToLong(limit -> limit.per().toNanos()).toArray();
        off = random.nextBoolean() ? 0 : random.nextLong(MOST_OFF);
        latency = switch (random.nextInt(4)) {
            case 0 -> 1;
            case 1 -> scale / 100 + 1;
            case 2 -> scale;
            default -> 3 * scale;
        };
        gap = random.nextBoolean() ? 1 : scale;
        givesUp = random.nextInt(3) * 10;
        unsent = random.nextInt(3) * 10;
        quiets = random.nextInt(4) == 0;
        hints = random.nextInt(4) == 0;
        bootClock();
    }

    private List<Limit> limits(long scale) {
        List<Limit> drawn = new ArrayList<>();
        int count = 1 + random.nextInt(8);
        long length = scale + random.nextLong(scale);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            drawn.add(new Limit(count, Duration.ofNanos(length)));
            count *= 2 + random.nextInt(2);
            length *= 2 + random.nextInt(4);
        }
        return drawn;
    }

    /** Where the clock that only goes forward begins is nobody's business. */
    private void bootClock() {
        long near = random.nextLong(4 * per[per.length - 1] + 1);
        base = switch (random.nextInt(4)) {
                    case 0 -> random.nextLong();
                    case 1 -> Long.MAX_VALUE - near;
                    case 2 -> -near;
                    default -> 0;
                }
                - t;
    }

    /** What became of it, for sums over many. */
    record Totals(long calls, long waits, long gaveUp) {

        Totals plus(Totals other) {
            return new Totals(calls + other.calls, waits + other.waits, gaveUp + other.gaveUp);
        }
    }

    // ---- in one process

    /**
     * Makes some calls, each as soon as it may be made.
     *
     * @throws AssertionError if there were more in any window than allowed, somebody waited without need, or a permit was lost
     */
    Totals run() throws Exception {
        Ports ports = new Ports(this, Ports.REAL.disk(), this);
        limiter = Ports.bound(ports, () -> RateLimiter.of(limits.toArray(Limit[]::new)));
        for (int i = 12 + random.nextInt(16); i > 0; i--) {
            call(!hints);
        }
        answers(Long.MAX_VALUE);
        RateLimiter.Usage usage = limiter.usage();
        long all = arrivals().length;
        check(usage.calls() == all, "the limiter counts " + usage.calls() + " calls of " + all);
        check(usage.waiting() == 0, "somebody waits for ever");
        check();
        return new Totals(calls, waits, gaveUp);
    }

    private void call(boolean exact) {
        answers(t + random.nextLong(gap));
        if (quiets && random.nextInt(8) == 0) {
            for (int i = random.nextInt(2); i >= 0; i--) {
                long length = random.nextLong(2 * per[0]);
                limiter.quiet(Duration.ofNanos(length));
                quietUntil = Math.max(quietUntil, t + length);
            }
        }
        long asked = t;
        interruptAt = random.nextInt(100) < givesUp ? t + random.nextLong(per[0]) : Long.MAX_VALUE;
        try {
            open[calls] = limiter.acquire();
        } catch (InterruptedException e) {
            gaveUp++;
            return;
        } finally {
            interruptAt = Long.MAX_VALUE;
        }
        check(quietUntil <= t, "a call began although the other side has asked for quiet");
        waits += t > asked ? 1 : 0;
        long before = t - off - 1;
        if (exact && before >= asked && free(before)) {
            throw new AssertionError("a call waited from " + asked + " to " + t + " and could have begun by " + before);
        }
        begun[calls] = t;
        arrives[calls] = t + random.nextLong(latency);
        answered[calls] = arrives[calls] + random.nextLong(latency);
        ended[calls] = Long.MAX_VALUE;
        reached[calls] = random.nextInt(100) >= unsent;
        calls++;
    }

    /** Whether a call could have begun then. */
    private boolean free(long at) {
        if (quietUntil > at) {
            return false;
        }
        for (int k = 0; k < per.length; k++) {
            long rests = per[k] + REST + per[k] / 100_000;
            int busy = 0;
            for (int i = 0; i < calls; i++) {
                boolean still = ended[i] > at || (reached[i] && at - ended[i] < rests);
                busy += begun[i] <= at && still ? 1 : 0;
            }
            if (busy >= limits.get(k).calls()) {
                return false;
            }
        }
        return true;
    }

    /** Lets the answers come that come until then, and time pass. */
    private void answers(long until) {
        for (int next = next(); next >= 0 && answered[next] <= until; next = next()) {
            end(next);
        }
        t = until == Long.MAX_VALUE ? t : Math.max(t, until);
    }

    /** The call that is answered next; -1 if none is on its way. */
    private int next() {
        while (firstOpen < calls && open[firstOpen] == null) {
            firstOpen++;
        }
        int next = -1;
        for (int i = firstOpen; i < calls; i++) {
            if (open[i] != null && (next < 0 || answered[i] < answered[next])) {
                next = i;
            }
        }
        return next;
    }

    private void end(int i) {
        t = Math.max(t, answered[i]);
        RateLimiter.Call call = open[i];
        open[i] = null;
        ended[i] = t;
        if (!reached[i]) {
            call.unsent();
            return;
        }
        if (hints) {
            int which = random.nextInt(per.length);
            call.left(limits.get(which), random.nextInt(limits.get(which).calls()));
        }
        call.close();
        if (hints && random.nextInt(8) == 0) {
            limiter.remaining(random.nextInt(4), Duration.ofNanos(random.nextLong(2 * per[0]) + 1));
        }
    }

    private long[] arrivals() {
        long[] at = new long[calls];
        int count = 0;
        for (int i = 0; i < calls; i++) {
            if (reached[i]) {
                at[count++] = arrives[i];
            }
        }
        long[] sorted = Arrays.copyOf(at, count);
        Arrays.sort(sorted);
        return sorted;
    }

    /** That no window of any length of a limit has more calls than allowed, as the other side sees them. */
    private void check() {
        long[] at = arrivals();
        for (int k = 0; k < per.length; k++) {
            int most = limits.get(k).calls();
            for (int i = most; i < at.length; i++) {
                if (at[i] - at[i - most] < per[k]) {
                    throw new AssertionError((most + 1) + " calls within " + (at[i] - at[i - most]) + " ns, from "
                            + at[i - most] + " on, where " + limits.get(k) + " are allowed");
                }
            }
        }
    }

    private static void check(boolean truth, String otherwise) {
        if (!truth) {
            throw new AssertionError(otherwise);
        }
    }

    // ---- in several, one after the other

    /**
     * The same by processes that end, die or lose their machine's power, and are followed by others that find their spend on the disk. The
     * wall clock goes back now and then.
     */
    Totals runInProcesses(VirtualDisk disk) throws Exception {
        Ports ports = new Ports(this, disk, this);
        for (int process = 2 + random.nextInt(4); process > 0; process--) {
            limiter = Ports.bound(
                    ports,
                    () -> RateLimiter.of(limits.toArray(Limit[]::new))
                            .keptIn(java.nio.file.Path.of("/limits"), "account"));
            for (int i = random.nextInt(16); i > 0; i--) {
                call(false);
                wall -= random.nextInt(16) == 0
                        ? random.nextLong(Duration.ofDays(365).toNanos())
                        : 0;
            }
            end(disk);
            t += random.nextLong(2 * per[0]);
            quietUntil = 0;
            bootClock();
        }
        check();
        return new Totals(calls, waits, gaveUp);
    }

    private void end(VirtualDisk disk) {
        if (random.nextBoolean()) {
            answers(Long.MAX_VALUE);
            limiter.close();
            return;
        }
        for (int i = firstOpen; i < calls; i++) {
            if (open[i] != null) { // what has not arrived by now never will
                reached[i] = reached[i] && arrives[i] <= t;
                open[i] = null;
                ended[i] = t;
            }
        }
        if (random.nextBoolean()) {
            disk.processDied();
        } else {
            disk.powerLost(random);
        }
    }

    // ---- the ports: one caller at a time has the gate

    @Override
    public long nanos() {
        return base + t;
    }

    @Override
    public Instant now() {
        return Instant.EPOCH.plus(Duration.ofDays(20_000)).plusNanos(t + wall);
    }

    @Override
    public double random() {
        return random.nextDouble();
    }

    @Override
    public void sleep(long nanos) {
        throw new AssertionError("a limiter waits at its gate");
    }

    @Override
    public Task start(String name, ThreadFactory threads, Runnable body) {
        throw new AssertionError("a limiter has no threads");
    }

    @Override
    public Load load() {
        return () -> false;
    }

    @Override
    public Gate gate() {
        return this;
    }

    @Override
    public void lock() {
        check(!locked, "the gate is entered twice");
        locked = true;
    }

    @Override
    public void unlock() {
        check(locked, "the gate is left by somebody who is not inside");
        locked = false;
    }

    @Override
    public void changed() {
        // only one waits, and looks after every answer
    }

    @Override
    public void await(long nanos) throws InterruptedException {
        unlock();
        long timer = nanos > Long.MAX_VALUE / 4 ? Long.MAX_VALUE : t + wobbled(nanos);
        int next = next();
        if (next >= 0 && answered[next] <= Math.min(timer, interruptAt)) {
            end(next);
        } else if (interruptAt <= timer && interruptAt != Long.MAX_VALUE) {
            t = Math.max(t, interruptAt);
            lock();
            throw new InterruptedException();
        } else {
            check(timer != Long.MAX_VALUE, "somebody waits for ever, and nothing is on its way");
            t = timer;
        }
        lock();
    }

    private long wobbled(long nanos) {
        if (off == 0) {
            return nanos;
        }
        return Math.max(0, nanos + (random.nextBoolean() ? random.nextLong(off + 1) : -random.nextLong(off + 1)));
    }
}

package dev.backfill.testkit;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Real threads of which one runs at a time, in an order drawn from a seed, under a clock that moves only when all of them wait.
 *
 * <p>A thread gives the baton on when it waits, and now and then where it could be overtaken. Whatever is here is touched by the one
 * thread that has the baton, so nothing is locked. After a crash, every thread dies at its next step.
 */
final class VirtualThreads implements Tasks, Time {

    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration STUCK = Duration.ofSeconds(30);

    /** So often does a thread look for its turn before it sleeps: to wake a thread costs far more than a turn takes. */
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 200 : 0;

    /** Threads are used again by the next world: a hundred thousand worlds are over sooner than their threads could be made. */
    private static final ExecutorService CARRIERS = Executors.newCachedThreadPool(body -> {
        Thread thread = new Thread(body, "backfill-world");
        thread.setDaemon(true);
        return thread;
    });

    private final List<VirtualTask> tasks = new ArrayList<>();
    private final AtomicInteger alive = new AtomicInteger();
    private final SplittableRandom random;

    private volatile @Nullable VirtualTask running;
    private volatile @Nullable Error dead;
    private @Nullable Thread keeper;
    private long now;
    private long wallAhead;

    VirtualThreads(SplittableRandom random, long now, long wallAhead) {
        this.random = random;
        this.now = now;
        this.wallAhead = wallAhead;
    }

    /** What a task waits for. */
    private enum Waiting {
        NOTHING,
        LOCK,
        CHANGE,
        TIME,
        END
    }

    private final class VirtualTask implements Task {
        private final String name;
        private volatile @Nullable Thread thread;
        private Waiting waiting = Waiting.NOTHING;
        private @Nullable VirtualGate gate;
        private @Nullable VirtualTask joined;
        private long deadline;
        private boolean interrupted;
        private boolean done;

        VirtualTask(String name) {
            this.name = name;
        }

        boolean ready() {
            return !done
                    && switch (waiting) {
                        case NOTHING -> true;
                        case LOCK -> gate == null || gate.owner == null;
                        case CHANGE -> (interrupted || deadline - now <= 0) && (gate == null || gate.owner == null);
                        case TIME -> interrupted || deadline - now <= 0;
                        case END -> interrupted || (joined != null && joined.done);
                    };
        }

        boolean timed() {
            return !done && deadline != Long.MAX_VALUE && (waiting == Waiting.TIME || waiting == Waiting.CHANGE);
        }

        @Override
        public void interrupt() {
            interrupted = true;
        }

        @Override
        public void join() throws InterruptedException {
            await(Waiting.END, null, this, Long.MAX_VALUE);
        }

        void wake() {
            Thread carrier = thread;
            if (carrier != null) {
                LockSupport.unpark(carrier);
            }
        }

        @Override
        public String toString() {
            return name + " waits for " + waiting;
        }
    }

    /**
     * Runs the body in this thread and all tasks that it starts in others, until all have ended.
     *
     * @throws Error that with which the world died
     */
    void run(Runnable body) throws InterruptedException {
        keeper = Thread.currentThread();
        VirtualTask root = new VirtualTask("main");
        tasks.add(root);
        alive.incrementAndGet();
        running = root;
        carry(root, body);
        Time real = Ports.REAL.time();
        long begun = real.nanos();
        for (int i = 0; alive.get() > 0; i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(STUCK.toNanos());
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (real.nanos() - begun >= STUCK.toNanos()) {
                    throw stuck();
                }
            }
        }
        Error death = dead;
        if (death != null) {
            throw death;
        }
    }

    private AssertionError stuck() {
        for (VirtualTask task : tasks) {
            Thread carrier = task.thread;
            if (!task.done && carrier != null) {
                return new AssertionError("the thread " + task.name + " does not end, though its world has: "
                        + List.of(carrier.getStackTrace()));
            }
        }
        return new AssertionError("a world does not end");
    }

    /** Whether a process is running. */
    boolean inUse() {
        return !tasks.isEmpty();
    }

    private void carry(VirtualTask task, Runnable body) {
        task.thread = Thread.currentThread();
        try {
            awaitTurn(task);
            body.run();
        } catch (Crash e) {
            // dies with its world
        } catch (Throwable e) {
            die(e instanceof Error error ? error : new AssertionError("a thread ended by " + e, e));
        } finally {
            task.done = true;
            if (dead == null) {
                passOn();
            }
            task.thread = null;
            if (alive.decrementAndGet() == 0) {
                LockSupport.unpark(keeper);
            }
        }
    }

    /** Ends the world: every thread dies at its next step. */
    void die(Error error) {
        if (dead == null) {
            dead = error;
            tasks.forEach(VirtualTask::wake);
        }
    }

    /** A place where another thread may overtake; dies here if the world has. */
    void step() {
        VirtualTask me = me();
        if (random.nextInt(4) == 0) {
            passOn();
            awaitTurn(me);
        }
    }

    void advance(long nanos) {
        now += nanos;
    }

    /** Sets the wall clock, which then is so much ahead of where it would be. */
    void wallAhead(long nanos) {
        wallAhead = nanos;
    }

    long wallAhead() {
        return wallAhead;
    }

    private VirtualTask me() {
        if (dead != null) {
            throw new Crash("the world has ended");
        }
        VirtualTask me = running;
        if (me == null || me.thread != Thread.currentThread()) {
            throw new IllegalStateException("a thread that this world did not start is in it: "
                    + Thread.currentThread().getName());
        }
        return me;
    }

    /** Gives the baton to a ready task, moving the clock if there is none. */
    private void passOn() {
        VirtualTask next = anyReady();
        if (next == null) {
            long first = Long.MAX_VALUE;
            for (VirtualTask task : tasks) {
                first = task.timed() ? Math.min(first, task.deadline) : first;
            }
            if (first == Long.MAX_VALUE) {
                running = null;
                List<VirtualTask> left =
                        tasks.stream().filter(task -> !task.done).toList();
                if (!left.isEmpty()) {
                    die(new AssertionError("all wait for each other: " + left));
                }
                return;
            }
            now = Math.max(now, first);
            passOn();
            return;
        }
        running = next;
        next.wake();
    }

    private @Nullable VirtualTask anyReady() {
        int ready = 0;
        for (VirtualTask task : tasks) {
            ready += task.ready() ? 1 : 0;
        }
        if (ready == 0) {
            return null;
        }
        int chosen = random.nextInt(ready);
        for (VirtualTask task : tasks) {
            if (task.ready() && chosen-- == 0) {
                return task;
            }
        }
        throw new AssertionError("no task is ready any more");
    }

    private void awaitTurn(VirtualTask me) {
        for (int i = 0; running != me && dead == null; i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.park(this);
            }
        }
        if (dead != null) {
            throw new Crash("the world has ended");
        }
    }

    private void await(Waiting what, @Nullable VirtualGate gate, @Nullable VirtualTask joined, long deadline)
            throws InterruptedException {
        VirtualTask me = me();
        if (!me.interrupted) {
            me.waiting = what;
            me.gate = gate;
            me.joined = joined;
            me.deadline = deadline;
            if (gate != null && gate.owner == me) {
                gate.owner = null;
            }
            passOn();
            awaitTurn(me);
            me.waiting = Waiting.NOTHING;
            if (gate != null) {
                gate.owner = me;
            }
        }
        boolean ended = joined != null && joined.done;
        if (me.interrupted && what != Waiting.LOCK && !ended) {
            me.interrupted = false;
            throw new InterruptedException();
        }
    }

    // ---- tasks

    @Override
    public Task start(String name, ThreadFactory threads, Runnable body) {
        me();
        Ports ports = Ports.current();
        VirtualTask task = new VirtualTask(name);
        tasks.add(task);
        alive.incrementAndGet();
        CARRIERS.execute(() -> carry(task, () -> bound(ports, body)));
        step();
        return task;
    }

    private static void bound(Ports ports, Runnable body) {
        try {
            Ports.bound(ports, () -> {
                body.run();
                return true;
            });
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Full or not, as it happens. */
    @Override
    public Load load() {
        return () -> random.nextInt(3) == 0;
    }

    @Override
    public Gate gate() {
        return new VirtualGate();
    }

    private final class VirtualGate implements Gate {

        private @Nullable VirtualTask owner;

        @Override
        public void lock() {
            VirtualTask me = me();
            if (owner == me) {
                throw new AssertionError("a gate is entered again by " + me.name);
            }
            step();
            while (owner != null) {
                me.waiting = Waiting.LOCK;
                me.gate = this;
                passOn();
                awaitTurn(me);
                me.waiting = Waiting.NOTHING;
            }
            owner = me;
        }

        @Override
        public void unlock() {
            if (dead == null) {
                if (owner != me()) {
                    throw new AssertionError("a gate is left by " + me().name + " who has not entered it");
                }
                owner = null;
            }
        }

        @Override
        public void await(long nanos) throws InterruptedException {
            long deadline = nanos >= Long.MAX_VALUE - now ? Long.MAX_VALUE : now + Math.max(0, nanos);
            VirtualThreads.this.await(Waiting.CHANGE, this, null, deadline);
        }

        @Override
        public void changed() {
            me();
            for (VirtualTask task : tasks) {
                if (task.waiting == Waiting.CHANGE && task.gate == this) {
                    task.deadline = now;
                }
            }
        }
    }

    // ---- time

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public Instant now() {
        return BEGINNING.plusNanos(now).plusNanos(wallAhead);
    }

    @Override
    public void sleep(long nanos) throws InterruptedException {
        await(Waiting.TIME, null, null, now + nanos);
    }

    @Override
    public double random() {
        return random.nextDouble();
    }
}

package dev.backfill.testkit;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Real threads of which one runs at a time, in an order drawn from a seed, under a clock that moves only when all of them wait.
 *
 * <p>A thread gives the baton on when it waits, and now and then where it could be overtaken. After a crash, every thread dies at
 * its next step.
 */
final class VirtualThreads implements Tasks, Time {

    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration STUCK = Duration.ofSeconds(30);

    private final ReentrantLock mutex = new ReentrantLock();
    private final List<VirtualTask> tasks = new ArrayList<>();
    private final SplittableRandom random;

    private @Nullable VirtualTask running;
    private @Nullable Error dead;
    private long now;

    VirtualThreads(SplittableRandom random, long now) {
        this.random = random;
        this.now = now;
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
        private final Condition turn = mutex.newCondition();
        private @Nullable Thread thread;
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
            locked(() -> interrupted = true);
        }

        @Override
        public void join() throws InterruptedException {
            await(Waiting.END, null, this, Long.MAX_VALUE);
        }

        @Override
        public String toString() {
            return name + " waits for " + waiting;
        }
    }

    private void locked(Runnable body) {
        mutex.lock();
        try {
            body.run();
        } finally {
            mutex.unlock();
        }
    }

    /**
     * Runs the body and all tasks that it starts, until all have ended.
     *
     * @throws Error that with which the world died
     */
    void run(Runnable body) throws InterruptedException {
        VirtualTask root = task("main", VirtualThreads::plain, body);
        locked(() -> {
            running = root;
            root.turn.signal();
        });
        for (int i = 0; i < count(); i++) {
            Thread thread = thread(i);
            thread.join(STUCK.toMillis());
            if (thread.isAlive()) {
                throw new AssertionError("the thread " + thread.getName() + " does not end, though its world has: "
                        + List.of(thread.getStackTrace()));
            }
        }
        if (dead != null) {
            throw dead;
        }
    }

    private static Thread plain(Runnable body) {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        return thread;
    }

    /** Whether a process is running. */
    boolean inUse() {
        return count() > 0;
    }

    private int count() {
        mutex.lock();
        try {
            return tasks.size();
        } finally {
            mutex.unlock();
        }
    }

    private Thread thread(int index) {
        mutex.lock();
        try {
            Thread thread = tasks.get(index).thread;
            if (thread == null) {
                throw new IllegalStateException("not started");
            }
            return thread;
        } finally {
            mutex.unlock();
        }
    }

    private VirtualTask task(String name, ThreadFactory threads, Runnable body) {
        VirtualTask task = new VirtualTask(name);
        Thread thread = threads.newThread(() -> {
            try {
                locked(() -> awaitTurn(task));
                body.run();
            } catch (Crash e) {
                // dies with its world
            } catch (Throwable e) {
                die(e instanceof Error error ? error : new AssertionError("a thread ended by " + e, e));
            } finally {
                locked(() -> {
                    task.done = true;
                    if (dead == null) {
                        passOn();
                    }
                });
            }
        });
        thread.setName(name);
        locked(() -> {
            task.thread = thread;
            tasks.add(task);
        });
        thread.start();
        return task;
    }

    /** Ends the world: every thread dies at its next step. */
    void die(Error error) {
        locked(() -> {
            if (dead == null) {
                dead = error;
                tasks.forEach(task -> task.turn.signalAll());
            }
        });
    }

    /** A place where another thread may overtake; dies here if the world has. */
    void step() {
        mutex.lock();
        try {
            yieldNow();
        } finally {
            mutex.unlock();
        }
    }

    void advance(long nanos) {
        locked(() -> now += nanos);
    }

    // ---- with the mutex held

    private VirtualTask me() {
        if (dead != null) {
            throw new Crash("the world has ended");
        }
        if (running == null || running.thread != Thread.currentThread()) {
            throw new IllegalStateException("a thread that this world did not start is in it: "
                    + Thread.currentThread().getName());
        }
        return running;
    }

    private void yieldNow() {
        VirtualTask me = me();
        if (random.nextInt(4) == 0) {
            passOn();
            awaitTurn(me);
        }
    }

    /** Gives the baton to a ready task, moving the clock if there is none. */
    private void passOn() {
        List<VirtualTask> ready = tasks.stream().filter(VirtualTask::ready).toList();
        if (ready.isEmpty()) {
            List<VirtualTask> timed = tasks.stream().filter(VirtualTask::timed).toList();
            if (timed.isEmpty()) {
                running = null;
                if (tasks.stream().anyMatch(task -> !task.done)) {
                    die(new AssertionError("all wait for each other: "
                            + tasks.stream().filter(task -> !task.done).toList()));
                }
                return;
            }
            long first = timed.stream().mapToLong(task -> task.deadline).min().orElseThrow();
            now = Math.max(now, first);
            passOn();
            return;
        }
        VirtualTask next = ready.get(random.nextInt(ready.size()));
        running = next;
        next.turn.signal();
    }

    private void awaitTurn(VirtualTask me) {
        while (running != me && dead == null) {
            me.turn.awaitUninterruptibly();
        }
        if (dead != null) {
            throw new Crash("the world has ended");
        }
    }

    private void await(Waiting what, @Nullable VirtualGate gate, @Nullable VirtualTask joined, long deadline)
            throws InterruptedException {
        mutex.lock();
        try {
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
        } finally {
            mutex.unlock();
        }
    }

    // ---- tasks

    @Override
    public Task start(String name, ThreadFactory threads, Runnable body) {
        mutex.lock();
        try {
            me();
            Ports ports = Ports.current();
            VirtualTask task = task(name, VirtualThreads::plain, () -> bound(ports, body));
            yieldNow();
            return task;
        } finally {
            mutex.unlock();
        }
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

    @Override
    public Gate gate() {
        return new VirtualGate();
    }

    private final class VirtualGate implements Gate {

        private @Nullable VirtualTask owner;

        @Override
        public void lock() {
            mutex.lock();
            try {
                VirtualTask me = me();
                if (owner == me) {
                    throw new AssertionError("a gate is entered again by " + me.name);
                }
                yieldNow();
                while (owner != null) {
                    me.waiting = Waiting.LOCK;
                    me.gate = this;
                    passOn();
                    awaitTurn(me);
                    me.waiting = Waiting.NOTHING;
                }
                owner = me;
            } finally {
                mutex.unlock();
            }
        }

        @Override
        public void unlock() {
            mutex.lock();
            try {
                if (dead == null) {
                    if (owner != me()) {
                        throw new AssertionError("a gate is left by " + me().name + " who has not entered it");
                    }
                    owner = null;
                }
            } finally {
                mutex.unlock();
            }
        }

        @Override
        public void await(long nanos) throws InterruptedException {
            long deadline = nanos >= Long.MAX_VALUE - now ? Long.MAX_VALUE : now + Math.max(0, nanos);
            VirtualThreads.this.await(Waiting.CHANGE, this, null, deadline);
        }

        @Override
        public void changed() {
            locked(() -> {
                me();
                for (VirtualTask task : tasks) {
                    if (task.waiting == Waiting.CHANGE && task.gate == this) {
                        task.deadline = now;
                    }
                }
            });
        }
    }

    // ---- time

    @Override
    public long nanos() {
        mutex.lock();
        try {
            return now;
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public Instant now() {
        return BEGINNING.plusNanos(nanos());
    }

    @Override
    public void sleep(long nanos) throws InterruptedException {
        await(Waiting.TIME, null, null, nanos() + nanos);
    }

    @Override
    public double random() {
        mutex.lock();
        try {
            return random.nextDouble();
        } finally {
            mutex.unlock();
        }
    }
}

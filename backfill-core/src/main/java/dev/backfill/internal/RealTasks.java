package dev.backfill.internal;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Threads of the JVM. */
final class RealTasks implements Tasks {

    /**
     * So long does a thread let others go first before it sleeps: to put a thread to sleep and wake it costs more than what a quick page
     * takes. It gives its processor away meanwhile, for the one it waits for may need it, and so may those who make the code fast.
     */
    private static final long SOON = TimeUnit.MICROSECONDS.toNanos(50);

    /** So often is a lock tried that another thread has, for most are held for a few looks and notes only. */
    private static final int TRIES = 200;

    private final Time time = new RealTime();

    @Override
    public Task start(String name, ThreadFactory threads, Runnable body) {
        Thread thread = threads.newThread(body);
        if (thread == null) {
            throw new IllegalStateException("the thread factory gave no thread for " + name);
        }
        thread.setName(name);
        thread.start();
        return new Task() {
            @Override
            public void interrupt() {
                thread.interrupt();
            }

            @Override
            public void join() throws InterruptedException {
                thread.join();
            }
        };
    }

    @Override
    public Load load() {
        return new RealLoad();
    }

    @Override
    public Gate gate() {
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();
        return new Gate() {
            private volatile int changes; // written under the lock

            @Override
            public void lock() {
                for (int i = 0; i < TRIES; i++) {
                    if (lock.tryLock()) {
                        return;
                    }
                    Thread.onSpinWait();
                }
                lock.lock();
            }

            @Override
            public void unlock() {
                lock.unlock();
            }

            @Override
            @SuppressWarnings("WaitNotInLoop") // every caller loops
            public void await(long nanos) throws InterruptedException {
                if (!changesWithin(Math.min(nanos, SOON))) {
                    boolean ignored = condition.await(nanos, TimeUnit.NANOSECONDS);
                }
            }

            @SuppressWarnings("ThreadPriorityCheck") // nothing depends on who goes first
            private boolean changesWithin(long nanos) {
                int seen = changes;
                lock.unlock();
                try {
                    long begin = time.nanos();
                    while (changes == seen && time.nanos() - begin < nanos) {
                        Thread.yield();
                    }
                } finally {
                    lock();
                }
                return changes != seen;
            }

            @Override
            @SuppressWarnings("NonAtomicVolatileUpdate") // under the lock
            public void changed() {
                changes++;
                condition.signalAll();
            }
        };
    }
}

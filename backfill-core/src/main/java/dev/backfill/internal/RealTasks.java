package dev.backfill.internal;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Threads of the JVM. */
final class RealTasks implements Tasks {

    /**
     * So often does a thread look for a change before it sleeps, some tens of microseconds in all: to put a thread to sleep and wake it
     * costs more than what a quick page takes. None where the other thread could not run meanwhile.
     */
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 1_500 : 0;

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
    public Gate gate() {
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();
        return new Gate() {
            private volatile int changes; // written under the lock

            /** Who sees a change tries to come in while the one who made it is still inside. */
            @Override
            public void lock() {
                for (int i = 0; i < SPINS; i++) {
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
                if (!changesSoon()) {
                    boolean ignored = condition.await(nanos, TimeUnit.NANOSECONDS);
                }
            }

            private boolean changesSoon() {
                int seen = changes;
                lock.unlock();
                try {
                    for (int i = 0; i < SPINS && changes == seen; i++) {
                        Thread.onSpinWait();
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

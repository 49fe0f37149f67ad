package dev.backfill.internal;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Threads of the JVM. */
final class RealTasks implements Tasks {

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
            @Override
            public void lock() {
                lock.lock();
            }

            @Override
            public void unlock() {
                lock.unlock();
            }

            @Override
            @SuppressWarnings("WaitNotInLoop") // every caller loops
            public void await(long nanos) throws InterruptedException {
                boolean ignored = condition.await(nanos, TimeUnit.NANOSECONDS);
            }

            @Override
            public void changed() {
                condition.signalAll();
            }
        };
    }
}

package dev.backfill.internal;

import java.util.concurrent.ThreadFactory;

/** Threads, and the only way in which they wait for each other. */
public interface Tasks {

    /** Starts the body in a thread of its own, made by the host's factory. */
    Task start(String name, ThreadFactory threads, Runnable body);

    /** A new lock on whose changes threads can wait. */
    Gate gate();

    /** A thread at work. */
    interface Task {

        /** Interrupts it. */
        void interrupt();

        /** Waits until its body has ended. */
        void join() throws InterruptedException;
    }

    /** A lock with one condition: something has changed. Not re-entered. */
    interface Gate {

        /** Takes the lock. */
        void lock();

        /** Gives it back. */
        void unlock();

        /** Gives the lock back until something changes or the time is over, whichever is first; may also return for no reason. */
        void await(long nanos) throws InterruptedException;

        /** Says that something has changed. */
        void changed();
    }
}

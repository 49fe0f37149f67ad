package dev.backfill.internal;

import java.util.concurrent.ThreadFactory;

/** Threads, the only way in which they wait for each other, and whether there are processors for more of them. */
public interface Tasks {

    /** Starts the body in a thread of its own, made by the host's factory. */
    Task start(String name, ThreadFactory threads, Runnable body);

    /** A new lock on whose changes threads can wait. */
    Gate gate();

    /** A new look at the processors. */
    Load load();

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

    /** How busy the processors are. For one thread at a time. */
    interface Load {

        /**
         * Whether they were all taken since the last call, a good part of them by this process, so that more threads would only stand in
         * each other's way, as far as the machine tells.
         */
        boolean isFull();
    }
}

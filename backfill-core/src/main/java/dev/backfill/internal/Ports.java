package dev.backfill.internal;

import java.util.concurrent.Callable;

/**
 * Everything by which this library touches time, chance, files and threads.
 *
 * <p>A part takes {@link #current()} when it is made and keeps it. Inside {@link #bound}, parts are made with other ports; so a whole run
 * can be repeated from one number.
 */
public record Ports(Time time, Disk disk, Tasks tasks) {

    /** The machine. */
    public static final Ports REAL = new Ports(new RealTime(), new RealDisk(), new RealTasks());

    private static final ThreadLocal<Ports> BOUND = ThreadLocal.withInitial(() -> REAL);

    /** The ports for what this thread makes. */
    public static Ports current() {
        return BOUND.get();
    }

    /** Runs the body in this thread with these ports as the current ones. */
    public static <T> T bound(Ports ports, Callable<T> body) throws Exception {
        Ports before = BOUND.get();
        BOUND.set(ports);
        try {
            return body.call();
        } finally {
            BOUND.set(before);
        }
    }
}

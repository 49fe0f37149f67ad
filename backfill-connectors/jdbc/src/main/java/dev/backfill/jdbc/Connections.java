package dev.backfill.jdbc;

import dev.backfill.internal.Ports;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Gives connections out and takes them back. */
final class Connections implements AutoCloseable {

    /** As many as there are partitions side by side at most, for each of them needs one again and again. */
    private static final int MAX_IDLE = 32;

    private static final long FRESH = Duration.ofSeconds(30).toNanos();

    /** Opens a connection, or takes one from the host's pool. */
    @FunctionalInterface
    interface Opening {
        Connection open() throws SQLException;
    }

    private record Idle(Connection connection, long since) {}

    private final Opening opening;
    private final boolean keeps;
    private final Ports ports;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Idle> idle = new ArrayDeque<>();
    private boolean closed;

    /**
     * @param keeps whether connections are kept here for the next use; false if a pool of the host does that
     */
    Connections(Opening opening, boolean keeps, Ports ports) {
        this.opening = opening;
        this.keeps = keeps;
        this.ports = ports;
    }

    Connection take() throws SQLException {
        Idle kept = poll();
        while (kept != null) {
            if (ports.time().nanos() - kept.since() < FRESH || kept.connection().isValid(5)) {
                return kept.connection();
            }
            closeQuietly(kept.connection());
            kept = poll();
        }
        return opening.open();
    }

    private @Nullable Idle poll() {
        lock.lock();
        try {
            return idle.pollFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a connection back; one in an unknown state is closed for good. */
    void give(Connection connection, boolean sound) {
        if (sound && keeps) {
            lock.lock();
            try {
                if (!closed && idle.size() < MAX_IDLE) {
                    idle.addFirst(new Idle(connection, ports.time().nanos()));
                    return;
                }
            } finally {
                lock.unlock();
            }
        }
        closeQuietly(connection);
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // it is given up in any case
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            idle.forEach(kept -> closeQuietly(kept.connection()));
            idle.clear();
        } finally {
            lock.unlock();
        }
    }
}

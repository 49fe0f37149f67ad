package dev.backfill;

import java.time.Duration;
import java.util.Optional;

/**
 * Something failed that may pass by itself: the same call is worth another attempt.
 *
 * <p>Thrown by sources, sinks and checkpoints. An {@link java.io.IOException} means the same.
 */
public class TransientException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Optional<Duration> after;

    /** Tried again after a growing, random delay. */
    public TransientException(String message, Throwable cause) {
        super(message, cause);
        this.after = Optional.empty();
    }

    /** Tried again after a growing, random delay. */
    public TransientException(String message) {
        super(message);
        this.after = Optional.empty();
    }

    /**
     * The other side said when to come back.
     *
     * @param after never tried earlier than this
     */
    public TransientException(String message, Duration after) {
        super(message);
        this.after = Optional.of(after);
    }

    /** How long the other side asked to wait at least, if it did. */
    public Optional<Duration> after() {
        return after;
    }
}

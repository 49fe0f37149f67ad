package dev.backfill.http;

import dev.backfill.TransientException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The other side answered something that cannot be used, such as 404 or an answer that does not fit.
 *
 * <p>Not tried again by the runner: what may pass is thrown as a {@link TransientException} instead. The message names the call and the
 * status, and holds the beginning of what the other side said, without secrets and control characters.
 */
public class HttpException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;
    private final transient Map<String, @Nullable Object> error;
    private final transient Optional<Duration> after;

    HttpException(int status, String message, Map<String, @Nullable Object> error, Optional<Duration> after) {
        super(message);
        this.status = status;
        this.error = error;
        this.after = after;
    }

    HttpException(int status, String message) {
        this(status, message, Map.of(), Optional.empty());
    }

    /** The status of the answer; a 2xx if the answer's body was at fault. */
    public int status() {
        return status;
    }

    /** What the other side said, if it was a JSON object of at most 64 KiB; else empty. Secrets are blanked in it. */
    public Map<String, @Nullable Object> error() {
        return error;
    }

    /** How long the other side asked to wait, from {@code Retry-After}; at most 31 days. */
    public Optional<Duration> after() {
        return after;
    }

    /**
     * What such an answer means with most services: 408, 425, 429, 500, 502, 503, 504 and 529 may pass, anything else does not.
     *
     * @return a {@link TransientException}, or this
     */
    public RuntimeException usual() {
        return switch (status) {
            case 408, 425, 429, 500, 502, 503, 504, 529 -> passing();
            default -> this;
        };
    }

    /** This answer with a word on what to do about it, for services of which more is known. */
    public HttpException advising(String advice) {
        return new HttpException(status, getMessage() + " (" + advice + ")", error, after);
    }

    /** This answer as one that may pass, for services in which it does. */
    public TransientException passing() {
        String message = String.valueOf(getMessage());
        return after.isPresent() ? new TransientException(message, after.get()) : new TransientException(message);
    }
}

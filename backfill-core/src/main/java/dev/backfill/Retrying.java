package dev.backfill;

import dev.backfill.internal.Time;
import dev.failsafe.Execution;
import dev.failsafe.RetryPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Makes a call again while its failure may pass and patience lasts. Failsafe decides; the time port waits. */
final class Retrying {

    private static final long FIRST = Duration.ofMillis(500).toNanos();
    private static final long MOST = Duration.ofMinutes(1).toNanos();

    private final Time time;
    private final Duration patience;
    private final RetryPolicy<Object> policy;

    Retrying(Time time, Duration patience) {
        this.time = time;
        this.patience = patience;
        this.policy = RetryPolicy.builder()
                .handleIf(failure -> failure != null && mayPass(failure))
                .withMaxRetries(-1)
                .withDelayFn(context -> delay(context.getAttemptCount(), context.getLastException()))
                .build();
    }

    @FunctionalInterface
    interface Attempt<T> {
        T run() throws Exception;
    }

    /** Told before a wait. */
    @FunctionalInterface
    interface Listener {
        void waiting(int attempt, Duration wait, Exception failure);
    }

    /** The other side wants to be left alone for longer than patience lasts. */
    static final class ComeBack extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Duration after;

        ComeBack(Duration after, Exception cause) {
            super(
                    "the other side asks to come back in " + after.toSeconds() + " s, and patience would end before: "
                            + cause.getMessage(),
                    cause);
            this.after = after;
        }

        Duration after() {
            return after;
        }
    }

    /** Runs the attempt until it succeeds, fails for good, or patience is over. */
    <T> T call(Attempt<T> attempt, Listener listener) throws Exception {
        Execution<Object> execution = null;
        long firstFailure = 0;
        while (true) {
            try {
                return attempt.run();
            } catch (Exception e) {
                long now = time.nanos();
                if (execution == null) {
                    execution = Execution.of(policy);
                    firstFailure = now;
                }
                execution.recordException(e);
                if (execution.isComplete()) {
                    throw e;
                }
                Duration wait = execution.getDelay();
                long left = patience.toNanos() - (now - firstFailure);
                if (wait.toNanos() > left) {
                    Optional<Duration> asked = asked(e);
                    throw asked.isPresent() && asked.get().toNanos() > left ? new ComeBack(asked.get(), e) : e;
                }
                listener.waiting(execution.getAttemptCount(), wait, e);
                time.sleep(wait.toNanos());
            }
        }
    }

    static boolean mayPass(Throwable failure) {
        return failure instanceof TransientException
                || failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof TimeoutException;
    }

    private static Optional<Duration> asked(Throwable failure) {
        return failure instanceof TransientException passing ? passing.after() : Optional.empty();
    }

    /** Full jitter below a doubling bound; never earlier than asked for, and then up to a tenth later. */
    private Duration delay(int attempts, Throwable failure) {
        long bound = Math.min(MOST, FIRST << Math.min(attempts - 1, 20));
        long own = (long) (time.random() * bound);
        long asked = asked(failure).map(Duration::toNanos).orElse(0L);
        return Duration.ofNanos(Math.max(own, asked + (long) (time.random() * Math.min(asked / 10, FIRST))));
    }
}

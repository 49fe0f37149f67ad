package dev.backfill;

import java.time.Duration;
import java.util.Arrays;

/**
 * When a call may be made.
 *
 * <p>One limiter serves everything that is counted together by the other side: all sources and sinks with one credential, with
 * their retries. Safe for any number of threads.
 */
public interface RateLimiter {

    /**
     * Waits until a call may start. Interrupting the wait costs no permit.
     *
     * @return the call; close it when the answer's headers have been seen or the call has failed
     */
    Call acquire() throws InterruptedException;

    /** The server asks for quiet: no call starts for this long. */
    void quiet(Duration length);

    /** The server said how many calls are left until its count begins anew; only ever slows down. */
    default void remaining(long calls, Duration until) {
        if (calls <= 0) {
            quiet(until);
        }
    }

    /** A job goes on whose earlier calls this limiter may not know of: unless it does, it starts paced and not with a burst. */
    default void resumed() {}

    /** How much was used so far. */
    default Usage usage() {
        return new Usage(0, 0, Duration.ZERO, 0);
    }

    /** So many calls in any stretch of so long: {@code RateLimiter.of(7_500, Duration.ofMinutes(5))}. */
    static SlotLimiter of(int calls, Duration per) {
        return of(new Limit(calls, per));
    }

    /** All of these limits at once. */
    static SlotLimiter of(Limit... limits) {
        return SlotLimiter.of(Arrays.asList(limits));
    }

    /**
     * One call at a time, with a pause between the answer to one and the next that varies between these lengths: for a site that states no
     * limit. Shared by all that ask the site. A process that goes on where another stopped begins with a pause.
     */
    static RateLimiter spaced(Duration least, Duration most) {
        return new SpacedLimiter(least, most);
    }

    /** One call that may be made now. */
    interface Call extends AutoCloseable {

        /** The call has been answered or has failed: the other side has counted it by now. */
        @Override
        void close();

        /**
         * The server said how many calls of one of its limits were left when it had counted this one. Told before {@link #close}; only
         * ever slows down, and only if others have used the same limit.
         */
        default void left(Limit limit, long calls) {}

        /** The call was never sent: its permit is free again at once. */
        default void unsent() {
            close();
        }
    }

    /**
     * At most so many calls in any stretch of time of this length.
     *
     * @param calls at least 1
     * @param per from a millisecond to 31 days
     */
    record Limit(int calls, Duration per) {

        /** Checks the range. */
        public Limit {
            if (calls < 1 || calls > 10_000_000) {
                throw new IllegalArgumentException("a rate limit needs 1 to 10,000,000 calls, not " + calls);
            }
            if (per.compareTo(Duration.ofMillis(1)) < 0 || per.compareTo(Duration.ofDays(31)) > 0) {
                throw new IllegalArgumentException("a rate limit needs a time of a millisecond to 31 days, not " + per);
            }
        }

        /**
         * Reads {@code 7500/5m}: calls, and a number with {@code ms}, {@code s}, {@code m}, {@code h} or {@code d}.
         *
         * @throws IllegalArgumentException if it is written otherwise
         */
        public static Limit parse(String text) {
            String[] parts = text.strip().split("/", -1);
            try {
                if (parts.length == 2) {
                    return new Limit(Integer.parseInt(parts[0].strip()), duration(parts[1].strip()));
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(wrong(text), e);
            }
            throw new IllegalArgumentException(wrong(text));
        }

        private static String wrong(String text) {
            return "a rate limit is written like 7500/5m (calls / time in ms, s, m, h or d), not '" + text + "'";
        }

        private static Duration duration(String text) {
            int digits = 0;
            while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
                digits++;
            }
            long number = digits == 0 ? 1 : Long.parseLong(text.substring(0, digits));
            return switch (text.substring(digits)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                case "d" -> Duration.ofDays(number);
                default -> throw new NumberFormatException(text);
            };
        }

        @Override
        public String toString() {
            return calls + " per " + per.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * What a limiter has let through.
     *
     * @param calls calls that started
     * @param share how much of the allowance was used since the first call, from 0 to 1; 0 if there is no limit
     * @param held how long callers waited, added up over threads
     * @param waiting how many callers wait at this moment
     */
    record Usage(long calls, double share, Duration held, int waiting) {}
}

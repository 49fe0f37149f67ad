package dev.backfill.simulators;

import dev.backfill.RateLimiter.Limit;
import java.util.List;

/**
 * How a simulator counts the calls of a credential, and what it says when there are too many.
 *
 * <p>An immutable value: {@code Limits.of(Limit.parse("7500/5m")).retryAfter(RetryAfter.HTTP_DATE).banAfter(10)}.
 *
 * @param windows the limits, all at once; none to let everything through
 * @param counting how time is cut
 * @param retryAfter what the header {@code Retry-After} of a refusal says
 * @param body what is in a refusal
 * @param headers which headers tell of what is left
 * @param banAfter the credential is disabled, with status 403 for ever, at this refusal; 0 for never
 * @param refusedCount whether refused calls count, too
 * @param atOnce how many calls may be in the air at once, all credentials together; 0 for any number
 */
public record Limits(
        List<Limit> windows,
        Counting counting,
        RetryAfter retryAfter,
        Body body,
        Headers headers,
        int banAfter,
        boolean refusedCount,
        int atOnce) {

    /** How time is cut. */
    public enum Counting {
        /** No stretch of time has more calls than allowed, judged exactly at each arrival. */
        SLIDING,
        /** A count that begins anew at multiples of the window's length since the start of the simulator. */
        FIXED,
        /** A bucket that is full at first and refills evenly. */
        BUCKET
    }

    /** What {@code Retry-After} says. */
    public enum RetryAfter {
        /** Seconds, rounded up. */
        SECONDS,
        /** A date. */
        HTTP_DATE,
        /** Nothing: the header is missing. */
        MISSING,
        /** A date an hour ago. */
        PAST,
        /** Eleven days. */
        HUGE,
        /** No number and no date. */
        GARBAGE
    }

    /** What is in a refusal. */
    public enum Body {
        /** The vendor's JSON. */
        JSON,
        /** A page of HTML. */
        HTML,
        /** Nothing. */
        EMPTY
    }

    /** Headers that tell on every answer what is left. */
    public enum Headers {
        /** None. */
        NONE,
        /** {@code RateLimit: "default";r=50;t=30} and {@code RateLimit-Policy}: the IETF draft since its eighth version. */
        STRUCTURED,
        /** {@code RateLimit: limit=100, remaining=50, reset=30}: the IETF draft's seventh version. */
        COMBINED,
        /** {@code RateLimit-Limit}, {@code RateLimit-Remaining}, {@code RateLimit-Reset} in seconds. */
        SPLIT,
        /** {@code X-RateLimit-Limit}, {@code -Remaining}, {@code -Reset} as seconds since 1970. */
        X_RATE_LIMIT,
        /**
         * {@code X-RateLimit-Limit-Second}, {@code X-RateLimit-Remaining-Second} and the same for {@code Minute} and {@code Hour}.
         * Three windows are called so from the shortest to the longest, whatever their lengths, so that time can be scaled.
         */
        BY_UNIT,
        /** Headers that cannot be read. */
        MALFORMED
    }

    /** Copies and checks. */
    public Limits {
        windows = List.copyOf(windows);
        if (banAfter < 0 || atOnce < 0) {
            throw new IllegalArgumentException(
                    "banAfter (" + banAfter + ") and atOnce (" + atOnce + ") must not be negative");
        }
    }

    /** These limits in exact sliding windows; a refusal is JSON with seconds in {@code Retry-After}, and does not count. */
    public static Limits of(Limit... windows) {
        return new Limits(List.of(windows), Counting.SLIDING, RetryAfter.SECONDS, Body.JSON, Headers.NONE, 0, false, 0);
    }

    /** The same, counted in another way. */
    public Limits counting(Counting counting) {
        return new Limits(windows, counting, retryAfter, body, headers, banAfter, refusedCount, atOnce);
    }

    /** The same with another {@code Retry-After}. */
    public Limits retryAfter(RetryAfter retryAfter) {
        return new Limits(windows, counting, retryAfter, body, headers, banAfter, refusedCount, atOnce);
    }

    /** The same with refusals in HTML. */
    public Limits inHtml() {
        return body(Body.HTML);
    }

    /** The same with something else in refusals. */
    public Limits body(Body body) {
        return new Limits(windows, counting, retryAfter, body, headers, banAfter, refusedCount, atOnce);
    }

    /** The same with these headers on every answer. */
    public Limits headers(Headers headers) {
        return new Limits(windows, counting, retryAfter, body, headers, banAfter, refusedCount, atOnce);
    }

    /** The same, disabling a credential at this refusal. */
    public Limits banAfter(int refusals) {
        return new Limits(windows, counting, retryAfter, body, headers, refusals, refusedCount, atOnce);
    }

    /** The same, counting refused calls, too. */
    public Limits countingRefused() {
        return new Limits(windows, counting, retryAfter, body, headers, banAfter, true, atOnce);
    }

    /** The same with at most so many calls in the air at once. */
    public Limits atOnce(int calls) {
        return new Limits(windows, counting, retryAfter, body, headers, banAfter, refusedCount, calls);
    }
}

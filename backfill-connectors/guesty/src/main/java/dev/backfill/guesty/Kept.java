package dev.backfill.guesty;

import dev.backfill.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of tokens: the one that is in use, and when tokens were asked for. The decisions, without any I/O.
 *
 * <p>A request is noted before it is made, so that it counts also if the process dies over it. All times are milliseconds since 1970.
 *
 * @param token the token; null if there is none
 * @param secret the fingerprint of the secret with which it was asked for
 * @param given when it was given
 * @param life how long Guesty said that a token is good, in milliseconds; its day, too
 * @param asked when tokens were asked for, the newest at the end; never earlier than Guesty has counted them
 * @param notBefore when Guesty wants to be asked again at the earliest; 0 if it has not said so
 */
record Kept(@Nullable String token, String secret, long given, long life, List<Long> asked, long notBefore) {

    /** How many tokens Guesty gives in a day. */
    static final int BUDGET = 5;

    /** The last part of its life in which a token is replaced, and the first in which it is too young to be at fault: an hour of a day. */
    private static final int PART = 24;

    /** A request that is over counts from its end, and this is for clocks that do not run alike. */
    private static final long SLACK = 1_000;

    /** The shortest rest after a request without an answer. */
    private static final long UNANSWERED = Duration.ofMinutes(1).toMillis();

    static final Kept NOTHING = new Kept(null, "", 0, Duration.ofDays(1).toMillis(), List.of(), 0);

    Kept {
        asked = List.copyOf(asked);
        if (life <= 0) {
            throw new IllegalArgumentException("a token is good for longer than nothing, not " + life);
        }
    }

    /** Whether this token can be sent. */
    boolean usable(String with, long now) {
        return token != null && secret.equals(with) && now < given + life;
    }

    /** Whether this token can be sent and need not be replaced yet. */
    boolean fresh(String with, long now) {
        return usable(with, now) && now < given + life - life / PART;
    }

    /** Whether this token has been good for long enough to have ended before its time. */
    boolean old(long now) {
        return now - given > life / PART;
    }

    /** How many tokens may still be asked for. */
    int left(long now) {
        return (int) Math.max(
                0, BUDGET - asked.stream().filter(at -> ends(at) > now).count());
    }

    /** When a token may be asked for; in the past if now. */
    long allowedAt(long now) {
        long room = left(now) > 0 ? 0 : ends(asked.get(asked.size() - BUDGET));
        return Math.max(room, notBefore);
    }

    private long ends(long asked) {
        return asked + life + SLACK;
    }

    /** What is kept, without times that are not over yet: the clock was set back, which must not lock out. */
    Kept upTo(long latest) {
        List<Long> clamped = asked.stream().map(at -> Math.min(at, latest)).toList();
        long rest = Math.min(notBefore, latest + Duration.ofDays(31).toMillis());
        return new Kept(token, secret, Math.min(given, latest), life, clamped, rest);
    }

    /** A token is asked for, and the answer will be there by then at the latest. */
    Kept asking(long now, long until) {
        List<Long> more = new ArrayList<>();
        for (long at : asked) {
            if (ends(at) > now) {
                more.add(at);
            }
        }
        more.add(until);
        return new Kept(token, secret, given, life, more, notBefore);
    }

    /** It was given. */
    Kept given(Secret token, String with, long now, long life) {
        List<Long> counted = new ArrayList<>(asked.subList(0, asked.size() - 1));
        counted.add(now);
        return new Kept(token.reveal(), with, now, life, counted, 0);
    }

    /** It was not, and Guesty has said so: the request counts for nothing. */
    Kept denied(long notBefore) {
        return new Kept(token, secret, given, life, asked.subList(0, asked.size() - 1), notBefore);
    }

    /** It is not known whether it was given. The more requests there were, the longer it takes until the next: a minute at first, then four … */
    Kept unanswered(long now) {
        long rest = UNANSWERED << (2 * Math.max(0, Math.min(BUDGET, asked.size()) - 1));
        return new Kept(token, secret, given, life, asked, Math.max(notBefore, now + Math.min(rest, life / PART)));
    }

    /** When the next token may be asked for, for people. */
    static String inWords(long at) {
        return Instant.ofEpochSecond((at + 999) / 1000).toString();
    }

    /** The token is not shown. */
    @Override
    public String toString() {
        return "a token of " + Instant.ofEpochMilli(given) + ", and " + asked.size() + " requests";
    }
}

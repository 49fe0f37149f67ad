package dev.backfill.simulators;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** One thing that the Guesty Open API does, or may do, and that its clients must bear. */
public enum GuestyQuirk {
    /** Some posts are logs and notes, which are no messages. */
    LOG_POSTS,
    /** Some posts have no {@code sentBy}, no {@code from}, no {@code module}, a {@code module.type} that is new, or contradict themselves. */
    ODD_SENDERS,
    /** Some bodies are HTML, empty, null or missing. */
    ODD_BODIES,
    /** Some conversations have no guest, a guest without a name, no reservation, or two. */
    ODD_CONVERSATIONS,
    /** Some posts, and some conversations, were made in the same millisecond. */
    TIES,
    /** Lists that are sorted by something that is not unique order their equals anew in each answer. */
    SHUFFLED_TIES,
    /** Some posts have no {@code _id}; the truth leaves them out. Not by default. */
    POSTS_WITHOUT_ID,

    /** A {@code limit} over 100 is refused instead of meaning 100. */
    LIMIT_REFUSED,
    /** Posts come 25 at a time whatever {@code limit} says. */
    POSTS_LIMIT_IGNORED,
    /** The last page of posts says that it is the last, by an empty cursor. */
    POSTS_END_TOLD,
    /** At the end, the cursor is the one that was asked with, over and over. */
    CURSOR_REPEATS,
    /** A cursor that cannot be read means the beginning instead of a refusal. */
    BAD_CURSOR_IGNORED,
    /** All counts and totals are too small, and waver. */
    WRONG_COUNT,
    /** All counts and totals are negative. */
    NEGATIVE_COUNT,
    /** In the flat list, {@code from} is an object with the guest's name instead of the name itself. */
    FLAT_FROM_OBJECT,
    /** The list of listings is an array and has no envelope. */
    LISTINGS_BARE,
    /** Errors have their message at the top instead of inside {@code error}. */
    PLAIN_ERRORS,

    /** A call without a good token is answered with 401 instead of 403. */
    UNAUTHORIZED_401,
    /** A token may be asked for in JSON, too. */
    TOKEN_JSON_ACCEPTED,
    /** The tokens of a day are counted anew at each multiple of a day since the start, instead of in any stretch of a day. */
    TOKEN_CALENDAR_DAY,
    /** The answer to one token too many has nothing in it. */
    TOKEN_LIMIT_EMPTY,
    /** The answer to one token too many is a page of HTML. */
    TOKEN_LIMIT_HTML,
    /** The answer to one token too many does not say when to come again. */
    TOKEN_LIMIT_WITHOUT_RETRY_AFTER,

    /** The answer to one call too many does not say when to come again. */
    LIMIT_WITHOUT_RETRY_AFTER,
    /** The answer to one call too many is a page of HTML. */
    LIMIT_HTML,
    /** The answer to one call too many has nothing in it. */
    LIMIT_EMPTY,
    /** Answers are compressed for clients that accept it. */
    GZIP;

    /** What a simulator does when nothing is said: every trap in the data that a correct client survives without loss. */
    public static final Set<GuestyQuirk> STANDARD = Collections.unmodifiableSet(
            EnumSet.of(LOG_POSTS, ODD_SENDERS, ODD_BODIES, ODD_CONVERSATIONS, TIES, SHUFFLED_TIES));
}

package dev.backfill.guesty;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The Guesty Open API for rentals: the messages of guests, and reservations, listings and guests.
 *
 * <pre>{@code
 * Guesty guesty = Guesty.connect(clientId, clientSecret).keptIn(Path.of("progress"));
 * Backfill.named("messages")
 *     .from(guesty.messages(Duration.ofDays(30)))
 *     .filter(message -> !message.internal())
 *     .into(db.table("messages").upsert("message_id").onInsert("is_processed", false))
 *     …
 * }</pre>
 *
 * <p>Guesty gives five tokens a day, each good for a day. One is asked for when the first call needs it, and a new one within the last hour of
 * its life. {@link #keptIn} keeps it for all processes; without, each object asks for its own, and a program that is started more than
 * five times a day is locked out.
 *
 * <p>An immutable value: each setting gives another, with a token of its own unless it is kept. It carries a limiter, which all of its sources
 * and its requests for tokens share: at once 15 calls in any second, 120 in any minute and 5,000 in any hour, which is what Guesty allows an
 * account. Since a call counts until its answer is there, no more than 15 are under way at a time. Whoever uses the same account counts with
 * it. Safe for several threads.
 *
 * <p>Written from the published API description and from what clients have seen; tested against a simulator, not against the real
 * service. What is not confirmed is told at each method.
 */
public final class Guesty {

    private static final String ADDRESS = "https://open-api.guesty.com";

    /** Longer than there is anything to read. */
    private static final Duration LONGEST = Duration.ofDays(36_525);

    private final String address;
    private final String clientId;
    private final Secret clientSecret;
    private final RateLimiter limiter;
    private final @Nullable Path folder;
    private final Time time;
    private final Wire wire;

    private Guesty(
            String address,
            String clientId,
            Secret clientSecret,
            RateLimiter limiter,
            @Nullable Path folder,
            Time time) {
        this.address = address;
        this.clientId = clientId;
        this.clientSecret = Objects.requireNonNull(clientSecret, "clientSecret");
        this.limiter = Objects.requireNonNull(limiter, "limiter");
        this.folder = folder;
        this.time = time;
        this.wire = new Wire(address, limiter, new Tokens(address, clientId, clientSecret, limiter, folder));
    }

    /**
     * An account, as yet without any call.
     *
     * @param clientId of the API application in Guesty
     * @param clientSecret of the same
     * @throws IllegalArgumentException if the id is blank or has a character that none has
     */
    public static Guesty connect(String clientId, Secret clientSecret) {
        String id = clientId.strip();
        if (id.isEmpty() || !id.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException(
                    id.isEmpty()
                            ? "the client id is blank; set it to the one of the API application in Guesty"
                            : "the client id has a space, a control character or a letter outside ASCII inside");
        }
        RateLimiter limiter = RateLimiter.of(15, Duration.ofSeconds(1))
                .and(120, Duration.ofMinutes(1))
                .and(5_000, Duration.ofHours(1));
        return new Guesty(
                ADDRESS, id, clientSecret, limiter, null, Ports.current().time());
    }

    /** At another address, such as a simulator's. Tokens are at {@code /oauth2/token} below it and everything else at {@code /v1}. */
    public Guesty at(String url) {
        return new Guesty(url, clientId, clientSecret, limiter, folder, time);
    }

    /** With another limiter, for all calls of all sources, those for tokens included. */
    public Guesty limitedBy(RateLimiter limiter) {
        return new Guesty(address, clientId, clientSecret, limiter, folder, time);
    }

    /**
     * With one token for all objects and processes that use this folder, such as the one in which progress is kept.
     *
     * <p>The file holds the token, so only its owner can read it. It also counts the tokens that were asked for, before they are, so that
     * no number of starts and crashes spends more than five a day. Of several processes that need a token, one asks and the others wait. When
     * all are spent, a job ends with the time at which it can go on.
     *
     * @param folder on a disk of this machine; made if absent
     */
    public Guesty keptIn(Path folder) {
        return new Guesty(address, clientId, clientSecret, limiter, Objects.requireNonNull(folder, "folder"), time);
    }

    /**
     * The messages that were written in this time until now, of all conversations, the newest conversation first.
     *
     * <p>Guesty has no list of all messages and cannot be asked for conversations with new ones, so the posts of each conversation are
     * asked for: a call or two for each, or some eight hours for 40,000 at 5,000 calls an hour. A process that is killed goes on in the
     * conversation in which it was. Messages whose time is not known are given, too, except where Guesty has them behind older ones that already
     * ended the conversation; so are logs and notes, see {@link Message#internal}.
     *
     * <p>A message written meanwhile is read or not. One may be given twice in a pass that was resumed, so write by {@code message_id}. That
     * posts come 100 at a time, and that a cursor which leads nowhere new is the end, is not confirmed; neither is relied on to be told
     * so.
     *
     * @param last reaching back from the moment at which the pass begins, also when it is resumed later
     * @throws IllegalArgumentException if this is not above zero
     */
    public Source<Message> messages(Duration last) {
        return new Messages(wire, time, positive(last));
    }

    private static Duration positive(Duration last) {
        if (last.isZero() || last.isNegative()) {
            throw new IllegalArgumentException("the time to look back must be above zero, not " + last);
        }
        return last;
    }

    /** The beginning of the time that reaches back this long, in milliseconds since 1970. */
    static long since(Time time, Duration last) {
        Duration length = last.compareTo(LONGEST) > 0 ? LONGEST : last;
        return time.now().minus(length).toEpochMilli();
    }

    /** Whether a message was written then or later, or does not tell. */
    static boolean wanted(Message message, Instant since) {
        Instant at = message.createdAt();
        return at == null || !at.isBefore(since);
    }

    /** The address; the secret and the token are not shown. */
    @Override
    public String toString() {
        return "Guesty at " + wire;
    }
}

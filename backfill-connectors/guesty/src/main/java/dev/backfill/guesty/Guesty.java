package dev.backfill.guesty;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

    /**
     * The messages that were written in this time until now, as one list: a call for each hundred.
     *
     * <p><strong>This list is in no documentation.</strong> A script that is in use reads it; whether it answers for your account is for you to
     * try, and without it the source fails at once. It is paged by skipping, in the order of writing, which is not unique: a message that is deleted
     * meanwhile costs no other, but messages of the same millisecond may be missed, and the report says so. It does not tell logs from
     * messages, nor the way they took, nor who sent them.
     *
     * @param last reaching back from the moment at which the pass begins, also when it is resumed later
     * @throws IllegalArgumentException if this is not above zero
     */
    public Source<Message> flatMessages(Duration last) {
        return new FlatMessages(wire, time, positive(last));
    }

    /**
     * The reservations, in the order of their making. Guesty will retire this list on 2027-03-01 in favour of
     * {@code list("reservations-v3/search", …)}.
     *
     * @param row see {@link #list}
     */
    public <T> Source<T> reservations(Class<T> row) {
        return list("reservations", row);
    }

    /**
     * The listings, in the order of their making. Guesty leaves out those that are not active, unless asked by
     * {@code list("listings?active=false", …)}.
     *
     * @param row see {@link #list}
     */
    public <T> Source<T> listings(Class<T> row) {
        return list("listings", row);
    }

    /**
     * The guests, in the order of their making.
     *
     * @param row see {@link #list}
     * @param columns that are asked for, such as {@code fullName}; Guesty needs one at least, and {@code _id} is always among them
     */
    public <T> Source<T> guests(Class<T> row, String... columns) {
        if (columns.length == 0) {
            throw new IllegalArgumentException("Guesty gives guests by columns; name one at least, such as fullName");
        }
        Set<String> all = new LinkedHashSet<>(List.of("_id"));
        all.addAll(List.of(columns));
        return new Listing<>(wire, "guests-crud", String.join(" ", all), row);
    }

    /**
     * Another list that is paged by {@code skip} and {@code limit} and sorted by {@code _id}, such as {@code list("tasks", Task.class)}.
     *
     * <p>Rows that come or go meanwhile cost no other row. That needs the order by {@code _id}: if Guesty gives another, the source fails rather than
     * lose rows.
     *
     * @param path below {@code /v1/}, with a query if needed
     * @param row a record of yours, or {@code Map.class}. A component has the name of the field; {@code id} is {@code _id}, too. The
     *     package of the record must be open to Jackson: {@code opens my.records to tools.jackson.databind;}
     */
    public <T> Source<T> list(String path, Class<T> row) {
        Objects.requireNonNull(row, "row");
        return new Listing<>(wire, path.startsWith("/") ? path.substring(1) : path, null, row);
    }

    private static Duration positive(Duration last) {
        if (last.isZero() || last.isNegative()) {
            throw new IllegalArgumentException("the time to look back must be above zero, not " + last);
        }
        return last;
    }

    /** The beginning of the time that reaches back this long, in milliseconds since 1970. */
    static long since(Time time, Duration last) {
        return time.now().minus(length(last)).toEpochMilli();
    }

    static Duration length(Duration last) {
        return last.compareTo(LONGEST) > 0 ? LONGEST : last;
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

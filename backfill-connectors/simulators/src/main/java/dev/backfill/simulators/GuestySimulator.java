package dev.backfill.simulators;

import dev.backfill.Secret;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A stand-in of the Guesty Open API that runs inside this process: one account with conversations made from a seed.
 *
 * <pre>{@code
 * try (GuestySimulator guesty = GuestySimulator.with().conversations(300).documentedLimits().start(0)) {
 *     …  // guesty.url(), guesty.clientId(), guesty.clientSecret()
 * }
 * }</pre>
 *
 * <p>It serves tokens, conversations and their posts, the flat list of messages if told so, reservations, listings and guests. Three
 * addresses are its own, neither limited nor logged. {@code /__truth} gives one JSON object a line for each message of a guest or host
 * that a table of all messages must hold, by conversation and time (optionally {@code ?since=2025-01-03T00:00:00Z}: those that were
 * written then or later, or do not tell when). {@code POST /__post?messages=5} has guests write so many messages now, and
 * answers their ids. {@code /__log} gives a line for each call in the order of arrival, those for tokens included: milliseconds since 1970,
 * the first sixteen hexadecimal digits of the SHA-256 of the client's id, the status (0 if the answer broke off, or is not sent
 * yet), path and query, and the method unless it is GET.
 *
 * <p>Its requests are served by threads of its own. Safe for any number of clients.
 */
public final class GuestySimulator implements AutoCloseable {

    private final GuestySettings settings;
    private final GuestyAccount account;
    private final GuestyTokens tokens;
    private final SimulatedServer server;

    GuestySimulator(GuestySettings settings, int port) throws IOException {
        this.settings = settings;
        account = new GuestyAccount(settings);
        tokens = new GuestyTokens(settings);
        Traffic plain = settings.traffic;
        Traffic traffic = new Traffic(
                plain.latency(),
                plain.jitter(),
                plain.faults(),
                plain.kinds(),
                plain.slowness(),
                limits(plain.limits(), settings.quirks),
                settings.quirks.contains(GuestyQuirk.GZIP));
        server = new SimulatedServer(new GuestyApi(settings, account, tokens), traffic, settings.seed, port);
    }

    private static Limits limits(Limits limits, Set<GuestyQuirk> quirks) {
        Limits changed = limits;
        if (quirks.contains(GuestyQuirk.LIMIT_WITHOUT_RETRY_AFTER)) {
            changed = changed.retryAfter(Limits.RetryAfter.MISSING);
        }
        if (quirks.contains(GuestyQuirk.LIMIT_HTML)) {
            changed = changed.body(Limits.Body.HTML);
        }
        return quirks.contains(GuestyQuirk.LIMIT_EMPTY) ? changed.body(Limits.Body.EMPTY) : changed;
    }

    /** Settings to start from: 300 conversations with the traps that real data may have, no faults, no limit, nobody else at work. */
    public static GuestySettings with() {
        return new GuestySettings();
    }

    /** Where it listens; the API is at {@code /v1} and tokens are at {@code /oauth2/token}. */
    public URI url() {
        return server.url();
    }

    /** The id of the client that is given tokens. */
    public Secret clientId() {
        return settings.clientId;
    }

    /** The secret of the client that is given tokens. */
    public Secret clientSecret() {
        return settings.clientSecret;
    }

    /** How many tokens that client was given so far. */
    public int tokensGiven(String clientId) {
        return tokens.given(clientId);
    }

    /** No token that was given so far is good any longer. */
    public void revokeTokens() {
        tokens.revoke();
    }

    /** Guests write so many messages now, in conversations that are there; gives their ids. */
    public List<String> post(int messages) {
        return locked(() ->
                account.write(messages).stream().map(GuestyAccount.Post::id).toList());
    }

    /** A guest writes now in that conversation; gives the id of the message. */
    public String postIn(String conversation) {
        return locked(() -> account.write(conversation(conversation)).id());
    }

    /** Somebody changes the text of a message. */
    public void edit(String message, String body) {
        locked(() -> {
            account.edit(message(message), body);
            return body;
        });
    }

    /** Somebody deletes a message. */
    public void remove(String message) {
        locked(() -> {
            account.remove(message(message));
            return message;
        });
    }

    /** Somebody deletes a conversation with all its messages. */
    public void removeConversation(String conversation) {
        locked(() -> {
            account.remove(conversation(conversation));
            return conversation;
        });
    }

    private GuestyAccount.Post message(String id) {
        return account.post(id).orElseThrow(() -> new IllegalArgumentException("there is no message " + id));
    }

    private GuestyAccount.Conversation conversation(String id) {
        return account.conversation(id)
                .orElseThrow(() -> new IllegalArgumentException("there is no conversation " + id));
    }

    private <T> T locked(Supplier<T> body) {
        account.lock.lock();
        try {
            return body.get();
        } finally {
            account.lock.unlock();
        }
    }

    /** Ends the server and its connections. */
    @Override
    public void close() {
        server.close();
    }
}

package dev.backfill.simulators;

import static dev.backfill.simulators.GuestyQuirk.*;
import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.internal.Json;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Gives tokens, a few in a day, and knows which of them are good. */
final class GuestyTokens {

    private final GuestySettings settings;
    private final Time time = Ports.current().time();
    private final long start = time.nanos();
    private final Map<String, Long> ends = new ConcurrentHashMap<>();
    private final Deque<Long> grants = new ArrayDeque<>();
    private final AtomicInteger given = new AtomicInteger();
    private int asked;

    GuestyTokens(GuestySettings settings) {
        this.settings = settings;
    }

    private boolean quirk(GuestyQuirk quirk) {
        return settings.quirks.contains(quirk);
    }

    int given(String clientId) {
        return clientId.equals(settings.clientId.reveal()) ? given.get() : 0;
    }

    void revoke() {
        ends.replaceAll((token, end) -> start);
    }

    static Optional<String> bearer(Ask ask) {
        return ask.header("Authorization")
                .filter(value -> value.startsWith("Bearer "))
                .map(value -> value.substring(7));
    }

    /** Whether such a token was ever given. */
    boolean known(String token) {
        return ends.containsKey(token);
    }

    boolean good(Ask ask) {
        Long end = bearer(ask).map(ends::get).orElse(null);
        return end != null && time.nanos() - end < 0;
    }

    /** The client that asks for a token. */
    static Optional<String> client(Ask ask) {
        try {
            return Optional.ofNullable(fields(ask).get("client_id"));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean form(Ask ask) {
        return ask.header("Content-Type").orElse("").startsWith("application/x-www-form-urlencoded");
    }

    private static Map<String, String> fields(Ask ask) {
        Map<String, String> fields = new HashMap<>();
        if (form(ask)) {
            Ask.pairs(ask.body()).forEach((name, values) -> fields.put(name, values.get(0)));
        } else {
            Map<?, ?> json = Json.read(ask.body(), Map.class);
            json.forEach((name, value) -> fields.put(String.valueOf(name), String.valueOf(value)));
        }
        return fields;
    }

    private static Reply error(int status, String error, String description) {
        Map<String, ?> body = map("error", error, "error_description", description);
        return new Reply(status, "application/json", new JsonBytes(100).whole(Json.write(body)));
    }

    /** Answers a call for a token; one at a time. */
    Reply answer(Ask ask) {
        if (++asked <= settings.tokenDown) {
            return Reply.html(503, "<html><body><h1>503</h1><hr>gateway</body></html>");
        }
        if (!ask.method().equals("POST")) {
            return error(405, "method_not_allowed", "Only POST is allowed.");
        }
        Map<String, String> fields;
        try {
            if (!form(ask) && !quirk(TOKEN_JSON_ACCEPTED)) {
                throw new IllegalArgumentException();
            }
            fields = fields(ask);
        } catch (IllegalArgumentException e) {
            return error(400, "invalid_request", "The body must be application/x-www-form-urlencoded.");
        }
        if (!"client_credentials".equals(fields.get("grant_type"))) {
            return error(400, "unsupported_grant_type", "The grant type is not supported by the authorization server.");
        }
        if (!"open-api".equals(fields.get("scope"))) {
            return error(400, "invalid_scope", "One or more scopes are not configured for the authorization server.");
        }
        if (!settings.clientId.reveal().equals(fields.get("client_id"))
                || !settings.clientSecret.reveal().equals(fields.get("client_secret"))) {
            return error(401, "invalid_client", "The client secret supplied for a confidential client is invalid.");
        }
        long now = time.nanos();
        Long room = room(now);
        return room == null ? grant(now) : tooMany((room + 999_999_999) / 1_000_000_000);
    }

    /** How long until another token may be given; null for now. */
    private @Nullable Long room(long now) {
        long day = settings.day.toNanos();
        long today = start + (now - start) / day * day;
        while (!grants.isEmpty()
                && (quirk(TOKEN_CALENDAR_DAY) ? grants.peek() - today < 0 : now - grants.peek() >= day)) {
            grants.remove();
        }
        if (grants.size() < settings.tokensPerDay) {
            return null;
        }
        return (quirk(TOKEN_CALENDAR_DAY) ? today : grants.element()) + day - now;
    }

    private Reply grant(long now) {
        int number = given.incrementAndGet();
        grants.add(now);
        String token = "eyJhbGciOiJub25lIn0." + Long.toHexString(Mix.of(settings.seed, number, 301)) + "."
                + Long.toHexString(Mix.of(settings.seed, number, 302));
        ends.put(token, now + settings.tokenLife().toNanos());
        Map<String, ?> body = map(
                "token_type",
                "Bearer",
                "expires_in",
                Math.max(1, settings.tokenLife().toSeconds()),
                "access_token",
                token,
                "scope",
                "open-api");
        Reply reply = Reply.json(new JsonBytes(200).whole(Json.write(body)));
        reply.headers().put("Cache-Control", "no-store");
        return reply;
    }

    private Reply tooMany(long seconds) {
        Reply reply = quirk(TOKEN_LIMIT_EMPTY)
                ? Reply.html(429, "")
                : quirk(TOKEN_LIMIT_HTML)
                        ? Reply.html(429, "<html><body>Too many requests</body></html>")
                        : error(429, "too_many_requests", "Too many tokens were asked for in the last 24 hours.");
        if (!quirk(TOKEN_LIMIT_WITHOUT_RETRY_AFTER)) {
            reply.headers().put("Retry-After", String.valueOf(seconds));
        }
        return reply;
    }

    /** The addresses that are not for calls of the API itself. */
    static boolean is(Ask ask) {
        return List.of("/oauth2/token", "/oauth2/token/").contains(ask.path());
    }
}

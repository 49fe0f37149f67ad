package dev.backfill.guesty;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import dev.backfill.http.Http;
import dev.backfill.http.HttpException;
import dev.backfill.http.Request;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The calls of one account, each with the token that is good at the time. Safe for several threads. */
final class Wire {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** How long all calls rest after a 429 that does not say how long: two of the three limits are of a minute or less. */
    private static final Duration REST = Duration.ofMinutes(1);

    private final RateLimiter limiter;
    private final Http http;
    private final Tokens tokens;

    Wire(String address, RateLimiter limiter, Tokens tokens) {
        this.limiter = limiter;
        this.tokens = tokens;
        this.http = Http.to(address).limitedBy(limiter).timeout(TIMEOUT).failing(this::meaning);
    }

    private RuntimeException meaning(HttpException answer) {
        if (answer.status() != 429) {
            return answer.usual();
        }
        if (answer.after().isPresent()) {
            return answer.passing();
        }
        limiter.quiet(REST);
        return new TransientException(String.valueOf(answer.getMessage()), REST);
    }

    Optional<RateLimiter> limiter() {
        return Optional.of(limiter);
    }

    /**
     * Makes a call, once more with another token if there is a chance that the first was not good.
     *
     * @param request made of a service that has the token already
     */
    JsonNode get(Function<Http, Request> request) throws InterruptedException {
        Secret token = tokens.current();
        try {
            return answer(request, token);
        } catch (HttpException e) {
            if (!forbidden(e)) {
                throw e;
            }
            Optional<Secret> other = tokens.instead(token);
            if (other.isEmpty()) {
                throw explained(e);
            }
            try {
                return answer(request, other.get());
            } catch (HttpException again) {
                throw forbidden(again) ? explained(again) : again;
            }
        }
    }

    private JsonNode answer(Function<Http, Request> request, Secret token) throws InterruptedException {
        JsonNode answer;
        try {
            answer = request.apply(http.bearer(token)).as(JsonNode.class);
        } catch (HttpException e) {
            if (!forbidden(e)) {
                tokens.accepted();
            }
            throw e;
        }
        tokens.accepted();
        return answer;
    }

    /** Guesty documents a 403 for a token that is no longer good, and clients have seen a 401. */
    private static boolean forbidden(HttpException e) {
        return e.status() == 401 || e.status() == 403;
    }

    private static HttpException explained(HttpException e) {
        return e.advising(
                "Guesty says this of a token that is not good, and of one that may not do this; the token is new"
                        + " enough, so look in Guesty at what this client id may do");
    }

    // ---- reading answers

    /** The text, or null if it is missing, empty or no text. */
    static @Nullable String text(JsonNode node) {
        return node.isString() && !node.asString().isEmpty() ? node.asString() : null;
    }

    /** The list of that name. An answer without it is of another shape, and must not pass for an empty list. */
    static JsonNode array(JsonNode data, String name) {
        JsonNode array = data.path(name);
        if (!array.isArray()) {
            throw new IllegalStateException("Guesty's answer has no list '" + name + "' in 'data'");
        }
        return array;
    }

    /** The cursor of the next page; empty if there is none. */
    static String cursor(JsonNode answer) {
        return answer.path("data").path("cursor").path("after").asString("");
    }

    /** Whether an error has these words, in lower case, wherever it has them. */
    static boolean says(HttpException e, String words) {
        return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains(words);
    }

    @Override
    public String toString() {
        return http.toString();
    }
}

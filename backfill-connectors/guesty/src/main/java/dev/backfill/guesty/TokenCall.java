package dev.backfill.guesty;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import dev.backfill.http.Http;
import dev.backfill.http.HttpException;
import dev.backfill.http.UnsentException;
import dev.backfill.internal.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The call by which a token is asked for. What it throws holds nothing of what was sent or answered but a status and a code. */
final class TokenCall {

    static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** What is waited after a 429 that does not say how long: it is about a day. */
    private static final Duration REST = Duration.ofHours(1);

    private static final Duration USUAL_LIFE = Duration.ofDays(1);
    private static final long MOST_BYTES = 1 << 20;

    private final Http http;
    private final String clientId;
    private final Secret secret;

    TokenCall(String address, String clientId, Secret secret, RateLimiter limiter) {
        this.clientId = clientId;
        this.secret = secret;
        this.http = Http.to(address)
                .limitedBy(patient(limiter))
                .timeout(TIMEOUT)
                .maxBody(MOST_BYTES)
                .failing(this::denied);
    }

    /** A token that was given. */
    record Given(Secret token, Duration life) {}

    /** Guesty has answered, and gave no token. */
    static final class Denied extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient RuntimeException meaning;
        private final transient Optional<Duration> after;

        Denied(RuntimeException meaning, Optional<Duration> after) {
            super(meaning.getMessage());
            this.meaning = meaning;
            this.after = after;
        }

        RuntimeException meaning() {
            return meaning;
        }

        Optional<Duration> after() {
            return after;
        }
    }

    /** The limiter, which a word about the tokens of a day must not keep from other calls for as long. */
    private static RateLimiter patient(RateLimiter limiter) {
        return new RateLimiter() {
            @Override
            public Call acquire() throws InterruptedException {
                return limiter.acquire();
            }

            @Override
            public void quiet(Duration length) {
                if (length.compareTo(Duration.ofMinutes(1)) <= 0) {
                    limiter.quiet(length);
                }
            }

            @Override
            public void remaining(long calls, Duration until) {
                limiter.remaining(calls, until);
            }
        };
    }

    /** What Guesty counts tokens by: where it is, and the client; told by a number that does not show them. */
    String account() {
        return Secret.of("the account", http.origin() + "|" + clientId).fingerprint();
    }

    static Secret secret(@Nullable String token) {
        return Secret.of("the Guesty token", token);
    }

    /**
     * Asks.
     *
     * @throws Denied if there was an answer that says no; then the request does not count
     * @throws TransientException if it is not known what became of it
     */
    Given ask() throws InterruptedException {
        byte[] form = ("grant_type=client_credentials&scope=open-api&client_id=" + encoded(clientId) + "&client_secret="
                        + encoded(secret.reveal()))
                .getBytes(StandardCharsets.US_ASCII);
        try {
            return http.post("/oauth2/token")
                    .header("Accept", "application/json")
                    .bytes("application/x-www-form-urlencoded", form)
                    .reading(body -> given(body.readAllBytes()));
        } catch (UnsentException e) {
            throw new Denied(e, Optional.empty());
        }
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static Given given(byte[] body) throws IOException {
        JsonNode answer;
        try {
            answer = Json.tree(new String(body, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new IOException("the answer to a request for a token is cut or no JSON"); // which may hold the token
        }
        String token = Wire.text(answer.path("access_token"));
        if (token == null) {
            throw new IOException("the answer to a request for a token has no access_token");
        }
        JsonNode seconds = answer.path("expires_in");
        long life = seconds.isNumber() || seconds.isString() ? seconds.asLong(0) : 0;
        boolean sane = life > 0 && life <= Duration.ofDays(366).toSeconds();
        return new Given(secret(token), sane ? Duration.ofSeconds(life) : USUAL_LIFE);
    }

    /** What an answer means that is not 2xx. */
    private RuntimeException denied(HttpException answer) {
        int status = answer.status();
        String code = code(answer);
        String told = status + (code.isEmpty() ? "" : " " + code);
        if (status == 429) {
            Duration after = answer.after().orElse(REST);
            return new Denied(
                    new TransientException(
                            "Guesty gives no more tokens now (" + told + "), of which there are " + Kept.BUDGET
                                    + " in a day for all programs with this client id; ask again in "
                                    + after.toSeconds() + " s",
                            after),
                    Optional.of(after));
        }
        if (status == 401 || status == 403 || code.equals("invalid_client") || code.equals("unauthorized_client")) {
            return new Denied(
                    new IllegalStateException("Guesty does not accept the client id and the secret (" + told
                            + "); check the setting of the client id and " + secret.name()
                            + ", which must be of the same API application in Guesty"),
                    Optional.empty());
        }
        boolean passes = answer.usual() instanceof TransientException;
        RuntimeException meaning = passes
                ? answer.after()
                        .map(after -> new TransientException("Guesty gave no token (" + told + ")", after))
                        .orElseGet(() -> new TransientException("Guesty gave no token (" + told + ")"))
                : new IllegalStateException("Guesty gave no token (" + told
                        + "); check the address, which must be the one before /oauth2/token and /v1");
        return status == 504 ? meaning : new Denied(meaning, Optional.empty()); // behind a 504, one may have been given
    }

    /** The word of the OAuth standard for what is wrong, if it is one. */
    private static String code(HttpException answer) {
        return answer.error().get("error") instanceof String code && code.matches("[a-z_]{1,40}") ? code : "";
    }

    @Override
    public String toString() {
        return http + " as a client whose secret is " + secret;
    }
}

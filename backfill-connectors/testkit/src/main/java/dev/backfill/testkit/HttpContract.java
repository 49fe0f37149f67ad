package dev.backfill.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.backfill.TransientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every source and sink must do that speaks HTTP, when the other side is broken or hostile. Extend it, say how yours makes a call, and
 * run it as a JUnit test.
 */
public abstract class HttpContract {

    private static final String TOKEN = "S3CR3T-of-the-contract";

    /** For subclasses. */
    protected HttpContract() {}

    /**
     * Makes the part, with this address of the other side and this token or password, and lets it make one call: read a page, write a batch.
     *
     * @param address such as {@code http://127.0.0.1:40123}
     */
    protected abstract void call(String address, String token) throws Exception;

    private static HttpServer server(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", handler);
        server.start();
        return server;
    }

    private static String address(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static void answer(HttpExchange call, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        call.getRequestBody().readAllBytes();
        call.getResponseHeaders().set("Content-Type", type);
        call.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        call.getResponseBody().write(bytes);
        call.close();
    }

    /** The failure of a call to a server that answers so; a call that does not fail is a lesson. */
    private Exception failure(HttpHandler handler, String answer, String why) throws Exception {
        HttpServer server = server(handler);
        try {
            Exception failure = failure(address(server), TOKEN);
            if (failure == null) {
                throw new Lesson(
                        "an error is swallowed: the other side answered " + answer + ", and the call counts as done",
                        why,
                        "look at the status, the type and the whole body of each answer, and throw what does not fit");
            }
            return failure;
        } finally {
            server.stop(0);
        }
    }

    private Exception failure(int status) throws Exception {
        return failure(
                call -> answer(call, status, "application/json", "{\"message\":\"no\"}"),
                "" + status,
                "a source would end without its records, and a sink would leave them out");
    }

    private @Nullable Exception failure(String address, String token) throws InterruptedException {
        return Failing.of(() -> {
            call(address, token);
            return true;
        });
    }

    private static boolean mayPass(Exception failure) {
        return failure instanceof IOException
                || failure instanceof TimeoutException
                || failure instanceof TransientException;
    }

    /** A redirect is not followed: who answers so gets the token's owner to send it elsewhere. */
    @Test
    void followsNoRedirect() throws Exception {
        AtomicInteger elsewhere = new AtomicInteger();
        HttpServer other = server(call -> {
            elsewhere.incrementAndGet();
            answer(call, 200, "application/json", "[]");
        });
        try {
            for (int status : List.of(301, 302, 303, 307, 308)) {
                failure(
                        call -> {
                            call.getResponseHeaders().set("Location", address(other) + "/");
                            answer(call, status, "application/json", "");
                        },
                        status + " with another address",
                        "the answer of a server that nobody has named would be believed");
                Lesson.unless(
                        elsewhere.get() == 0,
                        "a redirect is followed: after a " + status + " another server got a request",
                        "it gets the token, and what it answers is believed",
                        "switch redirects off; HttpClient.Redirect.NEVER, or Http of backfill-http, which never follows one");
            }
        } finally {
            other.stop(0);
        }
    }

    /** An error is an error. */
    @Test
    void failsForEveryErrorStatus() throws Exception {
        for (int status : List.of(400, 401, 403, 404, 409, 429, 500, 501, 503)) {
            failure(status);
        }
    }

    /** What may pass by itself is tried again. */
    @Test
    void saysThatAFailureMayPass() throws Exception {
        for (int status : List.of(429, 500, 502, 503, 504)) {
            Failing.mayPass(failure(status));
        }
        Failing.mayPass(failure(HttpExchange::close, "nothing, and hung up", "records would be lost"));
    }

    /** What will not pass is not tried again. */
    @Test
    void saysThatAFailureWillNotPass() throws Exception {
        for (int status : List.of(401, 403)) {
            AtomicInteger calls = new AtomicInteger();
            Exception failure = failure(
                    call -> {
                        calls.incrementAndGet();
                        answer(call, status, "application/json", "{\"message\":\"no\"}");
                    },
                    "" + status,
                    "records would be lost");
            Lesson.unless(
                    !mayPass(failure) && calls.get() <= 2,
                    "after " + calls + " requests that were answered " + status + " the failure is a "
                            + failure.getClass().getName() + ", which is tried again",
                    "a wrong token stays wrong, and a storm of attempts locks the account",
                    "throw something else than an IOException, a TimeoutException or a TransientException for 401 and 403");
        }
    }

    /** When the other side says when to come back, it is asked no earlier. */
    @Test
    void comesBackNoEarlierThanAsked() throws Exception {
        for (int status : List.of(429, 503)) {
            Exception failure = failure(
                    call -> {
                        call.getResponseHeaders().set("Retry-After", "7200");
                        answer(call, status, "application/json", "{\"message\":\"later\"}");
                    },
                    status + " with Retry-After: 7200",
                    "records would be lost");
            Lesson.unless(
                    failure instanceof TransientException passing
                            && passing.after()
                                    .filter(it -> it.compareTo(Duration.ofHours(2)) >= 0)
                                    .isPresent(),
                    "the other side asked for two hours of quiet with its " + status
                            + ", and the failure does not say so: " + failure,
                    "who comes back earlier is locked out for longer",
                    "throw new TransientException(message, Duration.ofSeconds(retryAfter)); the runner waits, or stops and says until when");
        }
    }

    /** A page for people is no data. */
    @Test
    void takesNoLoginPageForData() throws Exception {
        failure(
                call -> answer(call, 200, "text/html", "<html><body>Please log in</body></html>"),
                "200 with a web page",
                "a proxy or an expired session answers so, and what it hides would count as nothing");
    }

    /** Half an answer is none. */
    @Test
    void takesNoCutAnswerForData() throws Exception {
        failure(
                call -> {
                    call.getRequestBody().readAllBytes();
                    call.getResponseHeaders().set("Content-Type", "application/json");
                    call.sendResponseHeaders(200, 1_000);
                    call.getResponseBody().write("[".getBytes(StandardCharsets.UTF_8));
                    call.getResponseBody().flush();
                    call.close();
                },
                "200 with the first byte of a thousand",
                "the records in the rest would be lost");
        failure(
                call -> answer(call, 200, "application/json", "[{\"id\":1},{\"id\""),
                "200 with JSON that is cut off",
                "the records in the rest would be lost");
    }

    /** The token stands in no failure, whatever went wrong. */
    @Test
    void keepsItsTokenOutOfFailures() throws Exception {
        Secrets secrets = new Secrets(List.of(TOKEN));
        for (int status : List.of(400, 401, 403, 404, 429, 500)) {
            secrets.notIn(failure(
                    call -> answer(
                            call,
                            status,
                            "application/json",
                            "{\"message\":\"wrong: " + TOKEN + "\",\"sent\":\""
                                    + call.getRequestHeaders().values() + "\"}"),
                    "" + status,
                    "records would be lost"));
        }
        Exception unreachable = failure("http://127.0.0.1:1", TOKEN);
        if (unreachable != null) {
            secrets.notIn(unreachable);
        }
    }

    /** A token that is none does nothing and is not told. */
    @Test
    void refusesATokenThatCannotBeSent() throws Exception {
        AtomicInteger evil = new AtomicInteger();
        HttpServer server = server(call -> {
            if (call.getRequestHeaders().containsKey("X-Evil")) {
                evil.incrementAndGet();
            }
            answer(call, 200, "application/json", "[]");
        });
        try {
            Exception failure = failure(address(server), TOKEN + "\r\nX-Evil: 1");
            Lesson.unless(
                    failure != null && evil.get() == 0,
                    "a token with a line break in it is sent",
                    "a file with a setting is read wrongly more often than one thinks, and a header of one's own is a way in",
                    "make a Secret of it, which refuses what cannot stand in a header and names the setting only");
            new Secrets(List.of(TOKEN)).notIn(failure == null ? new IllegalStateException() : failure);
        } finally {
            server.stop(0);
        }
    }
}

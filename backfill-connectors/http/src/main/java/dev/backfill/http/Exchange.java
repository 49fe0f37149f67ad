package dev.backfill.http;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import dev.backfill.internal.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** A call that was answered; turns what can go wrong into the few errors that the runner knows. */
final class Exchange {

    private static final int ERROR_BODY = 64 << 10;
    private static final int MOST_HEADERS = 500;

    /** How long a limiter rests after a 429 that does not say how long. */
    private static final Duration REST = Duration.ofSeconds(1);

    private final Http http;
    private final String call;
    private final Redactor redactor;
    private final List<Secret> secrets;
    private final Transport.Answer answer;
    private final Signals signals;

    private Exchange(
            Http http, String call, Redactor redactor, List<Secret> secrets, Transport.Answer answer, Signals signals) {
        this.http = http;
        this.call = call;
        this.redactor = redactor;
        this.secrets = secrets;
        this.answer = answer;
        this.signals = signals;
    }

    /** Reads a body, knowing its charset. */
    interface Reader<T> {
        T from(InputStream body, Charset charset) throws IOException;
    }

    /** Waits for a permit, sends, and tells the limiter what the answer's headers say. */
    static Exchange begin(Http http, Transport.Outgoing outgoing) throws InterruptedException {
        List<Secret> secrets = outgoing.headers().stream()
                .flatMap(header -> header.secret().stream())
                .toList();
        Redactor redactor = new Redactor(secrets);
        String path = redactor.excerpt(outgoing.uri().getRawPath());
        String call = outgoing.method() + " " + http.origin() + path;

        RateLimiter.@Nullable Call permit =
                http.limiter().isPresent() ? http.limiter().get().acquire() : null;
        boolean sent = true;
        Signals signals;
        Transport.Answer answer;
        try {
            answer = http.transport().send(outgoing, http.deadline());
            signals = Signals.of(answer.headers(), http.time().now());
            if (permit != null) {
                for (Signals.Window window : signals.windows()) {
                    permit.left(window.limit(), window.left());
                }
            }
            if (answer.status() == 429 && http.limiter().isPresent()) {
                // before the permit is given back, or another call would slip through
                http.limiter().get().quiet(rest(signals));
            }
        } catch (Transport.NotSent e) {
            sent = false;
            RuntimeException failure = failed(call, redactor, e.getCause() instanceof IOException cause ? cause : e);
            throw failure instanceof TransientException
                    ? new UnsentException(String.valueOf(failure.getMessage()))
                    : failure;
        } catch (IOException e) {
            throw failed(call, redactor, e);
        } finally {
            if (permit != null) {
                if (sent) {
                    permit.close();
                } else {
                    permit.unsent();
                }
            }
        }
        // after the permit is given back, since this call is not one of those that are left
        if (signals.left().isPresent() && http.limiter().isPresent()) {
            Signals.Left left = signals.left().get();
            http.limiter().get().remaining(left.calls(), left.until());
        }
        return new Exchange(http, call, redactor, secrets, answer, signals);
    }

    private static Duration rest(Signals signals) {
        return signals.after().or(() -> signals.left().map(Signals.Left::until)).orElse(REST);
    }

    /** Reads the answer, or says why it cannot be used. */
    <T> T read(Reader<T> reader, boolean json) throws InterruptedException {
        try (InputStream body = answer.body()) {
            checkStatus(body);
            if (answer.status() == 204 || answer.status() == 205) {
                throw new TransientException(
                        call + " answered " + answer.status() + ", nothing, where something was expected");
            }
            String type = Signals.lower(answer.headers(), "content-type");
            if (json && !mayBeJson(type)) {
                throw new TransientException(call + " answered " + answer.status() + " with " + Redactor.escape(type)
                        + " in the place of JSON: " + redactor.excerpt(beginning(body)));
            }
            return reader.from(unpacked(body, http.maxBody()), Request.charset(type));
        } catch (JsonBody.Misfit | Bounded.TooLarge e) {
            throw new HttpException(answer.status(), call + ": " + redactor.redact(String.valueOf(e.getMessage())));
        } catch (InterruptedIOException e) {
            throw interruptedOr(e);
        } catch (IOException e) {
            throw failed(call, redactor, e);
        }
    }

    /** Reads the answer to its end, so that the connection can be used again. */
    Answer drop() throws InterruptedException {
        try (InputStream body = answer.body()) {
            checkStatus(body);
            Bounded.of(body, "", http.maxBody()).transferTo(OutputStream.nullOutputStream());
            return new Answer(answer.status(), answer.headers());
        } catch (InterruptedIOException e) {
            throw interruptedOr(e);
        } catch (IOException e) {
            throw failed(call, redactor, e);
        }
    }

    private RuntimeException interruptedOr(InterruptedIOException e) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return failed(call, redactor, e); // a timeout
    }

    private InputStream unpacked(InputStream body, long most) throws IOException {
        return Bounded.of(body, Signals.lower(answer.headers(), "content-encoding"), most);
    }

    private static boolean mayBeJson(String type) {
        return type.isEmpty()
                || type.contains("json")
                || type.startsWith("text/plain")
                || type.startsWith("application/octet-stream");
    }

    private void checkStatus(InputStream body) throws InterruptedException {
        int status = answer.status();
        int headers = answer.headers().values().stream().mapToInt(List::size).sum();
        if (headers > MOST_HEADERS) {
            throw new HttpException(status, call + " answered " + status + " with " + headers + " headers");
        }
        if (status >= 200 && status < 300) {
            return;
        }
        String said = redactor.redact(beginning(body));
        String excerpt = redactor.excerpt(said);
        String message = call + " answered " + status + meaning(status) + (excerpt.isEmpty() ? "" : ": " + excerpt);
        throw http.meaning().apply(new HttpException(status, message, object(said), signals.after()));
    }

    private String meaning(int status) {
        if (status == 401 || status == 403) {
            String names = secrets.stream().map(Secret::name).distinct().collect(Collectors.joining(", "));
            return names.isEmpty()
                    ? " (no credentials were sent)"
                    : " (check " + names + ", and what its owner may do)";
        }
        return status >= 300 && status < 400
                ? " (redirects are not followed, since credentials would follow them; set the address to the place itself)"
                : "";
    }

    /** What can be had of the beginning of a body, whatever it is. */
    private String beginning(InputStream body) throws InterruptedException {
        byte[] bytes = new byte[ERROR_BODY];
        int length = 0;
        try {
            InputStream in = unpacked(body, Long.MAX_VALUE);
            int read = 0;
            while (length < bytes.length && read >= 0) {
                read = in.read(bytes, length, bytes.length - length);
                length += Math.max(0, read);
            }
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            // the status matters more than the rest of its explanation
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> object(String said) {
        if (!said.stripLeading().startsWith("{")) {
            return Map.of();
        }
        try {
            return Json.read(said, Map.class);
        } catch (IllegalArgumentException e) {
            return Map.of(); // cut, or no JSON after all
        }
    }

    /** The failure of a call in our words. Its cause is left out, since it may hold the request or pieces of an answer. */
    private static RuntimeException failed(String call, Redactor redactor, IOException e) {
        String reason = e.getMessage() == null ? "" : ": " + redactor.excerpt(e.getMessage());
        boolean ours = e instanceof JsonBody.Broken;
        String message =
                call + " failed: " + (ours ? reason.substring(2) : e.getClass().getSimpleName() + reason);
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof CertificateException || at instanceof SSLPeerUnverifiedException) {
                return new HttpException(
                        0,
                        message + " (the other side does not prove who it is; check the address and its certificate)");
            }
        }
        return new TransientException(message);
    }
}

package dev.backfill.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends by the JDK's client. Its threads are daemons, and its connections are kept for the next call.
 *
 * <p>Deadlines are kept by the JDK's timer and not by the clock of the ports, since the other side lives in real time.
 */
final class JdkTransport implements Transport {

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable HttpClient made;

    /** Made for the first call only, since it has a thread, and addresses are often set twice before one. */
    private HttpClient client() {
        lock.lock();
        try {
            HttpClient client = made;
            if (client == null) {
                client = HttpClient.newBuilder()
                        // partitions side by side then fail one by one, and sharing a connection has brought no speed
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(Duration.ofSeconds(10))
                        .build();
                made = client;
            }
            return client;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Answer send(Outgoing outgoing, Duration deadline) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(outgoing.uri());
        request.method(
                outgoing.method(),
                outgoing.body().length == 0
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofByteArray(outgoing.body()));
        outgoing.headers().forEach(header -> request.setHeader(header.name(), header.value()));
        ArrivingBody body = new ArrivingBody();
        CompletableFuture<HttpResponse<InputStream>> exchange = client().sendAsync(request.build(), head -> body);
        AtomicBoolean late = new AtomicBoolean();
        CompletableFuture<Void> timer =
                new CompletableFuture<Void>().completeOnTimeout(null, deadline.toNanos(), TimeUnit.NANOSECONDS);
        CompletableFuture<Void> ignored = timer.thenRun(() -> {
            late.set(true);
            body.fail(late(deadline));
            exchange.cancel(true);
        });
        body.whenClosed(() -> timer.cancel(false));
        boolean answered = false;
        try {
            HttpResponse<InputStream> response = exchange.get();
            answered = true;
            return new Answer(
                    response.statusCode(), lowerCase(response.headers().map()), body);
        } catch (CancellationException e) {
            throw late.get() ? late(deadline) : new IOException("the call was cancelled", e);
        } catch (ExecutionException e) {
            throw late.get() ? late(deadline) : unsentIfSo(e.getCause());
        } finally {
            if (!answered) {
                exchange.cancel(true);
                body.close();
            }
        }
    }

    private static HttpTimeoutException late(Duration deadline) {
        return new HttpTimeoutException("not answered in full within " + deadline.toMillis() / 1000.0 + " s");
    }

    private static IOException unsentIfSo(@Nullable Throwable cause) {
        IOException failure = cause instanceof IOException io ? io : new IOException(cause);
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof ConnectException
                    || at instanceof HttpConnectTimeoutException
                    || at instanceof UnknownHostException
                    || at instanceof UnresolvedAddressException) {
                return new NotSent(failure);
            }
        }
        return failure;
    }

    private static Map<String, List<String>> lowerCase(Map<String, List<String>> headers) {
        Map<String, List<String>> lower = new TreeMap<>();
        headers.forEach((name, values) -> lower.put(name.toLowerCase(Locale.ROOT), values));
        return lower;
    }
}

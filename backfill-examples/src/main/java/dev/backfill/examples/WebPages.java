package dev.backfill.examples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Gets pages of one site with the cookies of a session: within a time that counts to the last byte, up to a size, and without following
 * redirects. Safe for several threads.
 */
final class WebPages {

    private static final int LARGEST = 8 << 20;

    private final Session session;
    private final Duration timeout;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    WebPages(Session session, Duration timeout) {
        this.session = session;
        this.timeout = timeout;
    }

    /** @param sent the cookies with which it was asked for */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(int status, HttpHeaders headers, byte[] body, String sent) {}

    /**
     * Asks once, and keeps the cookies that the answer sets.
     *
     * @throws IOException if no whole answer comes in time, or if the session cannot be saved
     */
    Answer get(URI url) throws IOException, InterruptedException {
        String cookies = session.header();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).header("Accept", "text/html").header("User-Agent", "backfill-examples");
        if (!cookies.isEmpty()) {
            request.header("Cookie", cookies);
        }
        HttpResponse<byte[]> response = send(request.build());
        if (response.body().length > LARGEST) {
            throw new IllegalStateException("the page " + url.getPath() + " is larger than " + LARGEST + " bytes");
        }
        session.keep(response.headers().allValues("Set-Cookie"));
        return new Answer(response.statusCode(), response.headers(), response.body(), cookies);
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> exchange = client.sendAsync(request, head -> new Body());
        try {
            return exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("not answered in full within " + timeout.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } finally {
            exchange.cancel(true); // of no effect on one that has come to its end
        }
    }

    /** Gathers a body, and ends the call when there is more than anybody wants. */
    private static final class Body implements HttpResponse.BodySubscriber<byte[]> {

        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private Flow.@org.jspecify.annotations.Nullable Subscription subscription;

        @Override
        public CompletionStage<byte[]> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                byte[] piece = new byte[Math.min(buffer.remaining(), LARGEST + 1 - bytes.size())];
                buffer.get(piece);
                bytes.writeBytes(piece);
            }
            Flow.Subscription given = subscription;
            if (bytes.size() > LARGEST && given != null) {
                given.cancel();
                whole.complete(bytes.toByteArray());
            }
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(bytes.toByteArray());
        }
    }
}

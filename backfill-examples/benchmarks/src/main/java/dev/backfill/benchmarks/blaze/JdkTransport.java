package dev.backfill.benchmarks.blaze;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** The JDK's client, which all threads share, with a body that is copied once, into the same array each time. */
final class JdkTransport implements Transport {

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String vendor;
    private byte[] buffer = new byte[1 << 19];

    JdkTransport(String vendor) {
        this.vendor = vendor;
    }

    @Override
    public ByteBuffer get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(vendor + path))
                .header("partner_key", BlazeApi.PARTNER_KEY)
                .header("Authorization", BlazeApi.KEY)
                .build();
        HttpResponse<ByteBuffer> answer = CLIENT.send(request, info -> new Reading());
        if (answer.statusCode() != 200) {
            throw new IOException("the answer is " + answer.statusCode());
        }
        return answer.body();
    }

    private final class Reading implements HttpResponse.BodySubscriber<ByteBuffer> {

        private final CompletableFuture<ByteBuffer> body = new CompletableFuture<>();
        private int length;

        @Override
        public CompletionStage<ByteBuffer> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            for (ByteBuffer part : parts) {
                int more = part.remaining();
                if (length + more > buffer.length) {
                    buffer = java.util.Arrays.copyOf(buffer, Math.max(length + more, 2 * buffer.length));
                }
                part.get(buffer, length, more);
                length += more;
            }
        }

        @Override
        public void onError(Throwable failure) {
            body.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            body.complete(ByteBuffer.wrap(buffer, 0, length));
        }
    }
}

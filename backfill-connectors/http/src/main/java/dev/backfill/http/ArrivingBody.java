package dev.backfill.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A body as it arrives: filled by the client's threads, read by one other. Unlike the JDK's own stream, it can be told from outside that
 * its time is over, and a read that waits then fails.
 */
final class ArrivingBody extends InputStream implements HttpResponse.BodySubscriber<InputStream> {

    /**
     * So many parts, of 16 KB at most, may wait to be read; more are not asked for, so a fast server cannot fill the memory. They are asked
     * for by eights, since the client goes a long way for each asking if it has stopped to read.
     */
    private static final int AHEAD = 32;

    private static final int ASKED = AHEAD / 4;

    private final BlockingQueue<Part> queue = new LinkedBlockingQueue<>();
    private final AtomicReference<Flow.@Nullable Subscription> subscription = new AtomicReference<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    // of the reading thread
    private Part part = new Part.Bytes(List.of());
    private int buffer;
    private int taken;

    private sealed interface Part {
        record Bytes(List<ByteBuffer> buffers) implements Part {}

        record End() implements Part {}

        record Failure(IOException cause) implements Part {}
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription.set(given);
        if (closed.isDone()) {
            given.cancel();
        } else {
            given.request(AHEAD);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        queue.add(new Part.Bytes(buffers));
    }

    @Override
    public void onError(Throwable cause) {
        fail(cause instanceof IOException io ? io : new IOException(cause));
    }

    @Override
    public void onComplete() {
        queue.add(new Part.End());
    }

    /** Reads fail from here on, once they have read what has arrived. */
    void fail(IOException cause) {
        queue.add(new Part.Failure(cause));
    }

    /** Runs this when nothing more will be read. */
    void whenClosed(Runnable action) {
        CompletableFuture<Void> ignored = closed.thenRun(action);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            if (part instanceof Part.End) {
                return -1;
            }
            if (part instanceof Part.Failure failure) {
                throw failure.cause();
            }
            if (part instanceof Part.Bytes bytes && buffer < bytes.buffers().size()) {
                ByteBuffer next = bytes.buffers().get(buffer);
                if (next.hasRemaining()) {
                    int count = Math.min(length, next.remaining());
                    next.get(into, offset, count);
                    return count;
                }
                buffer++;
            } else {
                part = take();
                buffer = 0;
            }
        }
    }

    private Part take() throws InterruptedIOException {
        try {
            Part next = queue.take();
            Flow.Subscription from = subscription.get();
            if (next instanceof Part.Bytes && from != null && ++taken % ASKED == 0) {
                from.request(ASKED);
            }
            return next;
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading an answer");
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** Whether something can be read without waiting; only told of what was taken from the queue. */
    @Override
    public int available() {
        if (part instanceof Part.Bytes bytes && buffer < bytes.buffers().size()) {
            return bytes.buffers().get(buffer).remaining();
        }
        return queue.isEmpty() ? 0 : 1;
    }

    /** Gives the connection up if the body was not read to its end. */
    @Override
    public void close() {
        closed.complete(null);
        Flow.Subscription from = subscription.get();
        if (from != null && !(part instanceof Part.End)) {
            from.cancel();
        }
    }
}

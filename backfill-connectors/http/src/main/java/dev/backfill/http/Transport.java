package dev.backfill.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Carries one request and its answer; knows nothing of JSON, limits or credentials. Safe for several threads. */
interface Transport {

    /**
     * Sends a request and waits for the headers of the answer. Follows no redirect.
     *
     * @param deadline for everything, the reading of the body included; past it, the body's stream fails too
     * @throws NotSent if the request cannot have reached the other side
     */
    Answer send(Outgoing request, Duration deadline) throws IOException, InterruptedException;

    /** A request. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Outgoing(String method, URI uri, List<Header> headers, byte[] body) {
        @Override
        public String toString() {
            return method; // the rest may hold credentials
        }
    }

    /**
     * An answer.
     *
     * @param headers names in lower case
     * @param body must be closed; reading it fails with an {@link java.io.InterruptedIOException} when the thread is interrupted
     */
    record Answer(int status, Map<String, List<String>> headers, InputStream body) {}

    /** The other side was not reached. */
    final class NotSent extends IOException {
        private static final long serialVersionUID = 1;

        NotSent(IOException cause) {
            super(cause);
        }
    }
}

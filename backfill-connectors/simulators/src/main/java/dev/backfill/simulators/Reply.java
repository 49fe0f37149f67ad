package dev.backfill.simulators;

import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer before it is sent.
 *
 * @param status 0 for an answer that never comes: the connection ends when the pieces are written, to nowhere
 * @param headers besides those that every answer has
 * @param pieces what is sent a piece at a time in the place of the body
 */
record Reply(
        int status,
        String type,
        JsonBytes body,
        Map<String, String> headers,
        @Nullable Pieces pieces) {

    /** Writes an answer whose length nobody knows yet. Its status is sent with the first byte, or at the end. */
    @FunctionalInterface
    interface Pieces {
        /**
         * Writes all of it.
         *
         * @throws BrokenOff to end the connection after what was written
         */
        void to(OutputStream out) throws IOException, InterruptedException;
    }

    /** Thrown to end a connection in the middle of an answer. */
    static final class BrokenOff extends IOException {
        private static final long serialVersionUID = 1;

        BrokenOff() {
            super("broken off on purpose");
        }
    }

    Reply(int status, String type, JsonBytes body) {
        this(status, type, body, new LinkedHashMap<>(), null);
    }

    static Reply pieces(String type, Pieces pieces) {
        return new Reply(200, type, new JsonBytes(0), new LinkedHashMap<>(), pieces);
    }

    /** The connection ends without an answer when the work is done. */
    static Reply lost(Pieces work) {
        return new Reply(0, "", new JsonBytes(0), new LinkedHashMap<>(), work);
    }

    static Reply json(JsonBytes body) {
        return new Reply(200, "application/json", body);
    }

    static Reply json(int status, String ascii) {
        return new Reply(status, "application/json", new JsonBytes(ascii.length()).raw(ascii));
    }

    static Reply html(int status, String ascii) {
        return new Reply(status, "text/html", new JsonBytes(ascii.length()).raw(ascii));
    }
}

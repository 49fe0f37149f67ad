package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.internal.Json;
import java.util.Map;

/** A call that is answered with an error, in Guesty's words. */
final class GuestyError extends Exception {

    private static final long serialVersionUID = 1;

    static final String FORBIDDEN = "You don't have permission to access, please contact Guesty support.";

    private final int status;
    private final String words;

    GuestyError(int status, String words) {
        super(null, null, false, false);
        this.status = status;
        this.words = words;
    }

    static GuestyError invalid(String words) {
        return new GuestyError(400, words);
    }

    /** @param plain whether the message stands at the top, as it always does when the gateway speaks */
    Reply reply(boolean plain) {
        return reply(status, words, plain || status == 401 || status == 403);
    }

    static Reply reply(int status, String words, boolean plain) {
        Map<String, ?> message = map("message", words);
        return new Reply(
                status,
                "application/json",
                new JsonBytes(100).whole(Json.write(plain ? message : map("error", message))));
    }
}

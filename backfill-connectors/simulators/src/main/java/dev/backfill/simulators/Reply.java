package dev.backfill.simulators;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer before it is sent.
 *
 * @param headers besides those that every answer has
 */
record Reply(int status, String type, JsonBytes body, Map<String, String> headers) {

    Reply(int status, String type, JsonBytes body) {
        this(status, type, body, new LinkedHashMap<>());
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

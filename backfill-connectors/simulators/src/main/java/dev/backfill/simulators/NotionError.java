package dev.backfill.simulators;

import dev.backfill.internal.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call that is answered with an error, in Notion's words. */
final class NotionError extends Exception {

    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;
    private final String words;
    private final transient Map<String, Object> additional;

    NotionError(int status, String code, String words, Map<String, Object> additional) {
        super(null, null, false, false);
        this.status = status;
        this.code = code;
        this.words = words;
        this.additional = additional;
    }

    NotionError(int status, String code, String words) {
        this(status, code, words, Map.of());
    }

    /** What is wrong with the call itself. */
    static NotionError validation(String words) {
        return new NotionError(400, "validation_error", words);
    }

    Reply reply() {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("object", "error");
        body.put("status", status);
        body.put("code", code);
        body.put("message", words);
        if (!additional.isEmpty()) {
            body.put("additional_data", additional);
        }
        body.put("request_id", "00000000-0000-4000-8000-000000000000");
        return new Reply(status, "application/json", new JsonBytes(200).whole(Json.write(body)));
    }
}

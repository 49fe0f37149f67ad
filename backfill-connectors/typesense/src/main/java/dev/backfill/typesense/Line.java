package dev.backfill.typesense;

import dev.backfill.internal.Json;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A record as a line of an import.
 *
 * @param index of the record in its batch
 * @param id null if it has none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Line(int index, byte[] json, @Nullable String id) {

    private static final String ID = "\"id\":\"";

    /** A record that is no document. */
    static final class Unfit extends Exception {
        private static final long serialVersionUID = 1;

        Unfit(String message) {
            super(message, null, false, false);
        }
    }

    static Line of(int index, Object record) throws Unfit {
        String json;
        try {
            json = Json.write(record);
        } catch (IllegalArgumentException e) {
            throw new Unfit(String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            throw new Unfit("it is nested too deeply, or contains itself");
        }
        return new Line(index, json.getBytes(StandardCharsets.UTF_8), id(json, record));
    }

    private static @Nullable String id(String json, Object record) throws Unfit {
        int flat = json.lastIndexOf('{') == 0 && json.indexOf('\\') < 0 ? json.indexOf(ID) : -1;
        if (flat > 0) { // without escapes each quote is one, and without a second brace the name is the document's
            String id = json.substring(flat + ID.length(), json.indexOf('"', flat + ID.length()));
            if (!id.isEmpty()) {
                return id;
            }
        }
        try (JsonParser parser = Json.parser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Unfit("a record or a map is a document, and "
                        + record.getClass().getName() + " is not");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("id")) {
                    return id(value, parser);
                }
                parser.skipChildren();
            }
            return null;
        }
    }

    private static @Nullable String id(@Nullable JsonToken value, JsonParser parser) throws Unfit {
        if (value == JsonToken.VALUE_NULL) {
            return null;
        }
        if (value != JsonToken.VALUE_STRING) {
            throw new Unfit("its id is not text, which Typesense refuses: make it a String, as String.valueOf(id)");
        }
        String id = parser.getString();
        if (id.isEmpty()) {
            throw new Unfit("its id is empty");
        }
        return id;
    }
}

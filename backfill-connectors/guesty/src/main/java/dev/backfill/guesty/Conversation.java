package dev.backfill.guesty;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * What is needed of a conversation.
 *
 * @param reservationId the first that Guesty names
 */
record Conversation(
        String id, @Nullable String reservationId, @Nullable String guestName) {

    /**
     * A page of conversations.
     *
     * @param rows how many Guesty gave; those without an id are not among the conversations
     * @param cursor of the next page; empty if there is none
     */
    record Listed(List<Conversation> conversations, int rows, String cursor) {

        static final Listed NOTHING = new Listed(List.of(), 0, "");

        /** Which of them it is; -1 if it is none of them. */
        int indexOf(@Nullable String id) {
            for (int i = 0; i < conversations.size(); i++) {
                if (conversations.get(i).id().equals(id)) {
                    return i;
                }
            }
            return -1;
        }
    }

    static Listed listed(JsonNode answer) {
        JsonNode rows = Wire.array(answer.path("data"), "conversations");
        Map<String, Conversation> found = new LinkedHashMap<>();
        for (JsonNode row : rows) {
            String id = Wire.text(row.path("_id"));
            if (id == null) {
                LoggerFactory.getLogger(Guesty.class)
                        .warn("Guesty lists a conversation without an _id, whose messages cannot be asked for");
            } else {
                found.putIfAbsent(id, of(id, row.path("meta")));
            }
        }
        return new Listed(new ArrayList<>(found.values()), rows.size(), Wire.cursor(answer));
    }

    private static Conversation of(String id, JsonNode meta) {
        String reservation = null;
        for (JsonNode one : meta.path("reservations")) {
            reservation = reservation == null ? Wire.text(one.path("_id")) : reservation;
        }
        return new Conversation(id, reservation, Wire.text(meta.path("guest").path("fullName")));
    }
}

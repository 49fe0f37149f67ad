package dev.backfill.guesty;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A message between a guest and a host, or an entry that Guesty keeps among them; see {@link #internal}.
 *
 * @param messageId what tells it from all others. Null if Guesty gave none; a table that is written by it then refuses the message, so that
 *     it is kept as a dead letter
 * @param conversationId the conversation that it is part of
 * @param reservationId the reservation that it is about, as far as Guesty says; the first, if the conversation has several
 * @param guestName the guest of the conversation
 * @param body the text, which may be HTML; empty if there is none, as for a picture
 * @param createdAt when it was written; null if that is not told, or told in a form that is not certain
 * @param createdAtRaw what stood in the place of a time that could not be read; null otherwise
 * @param sentBy {@code guest}, {@code host} or {@code log}; null if not told
 * @param module the way that it took, such as {@code airbnb2} or {@code email}; Guesty adds new ones. Null if not told
 */
public record Message(
        @Nullable String messageId,
        String conversationId,
        @Nullable String reservationId,
        @Nullable String guestName,
        String body,
        @Nullable Instant createdAt,
        @Nullable String createdAtRaw,
        @Nullable String sentBy,
        @Nullable String module) {

    /** Checks that what is always there is there. */
    public Message {
        Objects.requireNonNull(conversationId, "conversationId");
        Objects.requireNonNull(body, "body");
    }

    /** Whether it is a note of the team or an entry of a log, which no guest has seen. */
    public boolean internal() {
        return "log".equals(sentBy) || "log".equals(module) || "note".equals(module);
    }

    /** A post of a conversation. */
    static Message of(Conversation conversation, JsonNode post) {
        JsonNode way = post.path("module"); // an object here, and a text in webhooks
        String reservation = Wire.text(post.path("reservationId"));
        return of(
                post,
                conversation.id(),
                reservation == null ? conversation.reservationId() : reservation,
                conversation.guestName(),
                Wire.text(way.isObject() ? way.path("type") : way));
    }

    /** A row of the flat list. */
    static Message flat(JsonNode row) {
        JsonNode from = row.path("from");
        JsonNode way = row.path("module");
        String conversation = Wire.text(row.path("conversationId"));
        return of(
                row,
                conversation == null ? "" : conversation,
                Wire.text(row.path("reservationId")),
                Wire.text(from.isObject() ? from.path("fullName") : from),
                Wire.text(way.isObject() ? way.path("type") : way));
    }

    private static Message of(
            JsonNode row,
            String conversation,
            @Nullable String reservation,
            @Nullable String guest,
            @Nullable String module) {
        Timestamp time = Timestamp.of(row.path("createdAt"));
        String body = row.path("body").isString() ? row.path("body").asString() : "";
        return new Message(
                Wire.text(row.path("_id")),
                conversation,
                reservation,
                guest,
                body,
                time.at(),
                time.raw(),
                Wire.text(row.path("sentBy")),
                module);
    }
}

package dev.backfill.simulators;

import static dev.backfill.simulators.GuestyQuirk.*;
import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.simulators.GuestyAccount.Conversation;
import dev.backfill.simulators.GuestyAccount.Post;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is in a post: a function of the seed and its place. What was written after the start is always sound. */
final class GuestyPosts {

    private static final List<String> MODULES =
            List.of("airbnb2", "airbnb2", "bookingCom", "email", "sms", "whatsapp", "platform");
    private static final String HOST = "Sam Host";

    private final GuestySettings settings;
    private final GuestyConversations conversations;

    GuestyPosts(GuestySettings settings, GuestyConversations conversations) {
        this.settings = settings;
        this.conversations = conversations;
    }

    private int dice(Post post, int sides, long salt) {
        return Mix.below(sides, settings.seed, GuestyAccount.place(post.conversation(), post.number()), salt);
    }

    /** Whether it may be odd in that way. */
    private boolean may(Post post, GuestyQuirk quirk) {
        return settings.quirks.contains(quirk) && post.number() < post.conversation().base;
    }

    /** Whether it is a message, of a guest or a host, and not a log or a note. */
    boolean message(Post post) {
        return !may(post, LOG_POSTS) || dice(post, 12, 501) > 0;
    }

    boolean hasId(Post post) {
        return !may(post, POSTS_WITHOUT_ID) || dice(post, 40, 502) > 0;
    }

    GuestyTime form(Post post) {
        if (post.number() >= post.conversation().base) {
            return GuestyTime.USUAL;
        }
        long place = GuestyAccount.place(post.conversation(), post.number());
        return GuestyTime.of(settings.oddTimes, Mix.of(settings.seed, place, 503));
    }

    /** Whether it was written then or later, or does not tell. */
    boolean since(Post post, long millis) {
        Long read = form(post).read(post.time());
        return read == null || read >= millis;
    }

    @Nullable
    String sentBy(Post post) {
        int odd = may(post, ODD_SENDERS) ? dice(post, 25, 504) : 9;
        if (odd == 0 || odd == 1) {
            return null;
        }
        if (!message(post)) {
            return dice(post, 2, 505) == 0 ? "log" : "host";
        }
        return guest(post) ? "guest" : "host";
    }

    private boolean guest(Post post) {
        return post.number() >= post.conversation().base || dice(post, 2, 506) == 0;
    }

    /** The text; null if there is none. */
    @Nullable
    String body(Post post) {
        String edited = post.conversation().edited.get(post.number());
        if (edited != null) {
            return edited;
        }
        String plain =
                (guest(post) ? "Hello, a question about our stay, number " : "Thank you for asking, answer number ")
                        + (post.number() + 1) + " of " + post.conversation().index;
        if (!may(post, ODD_BODIES)) {
            return plain;
        }
        return switch (dice(post, 40, 507)) {
            case 0 -> "";
            case 1, 2 -> null;
            case 3, 4, 5 -> "<div><p>" + plain + "</p><br/>&amp; \"thanks\"</div>";
            case 6 -> plain + "\r\n\tgr\u00fc\u00dfe \ud83c\udfe1 \\ \u0001";
            case 7 -> (plain + ". ").repeat(60);
            default -> plain;
        };
    }

    Map<String, @Nullable Object> json(Post post) {
        Conversation conversation = post.conversation();
        Map<String, @Nullable Object> json = map();
        if (hasId(post)) {
            json.put("_id", post.id());
        }
        json.put("conversationId", conversation.id);
        form(post).put(json, post.time());
        putBody(json, post);
        putSender(json, post);
        json.put("isFromMigration", false);
        json.put("attachments", List.of());
        json.put("__v", 0);
        return json;
    }

    private void putBody(Map<String, @Nullable Object> json, Post post) {
        String body = body(post);
        if (body != null || dice(post, 2, 508) == 0) { // null, or missing
            json.put("body", body);
        }
    }

    private void putSender(Map<String, @Nullable Object> json, Post post) {
        int odd = may(post, ODD_SENDERS) ? dice(post, 25, 504) : 9;
        boolean message = message(post);
        boolean guest = guest(post);
        String type = message
                ? MODULES.get(dice(post, MODULES.size(), 509))
                : "log".equals(sentBy(post)) || dice(post, 2, 510) == 0 ? "log" : "note";
        if (odd == 4 && message) {
            type = "pigeonPost";
        }
        if (odd != 3 || !message) {
            json.put(
                    "module",
                    map("type", type, "to", List.of(), "cc", List.of(), "bcc", List.of(), "templateValues", map()));
        }
        if (odd != 0 && odd != 2) {
            boolean contradicts = odd == 5;
            boolean named = contradicts != (guest && message);
            json.put(
                    "from",
                    named
                            ? from(conversations.guestName(post.conversation()))
                            : map("type", "employee", "fullName", HOST));
        }
        String sentBy = sentBy(post);
        if (sentBy != null) {
            json.put("sentBy", sentBy);
        }
    }

    private static Map<String, @Nullable Object> from(@Nullable String name) {
        return name == null ? map("type", "user") : map("type", "user", "fullName", name);
    }

    /** The message as an entry of the flat list. */
    Map<String, @Nullable Object> flat(Post post) {
        Conversation conversation = post.conversation();
        Map<String, @Nullable Object> json = map();
        if (hasId(post)) {
            json.put("_id", post.id());
        }
        putBody(json, post);
        form(post).put(json, post.time());
        json.put("conversationId", conversation.id);
        json.put("reservationId", conversations.reservation(conversation));
        String name = conversations.guestName(conversation);
        if (settings.quirks.contains(FLAT_FROM_OBJECT)) {
            json.put("from", from(name));
        } else if (name != null) {
            json.put("from", name);
        }
        return json;
    }

    /** What the table must hold of a message. */
    Map<String, @Nullable Object> row(Post post) {
        Conversation conversation = post.conversation();
        GuestyTime form = form(post);
        Long read = form.read(post.time());
        String body = body(post);
        return map(
                "message_id", post.id(),
                "conversation_id", conversation.id,
                "reservation_id", conversations.reservation(conversation),
                "guest_name", conversations.guestName(conversation),
                "body", body == null ? "" : body,
                "created_at", read == null ? null : GuestyTime.text(read),
                "created_at_raw", form.raw(post.time()),
                "sent_by", sentBy(post));
    }
}

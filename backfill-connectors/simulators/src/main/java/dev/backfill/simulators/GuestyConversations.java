package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.simulators.GuestyAccount.Conversation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is in a conversation: its guest, reservations and listing; a function of the seed and its place. */
final class GuestyConversations {

    /** By what the list can be filtered. */
    static final Set<String> FILTERS =
            Set.of("status", "type", "read", "guest._id", "reservation._id", "reservation.status", "listing._id");

    private static final List<String> FIRST =
            List.of("Ana", "Ben", "Chloé", "Dan", "Eva", "Félix", "Gül", "Hugo", "Inés", "Jörg");
    private static final List<String> LAST = List.of("Ruiz", "O'Neil", "Müller", "Silva", "Østby", "van \"Vee\"", "李");
    private static final long DAY = 86_400_000;
    private static final String ACCOUNT = "660000000000000000000001";

    private final GuestySettings settings;

    GuestyConversations(GuestySettings settings) {
        this.settings = settings;
    }

    private int dice(Conversation one, int sides, long salt) {
        return Mix.below(sides, settings.seed, one.index, salt);
    }

    /** In which way it is odd, if it is. */
    private int odd(Conversation one) {
        return settings.quirks.contains(GuestyQuirk.ODD_CONVERSATIONS) ? dice(one, 30, 601) : 29;
    }

    private String id(Conversation one, int kind) {
        return GuestyAccount.hex(one.created, Mix.of(settings.seed, kind, 602) ^ one.index);
    }

    String name(Conversation one) {
        return FIRST.get(dice(one, FIRST.size(), 603)) + " " + LAST.get(dice(one, LAST.size(), 604));
    }

    String guestId(Conversation one) {
        return id(one, 1);
    }

    /** The name by which the guest is told; null if it is not. */
    @Nullable
    String guestName(Conversation one) {
        return odd(one) < 2 ? null : name(one);
    }

    /** The first reservation; null if there is none. */
    @Nullable
    String reservation(Conversation one) {
        return odd(one) == 2 || odd(one) == 3 ? null : id(one, 2);
    }

    /** How many listings there are. */
    int listings() {
        return settings.conversations == 0 ? 0 : Math.min(250, settings.conversations / 10 + 1);
    }

    int listing(Conversation one) {
        return dice(one, Math.max(1, listings()), 605);
    }

    String listingId(int number) {
        return "630000000000000000" + GuestyAccount.hex(number * 1_000L, 0).substring(2, 8);
    }

    static String title(int number) {
        return List.of("Sunny loft", "Quiet room", "Garden flat").get(number % 3); // many have the same
    }

    long checkIn(Conversation one) {
        return Math.floorDiv(one.created, DAY) * DAY + (3L + dice(one, 40, 606)) * DAY + 15 * 3_600_000L;
    }

    long checkOut(Conversation one) {
        return checkIn(one) + (1L + dice(one, 6, 607)) * DAY - 5 * 3_600_000L;
    }

    String status(Conversation one) {
        return List.of("confirmed", "confirmed", "inquiry", "canceled").get(dice(one, 4, 608));
    }

    String confirmationCode(Conversation one) {
        return "HM"
                + Long.toString(Mix.of(settings.seed, one.index, 609) >>> 30, 36)
                        .toUpperCase(java.util.Locale.ROOT);
    }

    private Map<String, @Nullable Object> reservation(Conversation one, String id) {
        int listing = listing(one);
        return map(
                "_id",
                id,
                "status",
                status(one),
                "checkIn",
                GuestyTime.text(checkIn(one)),
                "checkOut",
                GuestyTime.text(checkOut(one)),
                "confirmationCode",
                confirmationCode(one),
                "customFields",
                List.of(),
                "listing",
                map(
                        "_id", listingId(listing),
                        "nickname", "Home " + listing,
                        "title", title(listing),
                        "address", map("full", "Street 1, Town", "city", "Town", "country", "Nowhere"),
                        "tags", List.of(),
                        "active", true));
    }

    boolean open(Conversation one) {
        return dice(one, 4, 610) > 0;
    }

    /** What a filter compares. */
    @Nullable
    Object value(Conversation one, String field) {
        boolean booked = reservation(one) != null;
        return switch (field) {
            case "status" -> open(one) ? "OPEN" : "CLOSED";
            case "type" -> "guest";
            case "read" -> one.read;
            case "guest._id" -> odd(one) == 0 ? null : guestId(one);
            case "reservation._id" -> reservation(one);
            case "reservation.status" -> booked ? status(one) : null;
            case "listing._id" -> booked ? listingId(listing(one)) : null;
            default -> null;
        };
    }

    Map<String, @Nullable Object> json(Conversation one) {
        Map<String, @Nullable Object> meta = map();
        int odd = odd(one);
        if (odd != 0) {
            Map<String, @Nullable Object> guest = map("_id", guestId(one));
            String name = guestName(one);
            if (name != null) {
                guest.put("fullName", name);
            }
            guest.put("email", "guest" + one.index + "@example.com");
            guest.put("isReturning", false);
            meta.put("guest", guest);
        }
        List<Object> reservations = new ArrayList<>();
        String first = reservation(one);
        if (first != null) {
            reservations.add(reservation(one, first));
        }
        if (odd == 4) {
            reservations.add(reservation(one, id(one, 3)));
        }
        if (odd != 2) {
            meta.put("reservations", reservations);
        }
        return map(
                "_id",
                one.id,
                "accountId",
                ACCOUNT,
                "createdAt",
                GuestyTime.text(one.created),
                "priority",
                0,
                "assignee",
                map("_id", "660000000000000000000002"),
                "state",
                map("read", one.read, "status", open(one) ? "OPEN" : "CLOSED"),
                "meta",
                meta);
    }

    /** With what a list does not tell. */
    Map<String, @Nullable Object> whole(Conversation one) {
        Map<String, @Nullable Object> json = json(one);
        json.put("type", "guest");
        json.put("modifiedAt", GuestyTime.text(one.modified));
        json.put("updatedAt", GuestyTime.text(one.modified));
        return json;
    }
}

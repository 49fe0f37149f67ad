package dev.backfill.simulators;

import static dev.backfill.simulators.GuestyQuirk.*;
import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.simulators.GuestyAccount.Conversation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The lists that are read by skip and limit, each in an envelope of its own: reservations, listings, guests. */
final class GuestyLists {

    private final GuestySettings settings;
    private final GuestyAccount account;
    private final GuestyConversations conversations;
    private final GuestyPaging paging;
    private List<Entry> reservations = List.of();
    private List<Entry> guests = List.of();
    private int as = -1;
    private long sorted;

    /**
     * What one entry of a list is made from.
     *
     * @param number of a listing; the index of a conversation otherwise
     */
    private record Entry(String id, int number) {}

    GuestyLists(
            GuestySettings settings, GuestyAccount account, GuestyConversations conversations, GuestyPaging paging) {
        this.settings = settings;
        this.account = account;
        this.conversations = conversations;
        this.paging = paging;
    }

    private boolean quirk(GuestyQuirk quirk) {
        return settings.quirks.contains(quirk);
    }

    /** The answer; empty if there is no such list. */
    Optional<Object> answer(Ask ask, String path) throws GuestyError {
        if (as != account.ever().size()) {
            refresh();
        }
        return switch (path) {
            case "reservations" -> Optional.of(reservations(ask));
            case "reservations-v3/search" -> Optional.of(search(ask));
            case "listings" -> Optional.of(listings(ask));
            case "guests-crud" -> Optional.of(guests(ask));
            default -> Optional.empty();
        };
    }

    private void refresh() {
        List<Entry> stays = new ArrayList<>();
        List<Entry> people = new ArrayList<>();
        for (Conversation one : account.ever()) {
            String reservation = conversations.reservation(one);
            if (reservation != null) {
                stays.add(new Entry(reservation, one.index));
            }
            people.add(new Entry(conversations.guestId(one), one.index));
        }
        stays.sort(Comparator.comparing(Entry::id));
        people.sort(Comparator.comparing(Entry::id));
        reservations = stays;
        guests = people;
        as = account.ever().size();
    }

    /** Sorts by what was asked for; the entries come by their id. */
    private List<Entry> sorted(
            Ask ask,
            String otherwise,
            List<Entry> byId,
            Set<String> fields,
            BiFunction<Entry, String, @Nullable Object> value)
            throws GuestyError {
        String asked = ask.parameter("sort").orElse(otherwise);
        boolean down = asked.startsWith("-");
        String field = down ? asked.substring(1) : asked;
        if (!field.equals("_id") && !fields.contains(field)) {
            throw GuestyError.invalid("\"sort\" must be one of _id, " + String.join(", ", new TreeSet<>(fields)));
        }
        sorted++;
        Map<Entry, String> keys = new HashMap<>();
        if (!field.equals("_id")) {
            byId.forEach(entry -> keys.put(entry, String.valueOf(value.apply(entry, field))));
        }
        Comparator<Entry> order = keys.isEmpty()
                ? Comparator.comparing(Entry::id)
                : Comparator.comparing(entry -> keys.getOrDefault(entry, ""));
        order = down ? order.reversed() : order;
        if (quirk(SHUFFLED_TIES)) {
            order = order.thenComparingLong(entry -> Mix.of(settings.seed + sorted, entry.number(), 801));
        }
        List<Entry> all = new ArrayList<>(byId);
        all.sort(order);
        return all;
    }

    private static Set<String> fields(Ask ask, String name) {
        return ask.parameter(name)
                .map(text -> Set.copyOf(List.of(text.split("[ ,]+", -1))))
                .orElse(Set.of());
    }

    private static Map<String, @Nullable Object> shown(Map<String, @Nullable Object> json, Set<String> fields) {
        if (!fields.isEmpty()) {
            json.keySet().removeIf(name -> !name.equals("_id") && !fields.contains(name));
        }
        return json;
    }

    private static final Set<String> STAY = Set.of("createdAt", "lastUpdatedAt", "checkIn", "checkOut", "status");

    private @Nullable Object stayValue(Entry entry, String field) {
        Conversation one = account.ever().get(entry.number());
        return switch (field) {
            case "createdAt" -> GuestyTime.text(one.created);
            case "lastUpdatedAt" -> GuestyTime.text(one.modified);
            case "checkIn" -> GuestyTime.text(conversations.checkIn(one));
            case "checkOut" -> GuestyTime.text(conversations.checkOut(one));
            case "status" -> conversations.status(one);
            default -> null;
        };
    }

    private Map<String, @Nullable Object> stay(Entry entry) {
        Conversation one = account.ever().get(entry.number());
        String checkIn = GuestyTime.text(conversations.checkIn(one));
        String checkOut = GuestyTime.text(conversations.checkOut(one));
        return map(
                "_id", entry.id(),
                "confirmationCode", conversations.confirmationCode(one),
                "status", conversations.status(one),
                "checkIn", checkIn,
                "checkInDateLocalized", checkIn.substring(0, 10),
                "checkOut", checkOut,
                "checkOutDateLocalized", checkOut.substring(0, 10),
                "listingId", conversations.listingId(conversations.listing(one)),
                "guestId", conversations.guestId(one),
                "guest", map("_id", conversations.guestId(one), "fullName", conversations.name(one)),
                "customFields", List.of(),
                "createdAt", GuestyTime.text(one.created),
                "lastUpdatedAt", GuestyTime.text(one.modified));
    }

    private List<Object> stays(List<Entry> entries, Set<String> fields) {
        List<Object> results = new ArrayList<>();
        for (Entry entry : entries) {
            results.add(shown(stay(entry), fields));
        }
        return results;
    }

    private Object reservations(Ask ask) throws GuestyError {
        GuestyFilter filter = GuestyFilter.of(ask, STAY);
        List<Entry> found = new ArrayList<>();
        for (Entry entry : reservations) {
            if (filter.test(field -> stayValue(entry, field))) {
                found.add(entry);
            }
        }
        List<Entry> all = sorted(ask, "_id", found, STAY, this::stayValue);
        return map(
                "results",
                stays(paging.slice(ask, all), fields(ask, "fields")),
                "count",
                paging.count(all.size()),
                "limit",
                paging.limit(ask),
                "skip",
                paging.skip(ask),
                "title",
                "All reservations");
    }

    private Object search(Ask ask) throws GuestyError {
        List<String> status = new ArrayList<>();
        for (Map.Entry<String, List<String>> parameter : ask.query().entrySet()) {
            String name = parameter.getKey();
            if (name.startsWith("filter[status]")) {
                parameter.getValue().forEach(value -> status.addAll(List.of(value.split(",", -1))));
            } else if (!Set.of("skip", "limit", "sort", "fields").contains(name)) {
                throw GuestyError.invalid("property " + name + " should not exist");
            }
        }
        List<Entry> found = new ArrayList<>(reservations);
        found.removeIf(entry -> !status.isEmpty() && !status.contains(String.valueOf(stayValue(entry, "status"))));
        List<Entry> all = sorted(ask, "-_id", found, Set.of("checkIn", "checkOut", "createdAt"), this::stayValue);
        List<Entry> page = paging.slice(ask, all);
        int skip = paging.skip(ask);
        return map(
                "results",
                stays(page, fields(ask, "fields")),
                "pagination",
                map(
                        "total",
                        paging.count(all.size()),
                        "skip",
                        skip,
                        "limit",
                        paging.limit(ask),
                        "hasMore",
                        skip + page.size() < all.size()));
    }

    private static boolean active(int number) {
        return number % 8 != 7;
    }

    private Object listings(Ask ask) throws GuestyError {
        boolean active = !ask.parameter("active").orElse("true").equals("false");
        List<Entry> found = new ArrayList<>();
        for (int number = 0; number < conversations.listings(); number++) {
            if (active(number) == active) {
                found.add(new Entry(conversations.listingId(number), number));
            }
        }
        List<Entry> all = sorted(
                ask,
                "title",
                found,
                Set.of("title", "nickname"),
                (entry, field) ->
                        field.equals("title") ? GuestyConversations.title(entry.number()) : "Home " + entry.number());
        List<Object> results = new ArrayList<>();
        for (Entry entry : paging.slice(ask, all)) {
            results.add(shown(
                    map(
                            "_id",
                            entry.id(),
                            "title",
                            GuestyConversations.title(entry.number()),
                            "nickname",
                            "Home " + entry.number(),
                            "active",
                            active,
                            "address",
                            map("full", "Street 1, Town", "city", "Town", "country", "Nowhere"),
                            "tags",
                            List.of()),
                    fields(ask, "fields")));
        }
        return quirk(LISTINGS_BARE)
                ? results
                : map(
                        "results",
                        results,
                        "count",
                        paging.count(all.size()),
                        "limit",
                        paging.limit(ask),
                        "skip",
                        paging.skip(ask));
    }

    private Object guests(Ask ask) throws GuestyError {
        Set<String> columns = fields(ask, "columns");
        if (columns.isEmpty()) {
            throw GuestyError.invalid("\"columns\" is required");
        }
        List<Entry> all = sorted(
                ask,
                "fullName",
                guests,
                Set.of("fullName"),
                (entry, field) -> conversations.name(account.ever().get(entry.number())));
        List<Object> results = new ArrayList<>();
        for (Entry entry : paging.slice(ask, all)) {
            Conversation one = account.ever().get(entry.number());
            results.add(shown(
                    map(
                            "_id", entry.id(),
                            "fullName", conversations.name(one),
                            "email", "guest" + one.index + "@example.com",
                            "createdAt", GuestyTime.text(one.created)),
                    columns));
        }
        return map("results", results, "total", paging.count(all.size()));
    }
}

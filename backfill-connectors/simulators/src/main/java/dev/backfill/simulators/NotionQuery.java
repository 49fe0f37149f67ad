package dev.backfill.simulators;

import static dev.backfill.simulators.NotionQuirk.*;

import dev.backfill.internal.Json;
import dev.backfill.simulators.NotionPages.Page;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Queries: which pages, in which order, from which cursor on, and how many. */
final class NotionQuery {

    private static final Set<String> FIELDS = Set.of(
            "filter", "sorts", "start_cursor", "page_size", "archived", "in_trash", "is_archived", "result_type");

    private final NotionSettings settings;
    private final NotionPages pages;
    private final NotionFilter filters;
    private long queries;

    NotionQuery(NotionSettings settings, NotionPages pages, NotionValues values) {
        this.settings = settings;
        this.pages = pages;
        filters = new NotionFilter(pages.schema, values);
    }

    private boolean quirk(NotionQuirk quirk) {
        return settings.quirks.contains(quirk);
    }

    /**
     * A place in a query, which its cursors hold.
     *
     * @param query the hash of filter and sorts
     * @param next the id of the page to go on with
     * @param answers so far
     * @param rows so far
     * @param ties how equals are ordered
     */
    private record Place(int query, String next, int answers, int rows, long ties) {

        String cursor() {
            String text = query + " " + next + " " + answers + " " + rows + " " + ties;
            return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
        }

        static Place of(String cursor) throws NotionError {
            try {
                String[] parts =
                        new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.US_ASCII).split(" ", -1);
                return new Place(
                        Integer.parseInt(parts[0]),
                        parts[1],
                        Integer.parseInt(parts[2]),
                        Integer.parseInt(parts[3]),
                        Long.parseLong(parts[4]));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw invalid(cursor);
            }
        }
    }

    private static NotionError invalid(String cursor) {
        return NotionError.validation("The start_cursor provided is invalid: " + cursor);
    }

    /**
     * What a query gives.
     *
     * @param next the cursor, or null at the end
     * @param cut whether the cap ended it
     */
    record Found(List<Page> pages, @Nullable String next, boolean cut) {}

    /** Answers a query; the lock is held. */
    Found find(Map<?, ?> body) throws NotionError {
        for (Object field : body.keySet()) {
            if (!FIELDS.contains(field)) {
                throw NotionError.validation("body failed validation: body." + field + " should be not present");
            }
        }
        int size = size(body.get("page_size"));
        List<?> sorts = body.get("sorts") instanceof List<?> list ? list : List.of();
        Predicate<Page> filter = body.get("filter") instanceof Map<?, ?> map ? filters.filter(map, 0) : page -> true;
        Map<String, @Nullable Object> meaning = new LinkedHashMap<>();
        meaning.put("filter", body.get("filter"));
        meaning.put("sorts", sorts);
        int query = Json.write(meaning).hashCode();
        Object cursor = body.get("start_cursor");
        if (cursor != null && !(cursor instanceof String text && !text.isEmpty())) {
            throw NotionError.validation("body failed validation: body.start_cursor should be a string or `undefined`");
        }
        queries++;
        Place place = cursor == null
                ? new Place(query, "", 0, 0, quirk(SHUFFLED_TIES) ? queries : 0)
                : Place.of(String.valueOf(cursor));
        boolean spent = settings.cursorPages > 0 && place.answers() >= settings.cursorPages;
        if (place.query() != query || spent) {
            throw invalid(String.valueOf(cursor));
        }
        if (cursor != null) {
            pages.people();
        }
        return find(place, size, filter, order(sorts, place.ties()));
    }

    private Comparator<Page> order(List<?> sorts, long ties) throws NotionError {
        if (sorts.isEmpty()) {
            long mixed = quirk(RESTLESS_ORDER) ? pages.changes() : 0;
            return Comparator.comparingLong(page -> Mix.of(settings.seed, page.index, 31 + mixed));
        }
        Comparator<Page> order = filters.order(sorts);
        return ties == 0
                ? order.thenComparingInt(page -> page.index)
                : order.thenComparingLong(page -> Mix.of(settings.seed + ties, page.index, 32));
    }

    private Found find(Place place, int size, Predicate<Page> filter, Comparator<Page> order) throws NotionError {
        List<Page> all = new ArrayList<>();
        for (Page page : pages.all()) {
            if (page.visible() && filter.test(page)) {
                all.add(page);
            }
        }
        all.sort(order);
        int start = 0;
        if (!place.next().isEmpty()) {
            Page next = pages.find(place.next()).orElseThrow(() -> invalid(place.cursor()));
            if (next.trashed && quirk(CURSOR_DIES_WITH_PAGE)) {
                throw invalid(place.cursor());
            }
            while (start < all.size() && order.compare(all.get(start), next) < 0) {
                start++;
            }
        }
        if (settings.heavyAbove > 0
                && size > settings.heavyAbove
                && start < all.size()
                && all.get(start).index / 200 % 2 == 1) {
            throw new NotionError(504, "gateway_timeout", "Gateway Timeout");
        }
        int rows = size;
        if (quirk(SHORT_PAGES)) {
            rows = 1 + Mix.below(size, settings.seed, start, 33);
        }
        if (quirk(EMPTY_PAGES) && Mix.below(4, settings.seed, place.answers(), 34) == 0) {
            rows = 0;
        }
        rows = Math.min(rows, settings.cap - place.rows());
        int end = Math.min(all.size(), start + rows);
        List<Page> found = List.copyOf(all.subList(start, end));
        boolean more = end < all.size();
        int taken = place.rows() + found.size();
        boolean cut = more && taken >= settings.cap;
        if (!more || cut) {
            return new Found(found, null, cut);
        }
        Place next = new Place(place.query(), all.get(end).id, place.answers() + 1, taken, place.ties());
        return new Found(found, next.cursor(), quirk(CAP_TOLD_EARLY) && all.size() > settings.cap);
    }

    static int size(@Nullable Object asked) throws NotionError {
        if (asked == null) {
            return 100;
        }
        if (!(asked instanceof Integer size)) {
            throw NotionError.validation("body failed validation: body.page_size should be a number or `undefined`,"
                    + " instead was `" + Json.write(asked) + "`.");
        }
        if (size > 100 || size < 0) {
            throw NotionError.validation(
                    "body failed validation: body.page_size should be ≤ `100` or `undefined`, instead was `" + size
                            + "`.");
        }
        return size == 0 ? 100 : size;
    }
}

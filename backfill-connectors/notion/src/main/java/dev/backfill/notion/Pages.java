package dev.backfill.notion;

import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The pages of a database as a source, in the order in which they were made.
 *
 * <p>An immutable value: each method gives another. Notion gives 10,000 pages of a query at most, so as many queries are made as
 * are needed: each goes on at the minute in which the last page of the one before was made, and leaves out what was taken
 * already. A cursor that Notion no longer takes is answered in the same way. When a query takes Notion too long (504), half as many pages
 * are asked for at once, down to ten, and later more again. A property of which a page shows a part only is fetched whole, which is a call more
 * for each 100 references.
 *
 * @param <T> what a page is read into
 */
public final class Pages<T> implements Source<T> {

    private final Wire wire;
    private final Binding<T> binding;
    private final Optional<Filter> filter;
    private final List<Order> order;

    private record Order(String property, boolean ascending) {
        @Override
        public String toString() {
            return property + (ascending ? " ascending" : " descending");
        }
    }

    Pages(Wire wire, Binding<T> binding) {
        this(wire, binding, Optional.empty(), List.of());
    }

    private Pages(Wire wire, Binding<T> binding, Optional<Filter> filter, List<Order> order) {
        this.wire = wire;
        this.binding = binding;
        this.filter = filter;
        this.order = order;
    }

    /**
     * The pages that also meet this condition; see {@link Filter#on}.
     *
     * <p>Do not filter by a property that the same job edits: pages would leave the list while it is read.
     */
    public Pages<T> where(String property, String condition, Object value) {
        return where(Filter.on(property, condition, value));
    }

    /** The pages that also meet this filter; see {@link #where(String, String, Object)}. */
    public Pages<T> where(Filter filter) {
        Filter all = this.filter.isEmpty() ? filter : Filter.all(this.filter.get(), filter);
        return new Pages<>(wire, binding, Optional.of(all), order);
    }

    /**
     * In another order, by a property or by {@code created_time} or {@code last_edited_time}; a second call orders among equals.
     *
     * <p>Then 10,000 pages can be read and no more: the source fails when Notion says that there are others. Pages whose property changes
     * meanwhile may be missed.
     */
    public Pages<T> ascending(String property) {
        return by(new Order(property, true));
    }

    /** In another order, the largest first; see {@link #ascending}. */
    public Pages<T> descending(String property) {
        return by(new Order(property, false));
    }

    private Pages<T> by(Order next) {
        Objects.requireNonNull(next.property(), "property");
        List<Order> more = new ArrayList<>(order);
        more.add(next);
        return new Pages<>(wire, binding, filter, List.copyOf(more));
    }

    @Override
    public Page<T> read(Cursor from) throws InterruptedException {
        Place place = from.orElse(Place.FIRST);
        Container container = wire.container();
        Map<String, Property> wanted = wanted(container);
        JsonNode answer;
        try {
            answer = wire.query(selected(wanted), body(container, place));
        } catch (Wire.TooSlow e) {
            return Page.of(List.of(), place.smaller().orElseThrow(() -> e));
        } catch (ExpiredCursorException e) {
            if (!order.isEmpty()) {
                throw e;
            }
            return Page.of(List.of(), place.again(e));
        }
        return page(place, answer, wanted);
    }

    /** The properties that are read, by the names under which they are given. */
    private Map<String, Property> wanted(Container container) {
        Map<String, Property> wanted = new LinkedHashMap<>();
        if (binding.wanted().isEmpty()) {
            container.properties().forEach(one -> wanted.put(one.name(), one));
        }
        binding.wanted().forEach(name -> wanted.put(name, container.property(name)));
        return wanted;
    }

    /** What is asked for; nothing for all, and where there are more than a filter takes. */
    private List<Property> selected(Map<String, Property> wanted) {
        return binding.wanted().isEmpty() || wanted.size() > Place.MOST
                ? List.of()
                : wanted.values().stream().distinct().toList();
    }

    private Map<String, Object> body(Container container, Place place) {
        Map<String, Object> body = new LinkedHashMap<>();
        new Conditions(container).of(filter, place.from()).ifPresent(one -> body.put("filter", one));
        body.put(
                "sorts",
                order.isEmpty() ? List.of(sort(container, new Order("created_time", true))) : sorts(container));
        if (place.at() != null) {
            body.put("start_cursor", place.at());
        }
        body.put("page_size", place.size());
        return body;
    }

    private List<Object> sorts(Container container) {
        List<Object> sorts = new ArrayList<>();
        order.forEach(one -> sorts.add(sort(container, one)));
        return sorts;
    }

    private static Map<String, Object> sort(Container container, Order by) {
        String name = by.property();
        boolean time = name.equals("created_time") || name.equals("last_edited_time");
        String direction = by.ascending() ? "ascending" : "descending";
        return time
                ? Map.of("timestamp", name, "direction", direction)
                : Map.of("property", container.property(name).sent(), "direction", direction);
    }

    private Page<T> page(Place place, JsonNode answer, Map<String, Property> wanted) throws InterruptedException {
        List<JsonNode> pages = new ArrayList<>();
        List<Place.Row> rows = new ArrayList<>();
        List<Binding.Head> heads = new ArrayList<>();
        for (JsonNode result : results(answer)) {
            if (result.path("object").asString("page").equals("page")) { // a wiki has data sources among them
                Binding.Head head = Binding.head(result);
                pages.add(result);
                heads.add(head);
                rows.add(new Place.Row(head.id(), head.createdTime()));
            }
        }
        boolean told = answer.path("request_status").path("type").asString("").equals("incomplete");
        Place.Taken taken = place.take(rows, next(answer), told, order.isEmpty());
        List<T> fresh = new ArrayList<>();
        for (int index : taken.fresh()) {
            fresh.add(binding.make(
                    heads.get(index), values(pages.get(index), heads.get(index).id(), wanted)));
        }
        return Page.until(fresh, taken.next());
    }

    private static JsonNode results(JsonNode answer) {
        if (!answer.path("results").isArray()) {
            throw new IllegalStateException("Notion's answer to a query has no list 'results'");
        }
        return answer.path("results");
    }

    private static @Nullable String next(JsonNode answer) {
        JsonNode more = answer.path("has_more");
        String cursor = answer.path("next_cursor").asString("");
        if (!more.isBoolean() || more.asBoolean() == cursor.isEmpty()) {
            throw new IllegalStateException("Notion contradicts itself: has_more is " + more + " and next_cursor is "
                    + (cursor.isEmpty() ? "empty" : "there"));
        }
        return cursor.isEmpty() ? null : cursor;
    }

    private Map<String, @Nullable Object> values(JsonNode page, String id, Map<String, Property> wanted)
            throws InterruptedException {
        Map<String, JsonNode> byId = new LinkedHashMap<>();
        page.path("properties")
                .properties()
                .forEach(one ->
                        byId.put(Property.decoded(one.getValue().path("id").asString("")), one.getValue()));
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, Property> one : wanted.entrySet()) {
            JsonNode shown = byId.get(one.getValue().id());
            if (shown == null) {
                throw new IllegalStateException("the page " + id + " has no property '"
                        + one.getValue().name() + "'; was it removed from the database meanwhile?");
            }
            JsonNode value = Values.cut(shown) ? wire.whole(id, one.getValue(), shown) : shown;
            values.put(one.getKey(), Values.plain(value));
        }
        return values;
    }

    /** By Notion's cursors; as safe as these are. In an order of your own, nothing is promised. */
    @Override
    public Paging paging() {
        return order.isEmpty() ? Paging.TOKEN : Paging.UNDECLARED;
    }

    @Override
    public String definition() {
        return "notion pages of " + wire
                + filter.map(one -> "\nnotion where " + one).orElse("")
                + (order.isEmpty() ? "" : "\nnotion by " + order);
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return wire.http().limiter();
    }
}

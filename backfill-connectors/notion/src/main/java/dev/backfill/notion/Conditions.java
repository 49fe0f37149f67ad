package dev.backfill.notion;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Filters as Notion takes them, with the types of its properties, and with the beginning of a window put in. */
record Conditions(Container container) {

    /** A list has so many filters at most. */
    private static final int MOST = 100;

    /**
     * What is sent for a filter; empty for none.
     *
     * @param from the pages were made then or later; null for all
     */
    Optional<Map<String, Object>> of(Optional<Filter> filter, @Nullable Instant from) {
        if (from == null) {
            return filter.map(this::json);
        }
        Map<String, Object> window = time("created_time", "on_or_after", from);
        return Optional.of(filter.isEmpty() ? window : narrowed(filter.get(), window));
    }

    /** Both, without a level more than the filter has, since Notion takes two only. */
    private Map<String, Object> narrowed(Filter filter, Map<String, Object> window) {
        if (filter instanceof Filter.All all) {
            return both(all, window);
        }
        boolean deep =
                filter instanceof Filter.Any any && any.filters().stream().anyMatch(one -> !(one instanceof Filter.On));
        if (deep && filter instanceof Filter.Any any) {
            return Map.of(
                    "or",
                    any.filters().stream()
                            .map(one -> one instanceof Filter.All all
                                    ? both(all, window)
                                    : Map.of("and", List.of(json(one), window)))
                            .toList());
        }
        return Map.of("and", List.of(json(filter), window));
    }

    private Map<String, Object> both(Filter.All all, Map<String, Object> window) {
        List<Object> parts = new ArrayList<>();
        all.filters().forEach(one -> parts.add(json(one)));
        parts.add(window);
        if (parts.size() > MOST) {
            throw new IllegalStateException("a filter has " + (MOST - 1) + " parts at most, beside the window");
        }
        return Map.of("and", parts);
    }

    private Map<String, Object> json(Filter filter) {
        if (filter instanceof Filter.All all) {
            return Map.of("and", all.filters().stream().map(this::json).toList());
        }
        if (filter instanceof Filter.Any any) {
            return Map.of("or", any.filters().stream().map(this::json).toList());
        }
        Filter.On on = (Filter.On) filter;
        boolean time = on.property().equals("created_time") || on.property().equals("last_edited_time");
        if (time && container.find(on.property()).isEmpty()) {
            return time(on.property(), on.condition(), on.value());
        }
        Property property = container.property(on.property());
        String type = property.type();
        if (type.equals("formula") || type.equals("rollup")) {
            throw new IllegalStateException("pages are not filtered by the " + type + " '" + property.name()
                    + "' here; read all, and filter(…) in the job");
        }
        return Map.of("property", property.sent(), type, condition(on.condition(), on.value()));
    }

    private static Map<String, Object> time(String which, String condition, Object value) {
        return Map.of("timestamp", which, which, condition(condition, value));
    }

    private static Map<String, Object> condition(String condition, Object value) {
        Object sent = value instanceof Number || value instanceof Boolean ? value : value.toString();
        return Map.of(condition, sent);
    }
}

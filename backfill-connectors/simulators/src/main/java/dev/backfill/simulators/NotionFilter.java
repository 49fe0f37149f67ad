package dev.backfill.simulators;

import dev.backfill.simulators.NotionPages.Page;
import dev.backfill.simulators.NotionSchema.Property;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Filters and sorts of a query, as far as they are simulated. */
final class NotionFilter {

    private static final List<String> TEXTS = List.of("title", "rich_text", "url", "email", "phone_number");
    private static final List<String> TIMES = List.of("created_time", "last_edited_time");

    private final NotionSchema schema;
    private final NotionValues values;

    NotionFilter(NotionSchema schema, NotionValues values) {
        this.schema = schema;
        this.values = values;
    }

    Predicate<Page> filter(Map<?, ?> filter, int depth) throws NotionError {
        for (String word : List.of("and", "or")) {
            if (filter.get(word) instanceof List<?> parts) {
                if (depth == 2) {
                    throw NotionError.validation("body failed validation: filters are nested at most two levels deep");
                }
                if (parts.size() > 100) {
                    throw NotionError.validation(
                            "body failed validation: body.filter." + word + ".length should be ≤ `100`");
                }
                List<Predicate<Page>> all = new ArrayList<>();
                for (Object part : parts) {
                    if (!(part instanceof Map<?, ?> map)) {
                        throw NotionError.validation(
                                "body failed validation: body.filter." + word + " holds no filter");
                    }
                    all.add(filter(map, depth + 1));
                }
                return word.equals("and")
                        ? page -> all.stream().allMatch(one -> one.test(page))
                        : page -> all.stream().anyMatch(one -> one.test(page));
            }
        }
        if (filter.get("timestamp") instanceof String timestamp && TIMES.contains(timestamp)) {
            if (!(filter.get(timestamp) instanceof Map<?, ?> condition)) {
                throw NotionError.validation("body failed validation: body.filter." + timestamp + " should be defined");
            }
            return condition(
                    condition,
                    "date",
                    page -> Instant.ofEpochMilli(timestamp.equals("created_time") ? page.created : page.edited));
        }
        String name = String.valueOf(filter.get("property"));
        Property property = schema.find(name)
                .orElseThrow(() -> NotionError.validation("Could not find property with name or id: " + name));
        for (Object key : filter.keySet()) {
            if (!key.equals("property") && !key.equals("type")) {
                if (!key.equals(property.type())) {
                    throw NotionError.validation("The property type in the database does not match the property type of"
                            + " the filter provided: database property " + property.type() + " does not match filter "
                            + key);
                }
                if (filter.get(key) instanceof Map<?, ?> condition) {
                    String kind = TIMES.contains(property.type()) ? "date" : property.type();
                    return condition(condition, kind, page -> plain(page, property));
                }
            }
        }
        throw NotionError.validation("body failed validation: body.filter should have a condition");
    }

    private interface Reading {
        @Nullable
        Object of(Page page);
    }

    private static Predicate<Page> condition(Map<?, ?> condition, String type, Reading reading) throws NotionError {
        if (condition.size() != 1) {
            throw NotionError.validation("body failed validation: a filter should have one condition");
        }
        String word = String.valueOf(condition.keySet().iterator().next());
        Object wanted = condition.values().iterator().next();
        Object other = type.equals("date") && wanted instanceof String text ? instant(text) : wanted;
        return page -> test(reading.of(page), word, other, type);
    }

    private static boolean test(@Nullable Object value, String word, @Nullable Object wanted, String type) {
        boolean empty = value == null || value.equals("") || (value instanceof List<?> list && list.isEmpty());
        return switch (word) {
            case "is_empty" -> empty;
            case "is_not_empty" -> !empty;
            case "equals" -> !empty ? compare(value, wanted, type) == 0 : Boolean.FALSE.equals(wanted);
            case "does_not_equal" -> empty || compare(value, wanted, type) != 0;
            case "contains" ->
                value instanceof List<?> list
                        ? list.contains(wanted)
                        : !empty && String.valueOf(value).contains(String.valueOf(wanted));
            case "does_not_contain" ->
                !(value instanceof List<?> list
                        ? list.contains(wanted)
                        : String.valueOf(value).contains(String.valueOf(wanted)));
            case "starts_with" -> !empty && String.valueOf(value).startsWith(String.valueOf(wanted));
            case "ends_with" -> !empty && String.valueOf(value).endsWith(String.valueOf(wanted));
            case "greater_than", "after" -> !empty && compare(value, wanted, type) > 0;
            case "less_than", "before" -> !empty && compare(value, wanted, type) < 0;
            case "greater_than_or_equal_to", "on_or_after" -> !empty && compare(value, wanted, type) >= 0;
            case "less_than_or_equal_to", "on_or_before" -> !empty && compare(value, wanted, type) <= 0;
            default -> false;
        };
    }

    private static int compare(@Nullable Object value, @Nullable Object wanted, String type) {
        if (value instanceof Number && wanted instanceof Number) {
            return new BigDecimal(value.toString()).compareTo(new BigDecimal(wanted.toString()));
        }
        if (type.equals("date")) {
            try {
                return instant(value).compareTo(instant(wanted));
            } catch (NotionError e) {
                return -1;
            }
        }
        return String.valueOf(value).compareTo(String.valueOf(wanted));
    }

    private static Instant instant(@Nullable Object value) throws NotionError {
        return value instanceof Instant instant ? instant : instant(String.valueOf(value));
    }

    static Instant instant(String text) throws NotionError {
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw NotionError.validation("body failed validation: a date should be a valid ISO 8601 date string,"
                    + " instead was `\"" + text + "\"`.");
        }
    }

    /** A value without its form: a text, a number, a yes or no, or a list of these. */
    @Nullable
    Object plain(Page page, Property property) {
        Object value = values.value(page, property);
        if (TEXTS.contains(property.type())) {
            return value instanceof List<?> ? NotionValues.plain(value) : value;
        }
        return switch (property.type()) {
            case "select", "status" -> value instanceof Map<?, ?> option ? option.get("name") : null;
            case "date" -> value instanceof Map<?, ?> date ? date.get("start") : null;
            case "unique_id" -> value instanceof Map<?, ?> unique ? unique.get("number") : null;
            case "multi_select" -> names(value, "name");
            case "relation", "people" -> names(value, "id");
            default -> value;
        };
    }

    private static List<Object> names(@Nullable Object value, String key) {
        List<Object> names = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object one : list) {
                names.add(one instanceof Map<?, ?> map ? String.valueOf(map.get(key)) : "");
            }
        }
        return names;
    }

    /** The order of the sorts, as yet without an order among equals. */
    Comparator<Page> order(List<?> sorts) throws NotionError {
        Comparator<Page> order = null;
        for (Object one : sorts) {
            Map<?, ?> sort = one instanceof Map<?, ?> map ? map : Map.of();
            Comparator<Page> next;
            if (sort.get("timestamp") instanceof String timestamp && TIMES.contains(timestamp)) {
                next = timestamp.equals("created_time")
                        ? Comparator.comparingLong(page -> page.created)
                        : Comparator.comparingLong(page -> page.edited);
            } else {
                String name = String.valueOf(sort.get("property"));
                Property property = schema.find(name)
                        .orElseThrow(
                                () -> NotionError.validation("Could not find sort property with name or id: " + name));
                next = (a, b) -> compare(plain(a, property), plain(b, property), property.type());
            }
            Comparator<Page> directed = "descending".equals(sort.get("direction")) ? next.reversed() : next;
            order = order == null ? directed : order.thenComparing(directed);
        }
        return order == null ? Comparator.comparingInt(page -> page.index) : order;
    }
}

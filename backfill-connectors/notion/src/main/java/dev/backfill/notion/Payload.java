package dev.backfill.notion;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A value in the form in which Notion takes it for a property, checked before it is sent.
 *
 * @param plain what {@link Values#plain} gives of a property that has it; empty for none
 * @param sent what is sent
 */
record Payload(Property property, Optional<Object> plain, Map<String, @Nullable Object> sent) {

    /** A piece of text has so many characters at most, and a text or list so many pieces. */
    private static final int PIECE = 2_000;

    private static final int MOST = 100;

    /**
     * @param value null to clear the property
     * @throws IllegalArgumentException if Notion would refuse it; says why
     */
    static Payload of(Property property, @Nullable Object value) {
        Object given = value instanceof Optional<?> optional ? optional.orElse(null) : value;
        if (given instanceof Enum<?> constant) {
            given = constant.name();
        }
        return switch (property.type()) {
            case "select" -> given == null ? none(property, null) : one(property, option(property, given));
            case "status" -> given == null ? none(property, null) : one(property, status(property, given));
            case "multi_select" -> many(property, given, "name");
            case "relation" -> many(property, given, "id");
            case "checkbox" -> plain(property, given != null && typed(property, given, Boolean.class));
            case "number" -> given == null ? none(property, null) : plain(property, number(property, given));
            case "url" -> address(property, given, PIECE);
            case "email", "phone_number" -> address(property, given, 200);
            case "date" -> given == null ? none(property, null) : date(property, given);
            case "title", "rich_text" -> text(property, given);
            default -> throw wrong(property, "is of type " + property.type() + ", which cannot be set");
        };
    }

    private static IllegalArgumentException wrong(Property property, String what) {
        return new IllegalArgumentException("the property '" + property.name() + "' " + what);
    }

    private static Payload of(Property property, Optional<Object> plain, @Nullable Object sent) {
        Map<String, @Nullable Object> map = new HashMap<>();
        map.put(property.type(), sent);
        return new Payload(property, plain, map);
    }

    private static Payload none(Property property, @Nullable Object sent) {
        return of(property, Optional.empty(), sent);
    }

    private static Payload plain(Property property, Object value) {
        return of(property, Optional.of(value), value);
    }

    private static Payload one(Property property, String name) {
        return of(property, Optional.of(name), Map.of("name", name));
    }

    private static <V> V typed(Property property, Object value, Class<V> type) {
        if (!type.isInstance(value)) {
            throw wrong(
                    property,
                    "is of type " + property.type() + " and takes a " + type.getSimpleName() + ", not a "
                            + value.getClass().getSimpleName());
        }
        return type.cast(value);
    }

    private static String option(Property property, Object value) {
        String name = typed(property, value, String.class);
        if (name.isBlank() || name.length() > MOST || name.indexOf(',') >= 0) {
            throw wrong(
                    property,
                    name.indexOf(',') >= 0
                            ? "takes options without a comma, not '" + name + "'"
                            : "takes options of 1 to " + MOST + " characters");
        }
        return name;
    }

    /** An option that is missing from a select is made by Notion; one that is missing from a status is refused. */
    private static String status(Property property, Object value) {
        String name = typed(property, value, String.class);
        if (!property.options().contains(name)) {
            throw wrong(
                    property,
                    "is a status without the option '" + name + "'; it has " + property.options()
                            + ", and new ones are made in Notion only");
        }
        return name;
    }

    private static Payload many(Property property, @Nullable Object value, String field) {
        boolean ids = field.equals("id");
        List<Map<String, Object>> sent = new ArrayList<>();
        Set<Object> plain = new HashSet<>();
        Collection<?> all =
                value == null ? List.of() : value instanceof Collection<?> collection ? collection : List.of(value);
        for (Object one : all) {
            String name = ids ? reference(property, one) : option(property, one);
            if (plain.add(name)) {
                sent.add(Map.of(field, name));
            }
        }
        if (sent.size() > MOST) {
            throw wrong(property, "takes " + MOST + " values at most, not " + sent.size());
        }
        return of(property, sent.isEmpty() ? Optional.empty() : Optional.of(plain), sent);
    }

    private static String reference(Property property, Object value) {
        String id = value instanceof NotionPage page ? page.id() : typed(property, value, String.class);
        if (!Ids.valid(id)) {
            throw wrong(property, "takes ids of pages, which have 32 hexadecimal digits");
        }
        return Ids.dashed(id);
    }

    private static Number number(Property property, Object value) {
        Number number = typed(property, value, Number.class);
        if (!Double.isFinite(number.doubleValue())) {
            throw wrong(property, "takes finite numbers only");
        }
        return number;
    }

    private static Payload address(Property property, @Nullable Object value, int most) {
        if (value == null) {
            return none(property, null);
        }
        String text = value instanceof java.net.URI uri ? uri.toString() : typed(property, value, String.class);
        if (text.isEmpty() || text.length() > most) {
            throw wrong(property, "takes 1 to " + most + " characters, not " + text.length() + "; clear it by null");
        }
        return plain(property, text);
    }

    private static Payload date(Property property, Object value) {
        String text =
                value instanceof ZonedDateTime time ? time.toOffsetDateTime().toString() : value.toString();
        boolean known = value instanceof LocalDate
                || value instanceof Instant
                || value instanceof OffsetDateTime
                || value instanceof ZonedDateTime
                || value instanceof String;
        if (!known || Binding.instant(text).isEmpty()) {
            throw wrong(
                    property,
                    "takes a day like 2025-03-01 or a point in time with its offset, not "
                            + (known
                                    ? "'" + text + "'"
                                    : "a " + value.getClass().getSimpleName()));
        }
        return of(property, Optional.of(text), Map.of("start", text));
    }

    private static Payload text(Property property, @Nullable Object value) {
        String text = value == null ? "" : typed(property, value, String.class);
        List<Object> pieces = new ArrayList<>();
        for (int start = 0; start < text.length(); ) {
            int end = Math.min(text.length(), start + PIECE);
            if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
                end--;
            }
            pieces.add(Map.of("text", Map.of("content", text.substring(start, end))));
            start = end;
        }
        if (pieces.size() > MOST) {
            throw wrong(property, "takes about " + PIECE * MOST + " characters at most, not " + text.length());
        }
        return of(property, text.isEmpty() ? Optional.empty() : Optional.of(text), pieces);
    }

    /** Whether a property, as Notion has it, has this value already. */
    boolean same(JsonNode property) {
        Object is = Values.cut(property) ? null : Values.plain(property);
        boolean empty = is == null || is.equals("") || (is instanceof Collection<?> all && all.isEmpty());
        if (plain.isEmpty()) {
            return empty && !Values.cut(property) && !this.property.type().equals("status");
        }
        Object should = plain.get();
        if (should instanceof Set<?> set) {
            return is instanceof Collection<?> all && set.equals(new HashSet<>(all));
        }
        if (should instanceof Number && is instanceof Number) {
            return new BigDecimal(should.toString()).compareTo(new BigDecimal(is.toString())) == 0;
        }
        if (this.property.type().equals("date")) {
            return is instanceof Map<?, ?> date && date.get("end") == null && sameTime(date.get("start"), should);
        }
        return should.equals(is);
    }

    private static boolean sameTime(@Nullable Object is, Object should) {
        String a = String.valueOf(is);
        String b = should.toString();
        return (a.length() == 10) == (b.length() == 10)
                && Binding.instant(a).isPresent()
                && Binding.instant(a).equals(Binding.instant(b));
    }
}

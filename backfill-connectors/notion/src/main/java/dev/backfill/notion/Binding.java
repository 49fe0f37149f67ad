package dev.backfill.notion;

import dev.backfill.internal.Json;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What pages are read into: a user's record, whose components say which properties are wanted, or a {@link NotionRow}. */
sealed interface Binding<T> {

    /** The names of the properties that are wanted; none for all. */
    List<String> wanted();

    /** The page with these values, by the names that were wanted, else by Notion's names. */
    T make(Head head, Map<String, @Nullable Object> values);

    /** What every page has. */
    record Head(String id, Instant createdTime, Instant lastEditedTime, String url) {}

    /** Pages as maps. */
    record Row(List<String> wanted) implements Binding<NotionRow> {
        @Override
        public NotionRow make(Head head, Map<String, @Nullable Object> values) {
            return new NotionRow(head.id(), head.createdTime(), head.lastEditedTime(), values);
        }
    }

    /** Pages as records of the user's type; the classes of its components by their names. */
    record Typed<T>(Class<T> type, Map<String, Class<?>> components) implements Binding<T> {

        private static final List<String> OWN = List.of("id", "createdTime", "lastEditedTime", "pageUrl");

        /** @throws IllegalArgumentException if Jackson cannot read the type; the message says what to do */
        static <T> Typed<T> of(Class<T> type) {
            Map<String, Class<?>> components = new LinkedHashMap<>();
            try {
                Json.mapper().acceptJsonFormatVisitor(type, new Components(components));
            } catch (JacksonException e) {
                throw new IllegalArgumentException(Json.explained(e, type), e);
            }
            if (components.isEmpty()) {
                throw new IllegalArgumentException(
                        type.getName() + " has no components to read a page into; take a record");
            }
            return new Typed<>(type, components);
        }

        @Override
        public List<String> wanted() {
            List<String> wanted = new ArrayList<>(components.keySet());
            wanted.removeAll(OWN);
            return wanted.isEmpty() ? List.of("title") : wanted; // none would mean all
        }

        @Override
        public T make(Head head, Map<String, @Nullable Object> values) {
            Map<String, @Nullable Object> all = new LinkedHashMap<>();
            values.forEach((name, value) -> all.put(name, fitting(value, components.getOrDefault(name, Object.class))));
            all.put("id", head.id());
            all.put("createdTime", head.createdTime().toString());
            all.put("lastEditedTime", head.lastEditedTime().toString());
            all.put("pageUrl", head.url());
            all.keySet().retainAll(components.keySet());
            try {
                return Json.mapper().convertValue(all, type);
            } catch (JacksonException e) {
                String at = e.getPath().stream()
                        .map(step -> step.getPropertyName())
                        .filter(name -> name != null)
                        .findFirst()
                        .orElse("");
                throw new IllegalStateException("the page " + head.id() + " does not fit " + type.getSimpleName()
                        + (at.isEmpty() ? "" : " at '" + at + "'")
                        + "; take another type for it, such as String, or one that may be null");
            }
        }

        /** A date has a start, an end and a zone. A component that holds one point in time is given the start. */
        private static @Nullable Object fitting(@Nullable Object value, Class<?> component) {
            Object start = value instanceof Map<?, ?> date && date.containsKey("start") ? date.get("start") : null;
            String text = start instanceof String string ? string : value instanceof String string ? string : "";
            if (component == LocalDate.class && text.length() > 10) {
                return text.substring(0, 10);
            }
            if (component == Instant.class && !text.isEmpty()) {
                return instant(text).<Object>map(Instant::toString).orElse(text);
            }
            boolean one = component == String.class || component.getName().startsWith("java.time.");
            return start != null && one ? start : value;
        }
    }

    /** A day begins at midnight UTC. */
    static Optional<Instant> instant(String text) {
        try {
            return Optional.of(
                    text.length() == 10
                            ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                            : OffsetDateTime.parse(text).toInstant());
        } catch (java.time.DateTimeException e) {
            return Optional.empty();
        }
    }

    /** A page as it came, without its properties. */
    static Head head(JsonNode page) {
        String id = page.path("id").asString("");
        Optional<Instant> created = instant(page.path("created_time").asString(""));
        Optional<Instant> edited = instant(page.path("last_edited_time").asString(""));
        if (created.isEmpty() || edited.isEmpty()) {
            throw new IllegalStateException(
                    "Notion gives no more than the ids of pages: allow the integration to read content");
        }
        return new Head(
                Ids.valid(id) ? Ids.dashed(id) : id,
                created.get(),
                edited.get(),
                page.path("url").asString(""));
    }
}

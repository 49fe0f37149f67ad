package dev.backfill.simulators;

import dev.backfill.internal.Json;
import dev.backfill.simulators.NotionPages.Page;
import dev.backfill.simulators.NotionSchema.Property;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Edits of a page: what they may hold, and what they do. */
final class NotionPatch {

    private static final List<String> READ_ONLY = List.of(
            "formula",
            "rollup",
            "created_time",
            "last_edited_time",
            "created_by",
            "last_edited_by",
            "unique_id",
            "place");
    private static final List<String> BODY = List.of("properties", "archived", "in_trash", "icon", "cover");

    private final NotionSettings settings;
    private final NotionPages pages;
    private final NotionValues values;

    NotionPatch(NotionSettings settings, NotionPages pages, NotionValues values) {
        this.settings = settings;
        this.pages = pages;
        this.values = values;
    }

    /** Checks and applies; the lock is held. */
    void apply(Page page, Map<?, ?> body) throws NotionError {
        for (Object field : body.keySet()) {
            if (!BODY.contains(field)) {
                throw NotionError.validation("body failed validation: body." + field + " should be not present");
            }
        }
        if (body.get("in_trash") instanceof Boolean trashed) {
            page.trashed = trashed;
            pages.edited(page, NotionPages.BOT);
        }
        if (!(body.get("properties") instanceof Map<?, ?> properties)) {
            if (body.isEmpty()) {
                throw NotionError.validation(
                        "body failed validation: body.properties should be defined, instead was undefined");
            }
            return;
        }
        if (page.trashed) {
            throw NotionError.validation(
                    "Can't edit block that is archived. You must unarchive the block before editing.");
        }
        Map<String, @Nullable Object> changed = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : properties.entrySet()) {
            String name = String.valueOf(entry.getKey());
            java.util.Optional<Property> property = pages.schema.find(name);
            if (property.isPresent()) {
                changed.put(property.get().id(), value(property.get(), entry.getValue()));
            } else if (!settings.quirks.contains(NotionQuirk.UNKNOWN_PROPERTY_IGNORED)) {
                throw NotionError.validation(name + " is not a property that exists.");
            }
        }
        boolean same = true;
        for (Property property : pages.schema.properties()) {
            same &= !changed.containsKey(property.id())
                    || String.valueOf(changed.get(property.id())).equals(String.valueOf(values.value(page, property)));
        }
        page.changed.putAll(changed);
        page.writes++;
        if (!same || !settings.quirks.contains(NotionQuirk.SAME_VALUE_UNEDITED)) {
            pages.edited(page, NotionPages.BOT);
        }
    }

    private @Nullable Object value(Property property, @Nullable Object given) throws NotionError {
        String type = property.type();
        if (READ_ONLY.contains(type)) {
            throw NotionError.validation(property.name() + " is a property that cannot be edited.");
        }
        if (!(given instanceof Map<?, ?> map)) {
            String place = "body.properties." + property.name();
            throw NotionError.validation("body failed validation. Fix one:\n" + place
                    + ".id should be defined, instead was `undefined`.\n" + place
                    + ".name should be defined, instead was `undefined`.\n" + place
                    + ".start should be defined, instead was `undefined`.");
        }
        if (!map.containsKey(type)) {
            throw NotionError.validation(property.name() + " is expected to be " + type + ".");
        }
        Object value = map.get(type);
        return switch (type) {
            case "select" -> value == null ? null : option(property, value, true);
            case "status" ->
                value == null ? property.option(property.options().get(0)) : option(property, value, false);
            case "multi_select" -> {
                List<Object> options = new ArrayList<>();
                for (Object one : list(property, value, 100)) {
                    options.add(option(property, one, true));
                }
                yield options;
            }
            case "checkbox" -> typed(property, value, Boolean.class, "a boolean");
            case "number" -> value == null ? null : typed(property, value, Number.class, "a number");
            case "url", "email", "phone_number" -> text(property, value);
            case "date" -> value == null ? null : date(property, value);
            case "title", "rich_text" -> pieces(property, value);
            case "relation" -> references(property, value);
            default -> list(property, value, 100);
        };
    }

    private static NotionError wrong(Property property, String should, @Nullable Object was) {
        return NotionError.validation("body failed validation: body.properties." + property.name() + "."
                + property.type() + " " + should + ", instead was `" + (was == null ? "null" : Json.write(was)) + "`.");
    }

    private static Object typed(Property property, @Nullable Object value, Class<?> type, String name)
            throws NotionError {
        if (value == null || !type.isInstance(value)) {
            throw wrong(property, "should be " + name, value);
        }
        return value;
    }

    private static List<?> list(Property property, @Nullable Object value, int most) throws NotionError {
        if (!(value instanceof List<?> list)) {
            throw wrong(property, "should be an array", value);
        }
        if (list.size() > most) {
            throw wrong(property, ".length should be ≤ `" + most + "`", list.size());
        }
        return list;
    }

    private static Object option(Property property, @Nullable Object value, boolean creates) throws NotionError {
        if (!(value instanceof Map<?, ?> map) || !(map.get("name") instanceof String name)) {
            throw wrong(property, ".name should be defined", "undefined");
        }
        if (name.indexOf(',') >= 0) {
            throw NotionError.validation("Invalid select option, commas not allowed: " + name);
        }
        if (!property.options().contains(name)) {
            if (!creates) {
                throw NotionError.validation("Invalid status option. Status option \"" + name + "\" does not exist\".");
            }
            property.options().add(name);
        }
        return property.option(name);
    }

    private static @Nullable Object text(Property property, @Nullable Object value) throws NotionError {
        if (value == null) {
            return null;
        }
        int most = property.type().equals("url") ? 2_000 : 200;
        if (!(value instanceof String text) || text.isEmpty() || text.length() > most) {
            throw wrong(property, "should be a string of 1 to " + most + " characters", value);
        }
        return text;
    }

    private static Object date(Property property, Object value) throws NotionError {
        if (!(value instanceof Map<?, ?> map) || !(map.get("start") instanceof String start)) {
            throw wrong(property, ".start should be defined", "undefined");
        }
        NotionFilter.instant(start);
        return NotionValues.map("start", start, "end", map.get("end"), "time_zone", null);
    }

    private static Object pieces(Property property, @Nullable Object value) throws NotionError {
        List<Object> pieces = new ArrayList<>();
        for (Object one : list(property, value, 100)) {
            if (!(one instanceof Map<?, ?> map)
                    || !(map.get("text") instanceof Map<?, ?> text)
                    || !(text.get("content") instanceof String content)) {
                throw wrong(property, "should hold pieces of text", one);
            }
            if (content.length() > 2_000) {
                throw wrong(property, ".text.content.length should be ≤ `2000`", content.length());
            }
            pieces.add(NotionValues.piece(content));
        }
        return pieces;
    }

    private static Object references(Property property, @Nullable Object value) throws NotionError {
        List<Object> references = new ArrayList<>();
        for (Object one : list(property, value, 100)) {
            if (!(one instanceof Map<?, ?> map) || !NotionApi.uuid(String.valueOf(map.get("id")))) {
                throw wrong(property, ".id should be a valid uuid", one);
            }
            references.add(NotionValues.map("id", map.get("id")));
        }
        return references;
    }
}

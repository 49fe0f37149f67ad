package dev.backfill.notion;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The values of properties, taken out of the form in which Notion has them. */
final class Values {

    /** So many references to people, pages and days a page shows of a property. */
    static final int INLINE = 25;

    private Values() {}

    /** The value of a property: a text, number, boolean, list, map, or null if there is none. */
    static @Nullable Object plain(JsonNode property) {
        String type = property.path("type").asString("");
        JsonNode value = property.path(type);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        return switch (type) {
            case "title", "rich_text" -> text(value);
            case "select", "status" -> word(value.path("name"));
            case "multi_select" -> words(value, "name");
            case "relation", "people" -> words(value, "id");
            case "created_by", "last_edited_by" -> word(value.path("id"));
            case "files" -> files(value);
            case "formula" -> inside(value);
            case "rollup" -> rollup(value);
            case "unique_id" -> unique(value);
            default -> any(value); // numbers, checkboxes, addresses, dates, times, and types that are not known
        };
    }

    private static String text(JsonNode pieces) {
        StringBuilder text = new StringBuilder();
        for (JsonNode piece : pieces) {
            text.append(piece.path("plain_text").asString(""));
        }
        return text.toString();
    }

    private static @Nullable String word(JsonNode value) {
        return value.isString() ? value.asString() : null;
    }

    private static List<Object> words(JsonNode list, String field) {
        List<Object> words = new ArrayList<>();
        for (JsonNode one : list) {
            words.add(one.path(field).asString(""));
        }
        return words;
    }

    private static List<Object> files(JsonNode list) {
        List<Object> files = new ArrayList<>();
        for (JsonNode one : list) {
            Map<String, @Nullable Object> file = new LinkedHashMap<>();
            file.put("name", word(one.path("name")));
            file.put("url", word(one.path(one.path("type").asString("")).path("url")));
            files.add(file);
        }
        return files;
    }

    /** What a formula or rollup has come to: its value stands under the name of its type. */
    private static @Nullable Object inside(JsonNode value) {
        String type = value.path("type").asString("");
        return type.equals("unsupported") || type.equals("incomplete") ? null : any(value.path(type));
    }

    private static @Nullable Object rollup(JsonNode value) {
        if (!value.path("type").asString("").equals("array")) {
            return inside(value);
        }
        List<@Nullable Object> parts = new ArrayList<>();
        for (JsonNode part : value.path("array")) {
            parts.add(plain(part));
        }
        return parts;
    }

    private static @Nullable Object unique(JsonNode value) {
        if (!value.path("number").isNumber()) {
            return null;
        }
        String prefix = value.path("prefix").asString("");
        String number = value.path("number").asString("");
        return prefix.isEmpty() ? number : prefix + "-" + number;
    }

    static @Nullable Object any(JsonNode value) {
        if (value.isString()) {
            return value.asString();
        }
        if (value.isNumber()) {
            return value.numberValue();
        }
        if (value.isBoolean()) {
            return value.asBoolean();
        }
        if (value.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            value.forEach(one -> list.add(any(one)));
            return list;
        }
        if (value.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            value.properties().forEach(one -> map.put(one.getKey(), any(one.getValue())));
            return map;
        }
        return null;
    }

    /** Whether a page shows a part of this property only, or may do so. */
    static boolean cut(JsonNode property) {
        String type = property.path("type").asString("");
        JsonNode value = property.path(type);
        return switch (type) {
            case "relation" -> property.path("has_more").asBoolean(false);
            case "people" -> value.size() >= INLINE;
            case "title", "rich_text" -> {
                int mentions = 0;
                for (JsonNode piece : value) {
                    mentions += piece.path("type").asString("").equals("mention") ? 1 : 0;
                }
                yield mentions >= INLINE;
            }
            case "rollup" ->
                value.path("type").asString("").equals("incomplete")
                        || value.path("array").size() >= INLINE;
            default -> false;
        };
    }
}

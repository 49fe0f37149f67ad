package dev.backfill.simulators;

import dev.backfill.simulators.NotionPages.Page;
import dev.backfill.simulators.NotionSchema.Property;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values of properties, in Notion's form. What was never changed is a function of the page's index. */
final class NotionValues {

    /** So many references a page shows of a property. */
    static final int INLINE = 25;

    private final NotionSettings settings;

    NotionValues(NotionSettings settings) {
        this.settings = settings;
    }

    static Map<String, @Nullable Object> map(@Nullable Object... pairs) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(String.valueOf(pairs[i]), pairs[i + 1]);
        }
        return map;
    }

    /** Text in one piece, or no piece if it is empty. */
    static List<Object> text(String text) {
        return text.isEmpty() ? List.of() : List.of(piece(text));
    }

    static Map<String, @Nullable Object> piece(String text) {
        return map(
                "type",
                "text",
                "text",
                map("content", text, "link", null),
                "annotations",
                map("bold", false, "italic", false, "code", false, "color", "default"),
                "plain_text",
                text,
                "href",
                null);
    }

    private static Map<String, @Nullable Object> mention(int number) {
        return map(
                "type",
                "mention",
                "mention",
                map("type", "user", "user", map("object", "user", "id", NotionPages.uuid(9, number))),
                "plain_text",
                "@" + number,
                "href",
                null);
    }

    static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString().replace("Z", ".000Z");
    }

    private boolean oneIn(int many, int index, int salt) {
        return Mix.below(many, settings.seed, index, salt) == 0;
    }

    private boolean quirk(NotionQuirk quirk) {
        return settings.quirks.contains(quirk);
    }

    /** The whole value, whatever a page would show of it. */
    @Nullable
    Object value(Page page, Property property) {
        if (page.changed.containsKey(property.id())) {
            return page.changed.get(property.id());
        }
        int index = page.index;
        return switch (property.type()) {
            case "title" -> title(index);
            case "select" ->
                oneIn(20, index, 1) ? property.option(property.options().get(0)) : null;
            case "status" -> property.option(property.options().get(Mix.below(3, settings.seed, index, 2)));
            case "multi_select" ->
                property.options().stream()
                        .filter(name -> oneIn(3, index, name.hashCode()))
                        .map(property::option)
                        .toList();
            case "checkbox" -> oneIn(2, index, 3);
            case "url" -> oneIn(5, index, 4) ? null : "https://company-" + index + ".example";
            case "email" -> oneIn(5, index, 5) ? null : "mail@company-" + index + ".example";
            case "phone_number" -> oneIn(5, index, 6) ? null : "+49 30 " + index;
            case "number" -> oneIn(7, index, 7) ? null : amount(index);
            case "date" -> date(index);
            case "rich_text" -> notes(index);
            case "relation" -> related(index);
            case "people" ->
                oneIn(3, index, 8)
                        ? List.of()
                        : List.of(map("object", "user", "id", NotionPages.uuid(7, Mix.below(20, 1, index, 8))));
            case "files" ->
                oneIn(9, index, 9)
                        ? List.of(map(
                                "name",
                                "logo.png",
                                "type",
                                "external",
                                "external",
                                map("url", "https://files.example/" + index)))
                        : List.of();
            case "formula" ->
                property.name().equals("Label")
                        ? map("type", "string", "string", "company " + index)
                        : oneIn(50, index, 10)
                                ? map("type", "unsupported", "unsupported", map())
                                : map("type", "number", "number", amount(index).doubleValue() * 2);
            case "rollup" ->
                oneIn(60, index, 11)
                        ? map("type", "incomplete", "function", "sum", "incomplete", map())
                        : map("type", "number", "function", "sum", "number", index);
            case "unique_id" -> map("prefix", "CO", "number", index + 1);
            case "created_time" -> time(page.created);
            case "last_edited_time" -> time(page.edited);
            case "created_by" -> map("object", "user", "id", NotionPages.HUMAN);
            default -> map("lat", index / 100.0, "lon", -index / 100.0, "name", "somewhere");
        };
    }

    private static Number amount(int index) {
        return index % 4 == 0 ? index : (Number) (index + 0.25);
    }

    private @Nullable Object date(int index) {
        return switch (Mix.below(4, settings.seed, index, 12)) {
            case 0 -> null;
            case 1 ->
                map("start", LocalDate.ofEpochDay(19_000 + index % 900).toString(), "end", null, "time_zone", null);
            case 2 ->
                map(
                        "start",
                        "2025-03-01T09:00:00.000+01:00",
                        "end",
                        "2025-03-02T09:00:00.000+01:00",
                        "time_zone",
                        null);
            default -> map("start", "2025-03-30T00:30:00.000Z", "end", null, "time_zone", null);
        };
    }

    private List<Object> notes(int index) {
        if (quirk(NotionQuirk.LONG_PROPERTIES) && oneIn(300, index, 13)) {
            List<Object> pieces = new ArrayList<>();
            for (int i = 0; i < INLINE + 20; i++) {
                pieces.add(mention(i));
                pieces.add(piece(" and "));
            }
            return pieces;
        }
        return oneIn(3, index, 14) ? List.of() : List.of(piece("note "), mention(index), piece("!"));
    }

    private List<Object> related(int index) {
        boolean many = quirk(NotionQuirk.LONG_PROPERTIES) && oneIn(400, index, 15);
        List<Object> related = new ArrayList<>();
        for (int i = 0; i < (many ? 260 : Mix.below(3, settings.seed, index, 16)); i++) {
            related.add(map("id", NotionPages.uuid(settings.seed, Mix.below(1_000_000, settings.seed, index + i, 17))));
        }
        return related;
    }

    /** One page of eleven has the title of another, in other letters or spaces. */
    private List<Object> title(int index) {
        int whose = index;
        if (index % 11 == 10) {
            whose = Mix.below(index / 11 + 1, settings.seed, index, 18) * 11 + Mix.below(10, settings.seed, index, 19);
        }
        String title = "Company " + whose;
        if (!quirk(NotionQuirk.ODD_TITLES)) {
            return text(title);
        }
        if (oneIn(150, whose, 20)) {
            return List.of();
        }
        title = oneIn(40, whose, 21) ? title + " \uD83D\uDE80 é" : title;
        if (whose == index) {
            return text(title);
        }
        return switch (Mix.below(4, settings.seed, index, 22)) {
            case 0 -> text(title.replace(' ', '\u00a0'));
            case 1 -> text("  " + title.toUpperCase(java.util.Locale.ROOT));
            case 2 -> List.of(piece(title.substring(0, 4)), piece(title.substring(4)));
            default -> text(title);
        };
    }

    /** What a page shows of it. */
    Map<String, @Nullable Object> inline(Page page, Property property) {
        Object value = value(page, property);
        Map<String, @Nullable Object> json = map("id", property.encoded(), "type", property.type());
        if (property.type().equals("relation") && value instanceof List<?> all) {
            json.put("relation", all.subList(0, Math.min(INLINE, all.size())));
            json.put("has_more", all.size() > INLINE);
        } else if (property.type().equals("rich_text") && value instanceof List<?> all) {
            json.put("rich_text", shown(all));
        } else {
            json.put(property.type(), value);
        }
        return json;
    }

    private static List<Object> shown(List<?> all) {
        List<Object> shown = new ArrayList<>();
        int mentions = 0;
        for (Object one : all) {
            if (one instanceof Map<?, ?> piece && "mention".equals(piece.get("type")) && ++mentions > INLINE) {
                break;
            }
            shown.add(one);
        }
        return shown;
    }

    /** The title, or another text, without its form. */
    static String plain(@Nullable Object pieces) {
        StringBuilder plain = new StringBuilder();
        if (pieces instanceof List<?> all) {
            for (Object one : all) {
                plain.append(one instanceof Map<?, ?> piece ? piece.get("plain_text") : "");
            }
        }
        return plain.toString();
    }
}

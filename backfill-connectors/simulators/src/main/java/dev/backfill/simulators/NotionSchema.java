package dev.backfill.simulators;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The properties of the simulated data source. Guarded by the lock of its pages. */
final class NotionSchema {

    /**
     * A property.
     *
     * @param id as it is; answers have it percent-encoded
     * @param options of a select, status or multi-select; grows when an edit names a new one
     */
    record Property(String id, String name, String type, List<String> options) {

        String encoded() {
            StringBuilder encoded = new StringBuilder();
            for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
                char c = (char) (b & 0xff);
                boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
                encoded.append(plain ? String.valueOf(c) : String.format("%%%02X", b & 0xff));
            }
            return encoded.toString();
        }

        Property named(String other) {
            return new Property(id, other, type, options);
        }

        Map<String, @Nullable Object> option(String name) {
            Map<String, @Nullable Object> option = new LinkedHashMap<>();
            option.put("id", id + "-" + options.indexOf(name));
            option.put("name", name);
            option.put("color", "default");
            return option;
        }

        Map<String, @Nullable Object> json() {
            Map<String, @Nullable Object> settings = new LinkedHashMap<>();
            if (List.of("select", "multi_select", "status").contains(type)) {
                settings.put("options", options.stream().map(this::option).toList());
            }
            if (type.equals("unique_id")) {
                settings.put("prefix", "CO");
            }
            if (type.equals("number")) {
                settings.put("format", "number");
            }
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("id", encoded());
            json.put("name", name);
            json.put("type", type);
            json.put(type, settings);
            return json;
        }
    }

    private final List<Property> properties = new ArrayList<>();

    NotionSchema(boolean unknownType) {
        add("title", "Name", "title");
        add("q~Xz", "Flag", "select", "Duplicate", "Keep");
        add("s;1>", "Stage", "status", "Not started", "In progress", "Done");
        add("tAgs", "Tags", "multi_select", "red", "green", "blue");
        add("d%ne", "Done", "checkbox");
        add("aB=c", "Website", "url");
        add("e@ml", "Email", "email");
        add("f0ne", "Phone", "phone_number");
        add("am|t", "Amount", "number");
        add("d}ue", "Due date", "date");
        add("nö1t", "Notes", "rich_text");
        add("re+l", "Related", "relation");
        add("pe:p", "Owner", "people");
        add("fi/l", "Files", "files");
        add("fo?1", "Label", "formula");
        add("fo?2", "Double", "formula");
        add("ro#l", "Sum", "rollup");
        add("u~id", "No", "unique_id");
        add("cr1t", "Made", "created_time");
        add("ed1t", "Edited", "last_edited_time");
        add("by&1", "Made by", "created_by");
        if (unknownType) {
            add("pl&c", "Where", "place");
        }
    }

    private void add(String id, String name, String type, String... options) {
        properties.add(new Property(id, name, type, new ArrayList<>(List.of(options))));
    }

    List<Property> properties() {
        return properties;
    }

    /** By name, or by id in either form. */
    Optional<Property> find(String nameOrId) {
        return properties.stream()
                .filter(one -> one.name().equals(nameOrId)
                        || one.id().equals(nameOrId)
                        || one.encoded().equals(nameOrId))
                .findFirst();
    }

    void rename(String name, String other) {
        properties.replaceAll(one -> one.name().equals(name) ? one.named(other) : one);
    }

    void drop(String name) {
        properties.removeIf(one -> one.name().equals(name));
    }

    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        properties.forEach(one -> json.put(one.name(), one.json()));
        return json;
    }
}

package dev.backfill.notion;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * A property of a data source.
 *
 * @param id stays the same when the property is renamed; percent-decoded, as it is put into addresses, where it is encoded again
 * @param sent the id as Notion has it in its answers, and takes it in what is sent
 * @param options the names that a select, status or multi-select knows
 */
record Property(String id, String sent, String name, String type, List<String> options) {

    static Property of(String name, JsonNode schema) {
        String type = schema.path("type").asString("");
        List<String> options = new ArrayList<>();
        for (JsonNode option : schema.path(type).path("options")) {
            options.add(option.path("name").asString(""));
        }
        String id = schema.path("id").asString("");
        return new Property(decoded(id), id, name, type, List.copyOf(options));
    }

    /** Ids come percent-encoded and are encoded again when they are sent, so once must be taken off. A plus sign is none here. */
    static String decoded(String id) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            int high = c == '%' && i + 2 < id.length() ? Character.digit(id.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(id.charAt(i + 2), 16);
            if (low >= 0) {
                bytes.write(high * 16 + low);
                i += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** The name as a component of a record would be called, without regard to case: {@code Due date} and {@code dueDate} are one. */
    static String loose(String name) {
        StringBuilder loose = new StringBuilder();
        name.codePoints().filter(Character::isLetterOrDigit).forEach(loose::appendCodePoint);
        return loose.toString().toLowerCase(Locale.ROOT);
    }
}

package dev.backfill.jdbc;

import dev.backfill.internal.Json;
import tools.jackson.databind.JsonNode;

/** JSON arrays as PostgreSQL writes arrays. */
final class ArrayText {

    private ArrayText() {}

    /** {@code ["a","b"]} as <code>{"a","b"}</code>; what is no array stays as it is, and is refused by the database. */
    static String literal(String json) {
        JsonNode tree = Json.tree(json);
        if (!tree.isArray()) {
            return json;
        }
        StringBuilder text = new StringBuilder();
        append(text, tree);
        return text.toString();
    }

    private static void append(StringBuilder text, JsonNode node) {
        if (node.isArray()) {
            text.append('{');
            for (int i = 0; i < node.size(); i++) {
                text.append(i == 0 ? "" : ",");
                append(text, node.get(i));
            }
            text.append('}');
        } else if (node.isNull()) {
            text.append("NULL");
        } else {
            quote(text, node.isString() ? node.asString() : node.toString());
        }
    }

    /** Appends an element, whatever is in it. */
    static void quote(StringBuilder text, String element) {
        boolean asItIs = element.indexOf('"') < 0 && element.indexOf('\\') < 0; // as nearly always
        text.append('"')
                .append(asItIs ? element : element.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"');
    }
}

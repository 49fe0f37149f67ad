package dev.backfill.supabase;

import java.util.ArrayList;
import java.util.List;

/**
 * Conditions in the API's language: as the tree that stands behind {@code and=}, in which names and values can be quoted, whatever is in
 * them. What is quoted is never read as a part of the language.
 */
final class Where {

    private Where() {}

    /** A name or a value in quotes. */
    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static String names(List<String> names) {
        return String.join(",", names.stream().map(Where::quoted).toList());
    }

    static String is(String column, String operator, String value) {
        return quoted(column) + "." + operator + "." + quoted(value);
    }

    static String isNull(String column) {
        return quoted(column) + ".is.null";
    }

    static String all(List<String> conditions) {
        return "(" + String.join(",", conditions) + ")";
    }

    /** Rows with one of these keys. */
    static String oneOf(List<String> columns, List<List<String>> keys) {
        if (columns.size() == 1) {
            List<String> values = keys.stream().map(key -> quoted(key.get(0))).toList();
            return quoted(columns.get(0)) + ".in." + all(values);
        }
        List<String> each = new ArrayList<>();
        for (List<String> key : keys) {
            List<String> parts = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                parts.add(is(columns.get(i), "eq", key.get(i)));
            }
            each.add("and" + all(parts));
        }
        return "or" + all(each);
    }

    /** Rows behind a key in the order of its columns; or, with the key itself, up to it. */
    static String beyond(List<String> columns, List<?> key, boolean behind) {
        List<String> each = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            List<String> parts = new ArrayList<>();
            for (int j = 0; j < i; j++) {
                parts.add(is(columns.get(j), "eq", String.valueOf(key.get(j))));
            }
            boolean last = i == columns.size() - 1;
            String operator = behind ? "gt" : last ? "lte" : "lt";
            parts.add(is(columns.get(i), operator, String.valueOf(key.get(i))));
            each.add(parts.size() == 1 ? parts.get(0) : "and" + all(parts));
        }
        return each.size() == 1 ? each.get(0) : "or" + all(each);
    }

    /** Rows behind one key and up to another, either of which may be empty and so open. */
    static List<String> between(List<String> columns, List<?> after, List<?> to) {
        List<String> conditions = new ArrayList<>();
        if (!after.isEmpty()) {
            conditions.add(beyond(columns, after, true));
        }
        if (!to.isEmpty()) {
            conditions.add(beyond(columns, to, false));
        }
        return conditions;
    }

    /** How long a text is when it is percent-encoded. */
    static int encoded(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "-._~".indexOf(c) >= 0;
            length += plain ? 1 : c < 0x80 ? 3 : c < 0x800 || Character.isSurrogate(c) ? 6 : 9;
        }
        return length;
    }
}

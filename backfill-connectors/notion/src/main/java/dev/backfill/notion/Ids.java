package dev.backfill.notion;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ids as Notion writes them, and as little text as possible for many of them. */
final class Ids {

    private static final Pattern UUID =
            Pattern.compile("[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}");
    private static final Pattern AT_END = Pattern.compile("(?:^|[-/])(" + UUID.pattern() + ")$");

    /** Characters of a packed id. */
    private static final int PACKED = 22;

    private Ids() {}

    static boolean valid(String id) {
        return UUID.matcher(id).matches();
    }

    /** With dashes, in lower case. */
    static String dashed(String id) {
        String hex = id.replace("-", "").toLowerCase(Locale.ROOT);
        return hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-" + hex.substring(12, 16) + "-"
                + hex.substring(16, 20) + "-" + hex.substring(20);
    }

    /**
     * The id of a database, given itself or as the address that a browser shows: {@code …/Companies-1f2a…?v=…}.
     *
     * @throws IllegalArgumentException if there is none in it
     */
    static String of(String idOrUrl) {
        String text = idOrUrl.strip();
        String path = text.replaceFirst("[?#].*", "");
        Matcher matcher = AT_END.matcher(path.length() > 2_000 ? "" : path);
        if (!matcher.find()) {
            throw new IllegalArgumentException(
                    "this is not the id of a Notion database: it has 32 hexadecimal digits, as at"
                            + " the end of the address that the browser shows, before the ?v=");
        }
        return dashed(matcher.group(1));
    }

    /** An id in 22 characters. */
    static String packed(String id) {
        java.util.UUID uuid = java.util.UUID.fromString(dashed(id));
        ByteBuffer bytes =
                ByteBuffer.allocate(16).putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** The ids of a text of packed ids. */
    static Set<String> unpacked(String many) {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i + PACKED <= many.length(); i += PACKED) {
            ids.add(many.substring(i, i + PACKED));
        }
        return ids;
    }
}

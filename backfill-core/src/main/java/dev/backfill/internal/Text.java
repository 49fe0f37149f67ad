package dev.backfill.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Any text as a database keeps it, and back: what no database takes is written with a backslash. */
public final class Text {

    private Text() {}

    /** The text without NUL and without halves of surrogate pairs; different texts stay different. */
    public static String kept(String text) {
        StringBuilder kept = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            String written = c == '\\'
                    ? "\\\\"
                    : c == 0 || lone(text, i) ? "\\u" + HexFormat.of().toHexDigits(c) : "";
            if (!written.isEmpty() && kept == null) {
                kept = new StringBuilder(text.length() + 16).append(text, 0, i);
            }
            if (kept != null) {
                kept.append(written.isEmpty() ? String.valueOf(c) : written);
            }
        }
        return kept == null ? text : kept.toString();
    }

    private static boolean lone(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    /**
     * The text of which {@link #kept} made this.
     *
     * @throws IllegalArgumentException if it cannot have made this
     */
    public static String read(String kept) {
        if (kept.indexOf('\\') < 0) {
            return kept;
        }
        StringBuilder text = new StringBuilder(kept.length());
        for (int i = 0; i < kept.length(); i++) {
            char c = kept.charAt(i);
            if (c != '\\') {
                text.append(c);
            } else if (kept.startsWith("\\", i + 1)) {
                text.append('\\');
                i++;
            } else if (kept.startsWith("u", i + 1) && i + 6 <= kept.length()) {
                text.append((char) HexFormat.fromHexDigits(kept, i + 2, i + 6));
                i += 5;
            } else {
                throw new IllegalArgumentException("a lone backslash");
            }
        }
        return text.toString();
    }

    /** A short name for texts of any length. */
    public static String digest(String... texts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (String text : texts) {
                sha.update(kept(text).getBytes(StandardCharsets.UTF_8));
                sha.update((byte) 0);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

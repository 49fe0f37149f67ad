package dev.backfill.internal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Names of any kind as file names: different names give different files, also where case or composition is ignored. */
public final class Names {

    private static final int MAX_BYTES = 120;

    private Names() {}

    /**
     * The name with every byte but {@code a-z 0-9 _ -} (and a dot inside) written as {@code %xx}; a long one cut, with a hash behind.
     * Never empty, never with a dot or dash first, never a name that some system reserves.
     */
    public static String file(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : bytes(name)) {
            char c = (char) (b & 0xff);
            boolean inside = !encoded.isEmpty();
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (inside && (c == '-' || c == '.'))) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        if (encoded.isEmpty()) {
            return "%";
        }
        if (encoded.charAt(encoded.length() - 1) == '.') {
            encoded.setLength(encoded.length() - 1);
            encoded.append("%2e");
        }
        String result = encoded.toString();
        if (reserved(result)) {
            result = "%" + HexFormat.of().toHexDigits((byte) result.charAt(0)) + result.substring(1);
        }
        return result.length() <= MAX_BYTES ? result : result.substring(0, MAX_BYTES - 34) + "%-" + hash(name);
    }

    /** The name in UTF-8, with halves of surrogate pairs, which have no form there, written as if they were characters. */
    private static byte[] bytes(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length() + 16);
        name.codePoints().forEach(c -> {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                bytes.write(0xe0 | (c >> 12));
                bytes.write(0x80 | ((c >> 6) & 0x3f));
                bytes.write(0x80 | (c & 0x3f));
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /** Whether Windows takes a file of this name, with whatever behind its first dot, for a device. */
    public static boolean reserved(String name) {
        String stem = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
        return stem.toUpperCase(Locale.ROOT).matches("CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9]");
    }

    private static String hash(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes(name));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

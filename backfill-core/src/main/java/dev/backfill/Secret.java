package dev.backfill;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A token or password that does not print itself.
 *
 * <p>Immutable; compared in constant time. Its value leaves only by {@link #reveal()}.
 */
public final class Secret {

    private final String name;
    private final String value;

    private Secret(String name, String value) {
        this.name = name;
        this.value = value;
    }

    /**
     * A secret that has been read from somewhere. A newline at its end, as files have it, is cut off with a warning.
     *
     * @param name what the setting is called, such as {@code BLAZE_KEY}; the only thing that messages show
     * @throws IllegalArgumentException if the value is missing, blank, in quotes, or cannot stand in a header; names the setting only
     */
    public static Secret of(String name, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(
                    name + " is missing or blank; set it to the value that the service gave you");
        }
        String trimmed = value.strip();
        if (trimmed.length() != value.length()) {
            LoggerFactory.getLogger(Secret.class)
                    .warn("{} begins or ends with a space or newline, which is cut off", name);
        }
        char first = trimmed.charAt(0);
        if (trimmed.length() > 1 && first == trimmed.charAt(trimmed.length() - 1) && (first == '"' || first == '\'')) {
            throw new IllegalArgumentException(name + " is in quotes; set it without them");
        }
        if (!trimmed.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException(
                    name + " has a space, a control character or a letter outside ASCII inside");
        }
        return new Secret(name, trimmed);
    }

    /** What the setting is called. */
    public String name() {
        return name;
    }

    /** The value, for the one call that needs it. */
    public String reveal() {
        return value;
    }

    /** Sixteen hexadecimal digits that tell this secret from others and do not tell it. */
    public String fingerprint() {
        return HexFormat.of().formatHex(digest(), 0, 8);
    }

    private byte[] digest() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret
                && secret.name.equals(name)
                && MessageDigest.isEqual(digest(), secret.digest());
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name + "=…";
    }
}

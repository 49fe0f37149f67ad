package dev.backfill.http;

import dev.backfill.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes text of the other side fit for messages: without secrets, without control characters, short. */
final class Redactor {

    /** Excerpts are this long at most. */
    static final int EXCERPT_BYTES = 1024;

    // possessive, and taking in what looks like the beginning of one to its end, so that no text can make them slow
    private static final Pattern JWT = Pattern.compile("eyJ[A-Za-z0-9_-]++(\\.[A-Za-z0-9_.-]++)?+");
    private static final int SHORTEST = "eyJ".length() + 10;
    private static final Pattern USER = Pattern.compile("://[^/@\\s]{1,200}+@");

    private final List<String> hidden;

    Redactor(List<Secret> secrets) {
        Set<String> forms = new LinkedHashSet<>();
        for (Secret secret : secrets) {
            String value = secret.reveal();
            forms.add(value);
            forms.add(Address.encode(value));
            String base64 = Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
            forms.add(base64);
            forms.add(base64.replace("=", ""));
        }
        // the longest first: a short secret may be a part of a long one
        hidden = forms.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /** The text without secrets. */
    String redact(String text) {
        String clean = text;
        for (String form : hidden) {
            clean = clean.replace(form, "…");
        }
        clean = JWT.matcher(clean)
                .replaceAll(token -> token.group(1) == null || token.group().length() < SHORTEST
                        ? Matcher.quoteReplacement(token.group())
                        : "…");
        return USER.matcher(clean).replaceAll("://…@");
    }

    /** The beginning of the text on one line, without secrets. */
    String excerpt(String text) {
        return cut(escape(redact(text).strip()));
    }

    private static String cut(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            if (bytes > EXCERPT_BYTES - 3) {
                return text.substring(0, Character.isLowSurrogate(c) ? i - 1 : i) + "…";
            }
        }
        return text;
    }

    /** The text with everything escaped that would move, hide or split a line of a log. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.PRIVATE_USE,
                        Character.UNASSIGNED -> escaped.append(String.format("\\u%04x", (int) c));
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }
}

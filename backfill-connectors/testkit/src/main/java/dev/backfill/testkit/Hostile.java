package dev.backfill.testkit;

import java.util.List;
import java.util.stream.Collectors;

/** Texts that do harm where text is taken for something else, and some that are alike but for where a text may be cut. */
final class Hostile {

    static final List<String> TEXTS = List.of(
            "'; DROP TABLE item; --",
            "\" or \"\"=\"",
            "`backtick` && true || 1",
            "a,b)&or=(1.eq.1",
            "${jndi:ldap://127.0.0.1/a} #{7*7} {{7*7}}",
            "<script>alert(1)</script> &amp; ]]>",
            "=1+1",
            "../../etc/passwd",
            "%00%0d%0aSet-Cookie: a=b %s %n",
            "line\nbreak\r\nand\ttab",
            "\\ \\n \\u0041 \\\\",
            "{\"$ne\": null, \"a.b\": [}",
            "null",
            " spaces at both ends ",
            "spaces at both ends",
            "İstanbul ıI ß ä a\u0308 \uD83D\uDC1F \u202Egnp.exe",
            "nul \u0000 inside",
            "nul \u0000 and another end",
            "long " + "x".repeat(20_000),
            "long " + "x".repeat(20_000) + " with another end");

    private Hostile() {}

    /** A text for a message: short, and harmless for a terminal. */
    static String shown(String text) {
        String safe = text.codePoints()
                .mapToObj(c -> c < ' ' || c == 0x202E ? "\\u%04x".formatted(c) : Character.toString(c))
                .collect(Collectors.joining());
        return "'" + (safe.length() <= 60 ? safe : safe.substring(0, 60) + "…") + "'";
    }
}

package dev.backfill.checkpoint;

import dev.backfill.internal.Json;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;
import tools.jackson.databind.JsonNode;

/**
 * One line of a journal: {@code {<body>,"n":<line>,"crc":"<of all before>"}}. The number shows a line that is gone, the checksum one
 * that was altered.
 */
final class JournalLine {

    private static final String CRC = ",\"crc\":\"";
    private static final int TAIL = CRC.length() + 8 + 2;

    private JournalLine() {}

    /** Appends a line with this body, which is JSON members without braces. */
    static void append(StringBuilder text, String body, long number) {
        String checked = "{" + body + ",\"n\":" + number;
        text.append(checked).append(CRC).append(crc(checked)).append("\"}\n");
    }

    /** Whether the line is as it was written, whatever its number. */
    static boolean whole(String line) {
        int end = line.length() - TAIL;
        return end >= 0
                && line.startsWith(CRC, end)
                && line.endsWith("\"}")
                && line.startsWith(crc(line.substring(0, end)), end + CRC.length());
    }

    /** The line as JSON, if it is whole and has this number. */
    static Optional<JsonNode> parse(String line, long number) {
        if (!whole(line)) {
            return Optional.empty();
        }
        try {
            JsonNode node = Json.tree(line);
            return node.path("n").asLong(-1) == number ? Optional.of(node) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}

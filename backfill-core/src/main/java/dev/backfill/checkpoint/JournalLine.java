package dev.backfill.checkpoint;

import dev.backfill.internal.Json;
import java.io.ByteArrayOutputStream;
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
    static void append(ByteArrayOutputStream lines, String body, long number) {
        byte[] checked = ("{" + body + ",\"n\":" + number).getBytes(StandardCharsets.UTF_8);
        lines.writeBytes(checked);
        lines.writeBytes((CRC + crc(checked, checked.length) + "\"}\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Whether the line is as it was written, whatever its number. */
    static boolean whole(byte[] line) {
        int end = line.length - TAIL;
        if (end < 0) {
            return false;
        }
        String tail = new String(line, end, TAIL, StandardCharsets.ISO_8859_1);
        return tail.equals(CRC + crc(line, end) + "\"}");
    }

    /** The line as JSON, if it is whole and has this number. */
    static Optional<JsonNode> parse(byte[] line, long number) {
        if (!whole(line)) {
            return Optional.empty();
        }
        try {
            JsonNode node = Json.tree(new String(line, StandardCharsets.UTF_8));
            return node.path("n").asLong(-1) == number ? Optional.of(node) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}

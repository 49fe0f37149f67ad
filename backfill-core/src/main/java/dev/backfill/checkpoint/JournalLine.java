package dev.backfill.checkpoint;

import dev.backfill.internal.CheckedLine;
import dev.backfill.internal.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One line of a journal: {@code {<body>,"n":<line>,"crc":"<of all before>"}}. The number shows a line that is gone, the checksum one
 * that was altered.
 */
final class JournalLine {

    private JournalLine() {}

    /** Appends a line with this body, which is JSON members without braces. */
    static void append(ByteArrayOutputStream lines, String body, long number) {
        lines.writeBytes(CheckedLine.of("{" + body + ",\"n\":" + number));
    }

    /** The line as JSON, if it is whole and has this number. */
    static Optional<JsonNode> parse(byte[] line, long number) {
        if (!CheckedLine.whole(line)) {
            return Optional.empty();
        }
        try {
            JsonNode node = Json.tree(new String(line, StandardCharsets.UTF_8));
            return node.path("n").asLong(-1) == number ? Optional.of(node) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

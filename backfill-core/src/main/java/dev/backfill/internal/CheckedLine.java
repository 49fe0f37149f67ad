package dev.backfill.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** A line of JSON that ends in a checksum of all before it: {@code {…,"crc":"0a1b2c3d"}}. One that was altered or cut is known. */
public final class CheckedLine {

    private static final String CRC = ",\"crc\":\"";
    private static final int TAIL = CRC.length() + 8 + 2;

    private CheckedLine() {}

    /** The line of this JSON object, which lacks its closing brace, and its line feed. */
    public static byte[] of(String open) {
        byte[] checked = open.getBytes(StandardCharsets.UTF_8);
        byte[] line = Arrays.copyOf(checked, checked.length + TAIL + 1);
        byte[] tail = (CRC + crc(checked, checked.length) + "\"}\n").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(tail, 0, line, checked.length, tail.length);
        return line;
    }

    /** Whether a line, without its line feed, is as it was written. */
    public static boolean whole(byte[] line) {
        int end = line.length - TAIL;
        if (end < 0) {
            return false;
        }
        String tail = new String(line, end, TAIL, StandardCharsets.ISO_8859_1);
        return tail.equals(CRC + crc(line, end) + "\"}");
    }

    private static String crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return text(crc);
    }

    /** A checksum as text. */
    public static String text(CRC32C crc) {
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}

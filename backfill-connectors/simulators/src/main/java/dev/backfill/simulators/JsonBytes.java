package dev.backfill.simulators;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A growing buffer of UTF-8 into which JSON is written directly: a page is half a megabyte, and hundreds are wanted a second. */
final class JsonBytes {

    private static final String HEX = "0123456789abcdef";
    private static final byte[] FILL = fill();

    private byte[] bytes;
    private int size;

    JsonBytes(int expected) {
        bytes = new byte[Math.max(64, expected)];
    }

    private static byte[] fill() {
        byte[] fill = new byte[1 << 14];
        for (int i = 0; i < fill.length; i++) {
            fill[i] = (byte) HEX.charAt(Mix.below(16, 1, i, 0));
        }
        return fill;
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }

    int size() {
        return size;
    }

    /** Forgets everything behind this size. */
    void cut(int length) {
        size = Math.min(size, length);
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, size);
    }

    void to(OutputStream out) throws IOException {
        to(out, 0, size);
    }

    void to(OutputStream out, int from, int length) throws IOException {
        out.write(bytes, from, length);
    }

    /** The same, compressed. */
    JsonBytes packed() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(size / 4);
        try (OutputStream out = new GZIPOutputStream(packed, 1 << 14)) {
            to(out);
        }
        JsonBytes result = new JsonBytes(0);
        result.bytes = packed.toByteArray();
        result.size = result.bytes.length;
        return result;
    }

    /** Text as it is; ASCII. */
    @SuppressWarnings("deprecation") // for ASCII it is right, and nothing else is as fast
    JsonBytes raw(String ascii) {
        int length = ascii.length();
        room(length);
        ascii.getBytes(0, length, bytes, size);
        size += length;
        return this;
    }

    /** Text of any kind as it is. */
    JsonBytes whole(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        room(encoded.length);
        System.arraycopy(encoded, 0, bytes, size, encoded.length);
        size += encoded.length;
        return this;
    }

    JsonBytes append(JsonBytes other) {
        room(other.size);
        System.arraycopy(other.bytes, 0, bytes, size, other.size);
        size += other.size;
        return this;
    }

    /** A JSON string, or null. */
    JsonBytes text(@Nullable String text) {
        if (text == null) {
            return raw("null");
        }
        room(text.length() * 6 + 2);
        bytes[size++] = '"';
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                bytes[size++] = '\\';
                bytes[size++] = (byte) c;
            } else if (c < ' ') {
                raw("\\u00").raw(c < 16 ? "0" : "1");
                bytes[size++] = (byte) HEX.charAt(c & 15);
            } else if (c < 0x80) {
                bytes[size++] = (byte) c;
            } else {
                int codePoint = text.codePointAt(i);
                byte[] encoded = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(encoded, 0, bytes, size, encoded.length);
                size += encoded.length;
                i += Character.charCount(codePoint) - 1;
            }
        }
        bytes[size++] = '"';
        return this;
    }

    JsonBytes number(long value) {
        if (value < 0) {
            return raw(Long.toString(value));
        }
        room(20);
        int digits = 1;
        for (long rest = value; rest > 9; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = size + digits - 1; i >= size; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
        return this;
    }

    /** A number of ten-thousandths as a double is printed: {@code 13.29}, {@code 110.0}, {@code 3.9571}. */
    JsonBytes decimal(long tenThousandths) {
        if (tenThousandths < 0) {
            return raw("-").decimal(-tenThousandths);
        }
        number(tenThousandths / 10_000).raw(".");
        room(4);
        int rest = (int) (tenThousandths % 10_000);
        int unit = 1_000;
        do {
            bytes[size++] = (byte) ('0' + rest / unit);
            rest %= unit;
            unit /= 10;
        } while (rest > 0);
        return this;
    }

    /** The last digits of a number in hexadecimal. */
    JsonBytes hex(long value, int digits) {
        room(digits);
        long rest = value;
        for (int i = size + digits - 1; i >= size; i--) {
            bytes[i] = (byte) HEX.charAt((int) rest & 15);
            rest >>>= 4;
        }
        size += digits;
        return this;
    }

    /** So many characters that mean nothing. */
    JsonBytes filler(int length) {
        room(length);
        for (int done = 0; done < length; done += FILL.length) {
            System.arraycopy(FILL, 0, bytes, size + done, Math.min(FILL.length, length - done));
        }
        size += length;
        return this;
    }
}

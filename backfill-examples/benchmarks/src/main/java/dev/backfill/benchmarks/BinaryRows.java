package dev.backfill.benchmarks;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Rows in the form that PostgreSQL's binary COPY takes, which costs both sides least. */
public final class BinaryRows {

    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final byte[] TRAILER = {(byte) 0xff, (byte) 0xff};

    /** Between 1970 and 2000, from which PostgreSQL counts. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private static final int BASE = 10_000;
    private static final int MOST_DIGITS = 15; // so that a mantissa can be widened by three more

    private byte[] bytes;
    private int size;
    private int rows;
    private final short[] groups = new short[6];

    /** None as yet, with room for so many bytes. */
    public BinaryRows(int expected) {
        bytes = new byte[expected];
    }

    /** How many rows were begun. */
    public int rows() {
        return rows;
    }

    /** How many bytes there are. */
    public int size() {
        return size;
    }

    /** Forgets all rows. */
    public void clear() {
        size = 0;
        rows = 0;
    }

    private int room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
        int at = size;
        size += more;
        return at;
    }

    private void two(int value) {
        int at = room(2);
        bytes[at] = (byte) (value >> 8);
        bytes[at + 1] = (byte) value;
    }

    private void four(int at, int value) {
        bytes[at] = (byte) (value >> 24);
        bytes[at + 1] = (byte) (value >> 16);
        bytes[at + 2] = (byte) (value >> 8);
        bytes[at + 3] = (byte) value;
    }

    /** Begins a row of so many columns. */
    public BinaryRows row(int columns) {
        rows++;
        two(columns);
        return this;
    }

    /** A null. */
    public BinaryRows none() {
        four(room(4), -1);
        return this;
    }

    /** A bigint. */
    public BinaryRows whole(long value) {
        int at = room(12);
        four(at, 8);
        four(at + 4, (int) (value >> 32));
        four(at + 8, (int) value);
        return this;
    }

    /** An integer. */
    public BinaryRows small(int value) {
        int at = room(8);
        four(at, 4);
        four(at + 4, value);
        return this;
    }

    /** A timestamp with time zone. */
    public BinaryRows time(long microsSince1970) {
        return whole(microsSince1970 - EPOCH_MICROS);
    }

    /** A boolean. */
    public BinaryRows flag(boolean value) {
        int at = room(5);
        four(at, 1);
        bytes[at + 4] = (byte) (value ? 1 : 0);
        return this;
    }

    /** A text. */
    public BinaryRows text(String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        int at = room(4 + encoded.length);
        four(at, encoded.length);
        System.arraycopy(encoded, 0, bytes, at + 4, encoded.length);
        return this;
    }

    /** A text; most are ASCII. */
    public BinaryRows text(char[] value, int from, int length) {
        int at = room(4 + length);
        four(at, length);
        for (int i = 0; i < length; i++) {
            char c = value[from + i];
            if (c >= 0x80) {
                size = at;
                return text(new String(value, from, length));
            }
            bytes[at + 4 + i] = (byte) c;
        }
        return this;
    }

    /** A numeric. */
    public BinaryRows decimal(char[] value, int from, int length) {
        long mantissa = 0;
        int scale = -1;
        boolean negative = value[from] == '-';
        int begin = negative ? from + 1 : from;
        for (int i = begin; i < from + length; i++) {
            char c = value[i];
            if (c == '.') {
                scale = 0;
            } else if (c >= '0' && c <= '9' && i - begin <= MOST_DIGITS) {
                mantissa = mantissa * 10 + (c - '0');
                scale += scale < 0 ? 0 : 1;
            } else {
                return decimal(new BigDecimal(new String(value, from, length)));
            }
        }
        return decimal(negative, mantissa, Math.max(0, scale));
    }

    /** A numeric of at most fifteen digits. */
    public BinaryRows decimal(BigDecimal value) {
        BigDecimal plain = value.scale() < 0 ? value.setScale(0) : value;
        long unscaled = plain.unscaledValue().longValueExact();
        return decimal(unscaled < 0, Math.abs(unscaled), plain.scale());
    }

    private BinaryRows decimal(boolean negative, long mantissa, int scale) {
        long rest = mantissa;
        int behind = (scale + 3) / 4;
        for (int pad = scale; pad < 4 * behind; pad++) {
            rest = Math.multiplyExact(rest, 10);
        }
        int count = 0; // groups of four digits, the last one first
        while (rest > 0) {
            groups[count++] = (short) (rest % BASE);
            rest /= BASE;
        }
        int low = 0;
        while (low < count && groups[low] == 0) {
            low++;
        }
        four(room(4), 8 + 2 * (count - low));
        two(count - low);
        two(count == 0 ? 0 : count - behind - 1);
        two(negative && count > 0 ? 0x4000 : 0);
        two(scale);
        for (int i = count - 1; i >= low; i--) {
            two(groups[i]);
        }
        return this;
    }

    /** What another has from here to there. */
    public BinaryRows part(BinaryRows other, int from, int to) {
        int at = room(to - from);
        System.arraycopy(other.bytes, from, bytes, at, to - from);
        return this;
    }

    /** Copies rows into a table. */
    public static void copy(Connection connection, String table, List<BinaryRows> rows) throws SQLException {
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + table + " FROM STDIN (FORMAT binary)");
        try {
            copy.writeToCopy(HEADER, 0, HEADER.length);
            for (BinaryRows some : rows) {
                copy.writeToCopy(some.bytes, 0, some.size);
            }
            copy.writeToCopy(TRAILER, 0, TRAILER.length);
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }
}

package dev.backfill.typesense;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Lines of bytes, however they arrive. */
final class LineReader {

    /** What a document may have, as JSON elsewhere in this library. */
    static final int LONGEST = 64 << 20;

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int at;
    private int end;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** The next line without its end; null when there is none. The last one may lack its newline. */
    byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream before = null;
        while (true) {
            if (at == end) {
                at = 0;
                end = Math.max(0, in.read(buffer));
                if (end == 0) {
                    return before == null ? null : before.toByteArray();
                }
            }
            int newline = at;
            while (newline < end && buffer[newline] != '\n') {
                newline++;
            }
            byte[] piece = Arrays.copyOfRange(buffer, at, newline);
            boolean whole = newline < end;
            at = whole ? newline + 1 : newline;
            if (before == null && whole) {
                return piece;
            }
            if (before == null) {
                before = new ByteArrayOutputStream();
            }
            before.writeBytes(piece);
            if (whole) {
                return before.toByteArray();
            }
            if (before.size() > LONGEST) {
                throw new IOException("a line of more than " + LONGEST + " bytes");
            }
        }
    }
}

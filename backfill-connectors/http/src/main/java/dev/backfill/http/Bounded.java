package dev.backfill.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** A body that is unpacked and counted while it is read, so that no answer can be larger than was allowed. */
final class Bounded extends FilterInputStream {

    /** Unpacked bytes for each packed one. Text reaches about 20; only bombs reach hundreds. */
    private static final int MOST_UNPACKED = 100;

    /** Below this size nothing is a bomb, however well it packs. */
    private static final long HARMLESS = 1L << 20;

    private final Counted packed;
    private final long most;
    private long count;

    private Bounded(InputStream in, Counted packed, long most) {
        super(in);
        this.packed = packed;
        this.most = most;
    }

    /** More came than was allowed. */
    static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1;

        TooLarge(String message) {
            super(message);
        }
    }

    static InputStream of(InputStream body, String encoding, long most) throws IOException {
        Counted packed = new Counted(body);
        return switch (encoding) {
            case "", "identity" -> new Bounded(packed, packed, most);
            case "gzip", "x-gzip" -> new Bounded(new GZIPInputStream(packed, 1 << 14), packed, most);
            default ->
                throw new IOException(
                        "the answer is packed as " + Redactor.escape(encoding) + ", which was not asked for");
        };
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        if (read > 0) {
            count += read;
            check();
        }
        return read;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        if (read >= 0) {
            count++;
            check();
        }
        return read;
    }

    private void check() throws TooLarge {
        if (count > most) {
            throw new TooLarge("the answer is larger than " + most + " bytes; ask for smaller pages, or raise maxBody");
        }
        if (count > HARMLESS && count / MOST_UNPACKED > packed.count) {
            throw new TooLarge(
                    "the answer unpacks to more than " + MOST_UNPACKED + " times its size, which no honest one does");
        }
    }

    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            count += Math.max(0, read);
            return read;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count += read < 0 ? 0 : 1;
            return read;
        }
    }
}

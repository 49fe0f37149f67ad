package dev.backfill.files;

import dev.backfill.internal.Disk;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** What gzip has packed into a file. One that is cut off fails at once: trying again would bring no more. */
final class Unpacking extends InputStream {

    private static final int BLOCK = 1 << 16;

    private final Path file;
    private final InputStream from;

    Unpacking(Disk disk, Path file) throws IOException {
        this.file = file;
        try {
            this.from = new GZIPInputStream(new Reading(disk, file), BLOCK);
        } catch (ZipException | EOFException e) {
            throw broken(e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        try {
            return from.read(to, offset, length);
        } catch (ZipException | EOFException e) {
            throw broken(e);
        }
    }

    @Override
    public void close() throws IOException {
        from.close();
    }

    private IllegalStateException broken(IOException e) {
        return new IllegalStateException(
                file + " is cut off, or not packed by gzip (" + e.getMessage() + "); bring it back or move it away", e);
    }
}

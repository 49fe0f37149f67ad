package dev.backfill.files;

import dev.backfill.internal.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** A file as a stream of bytes, block by block. */
final class Reading extends InputStream {

    private static final int BLOCK = 1 << 16;

    private final Disk disk;
    private final Path file;
    private byte[] block = new byte[0];
    private int at;
    private long next;

    Reading(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        return ready() ? block[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!ready()) {
            return -1;
        }
        int read = Math.min(length, block.length - at);
        System.arraycopy(block, at, to, offset, read);
        at += read;
        return read;
    }

    /** More than nothing until the end: whoever unpacks asks whether something follows. */
    @Override
    public int available() throws IOException {
        return ready() ? block.length - at : 0;
    }

    private boolean ready() throws IOException {
        if (at == block.length) {
            block = disk.read(file, next, BLOCK);
            next += block.length;
            at = 0;
        }
        return block.length > 0;
    }
}

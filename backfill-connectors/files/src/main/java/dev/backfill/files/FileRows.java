package dev.backfill.files;

import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Source;
import dev.backfill.internal.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The records of one file; the cursor is a place among its bytes, those that gzip has packed counted unpacked. */
final class FileRows<T> implements Source<T> {

    private static final int PAGE = 1_000;

    /** A packed file is unpacked from its start for each page, so that pages are larger. */
    private static final int PACKED_PAGE = 10_000;

    private static final int BLOCK = 1 << 20;
    private static final int LONGEST = 64 << 20;

    private final Disk disk;
    private final Path file;
    private final boolean packed;
    private final Reader<T> reader;

    FileRows(Disk disk, Path file, Reader<T> reader) {
        this.disk = disk;
        this.file = file;
        this.packed = file.getFileName().toString().endsWith(".gz");
        this.reader = reader;
    }

    /**
     * @param at where the next record begins
     * @param read how many records stand before
     * @param size of the file, which must not change
     */
    record Spot(long at, long read, long size) {}

    @Override
    public Page<T> read(Cursor from) throws IOException {
        long size;
        try {
            size = disk.size(file);
        } catch (NoSuchFileException e) {
            throw new IllegalStateException("there is no file " + file, e);
        }
        Spot spot = from.as(Spot.class).orElse(new Spot(0, 0, size));
        if (spot.size() != size) {
            throw new ExpiredCursorException(file + " has changed: it had " + spot.size() + " bytes, and has " + size);
        }
        String head = head();
        long at = spot.at() == 0 ? start(head) : spot.at();
        for (int most = BLOCK; ; most = Math.min(LONGEST, 4 * most)) {
            byte[] block = block(at, most);
            boolean last = block.length < most;
            int end = 0;
            int records = 0;
            for (int next = reader.end(block, 0, last);
                    next > 0 && records < (packed ? PACKED_PAGE : PAGE);
                    next = reader.end(block, end, last)) {
                end = next;
                records++;
            }
            boolean over = last && end == block.length;
            if (records > 0 || over) {
                return page(spot, head, at, Arrays.copyOf(block, end), over);
            }
            if (last) {
                throw new IllegalStateException(
                        file + ": record " + (spot.read() + 1) + " has no end: is the file cut off?");
            }
            if (most == LONGEST) {
                throw new IllegalStateException(file + " has a record of more than " + most + " bytes at " + at);
            }
        }
    }

    private Page<T> page(Spot spot, String head, long at, byte[] bytes, boolean over) {
        List<T> records;
        try {
            records = reader.records(head, text(bytes, at), spot.read() + 1);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
        return over
                ? Page.last(records)
                : Page.of(records, new Spot(at + bytes.length, spot.read() + records.size(), spot.size()));
    }

    /** The first line with its end, and the mark of byte order that may stand before it. */
    private String head() throws IOException {
        if (!reader.hasHead()) {
            return isMark(block(0, 3)) ? "\uFEFF" : "";
        }
        for (int most = BLOCK; ; most *= 4) {
            byte[] block = block(0, most);
            boolean last = block.length < most;
            int end = reader.end(block, isMark(block) ? 3 : 0, last);
            if (end >= 0) {
                return head(Arrays.copyOf(block, end));
            }
            if (last || most >= LONGEST) {
                throw new IllegalStateException(
                        file + " has no head: " + (block.length == 0 ? "it is empty" : "its first line has no end"));
            }
        }
    }

    private String head(byte[] bytes) {
        try {
            return text(bytes, 0);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** Text of another encoding is refused, since reading it would lose letters without a word. */
    private static String text(byte[] bytes, long at) {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(from).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "what stands at byte " + (at + from.position()) + " is not UTF-8; convert the file", e);
        }
    }

    private static boolean isMark(byte[] bytes) {
        return bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF;
    }

    private static long start(String head) {
        return head.getBytes(StandardCharsets.UTF_8).length;
    }

    private byte[] block(long from, int most) throws IOException {
        if (!packed) {
            return disk.read(file, from, most);
        }
        try (InputStream in = new Unpacking(disk, file)) {
            in.skipNBytes(from);
            return in.readNBytes(most);
        }
    }

    @Override
    public Paging paging() {
        return Paging.KEYSET;
    }

    @Override
    public String definition() {
        return reader.definition();
    }
}

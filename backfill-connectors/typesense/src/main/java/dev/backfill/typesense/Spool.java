package dev.backfill.typesense;

import dev.backfill.TransientException;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Json;
import dev.backfill.internal.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * An export in a file: a line that names the export, then a document on each line. Under its name the file is whole; while it is
 * written it has another.
 */
final class Spool {

    private static final int BLOCK = 1 << 20;

    private final Disk disk;
    private final Time time;
    private final Path file;

    Spool(Disk disk, Time time, Path file) {
        this.disk = disk;
        this.time = time;
        this.file = file.toAbsolutePath();
    }

    /** The first line. */
    record Head(String export, String collection) {}

    /**
     * What was written.
     *
     * @param start where the first document is
     */
    record Written(String export, long documents, long start) {}

    /** The documents from one place on, and the next place. */
    record Lines(List<byte[]> documents, long next, boolean last) {}

    /**
     * Writes an export; it has its final name only after {@link #publish}.
     *
     * @throws TransientException if it does not end with a whole document
     */
    Written write(String collection, InputStream body) throws IOException {
        disk.folder(folder());
        disk.delete(beside());
        String export =
                Long.toHexString(time.now().toEpochMilli()) + Long.toHexString((long) (time.random() * Long.MAX_VALUE));
        byte[] head = line(Json.write(new Head(export, collection)));
        long documents = 0;
        try (Disk.Writing writing = disk.create(beside())) {
            ByteArrayOutputStream block = new ByteArrayOutputStream(BLOCK + 1024);
            block.writeBytes(head);
            LineReader lines = new LineReader(body);
            byte[] last = new byte[0];
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (line.length > 0) {
                    documents++;
                    last = line;
                    block.writeBytes(line);
                    block.write('\n');
                }
                if (block.size() >= BLOCK) {
                    writing.write(block.toByteArray());
                    block.reset();
                }
            }
            writing.write(block.toByteArray());
            check(last);
            writing.sync();
        }
        return new Written(export, documents, head.length);
    }

    /** An export that is cut ends in the middle of a document, or with a word on why. */
    private static void check(byte[] last) {
        if (last.length == 0) {
            return;
        }
        try {
            if (Json.mapper().readTree(last).has("id")) {
                return;
            }
        } catch (JacksonException e) {
            // as below
        }
        throw new TransientException(
                "the export was cut: its last line, of " + last.length + " bytes, is no whole document");
    }

    /** Gives what was written its final name, for good. */
    void publish() throws IOException {
        disk.rename(beside(), file);
        disk.sync(folder());
    }

    /** Whether this file is that export still. */
    boolean holds(String export) throws IOException {
        try {
            byte[] begin = disk.read(file, 0, 4_096);
            int newline = newline(begin, 0);
            return newline > 0
                    && Json.read(new String(begin, 0, newline, StandardCharsets.UTF_8), Head.class)
                            .export()
                            .equals(export);
        } catch (NoSuchFileException | IllegalArgumentException e) {
            return false;
        }
    }

    /** Reads some documents. */
    Lines read(long from, int most) throws IOException {
        for (int size = BLOCK; ; size = Math.min(LineReader.LONGEST, 4 * size)) {
            byte[] block = disk.read(file, from, size);
            List<byte[]> documents = new ArrayList<>();
            int at = 0;
            while (documents.size() < most) {
                int newline = newline(block, at);
                if (newline < 0) {
                    break;
                }
                documents.add(Arrays.copyOfRange(block, at, newline));
                at = newline + 1;
            }
            boolean end = at == block.length && block.length < size;
            if (at > 0 || end) {
                return new Lines(documents, from + at, end);
            }
            if (size == LineReader.LONGEST) {
                throw new IOException(file + " has a line of more than " + size + " bytes at " + from);
            }
        }
    }

    private static int newline(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private Path folder() {
        @Nullable Path folder = file.getParent();
        return folder == null ? file : folder;
    }

    private Path beside() {
        return file.resolveSibling(file.getFileName() + ".part");
    }
}

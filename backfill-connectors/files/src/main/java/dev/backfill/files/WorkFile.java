package dev.backfill.files;

import dev.backfill.internal.CheckedLine;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a partition has given so far, batch by batch as it came, until its file is made of it: a title, then for each batch a line about it and its
 * text. A batch that comes again takes the place of the first time and of all that came after it. Lines and texts have checksums.
 *
 * <p>When the file is made, the title and the lines stay and the texts go. They tell where each batch is in the file: after a crash the runner may
 * give the last one again, and after a loss of power those of the last second.
 */
final class WorkFile {

    /** What the places of records begin with that were dead letters, instead of a cursor. */
    static final String REPLAY = "replay ";

    private static final int LONGEST_LINE = 1 << 24;
    private static final int BLOCK = 1 << 16;

    /** A place in a partition: the cursor from which a batch was read, and the number of its records that stand before. */
    record Place(String from, int offset) {

        boolean isOf(Head head) {
            return head.from().equals(from) && head.offset() == offset;
        }
    }

    /** So much of the file that is there, counted without its head. */
    record Base(long rows, long bytes) {
        static final Base NONE = new Base(0, 0);
    }

    /**
     * @param kept what of the file is older than this pass
     * @param base what of the file stands before the first batch here
     * @param replayed hashes of what was added by a replay
     * @param published whether the file was made of all that came
     */
    record Title(Base kept, Base base, List<String> replayed, boolean published) {

        static Title gathering(Base kept, Base base, List<String> replayed) {
            return new Title(kept, base, replayed, false);
        }
    }

    /**
     * The line about a batch.
     *
     * @param sum the checksum of its text
     */
    record Head(String from, int offset, long rows, long bytes, String sum) {

        Base behind(Base before) {
            return new Base(before.rows() + rows, before.bytes() + bytes);
        }
    }

    /** Where a batch is. */
    private record Frame(Head head, long text, long end) {}

    /** The end of what is there, and the last batch, as this process wrote it. */
    record Position(long end, Place last, long lastStart) {}

    private final Disk disk;
    private final Path file;

    WorkFile(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
    }

    /** The title; empty if nothing has come yet. */
    Optional<Title> title() throws IOException {
        try {
            return line(0).map(line -> Json.read(line, Title.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw damaged(0);
        }
    }

    /** Begins with this title, and with these lines but no texts, in one step. */
    void begin(Title title, List<Head> heads) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        disk.delete(beside);
        try (Disk.Writing writing = disk.create(beside)) {
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            lines.writeBytes(line(title));
            heads.forEach(head -> lines.writeBytes(line(head)));
            writing.write(lines.toByteArray());
            writing.sync();
        }
        disk.rename(beside, file);
        disk.sync(folder());
    }

    /** Writes a batch where it belongs, and makes it durable. */
    Position put(@Nullable Position known, Place place, long rows, byte[] text) throws IOException {
        long at = known != null && known.end() == disk.size(file)
                ? known.last().equals(place) ? known.lastStart() : known.end()
                : find(place);
        CRC32C sum = new CRC32C();
        sum.update(text);
        byte[] head = line(new Head(place.from(), place.offset(), rows, text.length, CheckedLine.text(sum)));
        try (Disk.Writing writing = disk.append(file, at)) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream(head.length + text.length);
            frame.writeBytes(head);
            frame.writeBytes(text);
            writing.write(frame.toByteArray());
            writing.sync();
        }
        return new Position(at + head.length + text.length, place, at);
    }

    /** Where a batch begins that has come before, or else where the next one goes. */
    private long find(Place place) throws IOException {
        long at = start();
        for (Optional<Frame> frame = frame(at); frame.isPresent(); frame = frame(at)) {
            if (place.isOf(frame.get().head())) {
                return at;
            }
            at = frame.get().end();
        }
        return at;
    }

    /**
     * Cuts off what comes again now: a batch that was never whole, or after a loss of power several that were.
     *
     * @param from where the partition goes on: what is not whole before that, or is from elsewhere, was whole and was damaged since
     */
    void mend(String from) throws IOException {
        long at = start();
        for (Optional<Frame> frame = frame(at); frame.isPresent(); frame = frame(at)) {
            if (frame.get().head().from().equals(from)) {
                break;
            }
            at = frame.get().end();
        }
        if (at == disk.size(file)) {
            return;
        }
        if (!begins(at, Json.write(from) + ",")
                && !begins(at, "\"" + REPLAY)) { // a replay is whole once it is published
            throw damaged(at);
        }
        disk.append(file, at).close();
    }

    /** Whether a line about a batch from there begins here, or as much of it as there is. */
    private boolean begins(long at, String from) throws IOException {
        byte[] expected = ("{\"from\":" + from).getBytes(StandardCharsets.UTF_8);
        byte[] there = disk.read(file, at, expected.length);
        return Arrays.equals(there, Arrays.copyOf(expected, there.length));
    }

    /**
     * Gives the texts of all batches, in their order.
     *
     * @param whole whether the last one must be whole
     * @return the lines about them
     */
    List<Head> copy(OutputStream to, boolean whole) throws IOException {
        List<Head> heads = new ArrayList<>();
        long at = start();
        for (Optional<Frame> next = frame(at); next.isPresent(); next = frame(at)) {
            Frame frame = next.get();
            CRC32C sum = new CRC32C();
            for (long from = frame.text(); from < frame.end(); from += BLOCK) {
                byte[] block = disk.read(file, from, (int) Math.min(BLOCK, frame.end() - from));
                sum.update(block);
                to.write(block);
            }
            if (!CheckedLine.text(sum).equals(frame.head().sum())) {
                throw damaged(frame.text());
            }
            heads.add(frame.head());
            at = frame.end();
        }
        if (whole && at != disk.size(file)) {
            throw damaged(at);
        }
        return heads;
    }

    /** What of the file that was made stands before a batch; empty if it has not come before. */
    Optional<Base> before(Title title, Place place) throws IOException {
        Base before = title.base();
        long at = start();
        for (Optional<String> line = line(at); line.isPresent(); line = line(at)) {
            Head head = head(line.get(), at);
            if (place.isOf(head)) {
                return Optional.of(before);
            }
            before = head.behind(before);
            at += length(line.get());
        }
        return Optional.empty();
    }

    /** All of the file that was made. */
    Base all(Title title) throws IOException {
        Base all = title.base();
        long at = start();
        for (Optional<String> line = line(at); line.isPresent(); line = line(at)) {
            all = head(line.get(), at).behind(all);
            at += length(line.get());
        }
        return all;
    }

    private long start() throws IOException {
        return line(0).map(line -> line.getBytes(StandardCharsets.UTF_8).length + 1L)
                .orElseThrow(() -> damaged(0));
    }

    /** The batch that begins there; none at the end, where the last one may be cut off by a crash. */
    private Optional<Frame> frame(long at) throws IOException {
        Optional<String> line = line(at);
        if (line.isEmpty()) {
            return Optional.empty();
        }
        Head head = head(line.get(), at);
        long text = at + length(line.get());
        long end = text + head.bytes();
        return end > disk.size(file) ? Optional.empty() : Optional.of(new Frame(head, text, end));
    }

    private Head head(String line, long at) {
        try {
            return Json.read(line, Head.class);
        } catch (IllegalArgumentException e) {
            throw damaged(at);
        }
    }

    private static long length(String line) {
        return line.getBytes(StandardCharsets.UTF_8).length + 1L;
    }

    /** The line that begins there; none if it is not ended. */
    private Optional<String> line(long at) throws IOException {
        for (int most = 256; ; most *= 16) {
            byte[] bytes = disk.read(file, at, most);
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    if (!CheckedLine.whole(Arrays.copyOf(bytes, i))) {
                        throw damaged(at);
                    }
                    return Optional.of(new String(bytes, 0, i, StandardCharsets.UTF_8));
                }
            }
            if (bytes.length < most) {
                return Optional.empty();
            }
            if (most >= LONGEST_LINE) {
                throw damaged(at);
            }
        }
    }

    private IllegalStateException damaged(long at) {
        return new IllegalStateException(file + " is damaged at byte " + at
                + "; remove it and begin the job again with startOver(), or bring the file back");
    }

    private static byte[] line(Object value) {
        String json = Json.write(value);
        return CheckedLine.of(json.substring(0, json.length() - 1));
    }

    private Path folder() {
        @Nullable Path folder = file.getParent();
        return folder == null ? file : folder;
    }
}

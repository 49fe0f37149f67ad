package dev.backfill;

import dev.backfill.internal.CheckedLine;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Hold;
import dev.backfill.internal.Json;
import dev.backfill.internal.Names;
import dev.backfill.internal.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a limiter has spent, in a file that survives the process.
 *
 * <p>Each line says: by this moment so many permits have been set aside and so many calls have ended. Permits are set aside before
 * they are used. After a crash, a call that had ended is counted at the moment of the line that says so, and every other
 * permit as used just now; both are never earlier than the truth. Guarded by the limiter.
 */
final class Spend {

    private static final int MAX_LINES = 1_000;

    /** One line: wall clock in milliseconds, permits set aside in all, calls ended in all. */
    record Line(long at, long reserved, long ended) {

        /** The line that these bytes are; empty if they are none, or not as they were written. */
        static Optional<Line> parse(byte[] line) {
            if (!CheckedLine.whole(line)) {
                return Optional.empty();
            }
            JsonNode spend = Json.tree(new String(line, StandardCharsets.UTF_8)).path("spend");
            return Optional.of(new Line(
                    spend.path(0).asLong(),
                    spend.path(1).asLong(),
                    spend.path(2).asLong()));
        }

        byte[] bytes() {
            return CheckedLine.of("{\"spend\":[" + at + "," + reserved + "," + ended + "]");
        }
    }

    private final Ports ports;
    private final Path file;
    private final Hold hold;
    private final int chunk;
    private final long longestMillis;
    private final Deque<Line> lines = new ArrayDeque<>();
    private final boolean damaged;

    private Disk.@Nullable Writing writing;
    private int linesInFile;
    private long reserved;
    private long used;
    private long ended;

    private Spend(Ports ports, Path file, Hold hold, List<RateLimiter.Limit> limits) throws IOException {
        this.ports = ports;
        this.file = file;
        this.hold = hold;
        int fewest = limits.stream().mapToInt(RateLimiter.Limit::calls).min().orElseThrow();
        this.chunk = Math.min(200, Math.max(1, fewest / 64));
        this.longestMillis =
                limits.stream().mapToLong(limit -> limit.per().toMillis()).max().orElseThrow();
        this.damaged = !read();
    }

    static Spend open(Ports ports, Path folder, String account, List<RateLimiter.Limit> limits) {
        String name = "calls-" + Names.file(account);
        try {
            ports.disk().folder(folder);
            Hold hold = Hold.take(
                    ports,
                    folder,
                    name + ".lock",
                    "the allowance of " + account + " in " + folder
                            + " (use one limiter for all that shares it, or divide it with share(...) into accounts of their own)",
                    Duration.ZERO);
            try {
                return new Spend(ports, folder.resolve(name + ".jsonl"), hold, limits);
            } catch (IOException | RuntimeException e) {
                hold.close(); // else this process could not try again
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the spent calls in " + folder + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Whether there was a file that could not be read: then nothing is known of what was spent. */
    boolean damaged() {
        return damaged;
    }

    /** Takes over what earlier processes have spent; false if there was no file. */
    boolean restore(long nowNanos, List<Slots> windows) {
        if (lines.isEmpty()) {
            return false;
        }
        long now = ports.time().now().toEpochMilli();
        long before = lines.getFirst().ended();
        long latest = Long.MIN_VALUE;
        for (Line line : lines) {
            latest = Math.max(latest, line.at()); // the wall clock may have gone back: the later line is the later one
            long ago = Math.max(0, now - latest);
            charge(line.ended() - before, nowNanos - Duration.ofMillis(ago).toNanos(), nowNanos, windows);
            before = line.ended();
        }
        charge(reserved - before, nowNanos, nowNanos, windows);
        used = reserved;
        ended = reserved;
        return true;
    }

    private static void charge(long calls, long at, long now, List<Slots> windows) {
        for (Slots window : windows) {
            for (long i = 0; i < calls; i++) {
                window.charge(at, now);
            }
        }
    }

    /** Uses one permit, setting some aside first if none is left. */
    void use() {
        if (used == reserved) {
            Line line = new Line(ports.time().now().toEpochMilli() + 1, reserved + chunk, ended);
            try {
                write(line);
            } catch (IOException e) {
                writing = null; // what the file holds is unknown now: the next attempt writes it anew
                throw new TransientException("cannot write down spent calls in " + file + ": " + e.getMessage(), e);
            }
            reserved = line.reserved();
        }
        used++;
    }

    void ended() {
        ended++;
    }

    void close() {
        try {
            try {
                write(new Line(ports.time().now().toEpochMilli() + 1, used, ended));
            } finally {
                Disk.Writing open = writing;
                writing = null;
                try {
                    if (open != null) {
                        open.close();
                    }
                } finally {
                    hold.close(); // whatever happened: a lock that is kept would outlive the limiter
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
    }

    private void write(Line line) throws IOException {
        lines.add(line);
        if (writing == null || linesInFile > MAX_LINES) {
            rewrite();
            return;
        }
        writing.write(line.bytes());
        writing.sync();
        linesInFile++;
    }

    private void rewrite() throws IOException {
        long oldest = lines.getLast().at() - 2 * longestMillis;
        Line first = lines.removeFirst();
        while (!lines.isEmpty() && lines.getFirst().at() < oldest) {
            first = lines.removeFirst();
        }
        lines.addFirst(first); // old too, unless nothing is: what had ended by the first line is counted no more
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        lines.forEach(line -> text.writeBytes(line.bytes()));
        Disk disk = ports.disk();
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        disk.delete(draft);
        if (writing != null) {
            writing.close();
        }
        Disk.Writing next = disk.create(draft);
        next.write(text.toByteArray());
        next.sync();
        disk.rename(draft, file);
        disk.sync(file.resolveSibling("").toAbsolutePath());
        writing = next;
        linesInFile = lines.size();
    }

    /**
     * False if there is a file and it says nothing that can be believed. A torn last line was never acted upon; since it looks like one whose
     * end was altered, what it would have set aside counts as used.
     */
    private boolean read() throws IOException {
        if (!ports.disk().exists(file)) {
            return true;
        }
        byte[] bytes = ports.disk().read(file);
        int torn = 0;
        for (int start = 0, end; start < bytes.length; start = end + 1) {
            end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            Optional<Line> line = Line.parse(Arrays.copyOfRange(bytes, start, end));
            if (line.isPresent()) {
                lines.add(line.get());
            } else if (end == bytes.length) {
                torn = 1;
            } else {
                lines.clear();
                return false;
            }
        }
        if (!lines.isEmpty()) {
            reserved = lines.getLast().reserved() + torn * (long) chunk;
        }
        return !lines.isEmpty();
    }
}

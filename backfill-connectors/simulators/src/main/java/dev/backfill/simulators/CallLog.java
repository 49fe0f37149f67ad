package dev.backfill.simulators;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** One line for each call in the order of arrival; compressed while it grows, so that a million calls take about ten megabytes. */
final class CallLog {

    private static final int BLOCK = 1 << 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<byte[]> blocks = new ArrayList<>();
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private ByteArrayOutputStream open = new ByteArrayOutputStream(BLOCK + 512);

    /** A call that has arrived. */
    static final class Entry {
        private final long millis;
        private final String credential;
        private final String request;
        private int status = -1;

        private Entry(long millis, String credential, String request) {
            this.millis = millis;
            this.credential = credential;
            this.request = request;
        }

        private byte[] line() {
            return (millis + " " + credential + " " + Math.max(0, status) + " " + request + "\n")
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** The clock is read inside the lock, so that times are in order. */
    Entry arrived(java.util.function.LongSupplier millis, String credential, String request) {
        lock.lock();
        try {
            Entry entry = new Entry(millis.getAsLong(), credential, request);
            waiting.add(entry);
            return entry;
        } finally {
            lock.unlock();
        }
    }

    /** @param status what was answered; 0 if the answer did not come to its end */
    void answered(Entry entry, int status) {
        lock.lock();
        try {
            entry.status = status;
            for (Entry first = waiting.peek(); first != null && first.status >= 0; first = waiting.peek()) {
                open.writeBytes(first.line());
                waiting.remove();
            }
            if (open.size() >= BLOCK) {
                blocks.add(compressed(open));
                open = new ByteArrayOutputStream(BLOCK + 512);
            }
        } finally {
            lock.unlock();
        }
    }

    private static byte[] compressed(ByteArrayOutputStream block) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(bytes)) {
            block.writeTo(out);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail to be written", e);
        }
        return bytes.toByteArray();
    }

    /** Writes the log so far; a call that is not answered yet has the status 0. */
    void to(OutputStream out) throws IOException {
        List<byte[]> closed;
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        lock.lock();
        try {
            closed = List.copyOf(blocks);
            rest.writeBytes(open.toByteArray());
            waiting.forEach(entry -> rest.writeBytes(entry.line()));
        } finally {
            lock.unlock();
        }
        for (byte[] block : closed) {
            try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(block))) {
                in.transferTo(out);
            }
        }
        rest.writeTo(out);
    }
}

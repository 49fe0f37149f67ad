package dev.backfill;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What to do next in one partition: the decisions, without any I/O and without waiting. Guarded by the runner's gate.
 *
 * <p>One side reads pages ahead, up to a batch; the other writes what was read and moves the bookmark behind it. Here, and only here,
 * stands the order that must not be wrong: a bookmark is made of pages that are written.
 */
final class Lane<R> {

    /** So long may a page wait for others to make a full batch with. */
    private static final long LINGER = Duration.ofSeconds(1).toNanos();

    /** So many pages without a record in a row are not a gap but a source that goes nowhere. */
    private static final int MAX_EMPTY = 1_000;

    /** So often may a partition begin again in one run before it is given up. */
    private static final int MAX_EXPIRED = 3;

    /** So many pages are joined at most, however few records the steps leave of them. */
    private static final int MAX_JOINED = 50;

    /** A page that was read and went through the steps. */
    record Chunk<R>(Cursor from, Optional<Cursor> next, Steps.Made<R> made, long read, OptionalLong total) {}

    /** What the writing side is to do. */
    sealed interface Todo<R> {
        /** Write these pages, then save the bookmark behind them. */
        record Write<R>(List<Chunk<R>> chunks) implements Todo<R> {}

        /** Save the bookmark of a partition that begins again, its cursor having expired. */
        record Restart<R>() implements Todo<R> {}

        /** Wait for a change, no longer than this. */
        record Wait<R>(long nanos) implements Todo<R> {}

        /** Nothing more is to be done. */
        record End<R>() implements Todo<R> {}
    }

    private final Partition<?> partition;
    private final int batchSize;
    private final SamePages samePages;
    private final Deque<Chunk<R>> waiting = new ArrayDeque<>();

    private Bookmark saved;
    private Cursor readFrom;
    private boolean readAll;
    private boolean enough;
    private boolean expired;
    private int waitingRecords;
    private int lastRecords;
    private long waitingSince;
    private boolean stopped;
    private boolean paused;
    private @Nullable Throwable failure;
    private long total = -1;

    // signs of a source that goes nowhere
    private int emptyPages;
    private int expirations;
    private boolean repeatedOnce;
    private Cursor landmark;
    private long steps;
    private long nextLandmark = 1;

    Lane(Partition<?> partition, Bookmark saved, int batchSize, Paging paging) {
        this.partition = partition;
        this.saved = saved;
        this.readFrom = saved.cursor();
        this.landmark = saved.cursor();
        this.batchSize = batchSize;
        this.samePages = new SamePages(paging);
    }

    /** Whether the partition has nothing more to give: done, at the end that it has now. One that was done is not opened again. */
    static boolean finished(Partition<?> partition, Bookmark bookmark) {
        return bookmark.done()
                && (partition.open()
                        || partition
                                .end()
                                .map(end -> end.equals(bookmark.cursor()))
                                .orElse(true));
    }

    Partition<?> partition() {
        return partition;
    }

    Bookmark saved() {
        return saved;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    boolean stopped() {
        return stopped;
    }

    /** Whether everything that was there has been read, written and saved. */
    boolean ended() {
        return readAll && waiting.isEmpty() && failure == null && !stopped;
    }

    /** Records in this partition, as far as its source has said; -1 if it has not. */
    long total() {
        return total;
    }

    // ---- the reading side

    /** Where to read now; empty while enough waits to be written. */
    Optional<Cursor> toRead() {
        return (waiting.isEmpty() || joins()) && !paused && !readAll && !enough && !expired && !givenUp()
                ? Optional.of(readFrom)
                : Optional.empty();
    }

    /** Whether another page like the last would still fit into the batch that waits. */
    private boolean joins() {
        return waitingRecords + lastRecords <= batchSize && waiting.size() < MAX_JOINED;
    }

    /** Whether the reading side can go home. */
    boolean readerDone() {
        return readAll || enough || givenUp();
    }

    /** Nothing more may be read in this run; what was read is still written. */
    void enough() {
        enough = true;
    }

    private boolean givenUp() {
        return stopped || failure != null;
    }

    /** Takes a page in. False if it must be read once more, since it leads to itself or is the page before. */
    boolean read(Chunk<R> chunk, List<?> page, long now) {
        if (chunk.next().isPresent() && chunk.next().get().equals(chunk.from())) {
            if (!repeatedOnce) {
                repeatedOnce = true;
                return false;
            }
            throw new IllegalStateException("the source is looping: the page at " + chunk.from() + " leads to itself");
        }
        repeatedOnce = false;
        if (samePages.again(page, chunk.from())) {
            return false;
        }
        emptyPages = chunk.read() == 0 ? emptyPages + 1 : 0;
        if (emptyPages > MAX_EMPTY) {
            throw new IllegalStateException("the source is going nowhere: " + MAX_EMPTY
                    + " pages without a record, up to " + chunk.from() + "; end with Page.last");
        }
        chunk.next().ifPresent(this::watch);
        if (waiting.isEmpty()) {
            waitingSince = now;
        }
        waiting.add(chunk);
        lastRecords = chunk.made().records().size();
        waitingRecords += lastRecords;
        chunk.total().ifPresent(records -> total = records);
        if (chunk.next().isPresent()) {
            readFrom = chunk.next().get();
        } else {
            readAll = true;
        }
        return true;
    }

    /** Brent's way to see a cycle of any length while remembering one cursor. */
    private void watch(Cursor next) {
        if (next.equals(landmark)) {
            throw new IllegalStateException("the source is looping: it came back to the cursor " + next);
        }
        if (++steps == nextLandmark) {
            nextLandmark *= 2;
            landmark = next;
        }
    }

    /** The source no longer takes its cursor. */
    void expired(ExpiredCursorException e) {
        if (++expirations > MAX_EXPIRED) {
            throw new IllegalStateException(
                    "the partition had to begin again more than " + MAX_EXPIRED + " times: " + e.getMessage(), e);
        }
        expired = true;
    }

    // ---- the writing side

    /**
     * What to write or wait for.
     *
     * @param atOnce whether records need not wait for others to make a full batch with
     */
    Todo<R> next(long now, boolean atOnce) {
        if (stopped) {
            return new Todo.End<>();
        }
        if (paused) {
            return new Todo.Wait<>(Long.MAX_VALUE);
        }
        if (waiting.isEmpty()) {
            if (failure != null || readAll || enough) {
                return new Todo.End<>();
            }
            return expired ? new Todo.Restart<>() : new Todo.Wait<>(Long.MAX_VALUE);
        }
        long patience = waitingSince + LINGER - now;
        boolean full = !joins() || (atOnce && waitingRecords > 0);
        if (!full && !readAll && !enough && !expired && failure == null && patience > 0) {
            return new Todo.Wait<>(patience);
        }
        List<Chunk<R>> chunks = new ArrayList<>();
        int records = 0;
        while (!waiting.isEmpty()) {
            int more = waiting.getFirst().made().records().size();
            if (!chunks.isEmpty() && records + more > batchSize) {
                break;
            }
            records += more;
            chunks.add(waiting.removeFirst());
        }
        waitingRecords -= records;
        waitingSince = now;
        return new Todo.Write<>(chunks);
    }

    /** The bookmark behind these pages, once they are written with these outcomes. */
    Bookmark behind(List<Chunk<R>> chunks, Counts outcomes, long run) {
        Counts counts = saved.counts().plus(outcomes);
        Optional<Cursor> next = chunks.get(chunks.size() - 1).next();
        if (next.isPresent()) {
            // one that is read again from its start must not go on in the middle when it is open no more: what has come
            // before that
            // place meanwhile would be missed
            boolean again =
                    partition.open() && partition.end().map(Cursor::isStart).orElse(false);
            return moved(again ? Cursor.START : next.get(), false, counts, run);
        }
        return moved(partition.end().orElse(readFrom), !partition.open(), counts, run);
    }

    /** The bookmark of this partition at its start. */
    Bookmark restart(long run) {
        return moved(Cursor.START, false, Counts.ZERO, run);
    }

    private Bookmark moved(Cursor cursor, boolean done, Counts counts, long run) {
        return new Bookmark(saved.job(), saved.phase(), saved.partition(), run, cursor, done, counts);
    }

    /** The bookmark is saved. */
    void saved(Bookmark bookmark) {
        saved = bookmark;
        if (expired && waiting.isEmpty() && bookmark.cursor().isStart()) {
            expired = false;
            readFrom = Cursor.START;
            landmark = Cursor.START;
            steps = 0;
            nextLandmark = 1;
        }
    }

    // ---- both sides

    /** Something failed for good; what was read before is still written. */
    void fail(Throwable e) {
        if (failure == null) {
            failure = e;
        }
    }

    /** Something failed for good on the writing side: nothing more is written. */
    void failWriting(Throwable e) {
        fail(e);
        waiting.clear();
        waitingRecords = 0;
    }

    /** Nothing more is to be begun. */
    void stop() {
        stopped = true;
    }

    /** Nothing more is to be begun until the pause ends. */
    void pause(boolean pausing) {
        paused = pausing;
    }
}

package dev.backfill;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Some pages of one partition on their way into the sink: writes them as one batch, finds what is refused, and counts. */
final class Delivery<R> {

    private final Runner runner;
    private final Stage<?, R> stage;
    private final List<Lane.Chunk<R>> chunks;
    private final Batch<R> batch;
    private final boolean first;
    private final Map<Integer, Integer> attempts = new HashMap<>();
    private boolean saved;

    /** @param first whether nothing of this partition was written in this run before */
    Delivery(Runner runner, Stage<?, R> stage, Partition<?> partition, List<Lane.Chunk<R>> chunks, boolean first) {
        this.first = first;
        this.runner = runner;
        this.stage = stage;
        this.chunks = chunks;
        Lane.Chunk<R> begin = chunks.get(0);
        Batch.Kind kind = chunks.get(chunks.size() - 1).next().isPresent()
                ? Batch.Kind.MIDDLE
                : partition.open() ? Batch.Kind.LAST_OF_OPEN : Batch.Kind.LAST;
        this.batch = Batch.of(records(chunks), stage.phase(), partition.name(), begin.from(), kind);
    }

    private static <R> List<R> records(List<Lane.Chunk<R>> chunks) {
        if (chunks.size() == 1) {
            return chunks.get(0).made().records();
        }
        List<R> records = new ArrayList<>();
        chunks.forEach(chunk -> records.addAll(chunk.made().records()));
        return records;
    }

    int size() {
        return batch.size();
    }

    /** Whether the sink has saved the progress with its rows. */
    boolean saved() {
        return saved;
    }

    /**
     * Writes the batch.
     *
     * @param bookmark the bookmark behind these pages, given what became of them
     * @return what was saved, or is now to be saved
     */
    Save write(Function<Counts, Bookmark> bookmark, Retrying.Listener listener) throws Exception {
        Sink<R> sink = runner.sink(stage);
        if (first || batch.from().isStart()) {
            runner.retrying()
                    .call(
                            () -> {
                                sink.begin(batch.partition(), batch.from());
                                return true;
                            },
                            listener);
        }
        if (!batch.isEmpty()
                && sink instanceof TransactionalSink<R> transactional
                && transactional.joins(runner.place())) {
            Save save = together(transactional, bookmark, listener);
            saved = true;
            return save;
        }
        int size = runner.batchSize(sink);
        for (int start = 0; start < batch.size(); start += size) {
            int end = Math.min(batch.size(), start + size);
            put(sink, start == 0 && end == batch.size() ? batch : batch.slice(start, end), start, 1, listener);
        }
        if (batch.last()) {
            runner.retrying()
                    .call(
                            () -> {
                                sink.end(batch.partition(), batch.open());
                                return true;
                            },
                            listener);
        }
        return save(sink, bookmark);
    }

    private Save together(TransactionalSink<R> sink, Function<Counts, Bookmark> bookmark, Retrying.Listener listener)
            throws Exception {
        Saving saving = new Saving(() -> save(sink, bookmark));
        return runner.retrying()
                .call(
                        () -> {
                            Save before = saving.made;
                            if (before != null && runner.claim().load().containsAll(before.bookmarks())) {
                                return before; // the attempt before was committed, and only its answer was lost
                            }
                            batch.unsay();
                            sink.write(batch, saving::save);
                            return saving.result();
                        },
                        listener);
    }

    /** Writes a part of the batch, in halves if it is refused, down to the record. */
    private void put(Sink<R> sink, Batch<R> part, int offset, int attempt, Retrying.Listener listener)
            throws Exception {
        try {
            runner.retrying()
                    .call(
                            () -> {
                                part.unsay();
                                sink.write(part);
                                return true;
                            },
                            listener);
        } catch (RefusedException e) {
            part.unsay();
            if (part.size() > 1) {
                runner.tell(
                        new Event.Halved(part.phase(), part.partition(), part.size(), String.valueOf(e.getMessage())));
                int half = part.size() / 2;
                put(sink, part.slice(0, half), offset, attempt + 1, listener);
                put(sink, part.slice(half, part.size()), offset + half, attempt + 1, listener);
                return;
            }
            part.refused(0, String.valueOf(e.getMessage()));
        }
        if (!part.plain()) {
            for (int i = 0; i < part.size(); i++) {
                if (part.outcome(i) == Batch.Outcome.REFUSED) {
                    attempts.put(offset + i, attempt);
                }
            }
        }
    }

    private Save save(Sink<R> sink, Function<Counts, Bookmark> bookmark) {
        return new Save(List.of(bookmark.apply(counts())), letters(sink));
    }

    private Counts counts() {
        long read = 0;
        long filtered = 0;
        long passed = 0;
        for (Lane.Chunk<R> chunk : chunks) {
            read += chunk.read();
            filtered += chunk.made().filtered();
            passed += chunk.made().passed();
        }
        long failed = read - filtered - passed;
        long updated = 0;
        long unchanged = 0;
        long dead = 0;
        for (int i = 0; i < batch.size() && !batch.plain(); i++) {
            switch (batch.outcome(i)) {
                case UPDATED -> updated++;
                case UNCHANGED -> unchanged++;
                case REFUSED -> dead++;
                case WRITTEN -> {}
            }
        }
        long inserted = batch.size() - updated - unchanged - dead;
        return new Counts(read, filtered, failed, passed, batch.size(), inserted, updated, unchanged, dead);
    }

    private List<DeadLetter> letters(Sink<R> sink) {
        List<DeadLetter> letters = new ArrayList<>();
        int offset = 0;
        for (Lane.Chunk<R> chunk : chunks) {
            for (Steps.Failed failed : chunk.made().failed()) {
                letters.add(letter(chunk, failed.key(), failed.reason(), 1, null));
            }
            int size = chunk.made().records().size();
            for (int i = 0; i < size && !batch.plain(); i++) {
                if (batch.outcome(offset + i) == Batch.Outcome.REFUSED) {
                    R record = batch.get(offset + i);
                    letters.add(letter(
                            chunk,
                            key(sink, record, i),
                            batch.reason(offset + i),
                            attempts.getOrDefault(offset + i, 1),
                            record));
                }
            }
            offset += size;
        }
        return letters;
    }

    private DeadLetter letter(Lane.Chunk<R> chunk, String key, String reason, int attempt, @Nullable R record) {
        return new DeadLetter(
                batch.phase(),
                batch.partition(),
                chunk.from(),
                key,
                reason,
                attempt,
                runner.job().payloads && record != null ? Optional.of(String.valueOf(record)) : Optional.empty());
    }

    /** The key of a record, or its place among the records that the steps made of its page. */
    static <R> String key(Sink<R> sink, R record, int index) {
        String key;
        try {
            key = sink.key(record);
        } catch (RuntimeException e) {
            key = "";
        }
        return key.isEmpty() ? place(index) : DeadLetter.cut(key); // as its letter has it, or replay would not find it
    }

    /** What stands for the key of a record that has none. */
    static String place(int index) {
        return "result #" + index;
    }

    /** Makes what is to be saved once, when the sink asks for it. */
    private static final class Saving {
        private final java.util.function.Supplier<Save> make;
        private @Nullable Save made;

        Saving(java.util.function.Supplier<Save> make) {
            this.make = make;
        }

        Save save() {
            Save save = make.get();
            made = save;
            return save;
        }

        Save result() {
            if (made == null) {
                throw new IllegalStateException(
                        "a transactional sink returned without having asked what to save with the rows");
            }
            return made;
        }
    }
}

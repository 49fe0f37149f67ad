package dev.backfill.typesense;

import dev.backfill.Batch;
import dev.backfill.Sink;
import dev.backfill.TransientException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A sink that imports documents; made by {@link Documents#upsert}, {@link Documents#emplace}, {@link Documents#update} and
 * {@link Documents#create}.
 *
 * <p>A batch goes in imports of at most a mebibyte, two of which are on their way to a collection at a time, and fewer when the server has
 * much to do. What Typesense says of each document is read: one that it refuses is told by {@link Batch#refused} with its reason and
 * does not harm the others, and one of which it has said nothing is sent again, which changes nothing, since it has an id. An immutable
 * value: each method gives another.
 */
public final class DocumentSink implements Sink<Object> {

    enum Action {
        CREATE,
        UPSERT,
        UPDATE,
        EMPLACE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Documents in a batch. */
    private static final int BATCH = 2_000;

    /** Documents that have changed so often while they were sent are left to the next attempt. */
    private static final int MOST_ROUNDS = 50;

    private final Documents documents;
    private final Action action;
    private final boolean withoutIds;
    private final @Nullable Function<? super List<Object>, ? extends List<?>> changed;

    DocumentSink(Documents documents, Action action) {
        this(documents, action, false, null);
    }

    private DocumentSink(
            Documents documents,
            Action action,
            boolean withoutIds,
            @Nullable Function<? super List<Object>, ? extends List<?>> changed) {
        this.documents = documents;
        this.action = action;
        this.withoutIds = withoutIds;
        this.changed = changed;
    }

    /**
     * This sink, taking documents without an id as well, to which Typesense gives one. Such a document is never sent twice by one run: if it
     * is not known whether it was written, it becomes a dead letter that says so. After a crash the last batch is written again,
     * and its documents without an id are there twice.
     */
    public DocumentSink withoutIds() {
        if (action == Action.UPDATE || changed != null) {
            throw new IllegalStateException("what is changed is found by its id, so withoutIds has no meaning here");
        }
        return new DocumentSink(documents, action, true, null);
    }

    /**
     * This sink, sending again what has changed while it was on its way. Typesense cannot compare a document with the one that is there, so
     * an older one may overwrite what the live application has written in between. After each import this function is given the documents that
     * were sent, and answers those that are different by now; they are sent, and asked about again, until it answers none.
     *
     * <p>The last word is then the one of the place that the function reads, if all others write there before they write to Typesense.
     *
     * @param changed looks the documents up in the place that they come from; blocks, and may throw as a sink may
     */
    public DocumentSink rereading(Function<? super List<Object>, ? extends List<?>> changed) {
        Objects.requireNonNull(changed, "changed");
        if (withoutIds || action == Action.CREATE) {
            throw new IllegalStateException(
                    "only what may be overwritten can be sent again, so rereading has no meaning here");
        }
        return new DocumentSink(documents, action, false, changed);
    }

    @Override
    public void write(Batch<Object> batch) throws InterruptedException {
        List<Line> lines = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            add(lines, i, batch.get(i), batch);
        }
        new Import(documents, action, withoutIds, batch).send(lines);
        Function<? super List<Object>, ? extends List<?>> reading = changed;
        if (reading != null) {
            reread(lines, batch, reading);
        }
    }

    /** @return whether it can be sent */
    private boolean add(List<Line> lines, int index, Object record, Batch<?> batch) {
        try {
            Line line = Line.of(index, record);
            if (line.id() == null && !withoutIds) {
                batch.refused(
                        index, "it has no id, without which it would be there twice after a failure; give it one");
                return false;
            }
            return lines.add(line);
        } catch (Line.Unfit e) {
            batch.refused(index, String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void reread(
            List<Line> first, Batch<Object> batch, Function<? super List<Object>, ? extends List<?>> reading)
            throws InterruptedException {
        Map<String, Integer> places = new HashMap<>();
        List<Object> sent = new ArrayList<>();
        for (Line line : first) {
            if (batch.outcome(line.index()) != Batch.Outcome.REFUSED) {
                places.put(String.valueOf(line.id()), line.index());
                sent.add(batch.get(line.index()));
            }
        }
        for (int round = 0; !sent.isEmpty(); round++) {
            if (round == MOST_ROUNDS) {
                throw new TransientException(
                        sent.size() + " documents of " + documents + " have changed each time they were sent");
            }
            List<Line> again = new ArrayList<>();
            List<Object> now = new ArrayList<>();
            for (Object record : reading.apply(sent)) {
                Integer place = places.get(key(record));
                if (place == null) {
                    throw new IllegalStateException("the function of rereading answered a document with the id '"
                            + key(record) + "', about which it was not asked");
                }
                if (add(again, place, record, batch)) {
                    now.add(record);
                }
            }
            new Import(documents, action, false, batch).send(again);
            sent = now;
        }
    }

    @Override
    public int batchSize() {
        return BATCH;
    }

    /** The document's id; empty if it has none. */
    @Override
    public String key(Object record) {
        try {
            String id = Line.of(0, record).id();
            return id == null ? "" : id;
        } catch (Line.Unfit e) {
            return "";
        }
    }

    @Override
    public String definition() {
        return documents + " " + action.word();
    }

    /** A sink that writes nothing but refuses what would be refused, as far as that can be told without an import. */
    @Override
    public Sink<Object> dryRun() {
        DocumentSink sink = this;
        return new Sink<>() {
            @Override
            public void write(Batch<Object> batch) {
                List<Line> lines = new ArrayList<>();
                for (int i = 0; i < batch.size(); i++) {
                    sink.add(lines, i, batch.get(i), batch);
                }
            }

            @Override
            public int batchSize() {
                return sink.batchSize();
            }

            @Override
            public String key(Object record) {
                return sink.key(record);
            }

            @Override
            public String definition() {
                return sink.definition();
            }
        };
    }

    @Override
    public String toString() {
        return definition();
    }
}

package dev.backfill;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Records on their way into a sink: a list that also knows where it comes from, and takes what the sink has to say of each.
 *
 * <p>A record of which the sink says nothing counts as written. Not safe for several threads at once.
 *
 * @param <T> the type of the records
 */
public final class Batch<T> extends AbstractList<T> implements RandomAccess {

    /** What became of a record. */
    public enum Outcome {
        /** Inserted, or written by a sink that does not say more. */
        WRITTEN,
        /** It was there with other values and has now these. */
        UPDATED,
        /** It was there with the same values, or with newer ones; nothing was written. */
        UNCHANGED,
        /** It cannot be written; kept as a dead letter. */
        REFUSED
    }

    private final List<? extends T> records;
    private final String phase;
    private final String partition;
    private final Cursor from;
    private final int offset;
    private final Kind kind;
    private final @Nullable Batch<?> parent;
    private final int @Nullable [] positions;
    private Outcome @Nullable [] outcomes;
    private String @Nullable [] reasons;

    /** What a batch is to its partition. */
    enum Kind {
        MIDDLE,
        LAST,
        LAST_OF_OPEN,
        REPLAYED,
        REPLAYED_BEHIND_THE_END
    }

    private Batch(
            List<? extends T> records,
            String phase,
            String partition,
            Cursor from,
            int offset,
            Kind kind,
            @Nullable Batch<?> parent,
            int @Nullable [] positions) {
        this.records = records;
        this.phase = phase;
        this.partition = partition;
        this.from = from;
        this.offset = offset;
        this.kind = kind;
        this.parent = parent;
        this.positions = positions;
    }

    /** A batch of these records, for trying a sink without a runner. */
    public static <T> Batch<T> of(List<? extends T> records) {
        return new Batch<>(List.copyOf(records), "main", "all", Cursor.START, 0, Kind.LAST, null, null);
    }

    static <T> Batch<T> of(List<? extends T> records, String phase, String partition, Cursor from, Kind kind) {
        return new Batch<>(records, phase, partition, from, 0, kind, null, null);
    }

    /**
     * Dead letters of a page that are written again.
     *
     * @param offset tells equal records of the page apart
     * @param ended whether the partition has been read to its end
     */
    static <T> Batch<T> replayed(
            List<? extends T> records, String phase, String partition, Cursor from, int offset, boolean ended) {
        Kind kind = ended ? Kind.REPLAYED_BEHIND_THE_END : Kind.REPLAYED;
        return new Batch<>(records, phase, partition, from, offset, kind, null, null);
    }

    /** Other records in the place of some of this batch; what is said of the i-th is said of this batch's {@code positions[i]}. */
    <S> Batch<S> standingFor(List<? extends S> others, int[] positions) {
        return new Batch<>(others, phase, partition, from, offset, kind, this, positions);
    }

    /** The records from one index to another, as a batch whose outcomes are this batch's. */
    Batch<T> slice(int start, int end) {
        int[] places = new int[end - start];
        for (int i = 0; i < places.length; i++) {
            places[i] = start + i;
        }
        Kind part = replayed() || end == size() ? kind : Kind.MIDDLE;
        return new Batch<>(records.subList(start, end), phase, partition, from, offset + start, part, this, places);
    }

    /** The records of which nobody has said that they are refused, as a batch whose outcomes are this batch's. */
    Batch<T> withoutRefused() {
        List<T> kept = new ArrayList<>(size());
        int[] places = new int[size()];
        for (int i = 0; i < size(); i++) {
            if (outcome(i) != Outcome.REFUSED) {
                places[kept.size()] = i;
                kept.add(get(i));
            }
        }
        return kept.size() == size() ? this : standingFor(kept, places);
    }

    @Override
    public T get(int index) {
        return records.get(index);
    }

    @Override
    public int size() {
        return records.size();
    }

    /** The phase of the job. */
    public String phase() {
        return phase;
    }

    /** The partition from which all of these records come. */
    public String partition() {
        return partition;
    }

    /** The cursor of the page with which this batch begins. */
    public Cursor from() {
        return from;
    }

    /**
     * How many records of the pages that begin at {@link #from} stand before this batch: more than 0 if a large page, or a batch of which some
     * record was refused, is written in pieces. With the cursor it names the place of the batch in its partition.
     */
    public int offset() {
        return offset;
    }

    /** Whether this batch ends its partition. If the last page has no records, no batch does, see {@link Sink#end}. */
    public boolean last() {
        return kind == Kind.LAST || kind == Kind.LAST_OF_OPEN || kind == Kind.REPLAYED_BEHIND_THE_END;
    }

    /** Whether this batch ends a partition that still grows, so that its end is only that of now. */
    public boolean open() {
        return kind == Kind.LAST_OF_OPEN;
    }

    /**
     * Whether these were dead letters, which are written again long after the records around them. {@link #from} is the page on which they
     * were found, and {@link #last} says whether their partition has been read to its end since.
     */
    public boolean replayed() {
        return kind == Kind.REPLAYED || kind == Kind.REPLAYED_BEHIND_THE_END;
    }

    /** Says that the record was there with other values and has been changed. */
    public void updated(int index) {
        say(index, Outcome.UPDATED, null);
    }

    /** Says that the record was there already and nothing had to be written. */
    public void unchanged(int index) {
        say(index, Outcome.UNCHANGED, null);
    }

    /**
     * Says that this record was not and cannot be written; it becomes a dead letter, and the others count as written.
     *
     * @param why the reason, for a person; without secrets
     */
    public void refused(int index, String why) {
        say(index, Outcome.REFUSED, Objects.requireNonNull(why, "why"));
    }

    /** What has been said of the record. */
    public Outcome outcome(int index) {
        Objects.checkIndex(index, size());
        if (parent != null && positions != null) {
            return parent.outcome(positions[index]);
        }
        return outcomes == null ? Outcome.WRITTEN : outcomes[index];
    }

    /** Why the record was refused; empty if it was not. */
    public String reason(int index) {
        Objects.checkIndex(index, size());
        if (parent != null && positions != null) {
            return parent.reason(positions[index]);
        }
        String reason = reasons == null ? null : reasons[index];
        return reason == null ? "" : reason;
    }

    /** Repeats what was said of the record by somebody else. */
    void say(int index, Outcome outcome) {
        say(index, outcome, outcome == Outcome.REFUSED ? reason(index) : null);
    }

    /** Takes back what was said of all records, before they are written again. */
    void unsay() {
        for (int i = 0; i < size(); i++) {
            if (outcome(i) != Outcome.WRITTEN) {
                say(i, Outcome.WRITTEN, null);
            }
        }
    }

    /** Whether something was said of any record: the usual batch is counted without looking at each. */
    boolean plain() {
        return parent == null ? outcomes == null : parent.plain();
    }

    private void say(int index, Outcome outcome, @Nullable String why) {
        Objects.checkIndex(index, size());
        if (parent != null && positions != null) {
            parent.say(positions[index], outcome, why);
            return;
        }
        if (outcomes == null) {
            outcomes = new Outcome[size()];
            Arrays.fill(outcomes, Outcome.WRITTEN);
        }
        outcomes[index] = outcome;
        if (why != null || reasons != null) {
            if (reasons == null) {
                reasons = new String[size()];
            }
            reasons[index] = why;
        }
    }
}

package dev.backfill;

import java.util.Objects;
import java.util.function.Function;

/**
 * Where records go: something that writes a batch and returns when every record of it is safe.
 *
 * <p>A sink may see a batch again after a crash or a failed attempt, so it writes by key: an upsert, a put, a file of a known name.
 * A lambda or a method reference is a sink.
 *
 * @param <T> the type of the records
 */
@FunctionalInterface
public interface Sink<T> {

    /**
     * Writes the records; returns when they are safe, however the process ends.
     *
     * <p>The sink may say of each record what became of it, see {@link Batch}. Called by one thread at a time for one
     * partition, and by several at once for several partitions; order is promised within a partition only. An
     * {@link java.io.IOException}, {@link java.util.concurrent.TimeoutException} or {@link TransientException} is tried again with the
     * same batch; a {@link RefusedException} says that some record cannot be written, and the batch is halved until it is
     * found; anything else fails the partition and nothing more of it is written.
     */
    void write(Batch<T> batch) throws Exception;

    /** How many records this sink likes to be given at once: small pages are joined up to it, large ones split. */
    default int batchSize() {
        return 500;
    }

    /** The key under which a record is written, for dead letters; empty if this sink does not know. */
    default String key(T record) {
        return "";
    }

    /** What this sink says of itself in the job's definition, such as table and key; see {@link Source#definition()}. */
    default String definition() {
        return "";
    }

    /**
     * Whether the end is the same in whatever order two versions of a record from different partitions are written: true for a
     * sink that keeps the newest by a version, or the first. False if it does not say.
     */
    default boolean orderFree() {
        return false;
    }

    /**
     * Called before a phase starts at its beginning, and not when it goes on: a sink that gathers what one pass has brought forgets here
     * what an earlier pass has left. Does nothing by default. May be called again before the first record is safe.
     */
    default void beginAnew() throws Exception {}

    /**
     * Called before the first batch of a partition in a run, and before a partition is written from its start again, also if there is nothing to
     * write: a sink that gathers forgets here what it has of a partition that begins at its start. Does nothing by default. May be called again.
     *
     * @param partition its name
     * @param from where it goes on; {@link Cursor#START} if it begins
     */
    default void begin(String partition, Cursor from) throws Exception {}

    /**
     * Called when everything of a partition is written, and before the partition is remembered as done: a sink that gathers, such as one that
     * makes a file of each partition, lets it be seen here. Does nothing by default. May be called again, and is called too for a partition of
     * which there was nothing to write. A failure is dealt with like one of {@link #write}. A {@link TransactionalSink} whose last batch
     * carries the progress is not called: it knows its {@linkplain Batch#last last} batch.
     *
     * @param partition its name
     * @param open whether the partition still grows, so that this is its end only as of now; see {@link Partition#open}
     */
    default void end(String partition, boolean open) throws Exception {}

    /** What a dry run writes to instead: by default, nothing. */
    default Sink<T> dryRun() {
        Sink<T> sink = this;
        return new Forwarding<>(sink, sink::key) {
            @Override
            public void beginAnew() {}

            @Override
            public void write(Batch<T> batch) {}

            @Override
            public void begin(String partition, Cursor from) {}

            @Override
            public void end(String partition, boolean open) {}
        };
    }

    /**
     * A sink for another type of record. A mapping that throws refuses its record and no other.
     *
     * @param mapping makes a record of this sink; free of side effects
     */
    default <S> Sink<S> mapping(Function<? super S, ? extends T> mapping) {
        return Mapped.of(this, mapping);
    }

    /** This sink, with a key by which a record that was refused is found again. */
    default Sink<T> keyedBy(Function<? super T, ?> key) {
        Objects.requireNonNull(key, "key");
        Sink<T> sink = this;
        return new Forwarding<>(sink, record -> String.valueOf(key.apply(record))) {
            @Override
            public void write(Batch<T> batch) throws Exception {
                sink.write(batch);
            }
        };
    }

    /**
     * Two sinks as one: each batch is written to the first, and then what the first did not refuse to the second. The bookmark
     * moves when both have it. Only the second may be transactional.
     */
    static <T> Sink<T> inOrder(Sink<? super T> first, Sink<? super T> second) {
        return InOrder.of(first, second);
    }
}

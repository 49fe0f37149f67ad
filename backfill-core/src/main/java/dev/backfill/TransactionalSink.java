package dev.backfill;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A sink that commits its rows and the progress together, so that after a crash nothing at all is written again.
 *
 * <p>Used as such when it {@linkplain #joins joins} the job's checkpoint, else as an ordinary sink. A page is never split over two
 * commits. Bad records are isolated inside the one transaction and told by {@link Batch#refused}.
 *
 * @param <T> the type of the records
 */
public interface TransactionalSink<T> extends Sink<T> {

    /** Whether this sink can commit the progress of that checkpoint with its rows: they share one database object. */
    boolean joins(Checkpoint checkpoint);

    /**
     * Writes the records and saves the progress in one transaction.
     *
     * <p>If it throws, nothing of the batch is in the sink, or else all of it was committed with the progress: before another attempt the
     * runner looks whether the progress is there.
     *
     * @param save what to save; asked for once, after the records are written and their outcomes told, before the commit
     * @throws BackfillException.Lost if another runner has taken over: then nothing was committed
     */
    void write(Batch<T> batch, Supplier<Save> save) throws Exception;

    @Override
    default TransactionalSink<T> keyedBy(Function<? super T, ?> key) {
        return new Keyed<>(this, key);
    }

    @Override
    default <S> TransactionalSink<S> mapping(Function<? super S, ? extends T> mapping) {
        return new Mapped.Transactional<>(this, mapping);
    }
}

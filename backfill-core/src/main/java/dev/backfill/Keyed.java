package dev.backfill;

import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

/** A transactional sink with another key, which stays one. */
final class Keyed<T> extends Forwarding<T, T> implements TransactionalSink<T> {

    private final TransactionalSink<T> sink;

    Keyed(TransactionalSink<T> sink, Function<? super T, ?> key) {
        super(sink, record -> String.valueOf(key.apply(record)));
        Objects.requireNonNull(key, "key");
        this.sink = sink;
    }

    @Override
    public void write(Batch<T> batch) throws Exception {
        sink.write(batch);
    }

    @Override
    public boolean joins(Checkpoint checkpoint) {
        return sink.joins(checkpoint);
    }

    @Override
    public void write(Batch<T> batch, Supplier<Save> save) throws Exception {
        sink.write(batch, save);
    }
}

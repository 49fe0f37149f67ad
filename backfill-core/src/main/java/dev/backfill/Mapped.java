package dev.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

/** A sink for records of one type, made from a sink for another by a mapping. */
class Mapped<S, T> extends Forwarding<S, T> {

    private final Sink<T> sink;
    private final Function<? super S, ? extends T> mapping;

    private Mapped(Sink<T> sink, Function<? super S, ? extends T> mapping) {
        super(sink, record -> sink.key(mapping.apply(record)));
        this.sink = sink;
        this.mapping = Objects.requireNonNull(mapping, "mapping");
    }

    static <S, T> Sink<S> of(Sink<T> sink, Function<? super S, ? extends T> mapping) {
        return sink instanceof TransactionalSink<T> transactional
                ? new Transactional<>(transactional, mapping)
                : new Mapped<>(sink, mapping);
    }

    @Override
    public void write(Batch<S> batch) throws Exception {
        sink.write(mapped(batch));
    }

    @Override
    public Sink<S> dryRun() {
        return new Mapped<>(sink.dryRun(), mapping);
    }

    Batch<T> mapped(Batch<S> batch) {
        List<T> records = new ArrayList<>(batch.size());
        int[] positions = new int[batch.size()];
        for (int i = 0; i < batch.size(); i++) {
            try {
                T record = Objects.requireNonNull(mapping.apply(batch.get(i)), "the mapping gave null");
                positions[records.size()] = i;
                records.add(record);
            } catch (RuntimeException e) {
                batch.refused(i, "mapping failed: " + e);
            }
        }
        return batch.standingFor(records, positions);
    }

    /** The same for a transactional sink, which stays one. */
    static final class Transactional<S, T> extends Mapped<S, T> implements TransactionalSink<S> {

        private final TransactionalSink<T> sink;

        Transactional(TransactionalSink<T> sink, Function<? super S, ? extends T> mapping) {
            super(sink, mapping);
            this.sink = sink;
        }

        @Override
        public boolean joins(Checkpoint checkpoint) {
            return sink.joins(checkpoint);
        }

        @Override
        public void write(Batch<S> batch, Supplier<Save> save) throws Exception {
            sink.write(mapped(batch), save);
        }

        @Override
        public <R> TransactionalSink<R> mapping(Function<? super R, ? extends S> mapping) {
            return new Transactional<>(this, mapping);
        }
    }
}

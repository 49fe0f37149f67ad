package dev.backfill;

import java.util.function.Supplier;

/** Two sinks as one, written one after the other. */
class InOrder<T> extends Forwarding<T, T> {

    private final Sink<T> first;
    private final Sink<T> second;

    private InOrder(Sink<T> first, Sink<T> second) {
        super(second, record -> {
            String key = first.key(record);
            return key.isEmpty() ? second.key(record) : key;
        });
        this.first = first;
        this.second = second;
    }

    @SuppressWarnings("unchecked") // a sink only takes records, so one for a supertype is one for T
    static <T> Sink<T> of(Sink<? super T> first, Sink<? super T> second) {
        if (first instanceof TransactionalSink && second instanceof TransactionalSink == false) {
            // the first commits by itself and cannot carry the progress: used as an ordinary sink
            return new InOrder<>((Sink<T>) first, (Sink<T>) second);
        }
        return second instanceof TransactionalSink
                ? new Transactional<>((Sink<T>) first, (TransactionalSink<T>) second)
                : new InOrder<>((Sink<T>) first, (Sink<T>) second);
    }

    @Override
    public void write(Batch<T> batch) throws Exception {
        first.write(batch);
        Batch.Outcome[] said = outcomes(batch);
        second.write(batch.withoutRefused());
        settle(batch, said);
    }

    @Override
    public void beginAnew() throws Exception {
        first.beginAnew();
        second.beginAnew();
    }

    @Override
    public void begin(String partition, Cursor from) throws Exception {
        first.begin(partition, from);
        second.begin(partition, from);
    }

    @Override
    public void end(String partition, boolean open) throws Exception {
        first.end(partition, open);
        second.end(partition, open);
    }

    @Override
    public int batchSize() {
        return Math.min(first.batchSize(), second.batchSize());
    }

    @Override
    public String definition() {
        return first.definition() + "\nthen " + second.definition();
    }

    @Override
    public boolean orderFree() {
        return first.orderFree() && second.orderFree();
    }

    @Override
    public Sink<T> dryRun() {
        return new InOrder<>(first.dryRun(), second.dryRun());
    }

    private static Batch.Outcome[] outcomes(Batch<?> batch) {
        Batch.Outcome[] said = new Batch.Outcome[batch.size()];
        for (int i = 0; i < said.length; i++) {
            said[i] = batch.outcome(i);
        }
        return said;
    }

    /** A record that both left alone is unchanged; else the sink that did something has the word, the first before the second. */
    private static void settle(Batch<?> batch, Batch.Outcome[] first) {
        for (int i = 0; i < first.length; i++) {
            Batch.Outcome second = batch.outcome(i);
            if (second == Batch.Outcome.UNCHANGED && first[i] != Batch.Outcome.UNCHANGED) {
                batch.say(i, first[i]);
            }
        }
    }

    /** The same with a transactional second sink. */
    static final class Transactional<T> extends InOrder<T> implements TransactionalSink<T> {

        private final Sink<T> first;
        private final TransactionalSink<T> second;

        Transactional(Sink<T> first, TransactionalSink<T> second) {
            super(first, second);
            this.first = first;
            this.second = second;
        }

        @Override
        public boolean joins(Checkpoint checkpoint) {
            return second.joins(checkpoint);
        }

        @Override
        public void write(Batch<T> batch, Supplier<Save> save) throws Exception {
            int size = Math.max(1, first.batchSize());
            for (int start = 0; start < batch.size(); start += size) {
                isolate(batch.slice(start, Math.min(batch.size(), start + size)));
            }
            if (batch.last()) {
                first.end(batch.partition(), batch.open()); // with the second's transaction the partition is done
            }
            Batch.Outcome[] said = outcomes(batch);
            second.write(batch.withoutRefused(), () -> {
                settle(batch, said);
                return save.get();
            });
        }

        /** The runner splits no batch that is one transaction with the progress, so what the first sink refuses is found here. */
        private void isolate(Batch<T> part) throws Exception {
            try {
                first.write(part);
            } catch (RefusedException e) {
                part.unsay();
                if (part.size() == 1) {
                    part.refused(0, String.valueOf(e.getMessage()));
                    return;
                }
                int half = part.size() / 2;
                isolate(part.slice(0, half));
                isolate(part.slice(half, part.size()));
            }
        }
    }
}

package dev.backfill;

import java.util.function.Function;

/** A sink that says of itself what another says. */
abstract class Forwarding<S, T> implements Sink<S> {

    private final Sink<T> sink;
    private final Function<? super S, String> key;

    Forwarding(Sink<T> sink, Function<? super S, String> key) {
        this.sink = sink;
        this.key = key;
    }

    @Override
    public int batchSize() {
        return sink.batchSize();
    }

    @Override
    public String key(S record) {
        return key.apply(record);
    }

    @Override
    public String definition() {
        return sink.definition();
    }

    @Override
    public void beginAnew() throws Exception {
        sink.beginAnew();
    }

    @Override
    public void begin(String partition, Cursor from) throws Exception {
        sink.begin(partition, from);
    }

    @Override
    public void end(String partition, boolean open) throws Exception {
        sink.end(partition, open);
    }

    @Override
    public boolean orderFree() {
        return sink.orderFree();
    }
}

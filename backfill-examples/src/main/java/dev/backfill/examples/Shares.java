package dev.backfill.examples;

import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** How the time of a run was spent, added up over its threads. */
final class Shares {

    private final Map<String, LongAdder> nanos = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> order = new ConcurrentSkipListMap<>();
    private final AtomicInteger next = new AtomicInteger();

    private LongAdder part(String name) {
        order.computeIfAbsent(name, any -> next.incrementAndGet());
        return nanos.computeIfAbsent(name, any -> new LongAdder());
    }

    /** Does it, and counts what it takes. */
    <T> T in(String name, Supplier<T> work) {
        LongAdder part = part(name);
        long begin = System.nanoTime();
        try {
            return work.get();
        } finally {
            part.add(System.nanoTime() - begin);
        }
    }

    /** The same sink, timed. */
    <T> Sink<T> writing(String name, Sink<? super T> sink) {
        LongAdder part = part(name);
        return new Sink<>() {
            @Override
            @SuppressWarnings("unchecked") // a sink only takes records
            public void write(Batch<T> batch) throws Exception {
                long begin = System.nanoTime();
                try {
                    ((Sink<T>) sink).write(batch);
                } finally {
                    part.add(System.nanoTime() - begin);
                }
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
            public int batchSize() {
                return sink.batchSize();
            }

            @Override
            public String key(T record) {
                return sink.key(record);
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
            public boolean orderFree() {
                return sink.orderFree();
            }

            @Override
            public Sink<T> dryRun() {
                return writing(name, sink.dryRun());
            }
        };
    }

    /** The same source, timed. */
    <T> Source<T> reading(String name, Source<T> source) {
        LongAdder part = part(name);
        return new Source<>() {
            @Override
            public Page<T> read(Cursor from) throws Exception {
                long begin = System.nanoTime();
                try {
                    return source.read(from);
                } finally {
                    part.add(System.nanoTime() - begin);
                }
            }

            @Override
            public Paging paging() {
                return source.paging();
            }

            @Override
            public String definition() {
                return source.definition();
            }

            @Override
            public Source<T> dryRun() {
                return reading(name, source.dryRun());
            }
        };
    }

    /** The same parts, timed. */
    <T> Partitioned<T> reading(String name, Partitioned<T> source) {
        return new Partitioned<>() {
            @Override
            public List<Partition<T>> partitions() throws Exception {
                return timed(source.partitions());
            }

            @Override
            public List<Partition<T>> partitions(List<String> known) throws Exception {
                return timed(source.partitions(known));
            }

            private List<Partition<T>> timed(List<Partition<T>> parts) {
                return parts.stream()
                        .map(part ->
                                new Partition<>(part.name(), reading(name, part.source()), part.end(), part.open()))
                        .toList();
            }

            @Override
            public Paging paging() {
                return source.paging();
            }

            @Override
            public String definition() {
                return source.definition();
            }
        };
    }

    /** A line for each part, in the order in which they were first named. */
    String lines(Report report) {
        long all = Math.max(1, nanos.values().stream().mapToLong(LongAdder::sum).sum());
        StringBuilder lines = new StringBuilder();
        report.partitions().stream().map(Report.Part::phase).distinct().forEach(phase -> {
            long read = report.counts(phase).read();
            lines.append(String.format(Locale.ROOT, "%-14s %,d records in the phase '%s'%n", "", read, phase));
        });
        order.entrySet().stream().sorted(Map.Entry.comparingByValue()).forEach(entry -> {
            long spent = nanos.getOrDefault(entry.getKey(), new LongAdder()).sum();
            lines.append(String.format(
                    Locale.ROOT, "%-24s %6.1f s, %2.0f %%%n", entry.getKey(), spent / 1e9, 100.0 * spent / all));
        });
        return lines.toString().stripTrailing();
    }
}

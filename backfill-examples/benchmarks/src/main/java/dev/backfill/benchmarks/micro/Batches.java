package dev.backfill.benchmarks.micro;

import dev.backfill.Backfill;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A record on its way from a page into a batch, in a job of a hundred pages of a thousand. */
@State(Scope.Benchmark)
public class Batches {

    private static final int PAGES = 100;
    private static final int PAGE = 1_000;

    private final List<Integer> records = IntStream.range(0, PAGE).boxed().toList();
    private final Source<Integer> source = new Source<>() {
        @Override
        public Page<Integer> read(Cursor from) {
            int page = from.orElse(0);
            return page == PAGES - 1 ? Page.last(records) : Page.of(records, page + 1);
        }

        @Override
        public Paging paging() {
            return Paging.KEYSET; // the same page again and again is else taken for a source that goes nowhere
        }
    };

    /** Nothing is done to it. */
    @Benchmark
    @OperationsPerInvocation(PAGES * PAGE)
    public Report straight() {
        return Backfill.named("straight")
                .from(source)
                .into(batch -> {})
                .batch(PAGE)
                .checkpoint(new MemoryCheckpoint())
                .run();
    }

    /** It goes through a filter and a step. */
    @Benchmark
    @OperationsPerInvocation(PAGES * PAGE)
    public Report stepped() {
        return Backfill.named("stepped")
                .from(source)
                .filter(number -> number >= 0)
                .map(number -> number + 1)
                .into(batch -> {})
                .batch(PAGE)
                .checkpoint(new MemoryCheckpoint())
                .run();
    }
}

package dev.backfill.benchmarks.micro;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.files.JsonLines;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** JSON to a record, of a file of a thousand lines. */
@State(Scope.Benchmark)
public class Records {

    private static final int LINES = 1_000;

    /** A record as APIs have it. */
    public record Sale(
            String id,
            String status,
            Instant made,
            long modified,
            boolean paid,
            BigDecimal total,
            @Nullable String member) {}

    private Path file = Path.of("");
    private Source<Sale> source = from -> Page.last(List.of());

    /** Writes the file. */
    @Setup
    public void write() throws Exception {
        file = Files.createTempFile("sales", ".jsonl");
        Files.write(
                file,
                IntStream.range(0, LINES)
                        .mapToObj(i -> "{\"id\":\"5f8d0d55b54764421b" + i
                                + "\",\"status\":\"Completed\",\"made\":\"2026-01-01T00:00:00Z\",\"modified\":1767225600000,"
                                + "\"paid\":true,\"more\":{\"that\":[\"nobody\",\"asked\"],\"for\":1},\"total\":12.50,"
                                + "\"member\":null}")
                        .toList());
        source = JsonLines.read(file, Sale.class).partitions().get(0).source();
    }

    /** Removes it. */
    @TearDown
    public void remove() throws IOException {
        Files.delete(file);
    }

    /** A record. */
    @Benchmark
    @OperationsPerInvocation(LINES)
    public List<Sale> read() throws Exception {
        return source.read(Cursor.START).items();
    }
}

package dev.backfill.benchmarks.micro;

import dev.backfill.Cursor;
import java.time.Instant;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A position that is made, stored, and read back. */
@State(Scope.Benchmark)
public class Positions {

    /** A position as sources of windows have it. */
    public record Place(Instant from, int page, String last) {}

    private final Place place = new Place(Instant.parse("2026-01-01T00:00:00Z"), 17, "5f8d0d55b54764421b7156c9");
    private final List<String> key = List.of("2026-01-01 00:00:00+00", "1234567");

    /** The number of a page. */
    @Benchmark
    public int number() {
        return Cursor.parse(Cursor.of(1_234_567).json()).orElse(0);
    }

    /** The key of a row. */
    @Benchmark
    public List<String> key() {
        return Cursor.parse(Cursor.of(key).json()).orElse(List.of());
    }

    /** A record. */
    @Benchmark
    public Place record() {
        return Cursor.parse(Cursor.of(place).json()).orElse(place);
    }
}

package dev.backfill;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A source in several parts, which can be read side by side and fail one by one.
 *
 * @param <T> the type of the records
 */
@FunctionalInterface
public interface Partitioned<T> {

    /**
     * Lists the parts. Asked once a run, before the phase begins; the answer is added to the parts known from earlier runs.
     *
     * <p>The same source gives the same names in every run. May block.
     */
    List<Partition<T>> partitions() throws Exception;

    /**
     * Lists the parts, knowing those of earlier runs. For a source whose parts depend on what was there when the job began: it plans once,
     * and later finds its parts again by their names.
     *
     * @param known the names of the parts that the job has in this phase; none the first time
     */
    default List<Partition<T>> partitions(List<String> known) throws Exception {
        return partitions();
    }

    /** How each part moves through its records. */
    default Paging paging() {
        return Paging.UNDECLARED;
    }

    /** What this source says of itself in the job's definition; see {@link Source#definition()}. */
    default String definition() {
        return "";
    }

    /** The limiter that the parts share, if any. */
    default Optional<RateLimiter> limiter() {
        return Optional.empty();
    }

    /**
     * Whether one record may be in several parts, such as windows that share a day. Overlapping parts are written side by side only
     * into a sink that does not mind their order, see {@link Sink#orderFree()}; else one after the other.
     */
    default boolean overlapping() {
        return false;
    }

    /** A part for each key: {@code Partitioned.of(months, YearMonth::toString, site::sold)}. */
    static <K, T> Partitioned<T> of(
            List<? extends K> keys, Function<? super K, String> name, Function<? super K, Source<T>> source) {
        List<Partition<T>> partitions = keys.stream()
                .map(key -> Partition.of(name.apply(key), source.apply(key)))
                .toList();
        return () -> partitions;
    }

    /** A source as a single part. */
    static <T> Partitioned<T> of(Source<T> source) {
        Objects.requireNonNull(source, "source");
        return new Partitioned<>() {
            @Override
            public List<Partition<T>> partitions() {
                return List.of(Partition.of("all", source));
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
            public Optional<RateLimiter> limiter() {
                return source.limiter();
            }
        };
    }
}

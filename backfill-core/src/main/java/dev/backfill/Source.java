package dev.backfill;

import java.util.Objects;
import java.util.Optional;

/**
 * Where records come from: a function from a cursor to a page.
 *
 * <p>A source keeps no state: the runner owns the cursor, and resuming is calling the same function with an older argument.
 * So a lambda is a source:
 *
 * <pre>{@code
 * Source<Post> posts = from -> {
 *     int page = from.orElse(1);
 *     List<Post> found = api.posts(page);
 *     return found.isEmpty() ? Page.last(found) : Page.of(found, page + 1);
 * };
 * }</pre>
 *
 * @param <T> the type of the records
 */
@FunctionalInterface
public interface Source<T> {

    /**
     * Reads one page; may block, and may be called again with any cursor that it has given.
     *
     * <p>Called by one thread at a time for one partition, and by several for several partitions. An {@link java.io.IOException},
     * {@link java.util.concurrent.TimeoutException} or {@link TransientException} is tried again; an
     * {@link ExpiredCursorException} starts the partition again; anything else fails the partition, with its place named. A page that
     * leads to itself, or whose records are those of the page before, is read once more; a source that goes on like that fails.
     *
     * @param from the place to read from; {@link Cursor#START} the first time
     */
    Page<T> read(Cursor from) throws Exception;

    /** How this source moves through its records; printed in the report. */
    default Paging paging() {
        return Paging.UNDECLARED;
    }

    /**
     * What this source says of itself in the job's definition, such as an address, a filter and a window size, one a line. A job
     * whose definition has changed is not resumed without a word. Leave out what may change freely: ends of ranges, credentials.
     */
    default String definition() {
        return "";
    }

    /** The limiter that this source asks before its calls, if any; used for progress and reports. */
    default Optional<RateLimiter> limiter() {
        return Optional.empty();
    }

    /** What a dry run reads instead: by default, this. For what the sink of an earlier phase has gathered in a dry run. */
    default Source<T> dryRun() {
        return this;
    }

    /**
     * This source, asking the given limiter before each page: for a source that makes one call a page. If the source throws a
     * {@link TransientException} that says how long to wait, all that share the limiter wait.
     */
    default Source<T> limitedBy(RateLimiter limiter) {
        Objects.requireNonNull(limiter, "limiter");
        Source<T> source = this;
        return new Source<>() {
            @Override
            public Page<T> read(Cursor from) throws Exception {
                RateLimiter.Call call = limiter.acquire();
                try {
                    return source.read(from);
                } catch (TransientException e) {
                    e.after().ifPresent(limiter::quiet);
                    throw e;
                } finally {
                    call.close();
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
            public Optional<RateLimiter> limiter() {
                return Optional.of(limiter);
            }

            @Override
            public Source<T> dryRun() {
                return source.dryRun().limitedBy(limiter);
            }
        };
    }
}

package dev.backfill.blaze;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.http.Request;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A list that is read in one piece.
 *
 * @param request with the parameters that narrow the list
 */
record Entries<W, T>(Listing<W> listing, Request request, Function<? super W, ? extends T> entry, String definition)
        implements Source<T> {

    @Override
    public Page<T> read(Cursor from) throws InterruptedException {
        Listing.Read<W> read = listing.read(request, from.orElse(Spot.FIRST));
        List<T> fresh = read.fresh().stream().<T>map(entry).toList();
        Page<T> page = Page.until(fresh, read.taken().next());
        return listing.counted() && read.total().isPresent()
                ? page.withTotal(read.total().getAsLong())
                : page;
    }

    /** Its order may change while it is read, and then no anchor helps. */
    @Override
    public Paging paging() {
        return Paging.OFFSET;
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return listing.http().limiter();
    }
}

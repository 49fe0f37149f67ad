package dev.backfill.blaze;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.http.HttpException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Transactions in windows of some days, each of which begins with the last day of the one before. */
final class DayWindows implements Partitioned<Transaction> {

    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MM/dd/yyyy");

    private final Listing<Wire> listing;
    private final LocalDate from;
    private final LocalDate to;
    private final int days;
    private final Supplier<LocalDate> today;
    private final String definition;

    /** That Blaze has refused the keys in this run: other windows would be refused too, and asking on may get the keys disabled. */
    private final AtomicReference<@Nullable HttpException> refused = new AtomicReference<>();

    DayWindows(
            Listing<Wire> listing,
            LocalDate from,
            LocalDate to,
            int days,
            Supplier<LocalDate> today,
            String definition) {
        this.listing = listing;
        this.from = from;
        this.to = to;
        this.days = days;
        this.today = today;
        this.definition = definition;
    }

    @Override
    public List<Partition<Transaction>> partitions() {
        refused.set(null);
        LocalDate now = today.get();
        List<Partition<Transaction>> windows = new ArrayList<>();
        for (LocalDate start = from; start.isBefore(to); start = start.plusDays(days)) {
            LocalDate whole = start.plusDays(days);
            LocalDate end = whole.isBefore(to) ? whole : to;
            Partition<Transaction> window = Partition.of(start.toString(), source(start, end));
            // a window that has not passed yet is read again in whole by the next run, which is a week at most
            windows.add(end.isBefore(now) ? window.endingAt(Place.at(end)) : window.openAt(Cursor.START));
        }
        return windows;
    }

    private Source<Transaction> source(LocalDate start, LocalDate end) {
        return new Source<>() {
            @Override
            public Page<Transaction> read(Cursor cursor) throws Exception {
                return page(cursor.orElse(Place.at(start)), end);
            }

            @Override
            public Paging paging() {
                return DayWindows.this.paging();
            }
        };
    }

    private Page<Transaction> page(Place place, LocalDate end) throws InterruptedException {
        if (!place.from().isBefore(end)) { // a finished window whose end was moved back
            return Page.last(List.of());
        }
        HttpException before = refused.get();
        if (before != null) {
            throw before;
        }
        Listing.Read<Wire> read;
        try {
            read = listing.read(
                    listing.request()
                            .query("startDate", DAY.format(place.from()))
                            .query("endDate", DAY.format(end)),
                    place.spot());
        } catch (HttpException e) {
            if (e.status() == 401 || e.status() == 403) {
                refused.set(e);
            }
            throw e;
        }
        List<Transaction> fresh = new ArrayList<>();
        for (Wire transaction : read.fresh()) {
            fresh.add(transaction.transaction());
        }
        Optional<Place> next = read.taken().next().map(spot -> new Place(place.from(), spot));
        Page<Transaction> page = Page.until(fresh, next);
        return read.total().isPresent() ? page.withTotal(read.total().getAsLong()) : page;
    }

    @Override
    public Paging paging() {
        return Paging.ANCHORED;
    }

    @Override
    public boolean overlapping() {
        return true;
    }

    @Override
    public String definition() {
        return definition;
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return listing.http().limiter();
    }
}

package dev.backfill.guesty;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.http.HttpException;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The list of all messages that no documentation shows. */
record FlatMessages(Wire wire, Time time, Duration last) implements Source<Message> {

    private static final String PATH = "communication/conversations/messages";

    @Override
    public Page<Message> read(Cursor from) throws InterruptedException {
        FlatPlace place = from.isStart() ? FlatPlace.first(Guesty.since(time, last)) : from.orElse(FlatPlace.first(0));
        Instant since = Instant.ofEpochMilli(place.since());
        List<Message> rows = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (JsonNode row : Listing.rows(answer(place, since), PATH)) {
            Message message = Message.flat(row);
            String id = message.messageId();
            rows.add(message);
            ids.add(id == null ? "" : id);
        }
        FlatPlace.Taken taken = place.take(ids);
        List<Message> fresh = taken.fresh().stream()
                .map(rows::get)
                .filter(message -> Guesty.wanted(message, since))
                .toList();
        return fresh.isEmpty() || !fresh.stream().allMatch(message -> after(message, since.plus(Guesty.length(last))))
                ? Page.until(fresh, taken.next())
                : Page.last(fresh); // else a list that grows as fast as it is read would never end
    }

    private static boolean after(Message message, Instant begin) {
        Instant at = message.createdAt();
        return at != null && at.isAfter(begin);
    }

    private JsonNode answer(FlatPlace place, Instant since) throws InterruptedException {
        try {
            return wire.get(http -> http.get("/v1/" + PATH)
                    .query("createdFrom", since)
                    .query("limit", FlatPlace.LIMIT)
                    .query("skip", place.at())
                    .query("sort", "createdAt"));
        } catch (HttpException e) {
            throw e.status() == 404
                    ? e.advising("this account has no such list, which is in no documentation; use messages(…)")
                    : e;
        }
    }

    /** By skipping, in an order in which messages of the same time have no place of their own. */
    @Override
    public Paging paging() {
        return Paging.OFFSET;
    }

    @Override
    public String definition() {
        return "guesty flat messages of the last " + last + " at " + wire;
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return wire.limiter();
    }
}

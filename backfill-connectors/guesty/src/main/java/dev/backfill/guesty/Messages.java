package dev.backfill.guesty;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.http.HttpException;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** The messages of all conversations, one conversation after the other. */
final class Messages implements Source<Message> {

    private static final Logger LOG = LoggerFactory.getLogger(Guesty.class);

    private static final String CONVERSATIONS = "/v1/communication/conversations";
    private static final int LIMIT = 100;

    /** So often are the posts of a conversation begun anew when their cursor is not taken. */
    private static final int MOST_AGAIN = 3;

    /** So often is the list begun anew in a pass. */
    private static final int MOST_ANEW = 10;

    private final Wire wire;
    private final Time time;
    private final Duration last;

    /** The page of conversations that was read last, to save calls; nothing depends on it. */
    private final AtomicReference<@Nullable Remembered> remembered = new AtomicReference<>();

    /** How far a page had come whose last call failed, so that its next attempt goes on there; nothing depends on it. */
    private final AtomicReference<@Nullable Reached> reached = new AtomicReference<>();

    private record Reached(Place from, Place at) {}

    /** Guesty does not take a cursor of the list. */
    private static final class Expired extends RuntimeException {
        private static final long serialVersionUID = 1;

        Expired(Throwable cause) {
            super("Guesty no longer takes its cursor in the list of conversations; " + cause.getMessage(), cause);
        }
    }

    private record Remembered(Trail list, Conversation.Listed page) {}

    /** What a call for posts brings, and where to go on; empty at the end. */
    private record Step(List<Message> messages, Optional<Place> next) {}

    Messages(Wire wire, Time time, Duration last) {
        this.wire = wire;
        this.time = time;
        this.last = last;
    }

    @Override
    public Page<Message> read(Cursor from) throws InterruptedException {
        Place begin = from.isStart() ? Place.first(Guesty.since(time, last)) : from.orElse(Place.first(0));
        Reached before = reached.getAndSet(null);
        Place place = !from.isStart() && before != null && before.from().equals(begin) ? before.at() : begin;
        try {
            for (int calls = 1; ; calls++) {
                Step step = step(place, from.isStart() && calls == 1);
                int messages = step.messages().size();
                if (messages > 0 || step.next().isEmpty() || calls >= begin.mostCalls()) {
                    return Page.until(step.messages(), step.next().map(next -> next.behind(messages)));
                }
                place = step.next().get();
            }
        } catch (TransientException e) {
            reached.set(new Reached(begin, place));
            throw e;
        } catch (Expired e) {
            if (place.anew() >= MOST_ANEW) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            LOG.warn("{}; the list is begun anew", e.getMessage());
            return Page.of(List.of(), place.fromTheStart()); // and not expired for the runner: the pass keeps its time
        }
    }

    private Step step(Place place, boolean anew) throws InterruptedException {
        Conversation.Listed page = listed(place, anew);
        if (page.rows() == 0) {
            return new Step(List.of(), Optional.empty());
        }
        if (page.conversations().isEmpty()) {
            return new Step(List.of(), behind(place, page));
        }
        int found = page.indexOf(place.conversation());
        // one that has left the page, or a page not yet begun: from its begin, which repeats some and loses none
        int at = Math.max(0, found);
        Conversation conversation = page.conversations().get(at);
        Place here = found < 0 ? place.conversation(conversation.id()) : place;
        Optional<Place> behind = at + 1 < page.conversations().size()
                ? Optional.of(here.conversation(page.conversations().get(at + 1).id()))
                : behind(here, page);
        return posts(conversation, here, behind);
    }

    private static Optional<Place> behind(Place place, Conversation.Listed page) {
        return place.list().to(page.cursor()).map(place::list);
    }

    private Conversation.Listed listed(Place place, boolean anew) throws InterruptedException {
        Trail list = place.list();
        Remembered known = remembered.get();
        if (!anew && known != null && known.list().equals(list)) {
            return known.page();
        }
        Conversation.Listed page;
        try {
            page = Conversation.listed(wire.get(http -> http.get(CONVERSATIONS)
                    .query("limit", LIMIT)
                    .query("sort", "-createdAt")
                    .query("fields", "_id createdAt meta")
                    .query("cursorAfter", list.at())));
        } catch (HttpException e) {
            boolean nothing = e.status() == 404 && Wire.says(e, "conversations not found");
            if (list.at() != null && (nothing || e.status() == 400)) {
                throw new Expired(e);
            }
            if (!nothing) {
                throw e;
            }
            page = Conversation.Listed.NOTHING;
        }
        remembered.set(new Remembered(list, page));
        return page;
    }

    private Step posts(Conversation conversation, Place here, Optional<Place> behind) throws InterruptedException {
        Trail trail = here.posts();
        JsonNode answer;
        try {
            answer = wire.get(http -> http.get(CONVERSATIONS + "/{}/posts", conversation.id())
                    .query("limit", LIMIT)
                    .query("sort", "-createdAt")
                    .query("cursorAfter", trail.at()));
        } catch (HttpException e) {
            if (e.status() == 404 && Wire.says(e, "not found")) { // and not that of a proxy, which has other words
                LOG.warn("Guesty has no posts of the conversation {}, which it has listed", conversation.id());
                return new Step(List.of(), behind);
            }
            if (e.status() == 400 && trail.at() != null && here.again() < MOST_AGAIN) {
                LOG.warn(
                        "Guesty no longer takes its cursor in the conversation {}, which is begun anew",
                        conversation.id());
                return new Step(List.of(), Optional.of(here.again(conversation.id())));
            }
            throw e;
        }
        List<Message> all = new ArrayList<>();
        Wire.array(answer.path("data"), "posts").forEach(post -> all.add(Message.of(conversation, post)));
        Instant since = Instant.ofEpochMilli(here.since());
        List<Message> wanted =
                all.stream().filter(message -> Guesty.wanted(message, since)).toList();
        Optional<Trail> next = all.isEmpty() || pastAge(all, since) ? Optional.empty() : trail.to(Wire.cursor(answer));
        return new Step(
                wanted, next.map(more -> here.posts(conversation.id(), more)).or(() -> behind));
    }

    /** Whether what follows is certainly too old: the times that can be read go down, and the last of them is. */
    static boolean pastAge(List<Message> page, Instant since) {
        Instant lowest = null;
        for (Message message : page) {
            Instant at = message.createdAt();
            if (at == null) {
                continue;
            }
            if (lowest != null && at.isAfter(lowest)) {
                return false;
            }
            lowest = at;
        }
        return lowest != null && lowest.isBefore(since);
    }

    /** By Guesty's cursors; as safe as these are. */
    @Override
    public Paging paging() {
        return Paging.TOKEN;
    }

    @Override
    public String definition() {
        return "guesty messages of the last " + last + " at " + wire;
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return wire.limiter();
    }
}

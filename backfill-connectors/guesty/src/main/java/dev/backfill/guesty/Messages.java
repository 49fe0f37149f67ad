package dev.backfill.guesty;

import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.http.HttpException;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.time.Instant;
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

    private final Wire wire;
    private final Time time;
    private final Duration last;

    /** The page of conversations that was read last, to save calls; nothing depends on it. */
    private final AtomicReference<@Nullable Remembered> remembered = new AtomicReference<>();

    /** Since when the pass reads that must begin anew because a cursor has expired: it is still the same pass. */
    private final AtomicReference<@Nullable Long> sinceBefore = new AtomicReference<>();

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
        Place place = from.isStart() ? Place.first(since()) : from.orElse(Place.first(0));
        int most = place.mostCalls();
        for (int calls = 0; ; calls++) {
            Step step;
            try {
                step = step(place, from.isStart() && calls == 0);
            } catch (TransientException e) {
                if (calls == 0) {
                    throw e;
                }
                return Page.of(List.of(), place.behind(0)); // keeps what was gone through
            }
            int messages = step.messages().size();
            if (messages > 0 || step.next().isEmpty() || calls + 1 >= most) {
                return Page.until(step.messages(), step.next().map(next -> next.behind(messages)));
            }
            place = step.next().get();
        }
    }

    private long since() {
        Long before = sinceBefore.getAndSet(null);
        return before != null ? before : Guesty.since(time, last);
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
            if (e.status() == 400 && list.at() != null) {
                sinceBefore.set(place.since());
                throw new ExpiredCursorException(
                        "Guesty no longer takes its cursor in the list of conversations; " + e.getMessage());
            }
            if (e.status() != 404 || !Wire.says(e, "conversations not found")) {
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
            if (e.status() == 404) {
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
        List<Message> all = new java.util.ArrayList<>();
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

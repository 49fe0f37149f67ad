package dev.backfill.simulators;

import static dev.backfill.simulators.GuestyQuirk.*;
import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.internal.Json;
import dev.backfill.simulators.GuestyAccount.Conversation;
import dev.backfill.simulators.GuestyAccount.Post;
import java.io.IOException;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks calls and answers them. */
final class GuestyApi implements Api {

    private static final String ROOT = "/v1/";
    private static final String TALKS = "communication/conversations";

    private final GuestySettings settings;
    private final GuestyAccount account;
    private final GuestyTokens tokens;
    private final GuestyPaging paging;
    private final GuestyConversations conversations;
    private final GuestyPosts posts;
    private final GuestyTruth truth;
    private final GuestyFlat flat;
    private final GuestyLists lists;
    private long calls;

    GuestyApi(GuestySettings settings, GuestyAccount account, GuestyTokens tokens) {
        this.settings = settings;
        this.account = account;
        this.tokens = tokens;
        paging = new GuestyPaging(settings);
        conversations = new GuestyConversations(settings);
        posts = new GuestyPosts(settings, conversations);
        truth = new GuestyTruth(account, posts);
        flat = new GuestyFlat(account, posts, paging);
        lists = new GuestyLists(settings, account, conversations, paging);
    }

    private boolean quirk(GuestyQuirk quirk) {
        return settings.quirks.contains(quirk);
    }

    /** The client that was given the token: all its tokens are counted together. */
    @Override
    public Optional<String> credential(Ask ask) {
        return GuestyTokens.is(ask)
                ? GuestyTokens.client(ask)
                : GuestyTokens.bearer(ask).map(token -> tokens.known(token) ? settings.clientId.reveal() : token);
    }

    @Override
    public boolean metered(Ask ask) {
        return !GuestyTokens.is(ask);
    }

    @Override
    public Reply refusal(int status, String message) {
        return GuestyError.reply(status, message, true);
    }

    @Override
    public Reply tooMany(long seconds) {
        return refusal(429, "API rate limit exceeded");
    }

    @Override
    public Optional<Reply> own(Ask ask) {
        if (!ask.path().equals("/__post")) {
            return Optional.empty();
        }
        int messages = ask.parameter("messages")
                .filter(text -> text.matches("[1-9][0-9]{0,4}"))
                .map(Integer::valueOf)
                .orElse(0);
        if (messages == 0 || !ask.method().equals("POST")) {
            return Optional.of(GuestyError.reply(400, "POST /__post?messages=5 has guests write 5 messages", true));
        }
        account.lock.lock();
        try {
            List<String> ids = account.write(messages).stream().map(Post::id).collect(Collectors.toList());
            return Optional.of(Reply.json(new JsonBytes(100).whole(Json.write(map("ids", ids)))));
        } finally {
            account.lock.unlock();
        }
    }

    @Override
    public void truth(Ask ask, OutputStream out) throws IOException {
        truth.to(
                out,
                ask.parameter("since")
                        .map(text -> Instant.parse(text).toEpochMilli())
                        .orElse(Long.MIN_VALUE));
    }

    @Override
    public Reply answer(Ask ask) {
        account.lock.lock();
        try {
            if (GuestyTokens.is(ask)) {
                return tokens.answer(ask);
            }
            if (!tokens.good(ask)) {
                throw new GuestyError(quirk(UNAUTHORIZED_401) ? 401 : 403, GuestyError.FORBIDDEN);
            }
            Object body = route(ask);
            Reply reply = Reply.json(new JsonBytes(1_000).whole(Json.write(body)));
            reply.headers().put("x-request-id", GuestyAccount.hex(calls, Mix.of(settings.seed, calls++, 701)));
            return reply;
        } catch (GuestyError e) {
            return e.reply(quirk(PLAIN_ERRORS));
        } finally {
            account.lock.unlock();
        }
    }

    private Object route(Ask ask) throws GuestyError {
        if (!ask.path().startsWith(ROOT) || !ask.method().equals("GET")) {
            throw new GuestyError(404, "Not found");
        }
        String path = ask.path().substring(ROOT.length());
        account.people();
        if (path.equals(TALKS)) {
            return enveloped(conversations(ask));
        }
        List<String> parts = path.startsWith(TALKS + "/")
                ? List.of(path.substring(TALKS.length() + 1).split("/", -1))
                : List.of();
        if (settings.flat && parts.equals(List.of("messages"))) {
            return flat.answer(ask, sort(ask, Set.of("createdAt")).down());
        }
        if (parts.size() == 1) {
            return enveloped(conversations.whole(found(parts.get(0), "Conversations not found")));
        }
        if (parts.size() == 2 && parts.get(1).equals("posts")) {
            return enveloped(posts(ask, found(parts.get(0), "Posts not found")));
        }
        return lists.answer(ask, path).orElseThrow(() -> new GuestyError(404, "Not found"));
    }

    private static Object enveloped(Object data) {
        return map("status", 200, "data", data);
    }

    private Conversation found(String id, String otherwise) throws GuestyError {
        return account.conversation(id).orElseThrow(() -> new GuestyError(404, otherwise));
    }

    private record Sort(String field, boolean down) {}

    private static Sort sort(Ask ask, Set<String> fields) throws GuestyError {
        String asked = ask.parameter("sort").orElse("-createdAt");
        Sort sort = asked.startsWith("-") ? new Sort(asked.substring(1), true) : new Sort(asked, false);
        if (!fields.contains(sort.field())) {
            throw GuestyError.invalid("\"sort\" must be one of " + String.join(", ", new java.util.TreeSet<>(fields)));
        }
        return sort;
    }

    private Map<String, @Nullable Object> conversations(Ask ask) throws GuestyError {
        Sort sort = sort(ask, Set.of("createdAt", "modifiedAt"));
        int limit = paging.limit(ask);
        List<String> fields = ask.parameter("fields")
                .map(text -> List.of(text.split("[ ,]+", -1)))
                .orElse(List.of());
        GuestyFilter filter = GuestyFilter.of(ask, GuestyConversations.FILTERS);
        List<Conversation> all = account.conversations();
        if (!filter.empty()) {
            all = filtered(all, filter);
        }
        int unread = 0;
        for (Conversation one : all) {
            unread += one.read ? 0 : 1;
        }
        ToLongFunction<Conversation> key = one -> one.created;
        if (sort.field().equals("modifiedAt")) {
            key = one -> one.modified;
            all.sort(Comparator.<Conversation>comparingLong(one -> one.modified).thenComparing(one -> one.id));
        }
        boolean hidden = fields.isEmpty() ? !sort.field().equals("createdAt") : !fields.contains(sort.field());
        GuestyPaging.Page<Conversation> page =
                paging.page(ask, limit, new GuestyPaging.Rows<>(all, sort.down(), key, one -> one.id, hidden, true));
        List<Object> rows = new ArrayList<>();
        for (Conversation one : page.rows()) {
            rows.add(shown(one, fields));
        }
        return map(
                "count",
                paging.count(all.size()),
                "countUnread",
                unread,
                "fields",
                String.join(" ", fields),
                "limit",
                limit,
                "cursor",
                map("after", page.after(), "before", page.before()),
                "conversations",
                rows);
    }

    private List<Conversation> filtered(List<Conversation> all, GuestyFilter filter) throws GuestyError {
        List<Conversation> found = new ArrayList<>();
        for (Conversation one : all) {
            if (filter.test(field -> conversations.value(one, field))) {
                found.add(one);
            }
        }
        return found;
    }

    private Map<String, @Nullable Object> shown(Conversation one, List<String> fields) {
        if (fields.isEmpty()) {
            return conversations.json(one);
        }
        Map<String, @Nullable Object> json = conversations.whole(one);
        json.keySet()
                .removeIf(name -> !name.equals("_id")
                        && fields.stream().noneMatch(field -> field.equals(name) || field.startsWith(name + ".")));
        return json;
    }

    private Map<String, @Nullable Object> posts(Ask ask, Conversation conversation) throws GuestyError {
        Sort sort = sort(ask, Set.of("createdAt"));
        int limit = paging.limit(ask);
        limit = quirk(POSTS_LIMIT_IGNORED) ? 25 : limit;
        List<Post> all = account.posts(conversation);
        GuestyPaging.Page<Post> page = paging.page(
                ask,
                limit,
                new GuestyPaging.Rows<>(all, sort.down(), Post::time, Post::id, false, quirk(POSTS_END_TOLD)));
        List<Object> rows = new ArrayList<>();
        for (Post post : page.rows()) {
            rows.add(posts.json(post));
        }
        return map(
                "posts",
                rows,
                "count",
                paging.count(all.size()),
                "limit",
                limit,
                "sort",
                (sort.down() ? "-" : "") + sort.field(),
                "cursor",
                map("after", page.after(), "before", page.before()));
    }

    /** A time in a parameter. */
    static Optional<Instant> instant(Ask ask, String name) throws GuestyError {
        try {
            return ask.parameter(name)
                    .map(text -> java.time.OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            throw GuestyError.invalid("\"" + name + "\" must be a date in ISO 8601");
        }
    }
}

package dev.backfill.simulators;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The conversations of an account, and what happens to them. Posts are made when they are asked for; only what has changed is kept.
 * Guarded by its lock.
 */
final class GuestyAccount {

    private static final long DAY = 86_400_000;
    private static final Comparator<Conversation> ORDER =
            Comparator.<Conversation>comparingLong(one -> one.created).thenComparing(one -> one.id);

    /** A conversation; times are milliseconds. */
    static final class Conversation {
        final int index;
        final String id;
        final long created;
        /** How many posts it was made with. */
        final int base;

        long modified;
        boolean read;
        boolean removed;
        List<Long> added = List.of();
        Map<Integer, String> edited = Map.of();
        Set<Integer> removedPosts = Set.of();

        Conversation(int index, String id, long created, int base) {
            this.index = index;
            this.id = id;
            this.created = created;
            this.base = base;
            modified = created;
        }
    }

    /**
     * A post.
     *
     * @param number within its conversation, in the order of making
     * @param time when it was made, whatever it says itself
     */
    record Post(Conversation conversation, int number, long time, String id) {}

    private static final Comparator<Post> POST_ORDER =
            Comparator.comparingLong(Post::time).thenComparing(Post::id);

    final ReentrantLock lock = new ReentrantLock();
    final GuestySettings settings;
    final Time time = Ports.current().time();
    /** When the past ended. */
    final long end;

    private final List<Conversation> all = new ArrayList<>();
    private final List<Conversation> inOrder = new ArrayList<>();
    private long changes;

    GuestyAccount(GuestySettings settings) {
        this.settings = settings;
        Instant now = settings.now;
        end = (now == null ? time.now().truncatedTo(ChronoUnit.DAYS) : now).toEpochMilli();
        long step = 400 * DAY / Math.max(1, settings.conversations);
        for (int i = 0; i < settings.conversations; i++) {
            boolean tie = i % 9 == 8 && settings.quirks.contains(GuestyQuirk.TIES);
            int place = tie ? i - 1 : i;
            long created = end - 400 * DAY + step * place + Mix.of(settings.seed, place, 401) % Math.max(1, step);
            Conversation made = new Conversation(i, conversationId(i, created), created, base(i));
            made.modified = made.base == 0 ? created : past(made, made.base - 1);
            made.read = Mix.below(3, settings.seed, i, 402) > 0;
            all.add(made);
        }
        inOrder.addAll(all);
        inOrder.sort(ORDER);
    }

    private int base(int index) {
        int dice = Mix.below(100, settings.seed, index, 403);
        return dice < 5
                ? 0
                : dice < 9
                        ? 20 + Mix.below(41, settings.seed, index, 404)
                        : 1 + Mix.below(13, settings.seed, index, 405);
    }

    /** When a post of the past was made. Some conversations go on until the end of the past, most for twenty days at most. */
    private long past(Conversation conversation, int number) {
        boolean tie = number > 0
                && settings.quirks.contains(GuestyQuirk.TIES)
                && Mix.below(9, settings.seed, place(conversation, number), 406) == 0;
        int step = tie ? number : number + 1;
        long span = end - conversation.created;
        if (Mix.below(8, settings.seed, conversation.index, 407) > 0) {
            span = Math.min(span, 20 * DAY);
        }
        double part = step / (conversation.base + 1.0);
        return conversation.created + (long) (span * part * part);
    }

    static long place(Conversation conversation, int number) {
        return ((long) conversation.index << 20) | number;
    }

    /** 24 hexadecimal digits, of which the first eight are the second of the making. */
    static String hex(long millis, long rest) {
        String seconds = Long.toHexString((1L << 32) | (Math.floorDiv(millis, 1_000) & 0xFFFFFFFFL))
                .substring(1);
        String tail = Long.toHexString(rest);
        return seconds + "0".repeat(16 - tail.length()) + tail;
    }

    private String conversationId(int index, long created) {
        return hex(created, Mix.of(settings.seed, 1, 410) ^ index);
    }

    private String postId(Conversation conversation, int number, long time) {
        return hex(time, Mix.of(settings.seed, 2, 411) ^ place(conversation, number));
    }

    /** How often anything has changed. */
    long changes() {
        return changes;
    }

    /** All that were ever there, by index. */
    List<Conversation> ever() {
        return Collections.unmodifiableList(all);
    }

    /** All that are there, the oldest first. */
    List<Conversation> conversations() {
        List<Conversation> present = new ArrayList<>(inOrder.size());
        for (Conversation one : inOrder) {
            if (!one.removed) {
                present.add(one);
            }
        }
        return present;
    }

    private static long tail(String id, long salt) {
        return id.matches("[0-9a-f]{24}") ? Long.parseUnsignedLong(id.substring(8), 16) ^ salt : -1;
    }

    /** The conversation of that id if it is there. */
    Optional<Conversation> conversation(String id) {
        long index = tail(id, Mix.of(settings.seed, 1, 410));
        return index < 0 || index >= all.size()
                ? Optional.empty()
                : Optional.of(all.get((int) index)).filter(one -> one.id.equals(id) && !one.removed);
    }

    /** The post of that id if it is there. */
    Optional<Post> post(String id) {
        long place = tail(id, Mix.of(settings.seed, 2, 411));
        if (place < 0 || place >> 20 >= all.size()) {
            return Optional.empty();
        }
        Conversation conversation = all.get((int) (place >> 20));
        int number = (int) (place & 0xFFFFF);
        return conversation.removed
                        || number >= conversation.base + conversation.added.size()
                        || conversation.removedPosts.contains(number)
                ? Optional.empty()
                : Optional.of(at(conversation, number)).filter(post -> post.id().equals(id));
    }

    private Post at(Conversation conversation, int number) {
        long made = number < conversation.base
                ? past(conversation, number)
                : conversation.added.get(number - conversation.base);
        return new Post(conversation, number, made, postId(conversation, number, made));
    }

    /** The posts of a conversation, the oldest first. */
    List<Post> posts(Conversation conversation) {
        int count = conversation.base + conversation.added.size();
        List<Post> posts = new ArrayList<>(count);
        for (int number = 0; number < count; number++) {
            if (!conversation.removedPosts.contains(number)) {
                posts.add(at(conversation, number));
            }
        }
        posts.sort(POST_ORDER);
        return posts;
    }

    /** A guest writes now. */
    Post write(Conversation conversation) {
        if (conversation.added.isEmpty()) {
            conversation.added = new ArrayList<>();
        }
        conversation.added.add(time.now().toEpochMilli());
        Post post = at(conversation, conversation.base + conversation.added.size() - 1);
        conversation.modified = post.time();
        conversation.read = false;
        changes++;
        return post;
    }

    /** A guest writes for the first time. */
    Post begin() {
        long created = time.now().toEpochMilli();
        Conversation made = new Conversation(all.size(), conversationId(all.size(), created), created, 0);
        all.add(made);
        int place = Collections.binarySearch(inOrder, made, ORDER);
        inOrder.add(place < 0 ? -place - 1 : place, made);
        return write(made);
    }

    /** Guests write in conversations that are there, or begin one if there is none. */
    List<Post> write(int messages) {
        List<Post> written = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            Optional<Conversation> any = any(412);
            written.add(any.isPresent() ? write(any.get()) : begin());
        }
        return written;
    }

    void edit(Post post, String body) {
        Conversation conversation = post.conversation();
        if (conversation.edited.isEmpty()) {
            conversation.edited = new HashMap<>();
        }
        conversation.edited.put(post.number(), body);
        changes++;
    }

    void remove(Post post) {
        Conversation conversation = post.conversation();
        if (conversation.removedPosts.isEmpty()) {
            conversation.removedPosts = new HashSet<>();
        }
        conversation.removedPosts.add(post.number());
        changes++;
    }

    void remove(Conversation conversation) {
        conversation.removed = true;
        changes++;
    }

    private Optional<Conversation> any(long salt) {
        for (int i = 0; i < 100 && !all.isEmpty(); i++) {
            Conversation one = all.get(Mix.below(all.size(), settings.seed + i, changes, salt));
            if (!one.removed) {
                return Optional.of(one);
            }
        }
        return all.stream().filter(one -> !one.removed).findFirst();
    }

    /** What happens before an answer. */
    void people() {
        for (int i = 0; i < settings.changes; i++) {
            GuestyChange kind = settings.kinds.get(Mix.below(settings.kinds.size(), settings.seed, changes, 413));
            Optional<Conversation> any = any(414);
            if (kind == GuestyChange.CONVERSATION) {
                begin();
            } else if (any.isPresent()) {
                change(kind, any.get());
            }
        }
    }

    private void change(GuestyChange kind, Conversation conversation) {
        List<Post> posts = posts(conversation);
        Optional<Post> post = posts.isEmpty()
                ? Optional.empty()
                : Optional.of(posts.get(Mix.below(posts.size(), settings.seed, changes, 415)));
        long before = changes++;
        switch (kind) {
            case POST -> write(conversation);
            case EDIT -> post.ifPresent(one -> edit(one, "changed " + before));
            case REMOVE_POST -> post.ifPresent(this::remove);
            case REMOVE_CONVERSATION -> remove(conversation);
            case READ -> conversation.read = !conversation.read;
            case CONVERSATION -> {}
        }
    }
}

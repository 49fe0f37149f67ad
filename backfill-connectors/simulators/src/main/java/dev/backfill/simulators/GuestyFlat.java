package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.simulators.GuestyAccount.Conversation;
import dev.backfill.simulators.GuestyAccount.Post;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of all conversations in one list that is read by skip and limit, as they are at that moment. */
final class GuestyFlat {

    private final GuestyAccount account;
    private final GuestyPosts posts;
    private final GuestyPaging paging;
    private List<Post> inOrder = List.of();
    private long as = -1;

    GuestyFlat(GuestyAccount account, GuestyPosts posts, GuestyPaging paging) {
        this.account = account;
        this.posts = posts;
        this.paging = paging;
    }

    private List<Post> inOrder() {
        if (as != account.changes()) {
            List<Post> all = new ArrayList<>();
            for (Conversation conversation : account.conversations()) {
                for (Post post : account.posts(conversation)) {
                    if (posts.message(post)) {
                        all.add(post);
                    }
                }
            }
            all.sort(Comparator.comparingLong(Post::time).thenComparing(Post::id));
            inOrder = all;
            as = account.changes();
        }
        return inOrder;
    }

    Map<String, @Nullable Object> answer(Ask ask, boolean down) throws GuestyError {
        long from =
                GuestyApi.instant(ask, "createdFrom").map(Instant::toEpochMilli).orElse(Long.MIN_VALUE);
        List<Post> all = new ArrayList<>();
        for (Post post : inOrder()) {
            if (posts.since(post, from)) {
                all.add(post);
            }
        }
        if (down) {
            Collections.reverse(all);
        }
        List<Object> results = new ArrayList<>();
        for (Post post : paging.slice(ask, all)) {
            results.add(posts.flat(post));
        }
        return map("results", results, "count", paging.count(all.size()));
    }
}

package dev.backfill.simulators;

import dev.backfill.internal.Json;
import dev.backfill.simulators.GuestyAccount.Conversation;
import dev.backfill.simulators.GuestyAccount.Post;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** What a table of the messages must hold, read from the account itself and not through the API. */
final class GuestyTruth {

    private final GuestyAccount account;
    private final GuestyPosts posts;

    GuestyTruth(GuestyAccount account, GuestyPosts posts) {
        this.account = account;
        this.posts = posts;
    }

    /** @param since milliseconds; messages that were written before, and say so, are left out */
    void to(OutputStream out, long since) throws IOException {
        List<Conversation> present;
        account.lock.lock();
        try {
            present = account.conversations();
        } finally {
            account.lock.unlock();
        }
        for (Conversation conversation : present) {
            lines(conversation, since).to(out);
        }
    }

    private JsonBytes lines(Conversation conversation, long since) {
        JsonBytes lines = new JsonBytes(2_000);
        account.lock.lock();
        try {
            for (Post post : conversation.removed ? List.<Post>of() : account.posts(conversation)) {
                if (posts.message(post) && posts.hasId(post) && posts.since(post, since)) {
                    lines.whole(Json.write(posts.row(post))).raw("\n");
                }
            }
        } finally {
            account.lock.unlock();
        }
        return lines;
    }
}

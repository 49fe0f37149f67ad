package host;

import dev.backfill.Batch;
import dev.backfill.Sink;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** A sink of the host. */
public final class Titles implements Sink<Post> {

    private final Map<Integer, String> titles = new ConcurrentSkipListMap<>();

    @Override
    public void write(Batch<Post> batch) {
        batch.forEach(post -> titles.put(post.id(), post.title()));
    }

    /** What has arrived. */
    public Map<Integer, String> all() {
        return titles;
    }
}

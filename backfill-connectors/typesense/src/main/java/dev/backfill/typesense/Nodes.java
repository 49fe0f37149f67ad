package dev.backfill.typesense;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import dev.backfill.http.Http;
import dev.backfill.http.HttpException;
import dev.backfill.http.UnsentException;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** The nodes of a cluster, of which one is asked at a time. Safe for several threads. */
final class Nodes {

    /** How long a node that has failed is left alone. */
    private static final long REST = Duration.ofMinutes(1).toNanos();

    private static final Duration HEALTH = Duration.ofSeconds(5);

    private final List<Http> nodes = new ArrayList<>();
    private final Time time;

    /** The node that answered last. */
    private final AtomicInteger first = new AtomicInteger();

    /** Until when a node is left alone, by {@link #time}; 0 for one that is well. */
    private final AtomicLongArray rests;

    Nodes(Secret key, List<String> addresses, Optional<RateLimiter> limiter, boolean plain) {
        for (String address : addresses) {
            Http http = Http.to(address).header("X-TYPESENSE-API-KEY", key).failing(Nodes::meaning);
            http = limiter.isPresent() ? http.limitedBy(limiter.get()) : http;
            nodes.add(plain ? http.allowPlainHttp() : http);
        }
        this.time = Ports.current().time();
        this.rests = new AtomicLongArray(nodes.size());
    }

    /** A node has said that it has not done what it was asked, and another may be able to. */
    static final class Unready extends TransientException {
        private static final long serialVersionUID = 1;

        Unready(TransientException answer) {
            super(String.valueOf(answer.getMessage()), answer);
        }
    }

    /** The server has run out of something that does not come back by itself. */
    static boolean exhausted(String said) {
        return said.contains("running out of resource") || said.contains("Skipping writes");
    }

    private static RuntimeException meaning(HttpException answer) {
        String said = String.valueOf(answer.getMessage());
        return switch (answer.status()) {
            case 503 -> said.contains("Not Ready or Lagging") ? new Unready(answer.passing()) : answer.usual();
            case 404 ->
                said.contains("Not Found") || said.contains("Collection not found")
                        ? answer.advising("make the collection first, or name one that is there")
                        : answer;
            case 422 ->
                exhausted(said)
                        ? answer.advising("the server takes no writes until it has more room; then run the job again")
                        : answer;
            default -> answer.usual();
        };
    }

    /** A call to one node. */
    @FunctionalInterface
    interface Call<T> {
        T to(Http node) throws InterruptedException;
    }

    /**
     * Makes a call to the node that answered last. If that one cannot have done it, the next one is asked; if that is not known,
     * the call has failed, and the next call goes to another node.
     *
     * @throws TransientException if no node could be asked, or it is not known whether the call was done
     */
    <T> T call(Call<T> call) throws InterruptedException {
        TransientException failure = null;
        for (int at : order()) {
            try {
                T result = call.to(nodes.get(at));
                well(at);
                return result;
            } catch (Unready | UnsentException e) {
                rests.set(at, later());
                failure = e;
            } catch (TransientException e) {
                rests.set(at, later());
                throw e;
            }
        }
        throw failure == null ? new IllegalStateException("there is no node") : failure;
    }

    /** The nodes that are well, the one that answered last before the others; or all, if none is. */
    private List<Integer> order() throws InterruptedException {
        List<Integer> all = new ArrayList<>();
        List<Integer> well = new ArrayList<>();
        int begin = first.get();
        for (int i = 0; i < nodes.size(); i++) {
            int at = (begin + i) % nodes.size();
            all.add(at);
            if (nodes.size() > 1 && !resting(at)) {
                well.add(at);
            }
        }
        return well.isEmpty() ? all : well;
    }

    private void well(int at) {
        first.set(at);
        rests.set(at, 0);
    }

    private long later() {
        long until = time.nanos() + REST;
        return until == 0 ? 1 : until;
    }

    /** Whether the node is to be left alone; one that has rested must say that it is well. */
    private boolean resting(int at) throws InterruptedException {
        long until = rests.get(at);
        if (until == 0) {
            return false;
        }
        if (until - time.nanos() > 0) {
            return true;
        }
        if (healthy(nodes.get(at))) {
            rests.set(at, 0);
            return false;
        }
        rests.set(at, later());
        return true;
    }

    private static boolean healthy(Http node) throws InterruptedException {
        try {
            Map<?, ?> said = node.timeout(HEALTH).get("/health").as(Map.class);
            @Nullable Object ok = said.get("ok");
            return Boolean.TRUE.equals(ok);
        } catch (TransientException | HttpException e) {
            return false;
        }
    }

    Time time() {
        return time;
    }

    @Override
    public String toString() {
        return String.join(", ", nodes.stream().map(Http::origin).toList());
    }
}

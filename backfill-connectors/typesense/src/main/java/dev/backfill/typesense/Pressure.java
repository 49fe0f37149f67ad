package dev.backfill.typesense;

import dev.backfill.TransientException;
import dev.backfill.http.HttpException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Waits while the server has more writes before it than it can soon do.
 *
 * <p>Typesense takes writes into a queue, and at 500 of them stops answering anybody who writes, the live application included. How long the
 * queue is stands in {@code /stats.json}. A server that does not tell is not asked again, and then only its refusals slow a job down.
 */
final class Pressure {

    /** Far below the 500 at which the server refuses writes. */
    private static final long MOST_PENDING = 100;

    private static final long LOOK_EVERY = Duration.ofMillis(500).toNanos();
    private static final long SHORTEST = Duration.ofMillis(100).toNanos();
    private static final long LONGEST = Duration.ofSeconds(5).toNanos();

    /** After which the runner is told, which shows why it waits and bounds it. */
    private static final long PATIENCE = Duration.ofMinutes(2).toNanos();

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final Nodes nodes;
    private final AtomicLong looked = new AtomicLong(Long.MIN_VALUE);
    private volatile boolean silent;

    Pressure(Nodes nodes) {
        this.nodes = nodes;
    }

    /** Returns when the queue is short, as far as can be known. */
    void await() throws InterruptedException {
        long now = nodes.time().nanos();
        long before = looked.get();
        if (silent || (before != Long.MIN_VALUE && now - before < LOOK_EVERY)) {
            return;
        }
        looked.set(now);
        long wait = SHORTEST;
        for (long pending = pending(); pending > MOST_PENDING; pending = pending()) {
            if (nodes.time().nanos() - now > PATIENCE) {
                throw new TransientException("Typesense has " + pending + " writes before it, and so for minutes");
            }
            nodes.time().sleep(wait);
            wait = Math.min(LONGEST, 2 * wait);
        }
    }

    private long pending() throws InterruptedException {
        try {
            Map<?, ?> stats =
                    nodes.call(node -> node.timeout(TIMEOUT).get("/stats.json").as(Map.class));
            return stats.get("pending_write_batches") instanceof Number pending ? pending.longValue() : 0;
        } catch (HttpException e) {
            // the key may not ask, or there is no such thing; what cannot be read may be a proxy's, and is no last word
            silent = e.status() != 200;
            return 0;
        } catch (TransientException e) {
            return 0; // the import will tell
        }
    }
}

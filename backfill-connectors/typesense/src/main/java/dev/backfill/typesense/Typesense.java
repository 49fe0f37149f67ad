package dev.backfill.typesense;

import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Typesense server or cluster, whose collections are sinks and sources.
 *
 * <pre>{@code
 * Documents products = Typesense.connect(key, "https://search.example.com").collection("products");
 * products.ensure("created_at", "int64");
 * Backfill.named("search")
 *     .from(db.table("products").rows(Product.class, 8))
 *     .into(products.upsert())
 *     …
 * }</pre>
 *
 * <p>With several nodes, a call goes to the one that answered last; a node that cannot be reached or is not ready is left alone for a
 * minute, and the next one is asked.
 *
 * <p>An immutable value: each setting gives another. Safe for several threads.
 *
 * <p>Written from the published API description and from what clients have seen; tested against a simulator, not against a real server.
 */
public final class Typesense {

    private final Secret key;
    private final List<String> addresses;
    private final @Nullable RateLimiter limiter;
    private final boolean plain;
    private final Nodes nodes;

    private Typesense(Secret key, List<String> addresses, @Nullable RateLimiter limiter, boolean plain) {
        this.key = Objects.requireNonNull(key, "key");
        this.addresses = List.copyOf(addresses);
        this.limiter = limiter;
        this.plain = plain;
        this.nodes = new Nodes(key, this.addresses, Optional.ofNullable(limiter), plain);
    }

    /**
     * A server, as yet without any call.
     *
     * @param key an API key that may do what the job needs: {@code documents:*} for the collection, and {@code collections:*} for its
     *     schema
     * @param node its address, such as {@code https://search.example.com} or {@code http://127.0.0.1:8108}
     * @param more the addresses of the other nodes of the same cluster
     * @throws IllegalArgumentException if one is no http or https address
     */
    public static Typesense connect(Secret key, String node, String... more) {
        List<String> addresses = new ArrayList<>();
        addresses.add(node);
        addresses.addAll(List.of(more));
        return new Typesense(key, addresses, null, false);
    }

    /** With a limiter that is asked before every call, for a server that has rules for its key. */
    public Typesense limitedBy(RateLimiter limiter) {
        return new Typesense(key, addresses, limiter, plain);
    }

    /** Without encryption, for nodes inside a network that you trust. This machine's own need no such leave. */
    public Typesense allowPlainHttp() {
        return new Typesense(key, addresses, limiter, true);
    }

    /** A collection, which must be there when a job begins; any name goes. */
    public Documents collection(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("the name of the collection is blank");
        }
        return new Documents(nodes, name);
    }

    @Override
    public String toString() {
        return nodes.toString();
    }
}

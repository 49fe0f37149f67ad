package dev.backfill.simulators;

import dev.backfill.Secret;
import dev.backfill.simulators.TypesenseCollection.Action;
import dev.backfill.simulators.TypesenseField.Dirty;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A stand-in of Typesense that runs inside this process: a cluster of one or more nodes with a collection of products made from a seed.
 *
 * <pre>{@code
 * try (TypesenseSimulator typesense = TypesenseSimulator.with().products(100_000).onlyHere(500).start(0)) {
 *     …  // typesense.url(), typesense.key()
 * }
 * }</pre>
 *
 * <p>The documents have {@code id}, {@code name} and {@code price}; {@code created_at} and {@code deleted_at} are not declared. It serves
 * collections and changes of their schema, documents one at a time, imports, exports, changes by filter, searches for {@code *}, health and
 * statistics. Three addresses are its own, neither limited nor logged. {@code /__truth} gives one JSON object a line for each document of
 * the first collection, or of another one ({@code ?collection=orders}), in the order of insertion, as it is at that moment: {@code id},
 * {@code created_at}, {@code deleted_at}, and what else it has in alphabetical order. {@code POST /__lag?seconds=60} has every call
 * refused for so long. {@code /__log} gives a line for each call to that node in the order of arrival: milliseconds since 1970, the
 * first sixteen hexadecimal digits of the key's SHA-256, the status (0 if the answer broke off, or is not sent yet), path and query, and
 * the method unless it is GET.
 *
 * <p>Its requests are served by threads of its own. Safe for any number of clients.
 */
public final class TypesenseSimulator implements AutoCloseable {

    private final TypesenseSettings settings;
    private final TypesenseStore store;
    private final List<Node> nodes = new ArrayList<>();

    TypesenseSimulator(TypesenseSettings settings, int port) throws IOException {
        this.settings = settings;
        store = new TypesenseStore(settings);
        try {
            for (int i = 0; i < settings.nodes; i++) {
                nodes.add(new Node(port == 0 ? 0 : port + i));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Settings to start from: 1,000 products and 20 documents more, one node, no faults, no limit, nobody else at work. */
    public static TypesenseSettings with() {
        return new TypesenseSettings();
    }

    /** One server of the cluster; all have the same data. */
    public final class Node {

        private final TypesenseApi api;
        private final CallLog log = new CallLog();
        private volatile SimulatedServer server;
        private volatile boolean running = true;

        private Node(int port) throws IOException {
            api = new TypesenseApi(store, this::leads);
            server = serve(port);
        }

        private SimulatedServer serve(int port) throws IOException {
            Traffic plain = settings.traffic;
            Traffic traffic = new Traffic(
                    plain.latency(),
                    plain.jitter(),
                    plain.faults(),
                    plain.kinds(),
                    plain.slowness(),
                    plain.limits(),
                    settings.quirks.contains(TypesenseQuirk.GZIP));
            return new SimulatedServer(api, traffic, settings.seed, port, log);
        }

        private boolean leads() {
            return nodes.stream().filter(node -> node.running).findFirst().orElse(this) == this;
        }

        /** Where it listens, or did until it was stopped. */
        public URI url() {
            return server.url();
        }

        /** Ends this node and its connections; what was begun is done nevertheless. */
        public void stop() {
            if (running) {
                running = false;
                server.close();
            }
        }

        /**
         * Starts this node again, where it was.
         *
         * @throws IOException if the port is taken
         */
        public void start() throws IOException {
            if (!running) {
                server = serve(server.url().getPort());
                running = true;
            }
        }

        /** Whether it is ready; if not, it says so and refuses every call. */
        public void well(boolean well) {
            api.well = well;
        }
    }

    /** One of the nodes, from 0. */
    public Node node(int number) {
        return nodes.get(number);
    }

    /** Where the first node listens. */
    public URI url() {
        return nodes.get(0).url();
    }

    /** The key that it accepts. */
    public Secret key() {
        return settings.key;
    }

    /** The name of the first collection. */
    public String collection() {
        return settings.name;
    }

    /** From now on every call is refused for so long, with 503. */
    public void lag(Duration length) {
        store.lag(length);
    }

    /** There is room on the disk again, for ever. */
    public void makeRoom() {
        store.makeRoom();
    }

    /**
     * Somebody puts a document into the first collection, in the place of the one that was there.
     *
     * @throws IllegalArgumentException if it is refused, with the reason
     */
    public void put(String id, Map<String, ? extends @Nullable Object> document) {
        write(id, document, Action.UPSERT);
    }

    /**
     * Somebody changes fields of a document of the first collection; null takes a field away.
     *
     * @throws IllegalArgumentException if it is refused, with the reason
     */
    public void patch(String id, Map<String, ? extends @Nullable Object> fields) {
        write(id, fields, Action.UPDATE);
    }

    private void write(String id, Map<String, ? extends @Nullable Object> fields, Action action) {
        SortedMap<String, @Nullable Object> given = new TreeMap<>();
        fields.forEach((name, value) -> given.put(name, TypesenseJson.sorted(value)));
        given.put("id", id);
        try {
            store.main.write(given, action, Dirty.COERCE_OR_REJECT);
        } catch (TypesenseError e) {
            throw new IllegalArgumentException(e.words());
        }
    }

    /** Somebody deletes a document of the first collection; nothing happens if there is none. */
    public void delete(String id) {
        store.main.remove(id);
    }

    /** A document of the first collection as it is now, by the names of its fields in alphabetical order. */
    public Optional<Map<String, @Nullable Object>> document(String id) {
        return store.main.document(id).map(document -> document);
    }

    /** How many documents the first collection has. */
    public int count() {
        return store.main.count();
    }

    /** Ends all nodes and their connections. */
    @Override
    public void close() {
        nodes.forEach(Node::stop);
        store.close();
    }
}

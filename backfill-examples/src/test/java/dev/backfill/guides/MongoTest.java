package dev.backfill.guides;

import static org.assertj.core.api.Assertions.assertThat;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.mongodb.Mongo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The code of docs/connectors/mongodb.md, run on a stand-in of MongoDB. */
class MongoTest {

    record Item(int id, String name) {}

    private final MongoServer server = new MongoServer(new MemoryBackend().version(ServerVersion.MONGO_5_0));
    private final Map<Integer, Item> there = new ConcurrentHashMap<>();

    @BeforeEach
    void start() {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, 4);
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    private static Source<Item> items() {
        return from -> {
            int page = from.orElse(0);
            List<Item> items = IntStream.range(page * 10, page * 10 + 10)
                    .mapToObj(id -> new Item(id, "item " + id))
                    .toList();
            return page == 4 ? Page.last(items) : Page.of(items, page + 1);
        };
    }

    private static Report run(String uri, Source<Item> items, Sink<Item> table) {
        try (Mongo mongo = Mongo.connect(Secret.of("MONGO_URI", uri))) {
            Report report = Backfill.named("items")
                    .from(items)
                    .into(table)
                    .checkpoint(mongo.checkpoint("jobs", "progress"))
                    .run();
            return report;
        }
    }

    @Test
    void aSecondServerFindsTheProgressOfTheFirst() {
        String uri = server.getConnectionString();
        Sink<Item> table = batch -> batch.forEach(item -> there.put(item.id(), item));
        assertThat(run(uri, items(), table).counts().read()).isEqualTo(50);
        assertThat(there).hasSize(50);
        there.clear();
        Report again = run(uri, items(), table);
        assertThat(again.complete()).isTrue();
        assertThat(again.counts().read()).isEqualTo(50);
        assertThat(there).as("it is done, and not done again").isEmpty();
    }
}

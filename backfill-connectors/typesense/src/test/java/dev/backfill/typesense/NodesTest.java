package dev.backfill.typesense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Report;
import dev.backfill.TransientException;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.simulators.TypesenseSimulator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A cluster serves while one of its nodes does. */
class NodesTest {

    private static Documents cluster(Server server) throws Exception {
        return server.bound(() -> Typesense.connect(
                        server.simulator.key(),
                        server.simulator.node(0).url().toString(),
                        server.simulator.node(1).url().toString(),
                        server.simulator.node(2).url().toString())
                .collection(Server.COLLECTION));
    }

    private static long count(Server server, Documents documents) throws Exception {
        return server.bound(documents::count);
    }

    private static List<Map<String, Object>> updates() {
        return IntStream.rangeClosed(1, 3_000)
                .mapToObj(i -> Map.<String, Object>of("id", "" + i, "name", "changed"))
                .toList();
    }

    private static void checkAll(Server server) {
        for (int i = 1; i <= 3_000; i++) {
            assertThat(server.simulator.document("" + i).orElseThrow()).containsEntry("name", "changed");
        }
    }

    @Test
    void theNextNodeIsAskedWhenOneIsDown() throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(3_000).onlyHere(0).nodes(3))) {
            server.simulator.node(0).stop();
            Report report = server.run(updates(), cluster(server).update(), new MemoryCheckpoint());
            assertThat(report.deadLetters()).isZero();
            checkAll(server);
        }
    }

    @Test
    void theNextNodeIsAskedWhenOneIsNotReady() throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(3_000).onlyHere(0).nodes(3))) {
            server.simulator.node(0).well(false);
            server.simulator.node(1).well(false);
            Documents documents = cluster(server);
            server.run(updates(), documents.update(), new MemoryCheckpoint());
            checkAll(server);
            assertThat(count(server, documents)).isEqualTo(3_000);
        }
    }

    @Test
    void aNodeThatIsWellAgainServesWhenAnotherFails() throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(10).onlyHere(0).nodes(3))) {
            Documents documents = cluster(server);
            server.simulator.node(0).stop();
            assertThat(count(server, documents)).isEqualTo(10);
            server.simulator.node(0).start();
            server.simulator.node(1).stop();
            server.simulator.node(2).stop();
            server.bound(() -> {
                server.time.pass(Duration.ofMinutes(2));
                return true;
            });
            assertThat(count(server, documents)).isEqualTo(10);
        }
    }

    @Test
    void withoutAnyNodeTheCallMayPassLater() throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(10).onlyHere(0).nodes(3))) {
            Documents documents = cluster(server);
            for (int i = 0; i < 3; i++) {
                server.simulator.node(i).stop();
            }
            assertThatThrownBy(() -> server.bound(documents::count)).isInstanceOf(TransientException.class);
            server.simulator.node(2).start();
            assertThat(count(server, documents)).isEqualTo(10);
        }
    }
}

package dev.backfill.typesense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.simulators.TypesenseSimulator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A collection is read by searching for everything. */
class SearchPagesTest {

    @Test
    void givesEveryDocument() throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(1_000).onlyHere(10))) {
            List<Map<String, Object>> all =
                    server.bound(() -> Server.all(server.documents().pages()));
            assertThat(all)
                    .extracting(one -> String.valueOf(one.get("id")))
                    .containsExactlyInAnyOrderElementsOf(server.truth().keySet());
        }
    }

    @Test
    void neverEndsSilentlyWhereTheServerStops() throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(2_000).onlyHere(0).limitHits(1_000))) {
            assertThatThrownBy(() ->
                            server.bound(() -> Server.all(server.documents().pages())))
                    .hasMessageContaining("only 1000 of the 2000")
                    .hasMessageContaining("export(file)");
        }
    }

    @Test
    void losesNoStableDocumentWhenOthersComeAndGo() throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(3_000).onlyHere(0))) {
            Set<String> stable = new HashSet<>(server.truth().keySet());
            Set<String> seen = new HashSet<>();
            Cursor at = Cursor.START;
            int round = 0;
            while (true) {
                Cursor from = at;
                Page<Map<String, Object>> page =
                        server.bound(() -> server.documents().pages().read(from));
                page.items().forEach(one -> seen.add(String.valueOf(one.get("id"))));
                if (page.next().isEmpty()) {
                    break;
                }
                at = Cursor.parse(page.next().get().json());
                for (int i = 0; i < 7; i++) { // newest first: these have been read, and all others move up
                    String gone = "" + (3_000 - 10 * round - i);
                    server.simulator.delete(gone);
                    stable.remove(gone);
                }
                server.simulator.put("new-" + round, Map.of("name", "n", "price", 1.0));
                round++;
            }
            assertThat(round).isGreaterThan(8);
            assertThat(seen).containsAll(stable);
        }
    }

    @Test
    void refusesACollectionWhoseOrderMoves() throws Exception {
        try (Server server =
                new Server(TypesenseSimulator.with().products(10).onlyHere(0).sortedByPrice())) {
            assertThatThrownBy(() ->
                            server.bound(() -> Server.all(server.documents().pages())))
                    .hasMessageContaining("sorted by price");
        }
    }

    @Test
    void givesTheFieldsAndDocumentsThatAreAskedFor() throws Exception {
        try (Server server = new Server(TypesenseSimulator.with().products(600).onlyHere(0))) {
            List<Map<String, Object>> some = server.bound(
                    () -> Server.all(server.documents().pages().fields("name").where(Filter.in("id", "7", "8"))));
            assertThat(some).hasSize(2).allSatisfy(one -> assertThat(one).containsOnlyKeys("id", "name"));
        }
    }
}

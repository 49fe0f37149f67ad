package dev.backfill.typesense;

import dev.backfill.Sink;
import dev.backfill.simulators.TypesenseSimulator;
import dev.backfill.testkit.SinkContract;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What every sink must do. */
class DocumentsContractTest extends SinkContract<Object> {

    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = new Server(TypesenseSimulator.with().products(0).onlyHere(0).emptyCollection("things", "name:string"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    protected Sink<Object> sink() throws Exception {
        return server.documents("things").upsert();
    }

    @Override
    protected Object content() throws Exception {
        Map<String, Object> content = new TreeMap<>();
        server.bound(() -> Server.all(server.documents("things").pages()))
                .forEach(one -> content.put(String.valueOf(one.get("id")), one));
        return content;
    }

    @Override
    protected Object record(int number, int version) {
        return saying(number, "thing " + number + "." + version);
    }

    @Override
    protected Object saying(int number, String text) {
        return Map.of("id", "" + number, "name", text);
    }

    @Override
    protected Object bad() {
        return Map.of("id", "bad", "name", List.of(1, 2));
    }

    @Override
    protected Sink<Object> broken() throws Exception {
        return server.bound(() -> Typesense.connect(server.simulator.key(), "http://127.0.0.1:1")
                .collection("things")
                .upsert());
    }

    @Override
    protected List<String> secrets() {
        return List.of(server.simulator.key().reveal());
    }
}

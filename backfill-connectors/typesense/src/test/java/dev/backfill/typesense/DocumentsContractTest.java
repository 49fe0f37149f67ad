package dev.backfill.typesense;

import dev.backfill.Sink;
import dev.backfill.simulators.TypesenseSimulator;
import dev.backfill.testkit.SinkContract;
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
    protected Object record(int number) {
        return Map.of("id", "" + number, "name", "thing " + number);
    }

    @Override
    protected Object changed(int number) {
        return Map.of("id", "" + number, "name", "changed " + number);
    }
}

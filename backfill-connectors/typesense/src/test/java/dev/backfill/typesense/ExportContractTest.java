package dev.backfill.typesense;

import dev.backfill.Source;
import dev.backfill.simulators.TypesenseSimulator;
import dev.backfill.testkit.SourceContract;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What every source must do. */
class ExportContractTest extends SourceContract<ExportContractTest.Product> {

    record Product(String id, String name) {}

    @TempDir
    private Path folder;

    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = new Server(TypesenseSimulator.with().products(3_500).onlyHere(20));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    protected Source<Product> source() throws Exception {
        return server.bound(() -> server.documents()
                .export(folder.resolve("spool"), Product.class)
                .fields("name"));
    }

    @Override
    protected Source<Product> broken() throws Exception {
        return server.bound(() -> Typesense.connect(server.simulator.key(), "http://127.0.0.1:1")
                .collection(Server.COLLECTION)
                .export(folder.resolve("nothing"), Product.class)
                .fields("name"));
    }

    @Override
    protected List<String> secrets() {
        return List.of(server.simulator.key().reveal());
    }

    @Override
    protected List<Product> expected() throws Exception {
        return server.truth().values().stream()
                .map(one -> new Product(String.valueOf(one.get("id")), String.valueOf(one.get("name"))))
                .toList();
    }
}

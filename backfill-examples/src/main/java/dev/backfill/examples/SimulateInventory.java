package dev.backfill.examples;

import dev.backfill.simulators.TypesenseSimulator;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A PostgreSQL with products and a Typesense with their documents, in a process of their own. */
@Command(
        name = "inventory",
        description = {
            "A real PostgreSQL with the table products, and a simulated Typesense with their documents, for inventory-fields.",
            "Both begin anew each time; the database is in DIR/postgres."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class SimulateInventory implements Callable<Integer> {

    @Option(names = "--home", paramLabel = "DIR", description = "default: ${DEFAULT-VALUE}")
    Path home = Path.of("backfill-home");

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "of Typesense; 0 for any that is free (default: ${DEFAULT-VALUE})")
    int port = 0;

    @Option(
            names = "--database-port",
            paramLabel = "N",
            description = "of PostgreSQL; 0 for any that is free (default: ${DEFAULT-VALUE})")
    int databasePort = 0;

    @Option(names = "--products", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
    int products = 20_000;

    @Option(
            names = "--typesense-only",
            paramLabel = "N",
            description = "documents without a product (default: ${DEFAULT-VALUE})")
    int typesenseOnly = 500;

    @Option(names = "--collection", paramLabel = "NAME", description = "default: ${DEFAULT-VALUE}")
    String collection = "products_search";

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        if (products < 1 || typesenseOnly < 0) {
            throw new Exit.Wrong("--products must be 1 at least, and --typesense-only 0 at least");
        }
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(home.toAbsolutePath().resolve("postgres"))
                .setCleanDataDirectory(true)
                .setServerConfig("max_wal_size", "4GB");
        if (databasePort > 0) {
            builder.setPort(databasePort);
        }
        try (EmbeddedPostgres postgres = builder.start();
                TypesenseSimulator typesense = Simulate.started(
                        port,
                        TypesenseSimulator.with()
                                .collection(collection)
                                .products(products)
                                .onlyHere(typesenseOnly)::start)) {
            fill(postgres, products);
            System.out.println("DATABASE=jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres");
            System.out.println("TYPESENSE=" + typesense.url());
            System.out.println("TYPESENSE_API_KEY=" + typesense.key().reveal()); // made up, so it is no secret
            System.out.println("ready");
            new CountDownLatch(1).await(); // until a signal
            return Exit.COMPLETE;
        }
    }

    /** One product in fifty is deleted. */
    static void fill(EmbeddedPostgres postgres, int products) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CREATE TABLE products (id bigint PRIMARY KEY, name text NOT NULL, price numeric(10, 2),"
                    + " created_at timestamptz, deleted_at bigint)");
            statement.execute("INSERT INTO products SELECT i, 'Product ' || i, (i % 10000) / 100.0,"
                    + " timestamptz '2020-01-01 00:00:00Z' + i * interval '40 seconds',"
                    + " CASE WHEN i % 50 = 0 THEN 1700000000 + i ELSE NULL END FROM generate_series(1, " + products
                    + ") AS i");
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute("VACUUM ANALYZE products");
        }
    }
}

package dev.backfill.examples;

import dev.backfill.BackfillException;
import dev.backfill.Secret;
import dev.backfill.jdbc.Db;
import dev.backfill.typesense.Documents;
import dev.backfill.typesense.Typesense;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The database and the Typesense of the inventory job: the real ones, or ones that are started in a process of their own. */
record InventorySystems(Db db, Typesense typesense, Documents documents, Optional<StartedInventory> own)
        implements AutoCloseable {

    private static final String DEFAULT_PORT = "5432";

    static InventorySystems open(
            JobOptions options,
            Environment environment,
            @Nullable String typesenseUrl,
            String collection,
            int products,
            int typesenseOnly)
            throws InterruptedException {
        boolean database = options.database != null || environment.has("DB_HOST");
        boolean search = typesenseUrl != null || environment.has("TYPESENSE_HOST");
        if (database != search) {
            throw new Exit.Wrong(
                    database
                            ? "the database is given but no Typesense: give --typesense-url or TYPESENSE_HOST too"
                            : "Typesense is given but no database: give --database or DB_HOST too");
        }
        if (options.url != null) {
            throw new Exit.Wrong(
                    "inventory-fields has two systems: give --database and --typesense-url instead of --url");
        }
        if (!database) {
            return startedIn(options, collection, products, typesenseOnly);
        }
        Secret key = environment.secret("TYPESENSE_API_KEY");
        Typesense typesense;
        try {
            typesense = typesense(key, typesenseUrl == null ? address(environment) : typesenseUrl);
            if (typesenseUrl == null
                    && environment
                            .value("TYPESENSE_PROTOCOL")
                            .filter("http"::equals)
                            .isPresent()) {
                typesense = typesense.allowPlainHttp(); // said in so many words
            }
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong((typesenseUrl == null ? "TYPESENSE_HOST: " : "--typesense-url: ") + Exit.message(e));
        }
        Db db = options.database != null ? Databases.open(options, environment) : database(environment);
        return new InventorySystems(db, typesense, typesense.collection(collection), Optional.empty());
    }

    /** The names of the script that this job replaces. */
    private static Db database(Environment environment) {
        String url = "jdbc:postgresql://" + wanted(environment, "DB_HOST") + ":"
                + environment.value("DB_PORT").orElse(DEFAULT_PORT) + "/" + wanted(environment, "DB_DATABASE");
        try {
            return Db.connect(url, wanted(environment, "DB_USER"), environment.secret("DB_PASSWORD"));
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong("DB_HOST, DB_PORT and DB_DATABASE: " + Exit.message(e));
        }
    }

    private static String wanted(Environment environment, String name) {
        return environment
                .value(name)
                .orElseThrow(() -> new Exit.Wrong(name + " is missing; set it beside DB_PASSWORD"));
    }

    private static String address(Environment environment) {
        String host = wanted(environment, "TYPESENSE_HOST");
        String protocol = environment.value("TYPESENSE_PROTOCOL").orElse("https");
        String standard = protocol.equals("https") ? "443" : "8108";
        return protocol + "://" + host + ":"
                + environment.value("TYPESENSE_PORT").orElse(standard);
    }

    private static Typesense typesense(Secret key, String urls) {
        String[] nodes = urls.split(",", -1);
        String[] more = new String[nodes.length - 1];
        System.arraycopy(nodes, 1, more, 0, more.length);
        return Typesense.connect(key, nodes[0], more);
    }

    private static InventorySystems startedIn(JobOptions options, String collection, int products, int typesenseOnly)
            throws InterruptedException {
        StartedInventory started;
        try {
            started = StartedInventory.in(options.home.toAbsolutePath(), collection, products, typesenseOnly);
        } catch (IOException e) {
            throw new BackfillException("cannot start a database and a simulated Typesense: " + Exit.message(e), e);
        }
        Map<String, String> said = started.said();
        Db db = Db.connect(
                said.getOrDefault("DATABASE", ""), "postgres", Secret.of("DATABASE_PASSWORD", "not-asked-for"));
        Typesense typesense = typesense(
                Secret.of("TYPESENSE_API_KEY", said.get("TYPESENSE_API_KEY")), said.getOrDefault("TYPESENSE", ""));
        return new InventorySystems(db, typesense, typesense.collection(collection), Optional.of(started));
    }

    @Override
    public void close() {
        db.close();
    }
}

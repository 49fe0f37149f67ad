package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.SlotLimiter;
import dev.backfill.jdbc.Table;
import dev.backfill.typesense.Documents;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Supabase and Typesense: gives each product created_at and deleted_at in both, and those documents zeros that have no product. */
@Command(
        name = "inventory-fields",
        description = {
            "Supabase and Typesense: fills deleted_at of the products, and created_at and deleted_at of their documents;",
            "documents without a product get zeros. DB_HOST, DB_DATABASE, DB_USER, DB_PASSWORD and DB_PORT, and",
            "TYPESENSE_HOST, TYPESENSE_PORT and TYPESENSE_API_KEY are taken from the environment; without them, a",
            "PostgreSQL and a simulated Typesense are started. MONGO_URI keeps progress in MongoDB."
        },
        footer = {
            "",
            "Exit codes: 0 complete, 1 failed, 2 wrong usage, 3 partial or dead letters,",
            "4 another runner is at work or the job was defined anew, 130 or 143 stopped by a signal."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
public final class InventoryFields implements Callable<Integer> {

    private static final String TABLE = "products";
    private static final int MOST_SLEEP = 3_600;

    /** Products without a document are dead letters; a catalogue has some of them, but not this many. */
    private static final long MOST_REFUSED = 100_000;

    private static final double REFUSED_SHARE = 0.2;

    @Mixin
    private JobOptions options = new JobOptions();

    @Option(
            names = "--typesense-url",
            paramLabel = "URL",
            description =
                    "Typesense elsewhere, with TYPESENSE_API_KEY from the environment; of a cluster, several with commas")
    @Nullable
    private String typesenseUrl;

    @Option(names = "--collection", paramLabel = "NAME", description = "in Typesense (default: ${DEFAULT-VALUE})")
    private String collection = "products_search";

    @Option(
            names = "--products",
            paramLabel = "N",
            description = "products of the systems that are started (default: ${DEFAULT-VALUE})")
    private int products = 20_000;

    @Option(
            names = "--typesense-only",
            paramLabel = "N",
            description = "documents without a product in the systems that are started (default: ${DEFAULT-VALUE})")
    private int typesenseOnly = 500;

    @Option(names = "--keep", description = "leaves the systems that were started running at the end")
    private boolean keep;

    private final LongAdder again = new LongAdder();
    private final Shares shares = new Shares();

    private InventoryFields() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(Main.run(new InventoryFields(), arguments));
    }

    /** A row of the table. */
    record Product(
            long id, @Nullable Instant createdAt, @Nullable Long deletedAt) {}

    @Override
    public Integer call() throws Exception {
        Environment environment = Environment.of(options.envFile);
        int batch = number(environment, "BATCH_SIZE", 1_000, 100_000);
        int sleep = number(environment, "SLEEP_BETWEEN_BATCHES", 0, MOST_SLEEP);
        if (environment.has("TYPESENSE_PAGE_SIZE")) {
            say("TYPESENSE_PAGE_SIZE is not needed: the documents are exported at once, and not read in pages");
        }
        options.prepare();
        if (options.supabaseUrl != null) {
            throw new Exit.Wrong("inventory-fields reads a database: give --database instead of --supabase-url");
        }
        try (InventorySystems systems =
                InventorySystems.open(options, environment, typesenseUrl, collection, products, typesenseOnly)) {
            say("the table " + TABLE + " in " + systems.db() + " and the collection " + collection + " in "
                    + systems.typesense());
            int code = Exit.FAILED;
            try {
                if (systems.own().isPresent() && systems.own().get().fresh() && !options.dryRun && !options.replay) {
                    options.startOver = true; // what an earlier run has done is not in systems that are new
                }
                Documents documents = systems.documents();
                if (!options.dryRun) {
                    say("making sure that the collection has created_at and deleted_at");
                    documents.ensure("created_at", "int64").ensure("deleted_at", "int64");
                }
                int size = options.batch == null ? batch : options.batch;
                code = run(systems, environment, documents, size, Duration.ofSeconds(sleep));
                return code;
            } finally {
                if (systems.own().isPresent()) {
                    end(systems.own().get(), code);
                }
            }
        }
    }

    /** The documents are gone with the process that simulates them, so a job that may go on finds it running. */
    private void end(StartedInventory started, int code) throws Exception {
        boolean real = !options.dryRun && !options.replay;
        if (real && code == Exit.COMPLETE && !options.quiet) {
            System.out.println(started.check(collection));
        }
        if (!keep && (real ? code == Exit.COMPLETE : started.fresh())) {
            started.end();
        } else {
            System.err.println("inventory-fields: " + started.left());
        }
    }

    private int run(InventorySystems systems, Environment environment, Documents documents, int batch, Duration sleep)
            throws InterruptedException {
        Table table = systems.db().table(TABLE);
        Path spool = options.home.toAbsolutePath().resolve("typesense-export.jsonl");

        Sink<Product> database = table.update("id")
                .fillNulls()
                .mapping((Product product) -> Map.of("id", product.id(), "deleted_at", 0L));
        Sink<Product> search = documents
                .update()
                .rereading(sent -> shares.in("looking again", () -> changed(table, sent)))
                .mapping(this::document);
        Optional<SlotLimiter> pace = sleep.isZero() ? Optional.empty() : Optional.of(RateLimiter.of(1, sleep));
        try (Checkpoints checkpoints = Checkpoints.of(options, environment, systems.db(), place(environment))) {
            Checkpoint checkpoint = checkpoints.checkpoint();
            Backfill job = Backfill.named("inventory-fields")
                    .phase("products")
                    .from(shares.reading("reading products", table.rows(Product.class, options.parallel)))
                    .batches(found -> paced(found, pace))
                    .into(Sink.inOrder(
                            shares.writing("writing to PostgreSQL", database),
                            shares.writing("writing to Typesense", search)))
                    .phase("only in Typesense")
                    .from(shares.reading("exporting", documents.export(spool).fields("created_at", "deleted_at")))
                    .batches(found -> paced(found, pace))
                    .filter(document -> document.get("created_at") == null || document.get("deleted_at") == null)
                    .batches(found ->
                            shares.in("looking products up", () -> table.absent(found, document -> document.get("id"))))
                    .map(InventoryFields::zeros)
                    .into(shares.writing("writing zeros", documents.update().rereading(sent -> changed(table, sent))))
                    .tolerate(MOST_REFUSED, REFUSED_SHARE)
                    .batch(batch)
                    .checkpoint(checkpoint);
            return new JobRun(
                            job,
                            "inventory-fields",
                            options,
                            new Summary.Nouns("parts", "records", "written"),
                            Optional.empty(),
                            null)
                    .run(this::counted);
        }
    }

    /** Lets a page pass when enough time has gone by since the one before. */
    private static <T> List<T> paced(List<T> page, Optional<SlotLimiter> pace) throws InterruptedException {
        if (pace.isPresent()) {
            pace.get().acquire().close();
        }
        return page;
    }

    /** What Typesense is to hold of a product. One that was made nobody knows when was made at 0. */
    private Map<String, Object> document(Product product) {
        return Map.of(
                "id",
                String.valueOf(product.id()),
                "created_at",
                product.createdAt() == null ? 0L : product.createdAt().getEpochSecond(),
                "deleted_at",
                product.deletedAt() == null ? 0L : product.deletedAt());
    }

    /** Only what the document lacks. */
    private static Map<String, Object> zeros(Map<String, Object> document) {
        Map<String, Object> zeros = new HashMap<>();
        zeros.put("id", String.valueOf(document.get("id")));
        for (String field : List.of("created_at", "deleted_at")) {
            if (document.get(field) == null) {
                zeros.put(field, 0L);
            }
        }
        return zeros;
    }

    /** Those of these documents whose product is another by now, as it is by now. */
    private List<Object> changed(Table table, List<Object> sent) {
        Map<Object, Object> before = new HashMap<>();
        for (Object one : sent) {
            before.put(((Map<?, ?>) one).get("id"), one);
        }
        List<Object> changed = table.find(Product.class, before.keySet()).stream()
                .map(this::document)
                .filter(now -> !now.equals(before.get(now.get("id"))))
                .map(now -> (Object) now)
                .toList();
        again.add(changed.size());
        return changed;
    }

    /** MongoDB when it is named, as the script that this job replaces had it. */
    private static JobOptions.Place place(Environment environment) {
        return environment.value("MONGO_URI").isPresent() ? JobOptions.Place.MONGODB : JobOptions.Place.FILE;
    }

    private String counted(Report report) {
        return "sent again     " + Text.count(again.sum())
                + " documents whose product had changed while they were sent\n" + shares.lines(report);
    }

    private void say(String text) {
        if (!options.quiet) {
            System.out.println("inventory-fields: " + text);
        }
    }

    /** A number that the environment may set, as the script that this job replaces had it. */
    private static int number(Environment environment, String name, int standard, int most) {
        String given = environment.value(name).orElse("" + standard).strip();
        try {
            double number = Double.parseDouble(given);
            int least = standard == 0 ? 0 : 1;
            if (number >= least && number <= most) {
                return (int) Math.ceil(number);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new Exit.Wrong(name + " must be a number up to " + most + ", not " + given);
    }
}

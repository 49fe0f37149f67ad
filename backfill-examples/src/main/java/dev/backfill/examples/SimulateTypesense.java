package dev.backfill.examples;

import dev.backfill.simulators.TypesenseQuirk;
import dev.backfill.simulators.TypesenseSettings;
import dev.backfill.simulators.TypesenseSimulator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A Typesense that is simulated in a process of its own. */
@Command(
        name = "typesense",
        description = {
            "Typesense with one collection of products. /__truth gives what is in it, /__log every call, and",
            "POST /__lag?seconds=60 has every call refused for a minute.",
            "The key is taken from TYPESENSE_API_KEY if that is set."
        },
        usageHelpAutoWidth = true)
final class SimulateTypesense implements Callable<Integer> {

    @Mixin
    SimulatorOptions server = new SimulatorOptions();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    boolean help = false;

    @Option(names = "--products", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
    int products = 20_000;

    @Option(
            names = "--only-here",
            paramLabel = "N",
            description = "documents of which nothing else knows (default: ${DEFAULT-VALUE})")
    int onlyHere = 300;

    @Option(names = "--collection", paramLabel = "NAME", description = "default: ${DEFAULT-VALUE}")
    String collection = "products_search";

    @Option(names = "--version", paramLabel = "N.N", description = "as 27.1, 28.0 or 30.2 (default: ${DEFAULT-VALUE})")
    String version = "30.2";

    @Option(
            names = "--limit-hits",
            paramLabel = "N",
            description = "hits that a search gives at most (default: 1000000; any number before version 28)")
    @Nullable
    Long limitHits;

    @Option(
            names = "--writes-per-second",
            paramLabel = "N",
            description = "documents that are written in a second (default: as many as can be)")
    int writesPerSecond = 0;

    @Option(
            names = "--schema-change",
            paramLabel = "TIME",
            converter = Text.Time.class,
            description = "for which a change of the schema blocks all writes (default: 0)")
    Duration schemaChange = Duration.ZERO;

    @Option(
            names = "--lag",
            paramLabel = "TIME",
            converter = Text.Time.class,
            description = "after the start, for which every call is refused (default: 0)")
    Duration lag = Duration.ZERO;

    @Option(
            names = "--refused-lines",
            paramLabel = "PERCENT",
            description = "documents that imports refuse, always the same (default: 0)")
    double refusedLines = 0;

    @Option(
            names = "--lost-answers",
            paramLabel = "PERCENT",
            description = "imports that are done and not answered (default: 0)")
    double lostAnswers = 0;

    @Option(
            names = "--cut-answers",
            paramLabel = "PERCENT",
            description = "imports that are done and answered in part (default: 0)")
    double cutAnswers = 0;

    @Option(
            names = "--cut-exports",
            paramLabel = "N",
            description = "first exports that end in the middle (default: 0)")
    int cutExports = 0;

    @Option(
            names = "--quirk",
            paramLabel = "NAME",
            description = "something it does besides, may be repeated: ${COMPLETION-CANDIDATES}")
    List<TypesenseQuirk> quirks = List.of();

    @Override
    public Integer call() throws InterruptedException, IOException {
        Environment environment = Environment.of(server.envFile);
        TypesenseSettings settings = settings();
        boolean own = environment.has("TYPESENSE_API_KEY");
        if (own) {
            settings = settings.key(environment.secret("TYPESENSE_API_KEY"));
        }
        try (TypesenseSimulator typesense = Simulate.started(server.port, settings::start)) {
            System.out.println("simulated Typesense at " + typesense.url());
            if (!own) { // made up, so it is no secret
                System.out.println("TYPESENSE_API_KEY=" + typesense.key().reveal());
            }
            new CountDownLatch(1).await(); // until a signal
            return Exit.COMPLETE;
        }
    }

    private TypesenseSettings settings() {
        try {
            TypesenseSettings settings = TypesenseSimulator.with()
                    .products(products)
                    .onlyHere(onlyHere)
                    .collection(collection)
                    .seed(server.seed)
                    .version(version)
                    .writesPerSecond(writesPerSecond)
                    .schemaChangeTakes(schemaChange)
                    .lagging(lag)
                    .refusedLines(refusedLines)
                    .lostAnswers(lostAnswers)
                    .cutAnswers(cutAnswers)
                    .cutExports(cutExports)
                    .latency(server.latency, server.jitter)
                    .faults(server.faults)
                    .and(quirks.toArray(TypesenseQuirk[]::new));
            return limitHits == null ? settings : settings.limitHits(limitHits);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
    }
}

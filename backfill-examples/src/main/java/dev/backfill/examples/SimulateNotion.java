package dev.backfill.examples;

import dev.backfill.simulators.NotionChange;
import dev.backfill.simulators.NotionQuirk;
import dev.backfill.simulators.NotionSettings;
import dev.backfill.simulators.NotionSimulator;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A Notion that is simulated in a process of its own. */
@Command(
        name = "notion",
        description = {
            "The Notion API with one database. /__truth gives what is in it, /__log every call.",
            "The token is taken from NOTION_TOKEN if that is set."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class SimulateNotion implements Callable<Integer> {

    @Mixin
    SimulatorOptions server = new SimulatorOptions();

    @Option(names = "--pages", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
    int pages = 33_700;

    @Option(names = "--imported", paramLabel = "N", description = "pages made in one minute (default: 0)")
    int imported = 0;

    @Option(
            names = "--cap",
            paramLabel = "N",
            description = "pages that a query gives at most (default: ${DEFAULT-VALUE})")
    int cap = 10_000;

    @Option(
            names = "--cursors-last",
            paramLabel = "N",
            description = "answers until a cursor is refused (default: for ever)")
    int cursorsLast = 0;

    @Option(
            names = "--people",
            paramLabel = "N",
            description = "changes that people make before each answer to a query (default: 0)")
    int people = 0;

    @Option(
            names = "--change",
            paramLabel = "KIND",
            description = "what people do, may be repeated: ${COMPLETION-CANDIDATES} (default: all)")
    List<NotionChange> changes = List.of();

    @Option(names = "--conflicts", paramLabel = "PERCENT", description = "edits answered 409 (default: 0)")
    double conflicts = 0;

    @Option(names = "--lost-writes", paramLabel = "PERCENT", description = "edits done, and answered 503 (default: 0)")
    double lostWrites = 0;

    @Option(
            names = "--limit",
            paramLabel = "LIMITS",
            converter = Text.Limits.class,
            description = "calls allowed for a token, as 180/1m (default: any number)")
    Text.@Nullable LimitList limit;

    @Option(
            names = "--quirk",
            paramLabel = "NAME",
            description = "something it does besides, may be repeated: ${COMPLETION-CANDIDATES}")
    List<NotionQuirk> quirks = List.of();

    @Override
    public Integer call() throws InterruptedException, IOException {
        Environment environment = Environment.of(server.envFile);
        NotionSettings settings = settings();
        boolean own = environment.has("NOTION_TOKEN");
        if (own) {
            settings = settings.token(environment.secret("NOTION_TOKEN"));
        }
        try (NotionSimulator notion = Simulate.started(server.port, settings::start)) {
            System.out.println("simulated Notion at " + notion.url());
            if (!own) { // made up, so it is no secret
                System.out.println("NOTION_TOKEN=" + notion.token().reveal());
            }
            System.out.println("NOTION_DATABASE_ID=" + notion.database());
            new CountDownLatch(1).await(); // until a signal
            return Exit.COMPLETE;
        }
    }

    private NotionSettings settings() {
        try {
            NotionSettings settings = NotionSimulator.with()
                    .pages(pages)
                    .seed(server.seed)
                    .imported(imported)
                    .cap(cap)
                    .cursorsLast(cursorsLast)
                    .people(people, changes.toArray(NotionChange[]::new))
                    .conflicts(conflicts)
                    .lostWrites(lostWrites)
                    .latency(server.latency, server.jitter)
                    .faults(server.faults)
                    .and(quirks.toArray(NotionQuirk[]::new));
            return limit == null ? settings : settings.limit(limit.array());
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
    }
}

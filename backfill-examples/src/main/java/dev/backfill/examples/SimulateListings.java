package dev.backfill.examples;

import dev.backfill.simulators.ListingsSettings;
import dev.backfill.simulators.ListingsSimulator;
import java.io.IOException;
import java.time.YearMonth;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A site of sold homes that is simulated in a process of its own. */
@Command(
        name = "listings",
        description = {
            "A web site with the homes that were sold, month by month, for sold-listings.",
            "/__truth gives all sales, /__log every call. It needs no credentials."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class SimulateListings implements Callable<Integer> {

    @Mixin
    SimulatorOptions server = new SimulatorOptions();

    @Option(
            names = "--listings",
            paramLabel = "N",
            description = "sales in a month, on average (default: ${DEFAULT-VALUE})")
    int listings = 800;

    @Option(
            names = "--start",
            paramLabel = "MONTH",
            converter = Text.Month.class,
            description = "the first month with sales (default: ${DEFAULT-VALUE})")
    YearMonth start = YearMonth.of(2020, 1);

    @Option(
            names = "--end",
            paramLabel = "MONTH",
            converter = Text.Month.class,
            description = "the last month with sales (default: ${DEFAULT-VALUE})")
    YearMonth end = YearMonth.of(2025, 11);

    @Option(names = "--page-size", paramLabel = "N", description = "sales on a page (default: ${DEFAULT-VALUE})")
    int pageSize = 50;

    @Option(
            names = "--challenge-every",
            paramLabel = "N",
            description =
                    "pages after which a client meets a challenge, on average; 0 for never (default: ${DEFAULT-VALUE})")
    int challengeEvery = 200;

    @Option(
            names = "--challenge-status",
            paramLabel = "N",
            description = "403, or 200 for a site that does not say it with the status (default: ${DEFAULT-VALUE})")
    int challengeStatus = 403;

    @Override
    public Integer call() throws InterruptedException, IOException {
        ListingsSettings settings = settings();
        try (ListingsSimulator site = Simulate.started(server.port, settings::start)) {
            System.out.println("simulated listings at " + site.url());
            new CountDownLatch(1).await(); // until a signal
            return Exit.COMPLETE;
        }
    }

    private ListingsSettings settings() {
        try {
            return ListingsSimulator.with()
                    .listings(listings)
                    .between(start, end)
                    .pageSize(pageSize)
                    .challengeEvery(challengeEvery)
                    .challengeStatus(challengeStatus)
                    .seed(server.seed)
                    .latency(server.latency, server.jitter)
                    .faults(server.faults);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
    }
}

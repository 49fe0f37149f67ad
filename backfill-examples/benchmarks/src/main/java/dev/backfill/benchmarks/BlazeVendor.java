package dev.backfill.benchmarks;

import dev.backfill.benchmarks.blaze.BlazeApi;
import dev.backfill.simulators.BlazeQuirk;
import dev.backfill.simulators.BlazeSettings;
import dev.backfill.simulators.BlazeSimulator;
import java.io.IOException;
import java.time.Duration;

/** A simulated Blaze in a process of its own. */
final class BlazeVendor {

    private BlazeVendor() {}

    /** Runs it, with transactions, and milliseconds of latency and of jitter. */
    public static void main(String[] arguments) throws IOException {
        try (BlazeSimulator blaze = settings(
                        Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]))
                .start(0)) {
            StandIn.listens(blaze.url());
        }
    }

    /** The last day of a window is not in it, so that windows that touch have no transaction twice, and all contenders do the same. */
    static BlazeSettings settings(int transactions, int latency, int jitter) {
        return BlazeSimulator.with()
                .transactions(transactions)
                .between(BlazeApi.FIRST, BlazeApi.END.minusDays(1))
                .and(BlazeQuirk.END_DATE_EXCLUSIVE)
                .latency(Duration.ofMillis(latency), Duration.ofMillis(jitter));
    }
}

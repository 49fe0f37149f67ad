package dev.backfill.examples;

import dev.backfill.simulators.BlazeQuirk;
import dev.backfill.simulators.BlazeSettings;
import dev.backfill.simulators.BlazeSimulator;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Vendors that are simulated in a process of their own, so that a job can be killed while the API lives on. */
@Command(
        name = "simulate",
        description = "Simulates an API in a process of its own, on 127.0.0.1.",
        subcommands = {
            Simulate.Blaze.class,
            SimulateNotion.class,
            SimulateGuesty.class,
            SimulateTypesense.class,
            SimulateListings.class,
            SimulateInventory.class
        },
        mixinStandardHelpOptions = true)
public final class Simulate implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Simulate() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(Main.run(new Simulate(), arguments));
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return Exit.COMPLETE;
    }

    @Command(
            name = "blaze",
            description = {
                "The Blaze partner API. /__truth gives what a perfect run must end with, /__log every call.",
                "Keys are taken from BLAZE_PARTNER_KEY and BLAZE_KEY if these are set."
            },
            mixinStandardHelpOptions = true,
            usageHelpAutoWidth = true)
    static final class Blaze implements Callable<Integer> {

        @Mixin
        SimulatorOptions server = new SimulatorOptions();

        @Option(names = "--transactions", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
        int transactions = 20_000;

        @Option(
                names = "--from",
                paramLabel = "DAY",
                converter = Text.Day.class,
                description = "default: ${DEFAULT-VALUE}")
        LocalDate from = LocalDate.of(2024, 1, 1);

        @Option(
                names = "--to",
                paramLabel = "DAY",
                converter = Text.Day.class,
                description = "default: ${DEFAULT-VALUE}")
        LocalDate to = LocalDate.of(2024, 12, 31);

        @Option(
                names = "--limit",
                paramLabel = "LIMITS",
                converter = Text.Limits.class,
                description = "calls allowed for a key, as 10000/5m (default: any number)")
        Text.@Nullable LimitList limit;

        @Option(
                names = "--bytes",
                paramLabel = "N",
                description = "size of a transaction at least (default: 0; real: 35000)")
        int bytes = 0;

        @Option(
                names = "--quirk",
                paramLabel = "NAME",
                description = "something it does besides, may be repeated: ${COMPLETION-CANDIDATES}")
        List<BlazeQuirk> quirks = List.of();

        @Override
        public Integer call() throws InterruptedException, IOException {
            Environment environment = Environment.of(server.envFile);
            BlazeSettings settings = settings();
            boolean own = environment.has("BLAZE_PARTNER_KEY") || environment.has("BLAZE_KEY");
            if (own) {
                settings = settings.keys(environment.secret("BLAZE_PARTNER_KEY"), environment.secret("BLAZE_KEY"));
            }
            try (BlazeSimulator blaze = started(server.port, settings::start)) {
                System.out.println("simulated Blaze at " + blaze.url());
                if (!own) { // made up, so they are no secrets
                    System.out.println("BLAZE_PARTNER_KEY=" + blaze.partnerKey().reveal());
                    System.out.println("BLAZE_KEY=" + blaze.dispensaryKey().reveal());
                }
                new CountDownLatch(1).await(); // until a signal
                return Exit.COMPLETE;
            }
        }

        private BlazeSettings settings() {
            try {
                BlazeSettings settings = BlazeSimulator.with()
                        .transactions(transactions)
                        .seed(server.seed)
                        .between(from, to)
                        .latency(server.latency, server.jitter)
                        .faults(server.faults)
                        .bytesPerTransaction(bytes)
                        .and(quirks.toArray(BlazeQuirk[]::new));
                return limit == null ? settings : settings.limit(limit.array());
            } catch (IllegalArgumentException e) {
                throw new Exit.Wrong(Exit.message(e));
            }
        }
    }

    /** Starts a server of any kind. */
    @FunctionalInterface
    interface Starting<S> {
        S at(int port) throws IOException;
    }

    static <S> S started(int port, Starting<S> starting) throws IOException {
        if (port < 0 || port > 65_535) {
            throw new Exit.Wrong("--port must be from 0 to 65535, not " + port);
        }
        try {
            return starting.at(port);
        } catch (java.net.BindException e) {
            throw new IOException("port " + port + " is taken; name another one with --port, or 0 for any", e);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
    }
}

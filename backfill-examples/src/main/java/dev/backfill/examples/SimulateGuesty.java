package dev.backfill.examples;

import dev.backfill.simulators.GuestyChange;
import dev.backfill.simulators.GuestyQuirk;
import dev.backfill.simulators.GuestySettings;
import dev.backfill.simulators.GuestySimulator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A Guesty that is simulated in a process of its own. */
@Command(
        name = "guesty",
        description = {
            "The Guesty Open API with one account. /__truth gives what a table of its messages must hold, /__log every call,",
            "and POST /__post?messages=5 has guests write five messages.",
            "The client is taken from GUESTY_API_KEY and GUESTY_API_SECRET if these are set."
        },
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class SimulateGuesty implements Callable<Integer> {

    @Mixin
    SimulatorOptions server = new SimulatorOptions();

    @Option(names = "--conversations", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
    int conversations = 300;

    @Option(
            names = "--odd-times",
            paramLabel = "PERCENT",
            description = "posts with a timestamp in an odd form (default: ${DEFAULT-VALUE})")
    double oddTimes = 5;

    @Option(names = "--flat", description = "with the list of all messages that no documentation knows")
    boolean flat;

    @Option(
            names = "--day",
            paramLabel = "TIME",
            converter = Text.Time.class,
            description = "in which five tokens are given, and one token lives (default: 24h)")
    Duration day = Duration.ofDays(1);

    @Option(names = "--token-down", paramLabel = "N", description = "first calls for a token answered 503 (default: 0)")
    int tokenDown = 0;

    @Option(names = "--people", paramLabel = "N", description = "changes that happen before each answer (default: 0)")
    int people = 0;

    @Option(
            names = "--change",
            paramLabel = "KIND",
            description = "what happens, may be repeated: ${COMPLETION-CANDIDATES} (default: all)")
    List<GuestyChange> changes = List.of();

    @Option(
            names = "--limit",
            paramLabel = "LIMITS",
            converter = Text.Limits.class,
            description =
                    "calls allowed for the account, and 15 at once; real: 15/1s,120/1m,5000/1h (default: any number)")
    Text.@Nullable LimitList limit;

    @Option(
            names = "--quirk",
            paramLabel = "NAME",
            description = "something it does besides, may be repeated: ${COMPLETION-CANDIDATES}")
    List<GuestyQuirk> quirks = List.of();

    @Override
    public Integer call() throws InterruptedException, IOException {
        Environment environment = Environment.of(server.envFile);
        GuestySettings settings = settings();
        boolean own = environment.has("GUESTY_API_KEY") || environment.has("GUESTY_API_SECRET");
        if (own) {
            settings = settings.client(environment.secret("GUESTY_API_KEY"), environment.secret("GUESTY_API_SECRET"));
        }
        try (GuestySimulator guesty = Simulate.started(server.port, settings::start)) {
            System.out.println("simulated Guesty at " + guesty.url());
            if (!own) { // made up, so they are no secrets
                System.out.println("GUESTY_API_KEY=" + guesty.clientId().reveal());
                System.out.println("GUESTY_API_SECRET=" + guesty.clientSecret().reveal());
            }
            new CountDownLatch(1).await(); // until a signal
            return Exit.COMPLETE;
        }
    }

    private GuestySettings settings() {
        try {
            GuestySettings settings = GuestySimulator.with()
                    .conversations(conversations)
                    .seed(server.seed)
                    .oddTimes(oddTimes)
                    .day(day)
                    .tokenDown(tokenDown)
                    .people(people, changes.toArray(GuestyChange[]::new))
                    .latency(server.latency, server.jitter)
                    .faults(server.faults)
                    .and(quirks.toArray(GuestyQuirk[]::new));
            settings = flat ? settings.flatMessages() : settings;
            return limit == null ? settings : settings.limit(limit.array());
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(Exit.message(e));
        }
    }
}

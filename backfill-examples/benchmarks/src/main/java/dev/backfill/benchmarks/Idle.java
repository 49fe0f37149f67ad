package dev.backfill.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.backfill.RateLimiter;
import dev.backfill.Run;
import dev.backfill.Secret;
import dev.backfill.benchmarks.blaze.OurBlaze;
import dev.backfill.jdbc.Db;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a job costs that waits for its allowance: it holds its claim, its connections and its threads, and has nothing to do. */
@Command(
        name = "idle",
        description = "The processor time of a job that waits for its allowance.",
        mixinStandardHelpOptions = true)
final class Idle implements Callable<Integer> {

    private static final Duration WINDOW = Duration.ofMinutes(5);

    @Option(names = "--seconds", paramLabel = "N", description = "to look at it (default: ${DEFAULT-VALUE})")
    int seconds = 60;

    @Option(names = "--out", paramLabel = "DIR", description = "for the database (default: ${DEFAULT-VALUE})")
    Path out = Path.of("target", "benchmarks");

    @Override
    public Integer call() throws Exception {
        Path folder = out.toAbsolutePath();
        Files.createDirectories(folder);
        try (Postgres postgres = Postgres.start(folder.resolve("postgres"));
                BlazeWorkload workload = new BlazeWorkload(10_000, 0, 0)) {
            workload.prepare(postgres);
            try (Db db = Db.connect(
                    "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres",
                    Work.USER,
                    Secret.of("password", "not-asked-for"))) {
                String vendor = workload.standIn().orElseThrow().url();
                Run run = OurBlaze.job(vendor, RateLimiter.of(20, WINDOW), db).start();
                Thread.sleep(15_000); // its calls are used up by then, and its code is as fast as it becomes
                double before = cpuSeconds();
                Thread.sleep(seconds * 1_000L);
                double after = cpuSeconds();
                run.stop();
                run.await();
                System.out.printf(
                        Locale.ROOT,
                        "waiting for its allowance: %.3f s of processor time in %d s, %.2f %% of a core%n",
                        after - before,
                        seconds,
                        100 * (after - before) / seconds);
            }
        }
        return 0;
    }

    private static double cpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }
}

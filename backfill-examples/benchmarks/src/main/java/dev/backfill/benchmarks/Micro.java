package dev.backfill.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The hot paths by themselves, measured by JMH. */
@Command(name = "micro", description = "What the hot paths cost by themselves.", mixinStandardHelpOptions = true)
final class Micro implements Callable<Integer> {

    @Option(names = "--forks", paramLabel = "N", description = "processes for each (default: ${DEFAULT-VALUE})")
    int forks = 3;

    @Option(names = "--seconds", paramLabel = "N", description = "measured in each (default: ${DEFAULT-VALUE})")
    int seconds = 5;

    @Option(names = "--out", paramLabel = "DIR", description = "for the table (default: ${DEFAULT-VALUE})")
    Path out = Path.of("target", "benchmarks");

    @Override
    public Integer call() throws Exception {
        StringBuilder table =
                new StringBuilder("| what | ns | ± (99.9 %) | bytes allocated |\n| --- | ---: | ---: | ---: |\n");
        for (RunResult run : new Runner(new OptionsBuilder()
                        .include("dev\\.backfill\\.benchmarks\\.micro\\.")
                        .mode(Mode.AverageTime)
                        .timeUnit(TimeUnit.NANOSECONDS)
                        .forks(forks)
                        .warmupIterations(3)
                        .warmupTime(TimeValue.seconds(Math.max(1, seconds / 2)))
                        .measurementIterations(seconds)
                        .measurementTime(TimeValue.seconds(1))
                        .addProfiler("gc")
                        .jvmArgs("-Xmx512m")
                        .build())
                .run()) {
            Result<?> time = run.getPrimaryResult();
            Result<?> bytes = Objects.requireNonNull(run.getSecondaryResults().get("gc.alloc.rate.norm"));
            String name = run.getParams().getBenchmark();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %.1f | %.1f | %.0f |%n",
                    name.substring(Micro.class.getPackageName().length() + ".micro.".length()),
                    time.getScore(),
                    time.getScoreError(),
                    bytes.getScore()));
        }
        Files.createDirectories(out);
        Files.writeString(out.resolve("micro.md"), table);
        System.out.println("\n" + table);
        return 0;
    }
}

package dev.backfill.examples;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that all simulated vendors have. */
final class SimulatorOptions {

    @Option(names = "--port", paramLabel = "N", description = "0 for any that is free (default: ${DEFAULT-VALUE})")
    int port = 0;

    @Option(names = "--seed", paramLabel = "N", description = "default: ${DEFAULT-VALUE}")
    long seed = 1;

    @Option(
            names = "--latency",
            paramLabel = "TIME",
            converter = Text.Time.class,
            description = "of every answer, as 50ms (default: 0)")
    Duration latency = Duration.ZERO;

    @Option(
            names = "--jitter",
            paramLabel = "TIME",
            converter = Text.Time.class,
            description = "added to the latency at random (default: 0)")
    Duration jitter = Duration.ZERO;

    @Option(names = "--faults", paramLabel = "PERCENT", description = "answers that go wrong (default: 0)")
    double faults = 0;

    @Option(names = "--env-file", paramLabel = "FILE", description = "KEY=VALUE lines with the credentials to accept")
    @Nullable
    Path envFile;
}

package dev.backfill.examples;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** From which day to which, for jobs that go by days. */
final class Days {

    @Option(
            names = "--from",
            paramLabel = "DAY",
            converter = Text.Day.class,
            description = "the first day (default: ${DEFAULT-VALUE})")
    LocalDate from = LocalDate.of(2024, 1, 1);

    @Option(
            names = "--to",
            paramLabel = "DAY",
            converter = Text.Day.class,
            description = "the last day (default: today)")
    @Nullable
    LocalDate to;

    /** The last day. */
    LocalDate to(LocalDate standard) {
        LocalDate last = to == null ? standard : to;
        if (last.isBefore(from)) {
            throw new Exit.Wrong("--to " + last + " is before --from " + from);
        }
        return last;
    }
}

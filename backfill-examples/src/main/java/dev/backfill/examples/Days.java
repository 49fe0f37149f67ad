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
        if (!from.isBefore(last)) {
            throw new Exit.Wrong("--to " + last + " must be after --from " + from);
        }
        return last;
    }
}

package dev.backfill.examples;

import dev.backfill.Windows;
import java.time.YearMonth;
import picocli.CommandLine.Option;

/** The months that a job is asked for. */
final class Months {

    private static final YearMonth FIRST = YearMonth.of(2020, 1);
    private static final int FEW = 3;

    @Option(
            names = "--start",
            paramLabel = "MONTH",
            converter = Text.Month.class,
            description = "the first month (default: ${DEFAULT-VALUE})")
    YearMonth start = FIRST;

    @Option(
            names = "--end",
            paramLabel = "MONTH",
            converter = Text.Month.class,
            description = "the last month (default: ${DEFAULT-VALUE})")
    YearMonth end = YearMonth.of(2025, 11);

    @Option(names = "--test", description = "takes the first three months only")
    boolean test;

    Windows windows() {
        if (end.isBefore(start)) {
            throw new Exit.Wrong("--end " + end + " is before --start " + start);
        }
        if (end.isAfter(YearMonth.now(java.time.ZoneOffset.UTC))) {
            throw new Exit.Wrong("--end " + end + " is in the future");
        }
        return Windows.months(start, last());
    }

    private YearMonth last() {
        YearMonth few = start.plusMonths(FEW - 1);
        return test && few.isBefore(end) ? few : end;
    }

    @Override
    public String toString() {
        return start + " to " + last();
    }
}

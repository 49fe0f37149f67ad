package dev.backfill.examples;

import dev.backfill.Counts;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.SlotLimiter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a job prints at its end. */
final class Summary {

    private static final String RULE = "=".repeat(70);

    private static final int MOST_FAILED = 5;

    private final StringBuilder text = new StringBuilder();

    private Summary() {}

    /**
     * @param read records read by this run, not by earlier ones
     * @param written records written by this run
     */
    static String of(
            Report report,
            Nouns nouns,
            long read,
            long written,
            Optional<SlotLimiter> limiter,
            @Nullable String place) {
        return new Summary().text(report, nouns, read, written, limiter, place);
    }

    /** What a replay prints at its end. */
    static String ofReplay(Report report) {
        Counts counts = report.counts();
        return report.job() + ": replayed " + Text.count(counts.read()) + " dead letters: "
                + Text.count(counts.inserted()) + " written, " + Text.count(counts.filtered())
                + " gone from the source, " + Text.count(counts.dead()) + " refused again; " + report.deadLetters()
                + " are left";
    }

    /** How a job calls its partitions, what it reads and what it writes: windows, transactions, items. */
    record Nouns(String parts, String read, String written) {}

    private String text(
            Report report,
            Nouns nouns,
            long read,
            long written,
            Optional<SlotLimiter> limiter,
            @Nullable String place) {
        Counts all = report.counts();
        double seconds = Math.max(0.001, report.took().toMillis() / 1_000.0);
        text.append(RULE).append('\n');
        text.append(String.format(
                Locale.ROOT, "%s: %s in %.1f s (run %d)%n", report.job(), report.status(), seconds, report.run()));
        text.append(RULE).append('\n');
        long done = report.partitions().stream()
                .filter(part -> part.state() == Report.State.DONE || part.state() == Report.State.OPEN)
                .count();
        line(nouns.parts(), done + " of " + report.partitions().size());
        line(nouns.read(), Text.count(all.read()) + " read" + extra(all.filtered(), "gave nothing to write"));
        line(
                nouns.written(),
                Text.count(all.inserted()) + " inserted" + extra(all.updated(), "updated")
                        + extra(all.unchanged(), "unchanged"));
        if (report.deadLetters() > 0) {
            line("dead letters", report.deadLetters() + " (mend the cause, then run with --replay)");
        }
        line(
                "this run",
                String.format(
                        Locale.ROOT,
                        "%,d %s (%,.0f/s), %,d %s (%,.0f/s)",
                        read,
                        nouns.read(),
                        read / seconds,
                        written,
                        nouns.written(),
                        written / seconds));
        limiter.ifPresent(it -> {
            RateLimiter.Usage usage = it.usage();
            line(
                    "calls",
                    String.format(
                            Locale.ROOT,
                            "%,d, %s of what %s allows; threads waited %.1f s for it, added up",
                            usage.calls(),
                            Text.share(usage.share()),
                            it.limits().stream().map(Object::toString).collect(Collectors.joining(" and ")),
                            usage.held().toMillis() / 1_000.0));
        });
        if (place != null) {
            line("rows in", place);
        }
        List<Report.Part> failed = report.partitions().stream()
                .filter(part -> part.problem().isPresent())
                .toList();
        failed.stream()
                .limit(MOST_FAILED)
                .forEach(part ->
                        line("failed", part.partition() + ": " + part.problem().orElse("")));
        if (failed.size() > MOST_FAILED) {
            line("failed", "and " + (failed.size() - MOST_FAILED) + " more");
        }
        report.comeBack().ifPresent(wait -> line("come back", "in " + Text.clock(wait) + ", as the other side asked"));
        report.notes().forEach(note -> line("note", note));
        return text.append(RULE).toString();
    }

    private void line(String name, String value) {
        text.append(String.format(Locale.ROOT, "%-14s %s%n", name, value));
    }

    private static String extra(long number, String what) {
        return number == 0 ? "" : ", " + Text.count(number) + " " + what;
    }
}

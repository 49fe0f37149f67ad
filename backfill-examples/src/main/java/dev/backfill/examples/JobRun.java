package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Event;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.SlotLimiter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs a job as the options say, shows where it is, ends it at a signal, and says at the end what was done. */
final class JobRun {

    private final Backfill job;
    private final String name;
    private final JobOptions options;
    private final Summary.Nouns nouns;
    private final Optional<SlotLimiter> limiter;
    private final @Nullable String place;
    private final LongAdder read = new LongAdder();
    private final LongAdder written = new LongAdder();

    /**
     * @param name of the job
     * @param place where the rows go, for the summary
     */
    JobRun(
            Backfill job,
            String name,
            JobOptions options,
            Summary.Nouns nouns,
            Optional<SlotLimiter> limiter,
            @Nullable String place) {
        Backfill wired = job.parallel(options.parallel)
                .waitFor(options.waitFor)
                .stopOnSignals()
                .listen(this::count);
        this.job = options.batch == null ? wired : wired.batch(options.batch);
        this.name = name;
        this.options = options;
        this.nouns = nouns;
        this.limiter = limiter;
        this.place = place;
    }

    private void count(Event event) {
        if (event instanceof Event.PageRead page) {
            read.add(page.records());
        } else if (event instanceof Event.BatchWritten batch) {
            written.add(batch.records());
        } else if (event instanceof Event.Noted note && !options.quiet) {
            System.out.println(name + ": " + note.note());
        }
    }

    /** Gives the exit code. */
    int run() throws InterruptedException {
        return run(report -> "");
    }

    /** @param more what the job says besides the summary, if anything */
    int run(Function<Report, String> more) throws InterruptedException {
        Report report;
        boolean accepted = false;
        try {
            report = report();
            accepted = report.status() == Report.Status.PARTIAL && report.deadLetters() == 0;
        } catch (BackfillException e) {
            if (e.report().isEmpty()) {
                throw e;
            }
            report = e.report().get();
            System.err.println(name + ": " + firstLine(Exit.message(e)));
        }
        if (!options.quiet) {
            System.out.println(
                    options.replay
                            ? Summary.ofReplay(report)
                            : Summary.of(report, nouns, read.sum(), written.sum(), limiter, place));
            String said = options.replay ? "" : more.apply(report);
            if (!said.isEmpty()) {
                System.out.println(said);
            }
        }
        return accepted ? Exit.COMPLETE : Exit.code(report);
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse(text);
    }

    private Report report() throws InterruptedException {
        if (options.replay) {
            return job.replay();
        }
        if (options.dryRun) {
            say("dry run: nothing is written and no progress is kept");
            return job.dryRun();
        }
        if (options.startOver) {
            job.startOver();
        }
        Run run = claimed();
        if (options.quiet) {
            return run.await();
        }
        ProgressLine line = ProgressLine.of(name, run::progress);
        try {
            return run.await();
        } finally {
            line.end();
        }
    }

    /** Says why nothing happens before it waits for another runner. */
    private Run claimed() {
        try {
            return job.waitFor(Duration.ZERO).start();
        } catch (BackfillException.Held e) {
            if (options.waitFor.isZero()) {
                throw e;
            }
            say(Exit.message(e) + "; waiting up to " + options.waitFor.toSeconds() + " s");
            return job.start();
        }
    }

    private void say(String text) {
        if (!options.quiet) {
            System.out.println(name + ": " + text);
        }
    }
}

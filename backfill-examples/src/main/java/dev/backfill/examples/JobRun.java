package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Event;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.SlotLimiter;
import dev.backfill.internal.Signals;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
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
    private final AtomicInteger caught = new AtomicInteger();
    private volatile @Nullable Run running;

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
        Backfill wired = job.parallel(options.parallel).waitFor(options.waitFor).listen(this::count);
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
        Thread main = Thread.currentThread();
        Signals signals = Signals.caught(List.of("TERM", "INT"), number -> signalled(number, main));
        try {
            int code = ended();
            return caught.get() == 0 || code == Exit.COMPLETE ? code : Exit.SIGNAL + caught.get();
        } catch (BackfillException e) {
            if (caught.get() != 0) {
                return Exit.SIGNAL + caught.get();
            }
            throw e;
        } finally {
            signals.close();
        }
    }

    /** The first signal asks the run to end, the second ends the process. */
    private void signalled(int number, Thread main) {
        if (!caught.compareAndSet(0, number)) {
            Runtime.getRuntime().halt(Exit.SIGNAL + number);
        }
        Run run = running;
        if (run != null) {
            run.stop();
        } else {
            main.interrupt();
        }
    }

    private int ended() throws InterruptedException {
        Report report;
        try {
            report = report();
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
        }
        return Exit.code(report);
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
        running = run;
        if (caught.get() != 0) {
            run.stop();
        }
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

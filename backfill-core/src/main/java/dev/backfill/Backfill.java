package dev.backfill;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A job that moves records from sources to sinks, can be killed at any moment, and goes on where it was.
 *
 * <pre>{@code
 * Report report = Backfill.named("posts")
 *         .from(posts)
 *         .into(table)
 *         .checkpoint(FileCheckpoint.in(Path.of("progress")))
 *         .run();
 * }</pre>
 *
 * <p>An immutable value: every method gives a new one, and nothing happens until {@link #run()}, {@link #start()} or another of the
 * verbs at the end.
 */
public final class Backfill {

    private final Job job;

    private Backfill(Job job) {
        this.job = job;
    }

    private Backfill with(Consumer<Job> change) {
        return new Backfill(job.with(change));
    }

    /**
     * A job of this name, as yet without phases.
     *
     * @param name under which the progress is kept; 1 to 200 characters
     */
    public static Backfill named(String name) {
        return new Backfill(new Job(name));
    }

    /** The only phase of a simple job, called {@code main}. */
    public <T> Flow<T> from(Source<T> source) {
        return phase("main").from(source);
    }

    /** The only phase of a simple job, called {@code main}, whose source has several parts. */
    public <T> Flow<T> from(Partitioned<T> source) {
        return phase("main").from(source);
    }

    /** Adds a phase, which begins when the one before it has ended. */
    public Phase phase(String name) {
        return new Phase(this, name);
    }

    /** Where progress is kept. Required: {@code MemoryCheckpoint} must be said, too. */
    public Backfill checkpoint(Checkpoint checkpoint) {
        return with(job -> job.checkpoint = Objects.requireNonNull(checkpoint, "checkpoint"));
    }

    /**
     * How many partitions are worked on side by side; each by one thread that reads and one that writes.
     *
     * <p>If nothing is said, a run begins with one, goes on with two and finds out: more while that lets more through, up to 32 and to
     * what the memory holds, and fewer when calls fail. {@link Report#parallel} tells how far it went.
     *
     * @param partitions 1 to 1,000
     */
    public Backfill parallel(int partitions) {
        return with(job -> job.parallel = Job.between("parallel", partitions, 1_000));
    }

    /**
     * How many records a sink is given at once, instead of what it likes.
     *
     * @param records 1 to 100,000
     */
    public Backfill batch(int records) {
        return with(job -> job.batch = Job.between("batch", records, 100_000));
    }

    /**
     * How long one call may be tried again, from its first failure; 15 minutes if nothing is said. When the other side asks to come
     * back later than that, the run saves and ends, and the report says when.
     */
    public Backfill patience(Duration patience) {
        return with(job -> job.patience = Job.notNegative("patience", patience));
    }

    /** How long to wait for another runner of this job; not at all if nothing is said. */
    public Backfill waitFor(Duration wait) {
        return with(job -> job.waitFor = Job.notNegative("waitFor", wait));
    }

    /**
     * How many dead letters are borne before the run stops; 1,000 and a tenth if nothing is said.
     *
     * @param deadLetters so many in all
     * @param share this part of the records, from 0 to 1, looked at from the 100th dead letter on
     */
    public Backfill tolerate(long deadLetters, double share) {
        if (deadLetters < 0 || !(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "tolerate needs a number from 0 and a share from 0 to 1, not " + deadLetters + " and " + share);
        }
        return with(job -> {
            job.maxDead = deadLetters;
            job.maxDeadShare = share;
        });
    }

    /** Keeps with a dead letter the record as text. Mind that it may hold personal data. */
    public Backfill keepPayloads() {
        return with(job -> job.payloads = true);
    }

    /**
     * The version of the host's own code in this job, such as its mappings; the job is not resumed under another one without a
     * word.
     */
    public Backfill version(String version) {
        return with(job -> job.version = Objects.requireNonNull(version, "version"));
    }

    /**
     * Begins a new pass over everything, as {@link #again()} does, whenever a run finds that all is done; a pass that was not finished is
     * gone on with. For a job that a scheduler calls every week. A new pass may be defined differently, such as over fewer days. A phase that
     * has never had a partition counts as not done. Dead letters of the pass before are forgotten.
     */
    public Backfill repeating() {
        return with(job -> job.repeating = true);
    }

    /** Tells the listener what happens; may be said several times. A listener that throws is logged and otherwise ignored. */
    public Backfill listen(Consumer<? super Event> listener) {
        return with(job -> job.listeners = Job.and(job.listeners, Objects.requireNonNull(listener, "listener")));
    }

    /** Who makes the threads, such as {@code Thread.ofVirtual().factory()} on newer JDKs; plain threads if nothing is said. */
    public Backfill threads(ThreadFactory threads) {
        return with(job -> job.threads = Objects.requireNonNull(threads, "threads"));
    }

    /** How long the batches in flight may take to end when the run is stopped; 10 seconds if nothing is said. */
    public Backfill grace(Duration grace) {
        return with(job -> job.grace = Job.notNegative("grace", grace));
    }

    /**
     * Stops the run cleanly after this time, for a machine that would kill it later: nothing more is begun, and what is in flight has the
     * {@linkplain #grace grace time} to end. The run is then INTERRUPTED, and the next one goes on.
     *
     * @param time counted from the call of {@link #run()} or {@link #start()}
     */
    public Backfill stopAfter(Duration time) {
        return with(job -> job.stopAfter = Job.notNegative("stopAfter", time));
    }

    /**
     * Stops the run cleanly after so many calls of its sources, those that fail among them; see {@link #stopAfter}. A source that makes several
     * requests for a page counts once.
     *
     * @param calls at least 1
     */
    public Backfill stopAfterCalls(long calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("a run needs at least one call, not " + calls);
        }
        return with(job -> job.stopAfterCalls = calls);
    }

    /**
     * Accepts a run of which some partitions failed: if at least this share of the partitions is at its end, {@link #run()} returns its report,
     * which is PARTIAL, instead of throwing it. The next run takes up the others. Phases behind the partial one have not begun.
     *
     * @param share from 0 to 1; 1 if nothing is said
     */
    public Backfill accept(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a share is from 0 to 1, not " + share);
        }
        return with(job -> job.accept = share);
    }

    /**
     * Stops the run at SIGTERM and SIGINT, for a program that is nothing but this job: the run ends as INTERRUPTED and
     * {@link Report#signal()} says which it was. A second signal ends the process at once, which loses nothing. Without this call the library
     * leaves signals alone; a host that has a life of its own calls {@link Run#stop()} when it ends.
     */
    public Backfill stopOnSignals() {
        return with(job -> job.signals = true);
    }

    /**
     * Does what is not done: begins, goes on, or returns the stored result if there is nothing to do. Blocks, and does not return
     * while one of its threads is at work. Interrupting the caller stops the run.
     *
     * @return the report: complete, interrupted, or partial if that is {@linkplain #accept accepted}
     * @throws BackfillException with the report inside, if some partition failed or the run could not go on
     * @throws BackfillException.Held if another runner is at work on this job
     * @throws BackfillException.Changed if the job was defined anew since its progress was saved
     * @throws BackfillException.Damaged if the saved progress cannot be believed
     */
    public Report run() {
        return new Runner(job, Runner.Mode.RUN).runHere();
    }

    /**
     * A new pass over everything: like {@link #run()} with all partitions read from their start, and under the definition that the job has
     * now. An unfinished pass is forgotten.
     */
    public Report again() {
        return new Runner(job, Runner.Mode.AGAIN).runHere();
    }

    /** Like {@link #run()}, in threads of its own. Claims the job first, and throws as {@link #run()} if that fails. */
    public Run start() {
        Runner runner = new Runner(job, Runner.Mode.RUN);
        runner.launch();
        return new Run(runner);
    }

    /** Goes the whole way without keeping progress, and with sinks that write nothing. The report tells what would be written. */
    public Report dryRun() {
        return new Runner(job, Runner.Mode.DRY).runHere();
    }

    /**
     * Writes the dead letters again, after their cause was mended: reads their pages again, runs the steps, and writes the records
     * with their keys. What succeeds, or is certainly gone from the source, is a dead letter no more; what is not found on its page, where
     * the source has others, stays.
     *
     * @return counts of this replay only; {@code filtered} counts what is gone
     */
    public Report replay() {
        return new Replay(job).run();
    }

    /** The dead letters of this job. */
    public List<DeadLetter> deadLetters() {
        return Claims.with(job, Claim::deadLetters);
    }

    /** Forgets all progress and all dead letters. The next run begins at the start. */
    public void startOver() {
        Claims.with(job, claim -> {
            claim.begin(job.definition(), List.of());
            return true;
        });
    }

    /** Keeps the progress although the job was defined anew. What was done under the old definition is not done again. */
    public void acceptChange() {
        Claims.with(job, claim -> {
            if (claim.definition().isPresent()) {
                claim.redefine(job.definition());
            }
            return true;
        });
    }

    @Override
    public String toString() {
        return "Backfill " + job.name();
    }

    /** A phase that waits for its source. */
    public static final class Phase {

        private final Backfill backfill;
        private final String name;

        private Phase(Backfill backfill, String name) {
            this.backfill = backfill;
            this.name = name;
        }

        /** Reads from this source. */
        public <T> Flow<T> from(Source<T> source) {
            return from(Partitioned.of(source));
        }

        /** Reads from the parts of this source. */
        public <T> Flow<T> from(Partitioned<T> source) {
            Objects.requireNonNull(source, "source");
            return new Flow<>(backfill, name, source, List.of());
        }
    }

    /**
     * Records on their way from a source, which wait for more steps or their sink.
     *
     * <p>A step may be run again on the same record, by several threads at once. A step that throws makes its record a dead letter.
     *
     * @param <T> the type of the records here
     */
    public static final class Flow<T> {

        private final Backfill backfill;
        private final String phase;
        private final Partitioned<?> source;
        private final List<Step> steps;

        private Flow(Backfill backfill, String phase, Partitioned<?> source, List<Step> steps) {
            this.backfill = backfill;
            this.phase = phase;
            this.source = source;
            this.steps = steps;
        }

        private <R> Flow<R> with(Step step) {
            return new Flow<>(backfill, phase, source, Job.and(steps, step));
        }

        /** Makes another record of each. */
        public <R> Flow<R> map(Function<? super T, ? extends R> mapping) {
            return with(Step.map(mapping));
        }

        /** Keeps the records for which this is true. */
        public Flow<T> filter(Predicate<? super T> condition) {
            return with(Step.filter(condition));
        }

        /** Makes any number of records of each. */
        public <R> Flow<R> flatMap(Function<? super T, ? extends Collection<? extends R>> mapping) {
            return with(Step.flatMap(mapping));
        }

        /**
         * Makes records of all records of a page together, such as one look-up for all of them. The function may do I/O: failures that may
         * pass are tried again, and a {@link RefusedException} halves the records until those at fault are alone.
         */
        public <R> Flow<R> batches(Transform<? super T, ? extends R> transform) {
            return with(Step.batches(transform));
        }

        /** Writes to this sink, which completes the phase. */
        public Backfill into(Sink<? super T> sink) {
            Objects.requireNonNull(sink, "sink");
            return backfill.with(job -> job.add(Stage.of(phase, source, steps, sink)));
        }
    }

    /** A step for many records at once. */
    @FunctionalInterface
    public interface Transform<T, R> {

        /** Makes any number of records of these. */
        List<? extends R> apply(List<? extends T> records) throws Exception;
    }
}

package dev.backfill;

import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a job: claims it, takes the phases in order, and says at the end what happened. */
final class Runner {

    enum Mode {
        RUN,
        AGAIN,
        DRY
    }

    private static final Logger LOG = LoggerFactory.getLogger(Backfill.class);

    private final Job job;
    private final Mode mode;
    private final Ports ports = Ports.current();
    private final Halt halt;
    private final Retrying retrying;
    private final Checkpoint place;
    private final Set<PhaseWork<?, ?>> atWork = ConcurrentHashMap.newKeySet();
    private final Ledger ledger;

    private final AtomicLong calls = new AtomicLong();

    private volatile @Nullable Claim claim;
    private @Nullable StopOnSignals signals;
    private volatile Tasks.@Nullable Task main;
    private long begun;
    private boolean goesOn;
    private boolean anew;

    private volatile boolean paused;
    private volatile String waiting = "";
    private volatile @Nullable Report report;

    Runner(Job job, Mode mode) {
        this.job = job;
        this.mode = mode;
        Checkpoint own = job.checkpoint();
        this.place = mode == Mode.DRY ? new MemoryCheckpoint() : own;
        this.retrying = new Retrying(ports.time(), job.patience);
        this.ledger = new Ledger(job);
        this.halt = new Halt(ports, job.grace);
    }

    // ---- for the work inside

    Job job() {
        return job;
    }

    Ports ports() {
        return ports;
    }

    Retrying retrying() {
        return retrying;
    }

    Checkpoint place() {
        return place;
    }

    Ledger ledger() {
        return ledger;
    }

    boolean claimed() {
        return claim != null;
    }

    Claim claim() {
        if (claim == null) {
            throw new IllegalStateException("not claimed");
        }
        return claim;
    }

    /** Whether an earlier run of the job may have made calls. */
    boolean goesOn() {
        return goesOn;
    }

    long run() {
        return claim().run();
    }

    <R> Sink<R> sink(Stage<?, R> stage) {
        return mode == Mode.DRY ? stage.sink().dryRun() : stage.sink();
    }

    <T> Source<T> source(Partition<T> partition) {
        return mode == Mode.DRY ? partition.source().dryRun() : partition.source();
    }

    int batchSize(Sink<?> sink) {
        return job.batch > 0 ? job.batch : sink.batchSize();
    }

    boolean listening() {
        return !job.listeners.isEmpty();
    }

    void tell(Event event) {
        for (Consumer<? super Event> listener : job.listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.warn("a listener of {} failed and is ignored", job.name(), e);
            }
        }
    }

    void note(String note) {
        LOG.warn("{}: {}", job.name(), note);
        ledger.note(note);
        tell(new Event.Noted(note));
    }

    void waiting(String why) {
        waiting = why;
    }

    /** A partition has failed: the others go on, unless the whole run is lost. */
    void failed(Throwable e, Throwable named) {
        if (e instanceof Retrying.ComeBack later) {
            stop(null, later.after());
        } else if (e instanceof BackfillException.Lost || e instanceof Error || e instanceof Ledger.TooMany) {
            stop(e instanceof Error ? e : named, null);
        }
    }

    /** A thread of the run has ended by something that is no partition's fault. */
    void died(Throwable e) {
        stop(e, null);
    }

    /** Dead letters were saved: stops the run if there are too many. */
    void buried(List<DeadLetter> letters, Bookmark behind) {
        waiting("");
        ledger.buried(letters);
        letters.forEach(letter -> tell(new Event.Died(letter)));
        if (!letters.isEmpty()) {
            ledger.check(behind);
        }
    }

    // ---- for the host

    Report runHere() {
        launch();
        boolean interrupted = false;
        while (true) {
            try {
                Report ended = await();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return ended;
            } catch (InterruptedException e) {
                interrupted = true;
                stop();
            }
        }
    }

    /** Claims the job and starts to work; after an interruption while waiting for the claim, there is an empty report. */
    void launch() {
        begun = ports.time().nanos();
        signals = job.signals ? StopOnSignals.of(this, Thread.currentThread()) : null;
        try {
            Duration most = job.stopAfter;
            Duration wait = most != null && most.compareTo(job.waitFor) < 0 ? most : job.waitFor;
            Claim mine = place.claim(job.name(), wait);
            claim = mine;
            anew = mode == Mode.AGAIN || begins(mine);
            if (!anew) {
                mine.definition().ifPresent(before -> Definition.check(job.name(), before, job.definition()));
            }
            main = halt.start(() -> ports.tasks().start(job.name(), job.threads, this::workToTheEnd));
        } catch (InterruptedException e) {
            boolean bySignal = signals != null && signals.caught().isPresent();
            if (!bySignal) {
                Thread.currentThread().interrupt();
            }
            report = report(0, Report.Status.INTERRUPTED, 0);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new BackfillException("cannot claim the progress of " + job.name() + ": " + e.getMessage(), e);
        } finally {
            if (main == null) {
                close();
            }
        }
    }

    private void workToTheEnd() {
        try {
            TimeBox box = TimeBox.of(this, begun);
            try {
                work();
            } finally {
                box.close();
            }
        } finally {
            close();
        }
    }

    /** The calls are used up that the job gives to one run. */
    static final class Enough extends Exception {
        private static final long serialVersionUID = 1;
    }

    /**
     * A call of a source is about to be made.
     *
     * @throws Enough if it may not be made: what was read before is still written
     */
    void calling() throws Enough {
        if (calls.incrementAndGet() > job.stopAfterCalls) {
            ledger.note(stopped(job.stopAfterCalls + " calls"));
            halt.ask(null, null);
            throw new Enough();
        }
    }

    private static String stopped(String after) {
        return "stopped after " + after + ", as the job says; the next run goes on";
    }

    /** The job said that this is enough for one run. */
    void stopAsTold(String after) {
        ledger.note(stopped(after));
        stop();
    }

    private void close() {
        if (signals != null) {
            signals.close();
        }
        if (claim != null && main == null) {
            claim.close(); // otherwise the end of the work has closed it
        }
    }

    private Report report(long run, Report.Status status, long letters) {
        return ledger.report(
                run,
                status,
                letters,
                Duration.ofNanos(ports.time().nanos() - begun),
                halt.comeBack(),
                signals == null ? OptionalInt.empty() : signals.caught());
    }

    Report await() throws InterruptedException {
        if (main != null) {
            main.join();
        }
        return result();
    }

    private Report result() {
        Report ended = report;
        Throwable fatal = halt.fatal();
        if (ended == null) {
            if (fatal instanceof Error error) {
                throw error;
            }
            throw new BackfillException("the run of " + job.name() + " ended without a report", fatal);
        }
        boolean accepted = ended.status() == Report.Status.PARTIAL && ended.share() >= job.accept;
        if (accepted || ended.status() == Report.Status.COMPLETE || ended.status() == Report.Status.INTERRUPTED) {
            return ended;
        }
        throw new BackfillException(ledger.problem(job, fatal), fatal == null ? ledger.firstFailure() : fatal, ended);
    }

    Progress progress() {
        return ledger.progress(ports.time().nanos(), paused ? "paused" : waiting);
    }

    void pause(boolean pausing) {
        paused = pausing;
        atWork.forEach(PhaseWork::pause);
    }

    boolean paused() {
        return paused;
    }

    void stop() {
        stop(null, null);
    }

    private void stop(@Nullable Throwable why, @Nullable Duration later) {
        halt.ask(why, later);
        atWork.forEach(PhaseWork::stop);
    }

    boolean stopping() {
        return halt.asked();
    }

    /** See {@link Halt#graceLeft}. */
    long graceLeft() {
        return halt.graceLeft();
    }

    // ---- the run

    private void work() {
        try {
            begin();
            if (phases()) {
                ledger.allPhases();
            }
        } catch (InterruptedException e) {
            stop();
        } catch (Retrying.ComeBack e) {
            stop(null, e.after());
        } catch (Throwable e) {
            stop(e, null);
        }
        try {
            end();
        } catch (Throwable e) {
            stop(e, null);
        }
    }

    /** Whether this run begins a pass although there is progress. */
    private boolean begins(Claim mine) throws Exception {
        Optional<String> before = mine.definition();
        if (before.isEmpty()) {
            return true;
        }
        boolean changed = !before.get().equals(job.definition());
        return (changed && untouched(mine)) || (job.repeating && over(mine.load(), before.get()));
    }

    /** Whether nothing was read yet, so that there is no progress that could mean something else under another definition. */
    private static boolean untouched(Claim mine) throws Exception {
        return mine.deadLetters().isEmpty()
                && mine.load().stream()
                        .allMatch(bookmark -> !bookmark.done()
                                && bookmark.cursor().isStart()
                                && bookmark.counts().equals(Counts.ZERO));
    }

    /** Whether every phase was begun that the job had, and all that was begun is done. */
    private static boolean over(List<Bookmark> bookmarks, String definition) {
        return bookmarks.stream().allMatch(Bookmark::done)
                && Definition.phases(definition).stream()
                        .allMatch(phase -> bookmarks.stream()
                                .anyMatch(bookmark -> bookmark.phase().equals(phase)));
    }

    private void begin() throws Exception {
        Claim mine = claim();
        goesOn = mine.definition().isPresent();
        if (anew) {
            int letters = goesOn ? mine.deadLetters().size() : 0;
            if (letters > 0) {
                note(
                        "the " + letters
                                + " dead letters of the pass before are forgotten; replay() writes such again, before a new pass");
            }
            store(() -> mine.begin(job.definition(), List.of()));
        }
        ledger.load(mine.load(), mine.deadLetters().size());
    }

    /** Uses the checkpoint, again if that fails and may pass. */
    void store(Storing use) throws Exception {
        prepare("saving", () -> {
            use.run();
            return true;
        });
    }

    /**
     * Does something in the run's own thread before records move, again if it fails and may pass. Given up at once when the run is
     * stopped, for there is nothing in flight that would be worth the grace time.
     */
    <X> X prepare(String doing, Retrying.Attempt<X> attempt) throws Exception {
        halt.preparing(true);
        try {
            return retrying.call(
                    attempt, (number, wait, failure) -> waiting(doing + " again: " + failure.getMessage()));
        } finally {
            halt.preparing(false);
            waiting("");
        }
    }

    /** One use of the checkpoint. */
    @FunctionalInterface
    interface Storing {
        void run() throws Exception;
    }

    private boolean phases() throws Exception {
        for (Stage<?, ?> stage : job.stages) {
            if (stopping() || !phase(stage)) {
                return false;
            }
        }
        return true;
    }

    private <T, R> boolean phase(Stage<T, R> stage) throws Exception {
        PhaseWork<T, R> phase = new PhaseWork<>(this, stage);
        atWork.add(phase);
        try {
            return phase.work();
        } finally {
            atWork.remove(phase);
        }
    }

    private void end() throws Exception {
        try (Claim mine = claim()) {
            if (halt.fatal() instanceof Error) {
                return; // the state of this process is unknown; what is saved is true
            }
            ledger.shortfall().ifPresent(this::note);
            report = report(mine.run(), status(), letters(mine));
        }
    }

    /** As kept; as counted here if the place cannot be asked any more, for that must not cost the report. */
    private long letters(Claim mine) {
        if (mode != Mode.DRY) {
            try {
                return mine.deadLetters().size();
            } catch (Exception e) {
                note("the dead letters could not be counted at the end (" + e.getMessage()
                        + "), so their number is what this run knows");
            }
        }
        return ledger.deadLetters();
    }

    private Report.Status status() {
        if (halt.fatal() != null) {
            return Report.Status.FAILED;
        }
        if (stopping() && !ledger.complete()) {
            return Report.Status.INTERRUPTED;
        }
        return ledger.failed() ? Report.Status.PARTIAL : Report.Status.COMPLETE;
    }
}

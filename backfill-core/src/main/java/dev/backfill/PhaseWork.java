package dev.backfill;

import dev.backfill.internal.Tasks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The work on one phase: plans its partitions and has some of them worked on side by side. */
final class PhaseWork<T, R> {

    private final Runner runner;
    private final Stage<T, R> stage;
    private final Tasks.Gate gate;

    // guarded by the gate
    private final Deque<LaneWork<T, R>> queue = new ArrayDeque<>();
    private final List<LaneWork<T, R>> running = new ArrayList<>();
    private final Width width;
    private int workers;
    private boolean stopped;
    private volatile boolean begun;

    PhaseWork(Runner runner, Stage<T, R> stage) {
        this.runner = runner;
        this.stage = stage;
        this.gate = runner.ports().tasks().gate();
        int asked = runner.job().parallel;
        boolean onlyTogether = stage.source().overlapping() && !stage.sink().orderFree();
        this.width = onlyTogether
                ? Width.of(1)
                : asked > 0
                        ? Width.of(asked)
                        : Width.automatic(
                                Runtime.getRuntime().maxMemory(),
                                runner.ports().tasks().load());
    }

    /** Works on all partitions that are not done. True if all of them are at their end now. */
    boolean work() throws Exception {
        List<Partition<T>> partitions = plan();
        if (!stage.source().paging().safe()) {
            warn();
        }
        Sink<R> sink = runner.sink(stage);
        if (runner.ledger().bookmarks(stage.phase()).stream()
                .allMatch(bookmark -> bookmark.cursor().isStart() && !bookmark.done())) {
            runner.prepare("beginning", () -> {
                sink.beginAnew();
                return true;
            });
        }
        boolean onlyTogether = stage.source().overlapping() && !sink.orderFree();
        if (onlyTogether && runner.job().parallel != 1 && partitions.size() > 1) {
            runner.note("the partitions of phase '" + stage.phase()
                    + "' overlap and the sink keeps the last version written, so they are taken one after the other; a version"
                    + " column lets them run side by side");
        }
        for (Partition<T> partition : partitions) {
            Bookmark bookmark = bookmark(partition);
            if (!Lane.finished(partition, bookmark)) {
                runner.ledger().state(stage.phase(), partition.name(), Report.State.WAITING);
                Lane<R> lane = new Lane<>(
                        partition,
                        bookmark,
                        runner.batchSize(sink),
                        stage.source().paging());
                queue.add(new LaneWork<>(runner, this, stage, partition, lane));
            }
        }
        boolean orphans = missing(partitions);
        runTogether();
        boolean complete =
                !orphans && !stopped && !runner.stopping() && !runner.ledger().failed();
        if (complete && !runner.ledger().ended(stage.phase())) {
            throw new IllegalStateException("the work on phase '" + stage.phase()
                    + "' ended with partitions that are neither done nor failed; please report this");
        }
        if (complete) {
            runner.tell(new Event.PhaseDone(stage.phase()));
        }
        return complete;
    }

    private void warn() {
        runner.note("the source of phase '" + stage.phase() + "' is paged as "
                + stage.source().paging() + ": records may be missed if others are removed meanwhile");
    }

    private List<Partition<T>> plan() throws Exception {
        List<String> known = runner.ledger().bookmarks(stage.phase()).stream()
                .map(Bookmark::partition)
                .toList();
        List<Partition<T>> partitions =
                runner.prepare("listing the partitions", () -> stage.source().partitions(known));
        Map<String, Partition<T>> named = new LinkedHashMap<>();
        for (Partition<T> partition : partitions) {
            if (named.put(partition.name(), partition) != null) {
                throw new IllegalArgumentException("two partitions of phase '" + stage.phase() + "' are called '"
                        + partition.name() + "'; give each a name of its own");
            }
        }
        List<Bookmark> added = new ArrayList<>();
        for (Partition<T> partition : partitions) {
            Optional<Bookmark> bookmark = runner.ledger().bookmark(stage.phase(), partition.name());
            if (bookmark.isEmpty()) {
                added.add(new Bookmark(
                        runner.job().name(),
                        stage.phase(),
                        partition.name(),
                        runner.run(),
                        Cursor.START,
                        false,
                        Counts.ZERO));
            }
        }
        if (!added.isEmpty()) {
            Save planned = new Save(added, List.of());
            runner.store(() -> runner.claim().save(planned));
        }
        if (runner.goesOn()) {
            stage.source().limiter().ifPresent(RateLimiter::resumed);
        }
        runner.ledger()
                .begin(
                        stage.phase(),
                        added,
                        stage.source().limiter(),
                        runner.ports().time().nanos());
        runner.tell(new Event.PhaseBegun(
                stage.phase(), partitions.size(), stage.source().paging()));
        return partitions;
    }

    private Bookmark bookmark(Partition<T> partition) {
        return runner.ledger().bookmark(stage.phase(), partition.name()).orElseThrow();
    }

    /** Partitions that were begun and that the source lists no more cannot be finished, which nobody must miss. */
    private boolean missing(List<Partition<T>> partitions) {
        Set<String> listed = new HashSet<>();
        partitions.forEach(partition -> listed.add(partition.name()));
        boolean any = false;
        for (Bookmark bookmark : runner.ledger().bookmarks(stage.phase())) {
            if (!bookmark.done() && !listed.contains(bookmark.partition())) {
                any = true;
                Throwable gone =
                        new IllegalStateException("the source no longer lists this partition, which is not finished;"
                                + " list it again (a wider range), or begin again with startOver()");
                runner.ledger().failed(stage.phase(), bookmark.partition(), gone);
            }
        }
        return any;
    }

    private void runTogether() throws InterruptedException {
        List<Tasks.Task> tasks = new ArrayList<>();
        try {
            do {
                startWorkers(tasks);
            } while (awaitWorkers(tasks));
        } finally {
            for (Tasks.Task task : tasks) {
                task.join();
            }
        }
    }

    private void startWorkers(List<Tasks.Task> tasks) {
        try {
            for (int missing = missingWorkers(); missing > 0; missing--) {
                tasks.add(worker(tasks.size()));
            }
        } catch (RuntimeException | Error e) {
            runner.died(e); // those that were started are waited for
        }
    }

    private int missingWorkers() {
        gate.lock();
        try {
            return stopped || runner.stopping() ? 0 : Math.min(width.now() - workers, queue.size());
        } finally {
            gate.unlock();
        }
    }

    private Tasks.Task worker(int number) {
        workers(1);
        boolean started = false;
        try {
            Tasks.Task task = runner.ports()
                    .tasks()
                    .start(
                            runner.job().name() + " " + stage.phase() + " " + number,
                            runner.job().threads,
                            this::takePartitions);
            started = true;
            return task;
        } finally {
            if (!started) {
                workers(-1);
            }
        }
    }

    private void workers(int more) {
        gate.lock();
        workers += more;
        gate.changed();
        gate.unlock();
    }

    /** Waits until there is nothing more to do. True if more workers can be started before that. */
    private boolean awaitWorkers(List<Tasks.Task> tasks) throws InterruptedException {
        boolean cut = false;
        gate.lock();
        try {
            while (workers > 0) {
                if (workers < width.now() && !queue.isEmpty() && !stopped && !runner.stopping()) {
                    return true;
                }
                long left = runner.graceLeft();
                if (left <= 0 && !cut) {
                    cut = true; // what is still in flight is given up; it is written again by the next run
                    tasks.forEach(Tasks.Task::interrupt);
                }
                gate.await(cut ? Long.MAX_VALUE : left);
            }
            return false;
        } finally {
            gate.unlock();
        }
    }

    private void takePartitions() {
        try {
            LaneWork<T, R> lane = next();
            while (lane != null) {
                work(lane);
                lane = next();
            }
        } catch (InterruptedException e) {
            runner.stop();
        } catch (Throwable e) {
            runner.died(e);
        } finally {
            workers(-1);
        }
    }

    private void work(LaneWork<T, R> lane) throws InterruptedException {
        try {
            lane.work();
        } finally {
            ended(lane);
        }
    }

    private @Nullable LaneWork<T, R> next() {
        gate.lock();
        try {
            if (stopped || runner.stopping() || running.size() >= width.now()) {
                return null;
            }
            LaneWork<T, R> lane = queue.poll();
            if (lane != null) {
                running.add(lane);
                runner.ledger().parallel(running.size());
                lane.pause();
            }
            return lane;
        } finally {
            gate.unlock();
        }
    }

    private void ended(LaneWork<T, R> work) {
        gate.lock();
        try {
            running.remove(work);
            holdOthers();
        } finally {
            gate.unlock();
        }
        Lane<R> lane = work.lane();
        String name = lane.partition().name();
        Throwable failure = lane.failure();
        if (failure != null) {
            runner.ledger().failed(stage.phase(), name, failure);
            runner.tell(new Event.PartitionFailed(stage.phase(), name, String.valueOf(failure.getMessage())));
        } else if (lane.ended()) {
            runner.ledger().state(stage.phase(), name, lane.partition().open() ? Report.State.OPEN : Report.State.DONE);
            runner.tell(
                    new Event.PartitionDone(stage.phase(), name, lane.saved().counts()));
        }
    }

    void stop() {
        List<LaneWork<T, R>> lanes;
        gate.lock();
        try {
            stopped = true;
            lanes = List.copyOf(running);
            gate.changed();
        } finally {
            gate.unlock();
        }
        lanes.forEach(LaneWork::stop);
    }

    /** Whether records have become safe in this phase: the first ones go at once, for in them may show what is wrong with all. */
    boolean begun() {
        return begun;
    }

    /** So many records of a partition are safe now. */
    void saved(long records) {
        if (records == 0 && !begun) {
            return; // nothing was tried
        }
        begun = true;
        gate.lock();
        try {
            if (width.saved(records, runner.ports().time().nanos())) {
                holdOthers();
                gate.changed();
            }
        } finally {
            gate.unlock();
        }
    }

    /** A call of this partition has failed and will be made again. */
    void suffered(LaneWork<T, R> lane) {
        gate.lock();
        try {
            if (width.suffered(runner.ports().time().nanos())) {
                if (running.remove(
                        lane)) { // which waits by itself, and must not be the one for which the others are held
                    running.add(lane);
                }
                holdOthers();
            }
        } finally {
            gate.unlock();
        }
    }

    /** Lets so many partitions go on as are to be worked on side by side; the others wait where they are. */
    private void holdOthers() {
        for (int i = 0; i < running.size(); i++) {
            running.get(i).hold(i >= width.now());
        }
    }

    /** Passes on to the lanes that the run is paused, or no more. */
    void pause() {
        List<LaneWork<T, R>> lanes;
        gate.lock();
        try {
            lanes = List.copyOf(running);
        } finally {
            gate.unlock();
        }
        lanes.forEach(LaneWork::pause);
    }
}

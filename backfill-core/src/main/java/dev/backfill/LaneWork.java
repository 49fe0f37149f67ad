package dev.backfill;

import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The work on one partition: carries out what its {@link Lane} decides, with one thread that reads and one that writes. */
final class LaneWork<T, R> {

    private final Runner runner;
    private final PhaseWork<T, R> phase;
    private final Stage<T, R> stage;
    private final Partition<T> partition;
    private final Lane<R> lane;
    private final Ports ports;
    private final Tasks.Gate gate;
    private Optional<Tasks.Task> reader = Optional.empty();

    /** Used by the writing thread only. */
    private boolean begun;

    private volatile boolean held;

    LaneWork(Runner runner, PhaseWork<T, R> phase, Stage<T, R> stage, Partition<T> partition, Lane<R> lane) {
        this.runner = runner;
        this.phase = phase;
        this.stage = stage;
        this.partition = partition;
        this.lane = lane;
        this.ports = runner.ports();
        this.gate = ports.tasks().gate();
    }

    Lane<R> lane() {
        return lane;
    }

    /** Works on the partition until there is nothing more to do. Runs in the writing thread. */
    void work() throws InterruptedException {
        Tasks.Task task = ports.tasks()
                .start(runner.job().name() + " reads " + partition.name(), runner.job().threads, this::read);
        locked(() -> {
            reader = Optional.of(task);
            return lane.stopped();
        });
        try {
            write();
        } finally {
            end(task);
        }
    }

    /** Waits for the end of the reading side, also when interrupted: a run never returns while one of its threads is at work. */
    private static void end(Tasks.Task task) throws InterruptedException {
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            task.interrupt();
            try {
                task.join();
                ended = true;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            throw new InterruptedException();
        }
    }

    /** Begins nothing more; the page being read is given up, the batch being written is not. */
    void stop() {
        locked(() -> {
            lane.stop();
            gate.changed();
            reader.ifPresent(Tasks.Task::interrupt);
            return true;
        });
    }

    /** Begins nothing more while the run is paused. Looks under the lock, so that of two who pause and resume at once the last one counts. */
    void pause() {
        locked(() -> {
            lane.pause(runner.paused() || held);
            gate.changed();
            return true;
        });
    }

    /** Begins nothing more while there are too many side by side. */
    void hold(boolean holding) {
        if (held != holding) {
            held = holding;
            pause();
        }
    }

    // ---- reading

    private void read() {
        Cursor from = Cursor.START;
        try {
            while (true) {
                Optional<Cursor> next = awaitRoom();
                if (next.isEmpty()) {
                    return;
                }
                from = next.get();
                readPage(from);
            }
        } catch (InterruptedException e) {
            if (!locked(lane::readerDone)) { // not by the end of this partition, so by the host or by the source itself
                runner.stop();
            }
            stop();
        } catch (Runner.Enough e) {
            locked(() -> {
                lane.enough();
                gate.changed();
                return true;
            });
        } catch (Throwable e) {
            failed("reading", "from cursor " + from, e, false);
        }
    }

    private Optional<Cursor> awaitRoom() throws InterruptedException {
        gate.lock();
        try {
            while (true) {
                Optional<Cursor> from = lane.toRead();
                if (from.isPresent() || lane.readerDone()) {
                    return from;
                }
                gate.await(Long.MAX_VALUE);
            }
        } finally {
            gate.unlock();
        }
    }

    private void readPage(Cursor from) throws Exception {
        long begin = ports.time().nanos();
        Page<T> page;
        try {
            page = runner.retrying()
                    .call(
                            () -> {
                                runner.calling();
                                return runner.source(partition).read(from);
                            },
                            telling("reading"));
        } catch (ExpiredCursorException e) {
            locked(() -> {
                lane.expired(e);
                gate.changed();
                return true;
            });
            runner.tell(new Event.CursorExpired(stage.phase(), partition.name(), from));
            return;
        }
        if (page == null) {
            throw new IllegalStateException("the source gave null; end with Page.last(List.of())");
        }
        Steps.Made<R> made = runner.retrying()
                .call(() -> stage.steps().apply(page.items(), this::halved), telling("running the steps"));
        long now = ports.time().nanos();
        int size = page.items().size();
        boolean taken = locked(() -> {
            boolean first = lane.read(new Lane.Chunk<>(from, page.next(), made, size, page.total()), page.items(), now);
            gate.changed();
            return first;
        });
        if (taken && runner.listening()) {
            runner.tell(new Event.PageRead(stage.phase(), partition.name(), from, size, Duration.ofNanos(now - begin)));
        }
    }

    private void halved(int records, String reason) {
        runner.tell(new Event.Halved(stage.phase(), partition.name(), records, reason));
    }

    // ---- writing

    private void write() {
        Cursor from = lane.saved().cursor();
        try {
            while (true) {
                Lane.Todo<R> todo = awaitWork();
                if (todo instanceof Lane.Todo.Write<R> write) {
                    from = write.chunks().get(0).from();
                    write(write.chunks());
                } else if (todo instanceof Lane.Todo.Restart) {
                    save(new Save(List.of(lane.restart(runner.run())), List.of()));
                } else {
                    return;
                }
            }
        } catch (InterruptedException e) {
            runner.stop(); // a sink may say so by itself, and what it did not write must not pass for written
            stop();
        } catch (Throwable e) {
            failed("writing", "the batch from cursor " + from, e, true);
        }
    }

    private Lane.Todo<R> awaitWork() throws InterruptedException {
        gate.lock();
        try {
            while (true) {
                Lane.Todo<R> todo = lane.next(ports.time().nanos(), !phase.begun());
                if (!(todo instanceof Lane.Todo.Wait<R> wait)) {
                    gate.changed(); // there is room for the reading side now
                    return todo;
                }
                gate.await(wait.nanos());
            }
        } finally {
            gate.unlock();
        }
    }

    private void write(List<Lane.Chunk<R>> chunks) throws Exception {
        long begin = ports.time().nanos();
        Delivery<R> delivery = new Delivery<>(runner, stage, partition, chunks, !begun);
        begun = true;
        Save save = delivery.write(counts -> lane.behind(chunks, counts, runner.run()), telling("writing"));
        if (delivery.saved()) {
            settle(save);
        } else {
            save(save);
        }
        if (runner.listening()) {
            Duration took = Duration.ofNanos(ports.time().nanos() - begin);
            runner.tell(new Event.BatchWritten(stage.phase(), partition.name(), delivery.size(), took));
        }
        runner.buried(save.deadLetters(), save.bookmarks().get(0));
    }

    private void save(Save save) throws Exception {
        Claim claim = runner.claim();
        runner.retrying()
                .call(
                        () -> {
                            claim.save(save);
                            return true;
                        },
                        telling("saving"));
        settle(save);
    }

    private void settle(Save save) {
        Bookmark bookmark = save.bookmarks().get(0);
        long records = bookmark.counts().read() - lane.saved().counts().read();
        long total = locked(() -> {
            lane.saved(bookmark);
            gate.changed();
            return lane.total();
        });
        phase.saved(records);
        runner.ledger().saved(bookmark, total);
        if (runner.listening()) {
            runner.tell(new Event.Saved(bookmark));
        }
    }

    // ---- both

    private Retrying.Listener telling(String doing) {
        return (attempt, wait, failure) -> {
            phase.suffered(this);
            runner.waiting(doing + " again: " + failure.getMessage());
            runner.tell(new Event.Retrying(
                    stage.phase(), partition.name(), doing, attempt, wait, String.valueOf(failure.getMessage())));
        };
    }

    private void failed(String doing, String place, Throwable e, boolean writing) {
        String where = doing + " failed at " + runner.job().name() + "/" + stage.phase() + "/" + partition.name() + " "
                + place;
        Throwable named = new BackfillException(where + ": " + reason(e), e);
        locked(() -> {
            if (writing) {
                lane.failWriting(named);
            } else {
                lane.fail(named);
            }
            gate.changed();
            return true;
        });
        runner.failed(e, named);
    }

    private static String reason(Throwable e) {
        return e.getMessage() == null
                ? e.toString()
                : e instanceof BackfillException || e instanceof IllegalStateException
                        ? e.getMessage()
                        : e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private <X> X locked(Supplier<X> body) {
        gate.lock();
        try {
            return body.get();
        } finally {
            gate.unlock();
        }
    }
}

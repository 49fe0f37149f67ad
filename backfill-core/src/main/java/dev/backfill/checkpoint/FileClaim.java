package dev.backfill.checkpoint;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.internal.Hold;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One process's hold on a journal. */
final class FileClaim implements Claim {

    private static final long SYNC_EVERY = Duration.ofSeconds(1).toNanos();

    private final Ports ports;
    private final Hold hold;
    private final String job;
    private final Journal journal;
    private final Tasks.Gate gate;
    private final Tasks.Task syncer;
    private boolean unsynced;
    private boolean closed;

    FileClaim(Ports ports, Hold hold, String job, Journal journal) {
        this.ports = ports;
        this.hold = hold;
        this.job = job;
        this.journal = journal;
        this.gate = ports.tasks().gate();
        this.syncer = ports.tasks().start(job + " syncs", FileClaim::daemon, this::syncEverySecond);
    }

    private static Thread daemon(Runnable body) {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        return thread;
    }

    @FunctionalInterface
    private interface Use<T> {
        T use() throws IOException;
    }

    private <T> T locked(Use<T> use) throws IOException {
        gate.lock();
        try {
            if (closed) {
                throw new BackfillException.Lost("the claim on '" + job + "' is closed");
            }
            return use.use();
        } finally {
            gate.unlock();
        }
    }

    @Override
    public long run() {
        return journal.run();
    }

    @Override
    public Optional<String> definition() {
        return journal.definition();
    }

    @Override
    public List<Bookmark> load() throws IOException {
        return locked(journal::bookmarks);
    }

    @Override
    public void begin(String definition, List<Bookmark> bookmarks) throws IOException {
        locked(() -> {
            journal.begin(definition, bookmarks);
            return true;
        });
    }

    @Override
    public void redefine(String definition) throws IOException {
        locked(() -> {
            journal.redefine(definition);
            return true;
        });
    }

    @Override
    public void save(Save save) throws IOException {
        locked(() -> {
            journal.append(save);
            if (save.bookmarks().stream().anyMatch(Bookmark::done)
                    || !save.deadLetters().isEmpty()) {
                journal.sync();
                unsynced = false;
            } else if (!unsynced) {
                unsynced = true;
                gate.changed();
            }
            return true;
        });
    }

    @Override
    public List<DeadLetter> deadLetters() throws IOException {
        return locked(journal::letters);
    }

    @Override
    public void forget(List<DeadLetter> letters) throws IOException {
        locked(() -> {
            journal.forget(letters);
            journal.sync();
            return true;
        });
    }

    /** A failed sync makes the next save write the journal anew, which tells the runner if that fails too. */
    private void syncEverySecond() {
        try {
            while (awaitUnsynced()) {
                ports.time().sleep(SYNC_EVERY);
                gate.lock();
                try {
                    if (unsynced && !closed) {
                        unsynced = false;
                        journal.sync();
                    }
                } catch (IOException e) {
                    unsynced = false; // the journal knows, and mends itself at the next save
                } finally {
                    gate.unlock();
                }
            }
        } catch (InterruptedException e) {
            // closing
        }
    }

    private boolean awaitUnsynced() throws InterruptedException {
        gate.lock();
        try {
            while (!unsynced && !closed) {
                gate.await(Long.MAX_VALUE);
            }
            return !closed;
        } finally {
            gate.unlock();
        }
    }

    @Override
    public void close() {
        gate.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            gate.changed();
            journal.close();
        } catch (IOException e) {
            throw new BackfillException(
                    "the last progress of '" + job + "' may not survive a loss of power: " + e.getMessage(), e);
        } finally {
            gate.unlock();
            syncer.interrupt();
            hold.close();
        }
    }
}

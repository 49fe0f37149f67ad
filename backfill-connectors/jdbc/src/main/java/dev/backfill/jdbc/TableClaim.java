package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.TransientException;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import dev.backfill.internal.Text;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** One run's hold on a job, renewed by a thread of its own for as long as it is open. */
final class TableClaim implements Claim {

    private static final long BEAT = TableCheckpoint.LEASE.toNanos() / 5;

    private final Db db;
    private final Ports ports;
    private final String job;
    private final String name;
    private final long run;
    private final Tasks.Task heart;
    private final Tasks.Gate gate;

    // guarded by the gate
    private @Nullable String definition;
    private long heldFrom;
    private boolean lost;
    private boolean closed;

    /**
     * @param heldFrom when the lease was asked for, by this process's own clock: it lasts no longer than from then
     */
    TableClaim(Db db, Ports ports, String job, long run, @Nullable String definition, long heldFrom) {
        this.db = db;
        this.ports = ports;
        this.job = job;
        this.name = Text.kept(job);
        this.run = run;
        this.definition = definition;
        this.heldFrom = heldFrom;
        this.gate = ports.tasks().gate();
        this.heart = ports.tasks().start(job + " holds", TableClaim::daemon, this::beat);
    }

    private static Thread daemon(Runnable body) {
        Thread thread = new Thread(body);
        thread.setDaemon(true);
        return thread;
    }

    /** Renews the lease until the claim is closed or lost. A beat that fails is tried again; the saves have the fence in any case. */
    private void beat() {
        try {
            while (true) {
                ports.time().sleep(BEAT);
                if (over()) {
                    return;
                }
                try {
                    renew();
                } catch (BackfillException.Lost e) {
                    LoggerFactory.getLogger(Db.class).warn("{}", e.getMessage());
                    return;
                } catch (RuntimeException e) {
                    LoggerFactory.getLogger(Db.class)
                            .debug("the lease on '{}' was not renewed: {}", job, e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            // closing
        }
    }

    private boolean over() {
        gate.lock();
        try {
            return closed || lost;
        } finally {
            gate.unlock();
        }
    }

    private void renew() {
        long asked = ports.time().nanos();
        int renewed = db.transaction("renewing the lease on the job '" + job + "'", this::renew);
        gate.lock();
        try {
            if (renewed == 1) {
                heldFrom = asked;
            } else {
                lost = true;
                throw Progress.lost(job);
            }
        } finally {
            gate.unlock();
        }
    }

    private int renew(Tx tx) throws SQLException {
        return tx.update(
                "UPDATE backfill_job SET lease_until = " + tx.dialect().clock() + " + ? WHERE job = ? AND run = ?",
                TableCheckpoint.LEASE.toMillis(),
                name,
                run);
    }

    /** Refuses a claim that is over; one whose lease has run out by this process's clock asks the database first. */
    private void check() {
        boolean overdue;
        gate.lock();
        try {
            if (closed) {
                throw new BackfillException.Lost("the claim on '" + job + "' is closed");
            }
            if (lost) {
                throw Progress.lost(job);
            }
            overdue = ports.time().nanos() - heldFrom > TableCheckpoint.LEASE.toNanos();
        } finally {
            gate.unlock();
        }
        if (overdue) {
            renew();
        }
    }

    private <T> T in(String doing, Db.Work<T> work) {
        check();
        return db.transaction(doing + " of the job '" + job + "'", work);
    }

    @Override
    public long run() {
        return run;
    }

    @Override
    public Optional<String> definition() {
        gate.lock();
        try {
            return Optional.ofNullable(definition);
        } finally {
            gate.unlock();
        }
    }

    @Override
    public List<Bookmark> load() {
        return in("reading the progress", tx -> {
            long parts = tx
                    .query(
                            "SELECT parts FROM backfill_job WHERE job = ?"
                                    + tx.dialect().forShare(),
                            rows -> rows.getLong(1),
                            name)
                    .stream()
                    .findFirst()
                    .orElseThrow(() -> Progress.lost(job));
            List<Bookmark> bookmarks = tx.query(
                    "SELECT " + Progress.BOOKMARK_COLUMNS
                            + " FROM backfill_bookmark WHERE job = ? ORDER BY added, place, phase, part"
                            + tx.dialect().forShare(), // waits for a commit whose answer was lost
                    rows -> Progress.bookmark(job, rows),
                    name);
            if (bookmarks.size() != parts) {
                throw Progress.damaged(job, "there are " + bookmarks.size() + " bookmarks, and there were " + parts);
            }
            return bookmarks;
        });
    }

    @Override
    public void begin(String text, List<Bookmark> bookmarks) {
        in("beginning the progress", tx -> {
            define(tx, text);
            tx.update("DELETE FROM backfill_dead_letter WHERE job = ?", name);
            tx.update("DELETE FROM backfill_bookmark WHERE job = ?", name);
            tx.update("UPDATE backfill_job SET parts = 0 WHERE job = ?", name);
            db.tableCheckpoint().store(tx, job, run, bookmarks);
            return true;
        });
        defined(text);
    }

    @Override
    public void redefine(String text) {
        in("changing the definition", tx -> {
            define(tx, text);
            return true;
        });
        defined(text);
    }

    private void defined(String text) {
        gate.lock();
        try {
            definition = text;
        } finally {
            gate.unlock();
        }
    }

    private void define(Tx tx, String text) throws SQLException {
        if (tx.update(
                        "UPDATE backfill_job SET definition = ?, format = ? WHERE job = ? AND run = ?",
                        Text.kept(text),
                        Progress.FORMAT,
                        name,
                        run)
                != 1) {
            throw Progress.lost(job);
        }
    }

    @Override
    public void save(Save save) {
        if (save.deadLetters().isEmpty() && save.bookmarks().size() == 1 && change(save.bookmarks())) {
            return;
        }
        in("saving the progress", tx -> {
            TableCheckpoint.bury(tx, job, save.deadLetters());
            if (save.bookmarks().isEmpty()) {
                TableCheckpoint.hold(tx, job, run);
            }
            db.tableCheckpoint().store(tx, job, run, save.bookmarks());
            return true;
        });
    }

    /**
     * Changes one bookmark by one statement; false if it is not there, or no longer this run's, or if the session's isolation is stricter
     * than a save needs and forbids it: a transaction brings its own.
     */
    private boolean change(List<Bookmark> one) {
        check();
        try {
            return db.statement(
                            "saving the progress of the job '" + job + "'",
                            tx -> db.tableCheckpoint().change(tx, job, run, one))
                    .isEmpty();
        } catch (TransientException e) {
            if (e.getCause() instanceof SQLException sql && Failures.state(sql).equals(Failures.SERIALIZATION)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public List<DeadLetter> deadLetters() {
        return in(
                "reading the dead letters",
                tx -> tx.query(
                        "SELECT " + Progress.LETTER_COLUMNS
                                + " FROM backfill_dead_letter WHERE job = ? ORDER BY saved, id",
                        rows -> Progress.letter(job, rows),
                        name));
    }

    @Override
    public void forget(List<DeadLetter> letters) {
        if (letters.isEmpty()) {
            return;
        }
        in("forgetting dead letters", tx -> {
            TableCheckpoint.hold(tx, job, run);
            List<@Nullable Object[]> ids = new ArrayList<>();
            letters.forEach(letter -> ids.add(new Object[] {name, Progress.id(letter)}));
            return tx.updates("DELETE FROM backfill_dead_letter WHERE job = ? AND id = ?", ids);
        });
    }

    /** Gives the job free; if the database cannot be told, the lease runs out by itself. */
    @Override
    public void close() {
        gate.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            gate.unlock();
        }
        heart.interrupt();
        try {
            db.transaction(
                    "freeing the job '" + job + "'",
                    tx -> tx.update(
                            "UPDATE backfill_job SET holder = NULL, held_since = NULL, lease_until = 0 WHERE job = ? AND run = ?",
                            name,
                            run));
        } catch (RuntimeException e) {
            LoggerFactory.getLogger(Db.class)
                    .warn(
                            "the job '{}' could not be given free and is free in {} s: {}",
                            job,
                            TableCheckpoint.LEASE.toSeconds(),
                            e.getMessage());
        }
    }
}

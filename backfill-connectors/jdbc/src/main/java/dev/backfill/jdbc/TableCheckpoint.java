package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.internal.Machine;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Text;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Progress in tables.
 *
 * <p>The job's row says who has the job and until when. Every bookmark's row has a fence of the run and of the save that was last, so
 * a save of an earlier runner, or one of this runner that was given up and arrives late, finds no row to change, whatever it believes.
 */
final class TableCheckpoint implements Checkpoint {

    static final Duration LEASE = Duration.ofSeconds(15);

    private static final long POLL = Duration.ofMillis(500).toNanos();

    private final Db db;
    private final Ports ports;
    private final AtomicLong saves = new AtomicLong();
    private volatile boolean made;

    TableCheckpoint(Db db, Ports ports) {
        this.db = db;
        this.ports = ports;
    }

    @Override
    public Claim claim(String job, Duration wait) throws InterruptedException {
        make();
        long begin = ports.time().nanos();
        while (true) {
            long asked = ports.time().nanos();
            Taken taken = db.transaction("taking the job '" + job + "'", tx -> take(tx, job));
            if (taken.run() > 0) {
                return new TableClaim(db, ports, job, taken.run(), taken.definition(), asked);
            }
            long left = wait.toNanos() - (ports.time().nanos() - begin);
            if (left <= 0) {
                throw new BackfillException.Held("the job '" + job + "' in " + db + " is held by " + taken.holder());
            }
            ports.time().sleep(Math.min(left, POLL));
        }
    }

    /** The claim's run and the job's definition; or, with run 0, who has the job. */
    private record Taken(long run, @Nullable String definition, String holder) {}

    private record JobRow(
            int format,
            long run,
            @Nullable String definition,
            @Nullable String holder,
            @Nullable String process,
            long since,
            long left) {}

    private Taken take(Tx tx, String job) throws SQLException {
        String clock = tx.dialect().clock();
        String name = Text.kept(job);
        tx.update(
                "INSERT INTO backfill_job (job, format, run, lease_until, parts) VALUES (?, ?, 0, 0, 0)"
                        + " ON CONFLICT (job) DO NOTHING",
                name,
                Progress.FORMAT);
        JobRow row = tx.query(
                        "SELECT format, run, definition, holder, process, held_since, lease_until - " + clock
                                + " FROM backfill_job WHERE job = ?"
                                + tx.dialect().forUpdate(),
                        rows -> new JobRow(
                                rows.getInt(1),
                                rows.getLong(2),
                                rows.getString(3),
                                rows.getString(4),
                                rows.getString(5),
                                rows.getLong(6),
                                rows.getLong(7)),
                        name)
                .get(0);
        if (row.format() > Progress.FORMAT) {
            throw new BackfillException.Damaged("the progress of '" + job + "' has format " + row.format()
                    + ", and this version reads up to " + Progress.FORMAT
                    + "; use the version that wrote it, or a newer one");
        }
        if (row.format() < 1 || row.run() < 0) {
            throw Progress.damaged(job, "its format is " + row.format() + " and its run " + row.run());
        }
        boolean dead = row.process() != null && Machine.isDead(row.process()); // then nobody need wait for the lease
        if (row.left() >= 0 && row.holder() != null && !dead) {
            return new Taken(
                    0,
                    null,
                    row.holder() + " since " + Instant.ofEpochMilli(row.since())
                            + "; if that runner is dead, the job is free in " + (row.left() / 1000 + 1) + " s");
        }
        long run = row.run() + 1;
        tx.update(
                "UPDATE backfill_job SET run = ?, holder = ?, process = ?, held_since = " + clock + ", lease_until = "
                        + clock + " + ? WHERE job = ?",
                run,
                Machine.name(),
                Machine.process().orElse(null),
                LEASE.toMillis(),
                name);
        tx.update("UPDATE backfill_bookmark SET fence = ? WHERE job = ?", Progress.fence(run, 0), name);
        return new Taken(run, row.definition() == null ? null : Text.read(row.definition()), "");
    }

    /** Makes the tables if they are missing; one that is there may be used without the right to make tables. */
    private void make() {
        if (made) {
            return;
        }
        try {
            create();
        } catch (BackfillException e) {
            create(); // two that make a table at the same moment get in each other's way, once
        }
        made = true;
    }

    private void create() {
        db.transaction("creating the tables for progress", tx -> {
            for (int i = 0; i < Progress.TABLES.size(); i++) {
                if (!tx.dialect().hasTable(tx, Progress.TABLES.get(i))) {
                    tx.run(Progress.CREATE.get(i));
                }
            }
            return true;
        });
    }

    /**
     * Saves as the last thing of a transaction.
     *
     * @throws BackfillException.Lost if the run that the bookmarks name no longer has the job
     */
    void store(Tx tx, Save save) throws SQLException {
        if (save.bookmarks().isEmpty()) {
            throw new IllegalArgumentException("there is no bookmark to save");
        }
        Bookmark first = save.bookmarks().get(0);
        bury(tx, first.job(), save.deadLetters());
        store(tx, first.job(), first.run(), save.bookmarks());
    }

    /** Dead letters first: if one cannot be kept, no bookmark passes it. */
    static void bury(Tx tx, String job, List<DeadLetter> letters) throws SQLException {
        if (letters.isEmpty()) {
            return;
        }
        List<@Nullable Object[]> all = new ArrayList<>();
        for (DeadLetter letter : letters) {
            all.add(new @Nullable Object[] {
                Text.kept(job),
                Progress.id(letter),
                Text.kept(letter.phase()),
                Text.kept(letter.partition()),
                Text.kept(letter.page().json()),
                Text.kept(letter.key()),
                Text.kept(letter.reason()),
                letter.attempts(),
                letter.payload().map(Text::kept).orElse(null)
            });
        }
        tx.updates(
                "INSERT INTO backfill_dead_letter (job, id, " + Progress.LETTER_COLUMNS
                        + ", saved) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
                        + tx.dialect().clock()
                        + ") ON CONFLICT (job, id) DO UPDATE SET reason = excluded.reason, attempts = excluded.attempts,"
                        + " payload = excluded.payload, saved = excluded.saved",
                all);
    }

    /** Changes the bookmarks whose fence is of this run, and adds those that are not there while the job is this run's. */
    void store(Tx tx, String job, long run, List<Bookmark> bookmarks) throws SQLException {
        List<Bookmark> absent = bookmarks.size() == 1 ? change(tx, job, run, bookmarks) : bookmarks;
        if (!absent.isEmpty()) {
            // before the rows of several bookmarks, as one that takes over has it; one that was not changed waits
            // here for a commit whose answer was lost, which may have added it
            hold(tx, job, run, tx.dialect().forUpdate());
            absent = change(tx, job, run, absent);
        }
        if (!absent.isEmpty()) {
            add(tx, job, run, absent);
        }
    }

    /**
     * Changes the bookmarks whose fence is of this run and of an earlier save: by one statement, if there is one bookmark.
     *
     * @return those that were not changed
     */
    List<Bookmark> change(Tx tx, String job, long run, List<Bookmark> bookmarks) throws SQLException {
        String name = Text.kept(job);
        long fence = Progress.fence(run, saves.incrementAndGet());
        List<@Nullable Object[]> changes = new ArrayList<>();
        for (Bookmark bookmark : bookmarks) {
            changes.add(Progress.values(
                    bookmark,
                    fence,
                    name,
                    Text.kept(bookmark.phase()),
                    Text.kept(bookmark.partition()),
                    Progress.fence(run, 0),
                    fence - 1));
        }
        String update =
                "UPDATE backfill_bookmark SET run = ?, page = ?, done = ?, filtered = ?, failed = ?, passed = ?,"
                        + " inserted = ?, updated = ?, unchanged = ?, dead = ?, fence = ?, saved = "
                        + tx.dialect().clock()
                        + " WHERE job = ? AND phase = ? AND part = ? AND fence BETWEEN ? AND ?";
        int[] changed =
                bookmarks.size() == 1 ? new int[] {tx.update(update, changes.get(0))} : tx.updates(update, changes);
        List<Bookmark> others = new ArrayList<>();
        for (int i = 0; i < changed.length; i++) {
            if (changed[i] != 1) {
                others.add(bookmarks.get(i));
            }
        }
        return others;
    }

    private void add(Tx tx, String job, long run, List<Bookmark> bookmarks) throws SQLException {
        String name = Text.kept(job);
        if (tx.update(
                        "UPDATE backfill_job SET parts = parts + ? WHERE job = ? AND run = ?",
                        bookmarks.size(),
                        name,
                        run)
                != 1) {
            throw Progress.lost(job);
        }
        long now = tx.query("SELECT " + tx.dialect().clock(), rows -> rows.getLong(1))
                .get(0);
        long fence = Progress.fence(run, saves.incrementAndGet());
        List<@Nullable Object[]> additions = new ArrayList<>();
        for (int i = 0; i < bookmarks.size(); i++) {
            Bookmark bookmark = bookmarks.get(i);
            additions.add(Progress.values(
                    bookmark, name, Text.kept(bookmark.phase()), Text.kept(bookmark.partition()), fence, now, i, now));
        }
        int[] added = tx.updates(
                "INSERT INTO backfill_bookmark (run, page, done, filtered, failed, passed, inserted, updated, unchanged,"
                        + " dead, job, phase, part, fence, added, place, saved)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                additions);
        for (int count : added) {
            if (count == 0) {
                throw Progress.lost(job); // the row is there, with another fence
            }
        }
    }

    /** Makes sure that the job is this run's until the commit. */
    static void hold(Tx tx, String job, long run) throws SQLException {
        hold(tx, job, run, tx.dialect().forShare());
    }

    private static void hold(Tx tx, String job, long run, String how) throws SQLException {
        if (tx.query("SELECT 1 FROM backfill_job WHERE job = ? AND run = ?" + how, rows -> 1, Text.kept(job), run)
                .isEmpty()) {
            throw Progress.lost(job);
        }
    }

    @Override
    public String toString() {
        return "tables in " + db;
    }
}

package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.internal.Text;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables of progress, and what their rows mean. */
final class Progress {

    /** The format that this version writes; every later version reads it. */
    static final int FORMAT = 1;

    static final List<String> TABLES = List.of("backfill_job", "backfill_bookmark", "backfill_dead_letter");

    /** Times are milliseconds since 1970 by the clock of the database. */
    static final List<String> CREATE = List.of("""
            CREATE TABLE IF NOT EXISTS backfill_job (
              job text NOT NULL PRIMARY KEY, format integer NOT NULL, run bigint NOT NULL, definition text,
              holder text, process text, held_since bigint, lease_until bigint NOT NULL, parts bigint NOT NULL)""", """
            CREATE TABLE IF NOT EXISTS backfill_bookmark (
              job text NOT NULL, phase text NOT NULL, part text NOT NULL, fence bigint NOT NULL,
              run bigint NOT NULL, page text NOT NULL, done integer NOT NULL,
              filtered bigint NOT NULL, failed bigint NOT NULL, passed bigint NOT NULL, inserted bigint NOT NULL,
              updated bigint NOT NULL, unchanged bigint NOT NULL, dead bigint NOT NULL,
              added bigint NOT NULL, place integer NOT NULL, saved bigint NOT NULL,
              PRIMARY KEY (job, phase, part))""", """
            CREATE TABLE IF NOT EXISTS backfill_dead_letter (
              job text NOT NULL, id text NOT NULL, phase text NOT NULL, part text NOT NULL, page text NOT NULL,
              item text NOT NULL, reason text NOT NULL, attempts integer NOT NULL, payload text, saved bigint NOT NULL,
              PRIMARY KEY (job, id))""");

    static final String BOOKMARK_COLUMNS =
            "phase, part, run, page, done, filtered, failed, passed, inserted, updated, unchanged, dead, fence";

    static final String LETTER_COLUMNS = "phase, part, page, item, reason, attempts, payload";

    private Progress() {}

    /**
     * What a save puts into a bookmark's row: higher with each claim, and within one with each save.
     *
     * @param save how many saves were begun before by way of the same checkpoint
     * @throws IllegalStateException if one of them has no room, which a process reaches after four thousand million saves
     */
    static long fence(long run, long save) {
        if (run >>> 31 != 0 || save >>> 32 != 0) {
            throw new IllegalStateException("the saves can no longer be told apart: begin again with a new Db");
        }
        return (run << 32) + save;
    }

    /** The values of a bookmark's columns from {@code run} to {@code dead}. */
    static @Nullable Object[] values(Bookmark bookmark, @Nullable Object... more) {
        Counts counts = bookmark.counts();
        Object[] own = {
            bookmark.run(),
            Text.kept(bookmark.cursor().json()),
            bookmark.done() ? 1 : 0,
            counts.filtered(),
            counts.failed(),
            counts.passed(),
            counts.inserted(),
            counts.updated(),
            counts.unchanged(),
            counts.dead()
        };
        @Nullable Object[] values = java.util.Arrays.copyOf(own, own.length + more.length, Object[].class);
        System.arraycopy(more, 0, values, own.length, more.length);
        return values;
    }

    /** Reads {@link #BOOKMARK_COLUMNS}. */
    static Bookmark bookmark(String job, ResultSet row) throws SQLException {
        try {
            long filtered = row.getLong(6);
            long failed = row.getLong(7);
            long passed = row.getLong(8);
            long inserted = row.getLong(9);
            long updated = row.getLong(10);
            long unchanged = row.getLong(11);
            long dead = row.getLong(12);
            int done = row.getInt(5);
            if (done != 0 && done != 1) {
                throw new IllegalArgumentException("done is " + done);
            }
            if (row.getLong(3) > row.getLong(13) >> 32) {
                throw new IllegalArgumentException("its run is later than the last that had the job");
            }
            return new Bookmark(
                    job,
                    Text.read(row.getString(1)),
                    Text.read(row.getString(2)),
                    row.getLong(3),
                    Cursor.parse(Text.read(row.getString(4))),
                    done == 1,
                    new Counts(
                            filtered + failed + passed,
                            filtered,
                            failed,
                            passed,
                            inserted + updated + unchanged + dead,
                            inserted,
                            updated,
                            unchanged,
                            dead));
        } catch (IllegalArgumentException e) {
            throw damaged(job, "the bookmark of partition '" + row.getString(2) + "': " + e.getMessage());
        }
    }

    /** Reads {@link #LETTER_COLUMNS}. */
    static DeadLetter letter(String job, ResultSet row) throws SQLException {
        try {
            return new DeadLetter(
                    Text.read(row.getString(1)),
                    Text.read(row.getString(2)),
                    Cursor.parse(Text.read(row.getString(3))),
                    Text.read(row.getString(4)),
                    Text.read(row.getString(5)),
                    row.getInt(6),
                    Optional.ofNullable(row.getString(7)).map(Text::read));
        } catch (IllegalArgumentException e) {
            throw damaged(job, "a dead letter of partition '" + row.getString(2) + "': " + e.getMessage());
        }
    }

    static String id(DeadLetter letter) {
        return Text.digest(letter.phase(), letter.partition(), letter.page().json(), letter.key());
    }

    static BackfillException.Damaged damaged(String job, String what) {
        return new BackfillException.Damaged("the progress of '" + job + "' cannot be believed: " + what
                + ". It was changed by hand or by another program: restore the tables backfill_* from a backup, or begin"
                + " again with startOver()");
    }

    static BackfillException.Lost lost(String job) {
        return new BackfillException.Lost("another runner has taken over the job '" + job
                + "'; nothing of this batch was saved. Leave the job to that runner");
    }
}

package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.Save;
import dev.backfill.Source;
import dev.backfill.TransactionalSink;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What every sink must do that commits its rows and the progress together, beside what every sink must.
 *
 * @param <T> the type of the records
 */
public abstract class TransactionalSinkContract<T> extends SinkContract<T> {

    private static final String TOGETHER =
            "after a crash the next run goes on from the bookmark: rows without it are written again, and it without rows loses them";

    /** For subclasses. */
    protected TransactionalSinkContract() {}

    @Override
    protected abstract TransactionalSink<T> sink() throws Exception;

    /** The checkpoint whose progress the sink commits with its rows; empty when a test begins. */
    protected abstract Checkpoint checkpoint() throws Exception;

    private static Bookmark bookmark(Claim claim, String partition, int cursor) {
        return new Bookmark("contract", "main", partition, claim.run(), Cursor.of(cursor), false, Counts.ZERO);
    }

    private static DeadLetter letter() {
        return new DeadLetter("main", "all", Cursor.START, "key", "reason", 1, Optional.empty());
    }

    private Claim claim() throws Exception {
        Claim claim = checkpoint().claim("contract", Duration.ZERO);
        claim.begin("d", List.of(bookmark(claim, "all", 1)));
        return claim;
    }

    private static void kept(Claim claim, Bookmark... bookmarks) throws Exception {
        List<Bookmark> is = claim.load();
        Lesson.unless(
                Set.copyOf(is).equals(Set.of(bookmarks)),
                "the bookmarks are " + Lesson.some(is) + " and should be " + Lesson.some(List.of(bookmarks)),
                TOGETHER,
                "save what the supplier gives on the connection that has written the rows, and commit once");
    }

    private void untouched(Object before) throws Exception {
        Lesson.unless(
                before.equals(content()),
                "rows were kept without their progress: the target holds " + Lesson.cut(content()) + " and held "
                        + Lesson.cut(before),
                TOGETHER,
                "roll everything back when anything fails, the supplier included");
    }

    /** It joins its own checkpoint and no other. */
    @Test
    void joinsItsOwnCheckpointOnly() throws Exception {
        Lesson.unless(
                sink().joins(checkpoint()) && !sink().joins(new MemoryCheckpoint()),
                "joins says " + sink().joins(checkpoint()) + " of the sink's own checkpoint and "
                        + sink().joins(new MemoryCheckpoint()) + " of a MemoryCheckpoint",
                "progress that is kept elsewhere cannot be in the same transaction, and the runner would not save it",
                "compare the database objects of both, by identity");
    }

    /** Rows, bookmark and dead letters are there together. */
    @Test
    void commitsRowsAndProgressTogether() throws Exception {
        try (Claim claim = claim()) {
            Object empty = content();
            Save save = new Save(List.of(bookmark(claim, "all", 2)), List.of(letter()));
            sink().write(Batch.of(records(1, 10)), () -> save);
            kept(claim, bookmark(claim, "all", 2));
            Lesson.unless(
                    claim.deadLetters().equals(List.of(letter())) && !content().equals(empty),
                    "after a commit there are the dead letters " + claim.deadLetters() + " and the rows "
                            + Lesson.cut(content()),
                    TOGETHER,
                    "write rows, dead letters and bookmarks in one transaction");
        }
    }

    /** The progress of several partitions may come with one batch. */
    @Test
    void commitsSeveralBookmarks() throws Exception {
        try (Claim claim = claim()) {
            Bookmark[] both = {bookmark(claim, "all", 5), bookmark(claim, "other", 7)};
            sink().write(Batch.of(records(1, 3)), () -> new Save(List.of(both), List.of()));
            kept(claim, both);
        }
    }

    /** Batch after batch, the last bookmark stays. */
    @Test
    void commitsBatchAfterBatch() throws Exception {
        try (Claim claim = claim()) {
            TransactionalSink<T> sink = sink();
            for (int i = 1; i <= 5; i++) {
                Save save = new Save(List.of(bookmark(claim, "all", i * 10)), List.of());
                sink.write(Batch.of(records(i * 3, i * 3 + 2)), () -> save);
            }
            kept(claim, bookmark(claim, "all", 50));
        }
    }

    /** What to save is asked for once: it is reckoned from what the sink has told. */
    @Test
    void asksOnceWhatToSave() throws Exception {
        try (Claim claim = claim()) {
            AtomicInteger asked = new AtomicInteger();
            Save save = new Save(List.of(bookmark(claim, "all", 2)), List.of());
            sink().write(Batch.of(records(1, 10)), () -> {
                asked.incrementAndGet();
                return save;
            });
            Lesson.unless(
                    asked.get() == 1,
                    "the sink asked " + asked + " times what to save",
                    "the answer has the counts and dead letters of this attempt, as far as they were told",
                    "call save.get() once, after the rows are written and their outcomes told, and before the commit");
        }
    }

    /** If the progress cannot be made, no row is there. */
    @Test
    void writesNothingWithoutItsProgress() throws Exception {
        try (Claim claim = claim()) {
            Object empty = content();
            Exception failure = Failing.of(() -> {
                sink().write(Batch.of(records(1, 10)), () -> {
                    throw new IllegalStateException("no progress today");
                });
                return true;
            });
            Lesson.unless(
                    failure != null,
                    "what to save could not be made, and the sink returns as if all was well",
                    TOGETHER,
                    "let the exception of the supplier through, and roll back");
            untouched(empty);
            kept(claim, bookmark(claim, "all", 1));
        }
    }

    /** After such a failure it writes again. */
    @Test
    void writesAgainAfterAFailure() throws Exception {
        try (Claim claim = claim()) {
            TransactionalSink<T> sink = sink();
            Failing.of(() -> {
                sink.write(Batch.of(records(1, 10)), () -> {
                    throw new IllegalStateException("no progress today");
                });
                return true;
            });
            sink.write(Batch.of(records(1, 10)), () -> new Save(List.of(bookmark(claim, "all", 2)), List.of()));
            kept(claim, bookmark(claim, "all", 2));
            Object end = content();
            sink.write(Batch.of(records(1, 10)));
            untouched(end);
        }
    }

    /** A runner that has lost its job writes neither rows nor progress. */
    @Test
    void writesNothingForARunnerThatHasLostItsJob() throws Exception {
        Claim late = claim();
        Save save = new Save(List.of(bookmark(late, "all", 2)), List.of());
        late.close();
        try (Claim next = checkpoint().claim("contract", Duration.ZERO)) {
            Object empty = content();
            Exception failure = Failing.of(() -> {
                sink().write(Batch.of(records(1, 10)), () -> save);
                return true;
            });
            Lesson.unless(
                    failure instanceof BackfillException.Lost,
                    "a runner whose job another has taken over writes, and gets " + failure,
                    "two runners on one job undo each other's work",
                    "let the save be refused when its run number is not the last, and throw BackfillException.Lost");
            untouched(empty);
            kept(next, bookmark(late, "all", 1));
        }
    }

    /** Partitions commit side by side, each its own progress. */
    @Test
    void commitsSeveralPartitionsAtOnce() throws Exception {
        try (Claim claim = claim()) {
            TransactionalSink<T> sink = sink();
            List<FutureTask<Boolean>> writing = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String partition = i == 0 ? "all" : "part " + i;
                int first = 1 + i * 15;
                FutureTask<Boolean> task = new FutureTask<>(() -> {
                    for (int j = 0; j < 3; j++) {
                        Save save = new Save(List.of(bookmark(claim, partition, j + 7)), List.of());
                        sink.write(Batch.of(records(first + j * 5, first + j * 5 + 4)), () -> save);
                    }
                    return true;
                });
                writing.add(task);
                Thread thread = new Thread(task, "commits " + partition);
                thread.setDaemon(true);
                thread.start();
            }
            for (FutureTask<Boolean> task : writing) {
                Elsewhere.result(task);
            }
            kept(
                    claim,
                    bookmark(claim, "all", 9),
                    bookmark(claim, "part 1", 9),
                    bookmark(claim, "part 2", 9),
                    bookmark(claim, "part 3", 9));
            Object end = content();
            sink.write(Batch.of(records(1, 60)));
            untouched(end);
        }
    }

    /** A bad record is isolated inside the one transaction. */
    @Test
    void commitsTheOthersWhenOneIsBad() throws Exception {
        List<T> records = records(1, 9);
        records.add(4, bad());
        try (Claim claim = claim()) {
            Batch<T> batch = Batch.of(records);
            sink().write(batch, () -> new Save(List.of(bookmark(claim, "all", 2)), List.of()));
            Lesson.unless(
                    batch.outcome(4) == Batch.Outcome.REFUSED,
                    "failures of single records are ignored: the sink says of a bad record that it is "
                            + batch.outcome(4),
                    "the record is in no table and in no dead letter: it is lost, and the job is COMPLETE",
                    "find the bad record inside the transaction, with a savepoint, and tell batch.refused(i, why)");
            kept(claim, bookmark(claim, "all", 2));
            Object end = content();
            sink().write(Batch.of(records(1, 9)));
            untouched(end);
        }
    }

    /** With the runner, killed where it commits, nothing is read that is not written, and nothing is written twice. */
    @Test
    void goesOnBehindWhatIsCommitted() throws Exception {
        Source<Integer> numbers = from -> {
            int first = from.orElse(1);
            if (first == 9) {
                throw new IllegalStateException("the source is broken here");
            }
            return Page.of(List.of(first, first + 1, first + 2, first + 3), first + 4);
        };
        Source<Integer> rest = from -> Page.last(List.of(from.orElse(1)));
        Failing.of(() -> job(numbers).run());
        long read = job(rest).run().counts().read();
        Lesson.unless(
                read == 9,
                "a job that failed behind two pages of four records went on, and has read " + read + " records in all",
                TOGETHER,
                "keep the bookmark that comes with the rows where the checkpoint of the same database finds it");
    }

    private Backfill job(Source<Integer> source) throws Exception {
        return Backfill.named("contract")
                .from(source)
                .map(number -> record(number, 1))
                .into(sink())
                .batch(4)
                .checkpoint(checkpoint());
    }
}

package dev.backfill.testkit;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.backfill.Backfill;
import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.RefusedException;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * What every sink must do that writes by key. Extend it, say where yours writes, and run it as a JUnit test.
 *
 * <p>Three methods are enough. Each of the others that is overridden lets more be checked; what is not is left out, and JUnit says so.
 *
 * @param <T> the type of the records
 */
public abstract class SinkContract<T> {

    private static final int MANY = 1_001;

    /** For subclasses. */
    protected SinkContract() {}

    /** The sink, whose target is empty when a test begins; each call gives another object for the same target. */
    protected abstract Sink<T> sink() throws Exception;

    /** What the target holds now, to be compared: rows by key, the content of a file. */
    protected abstract Object content() throws Exception;

    /** A record: each number, from 1 on, has a key of its own, and each version, from 1 on, another value under it. */
    protected abstract T record(int number, int version);

    /** Whether a later version of a record replaces an earlier one; say false for a sink that keeps the first. */
    protected boolean laterWins() {
        return true;
    }

    /** Whether the sink makes records that are not there; say false for one that only changes what is. */
    protected boolean createsRecords() {
        return true;
    }

    /** A record that the target does not take: too long, of a wrong type, with a value that is forbidden. */
    protected T bad() throws Exception {
        return abort(
                "not checked: override bad() with a record that your target does not take, to see that it is told");
    }

    /** The sink, while its target cannot be reached: nobody listens at its address. */
    protected Sink<T> broken() throws Exception {
        return abort(
                "not checked: override broken() with your sink at an address where nobody listens, to see that it fails");
    }

    /** A record of that number with this text in it, which is whatever somebody has typed. */
    protected T saying(int number, String text) throws Exception {
        return abort(
                "not checked: override saying(number, text) with a record that holds the text, to see that it stays a text");
    }

    /** The tokens and passwords with which {@link #sink} and {@link #broken} are made, to be looked for where they must not be. */
    protected List<String> secrets() {
        return List.of();
    }

    /** Records of these numbers, in their first version. */
    protected final List<T> records(int first, int last) {
        return records(first, last, 1);
    }

    private List<T> records(int first, int last, int version) {
        List<T> records = new ArrayList<>();
        for (int i = first; i <= last; i++) {
            records.add(record(i, version));
        }
        return records;
    }

    private Object written(List<T> records) throws Exception {
        Sink<T> sink = sink();
        for (int attempt = 1; true; attempt++) {
            try {
                sink.write(Batch.of(records));
                return content();
            } catch (TransientException e) { // a real server may be busy for once, and the runner would come again too
                if (attempt == 3) {
                    throw e;
                }
            }
        }
    }

    private static void same(Object is, Object should, String what) {
        Lesson.unless(
                should.equals(is),
                what + ". The target holds " + Lesson.cut(is) + " and should hold " + Lesson.cut(should),
                "after a crash or a failed attempt the runner writes a batch again, cut in another way or by another process;"
                        + " the target must look as if it was written once",
                "write by key: an upsert, a put, a file of a known name; and keep nothing in the sink");
    }

    /** A batch is its records: written alone, each once, they come to the same. */
    @Test
    void writesABatchAsItsRecords() throws Exception {
        Object together = written(records(1, 50));
        for (T record : records(1, 50)) {
            written(List.of(record));
        }
        same(content(), together, "written again one by one, the records of a batch come to something else");
        Lesson.unless(
                !written(records(51, 60)).equals(together),
                "ten more records change nothing in the target: " + Lesson.cut(together),
                "they would be lost, or content() does not show what the target holds",
                "look whether write returns before the records are safe, and what content() reads");
    }

    /** After a crash the runner writes a batch again: it must be as if it was written once. */
    @Test
    void writingTwiceIsWritingOnce() throws Exception {
        Sink<T> sink = sink();
        sink.write(Batch.of(records(1, 20)));
        Object once = content();
        sink.write(Batch.of(records(1, 20)));
        same(
                content(),
                once,
                "a batch that was written twice is there twice: the sink inserts, where it should write by key");
    }

    /** The process that writes it again is another one. */
    @Test
    void anotherProcessWritesItAgain() throws Exception {
        Object once = written(records(1, 20));
        same(written(records(1, 20)), once, "a batch that another object writes again is there twice");
    }

    /** The process may die in the middle of a batch. */
    @Test
    void finishesABatchThatWasHalfWritten() throws Exception {
        written(records(1, 10));
        Object half = written(records(1, 20));
        same(written(records(1, 20)), half, "a batch of which one half was there already comes to something else");
    }

    /** After a restart batches are cut at other places. */
    @Test
    void doesNotMindWhereBatchesAreCut() throws Exception {
        Object once = written(records(1, 20));
        written(records(1, 7));
        written(records(8, 13));
        same(written(records(14, 20)), once, "cut into other batches, the same records come to something else");
    }

    /** A key may come twice in a batch: a page shifted, or two pages were joined. */
    @Test
    void takesAKeyTwiceInABatch() throws Exception {
        List<T> batch = records(1, 10);
        batch.add(record(3, 2));
        Object together = written(batch);
        same(
                written(List.of(record(3, laterWins() ? 2 : 1))),
                together,
                "two versions of a record in one batch: the " + (laterWins() ? "later" : "first") + " should stay");
    }

    /** The same record may come twice in a batch. */
    @Test
    void takesARecordTwiceInABatch() throws Exception {
        Object once = written(records(1, 10));
        List<T> twice = records(1, 10);
        twice.addAll(records(1, 10));
        same(written(twice), once, "records that are twice in one batch are there twice, or not as they were");
    }

    /** A changed record replaces the one before, or not, as the sink says. */
    @Test
    void writesAChange() throws Exception {
        Object before = written(records(1, 5));
        Object after = written(List.of(record(2, 2)));
        Lesson.unless(
                before.equals(after) != laterWins(),
                "a later version of a record has " + (laterWins() ? "not " : "") + "replaced the first",
                "what has changed at the source would " + (laterWins() ? "never arrive" : "overwrite what is to stay"),
                "update the row if its key is there; or say laterWins() = false, if yours keeps the first");
        same(
                written(List.of(record(2, laterWins() ? 2 : 1))),
                after,
                "written again, the version that won comes to something else");
    }

    /** A sink that does not mind the order of versions comes to the same end in each. */
    @Test
    void mindsNoOrderIfItSaysSo() throws Exception {
        assumeTrue(sink().orderFree(), "not checked: the sink minds the order, orderFree() is false");
        written(records(1, 5, 1));
        Object end = written(records(1, 5, 2));
        same(
                written(records(1, 5, 1)),
                end,
                "orderFree() is true, and an older version that comes late replaces the newer");
        same(
                written(records(1, 5, 2)),
                end,
                "orderFree() is true, and another order of versions comes to something else");
    }

    /** A batch of nothing is nothing. */
    @Test
    void takesAnEmptyBatch() throws Exception {
        Object before = written(records(1, 3));
        same(written(List.of()), before, "a batch of nothing changes something");
    }

    /** A large page is handed over whole where the job says so. */
    @Test
    void takesMoreThanItLikes() throws Exception {
        int likes = sink().batchSize();
        Lesson.unless(
                likes >= 1 && likes == sink().batchSize(),
                "batchSize() is " + likes + " and then " + sink().batchSize(),
                "pages are cut and joined by it",
                "return one number, from 1 on");
        int size = Math.min(likes, MANY) + 1;
        Object together = written(records(1, size));
        same(written(records(size, size)), together, "of " + size + " records in one batch, the last is not there");
    }

    /** What the sink tells of its records is true. */
    @Test
    void tellsWhatBecameOfEachRecord() throws Exception {
        Batch<T> first = Batch.of(records(1, 10));
        sink().write(first);
        told(
                first,
                createsRecords() ? Set.of(Batch.Outcome.WRITTEN) : Set.of(Batch.Outcome.UPDATED),
                "written for the first time");
        Batch<T> again = Batch.of(records(1, 10));
        sink().write(again);
        Set<Batch.Outcome> taken = new HashSet<>(Set.of(Batch.Outcome.values()));
        taken.remove(Batch.Outcome.REFUSED);
        told(again, taken, "that was there already");
    }

    private static void told(Batch<?> batch, Set<Batch.Outcome> outcomes, String which) {
        for (int i = 0; i < batch.size(); i++) {
            Lesson.unless(
                    outcomes.contains(batch.outcome(i)),
                    "of a record " + which + " the sink says " + batch.outcome(i) + " " + batch.reason(i),
                    "the report counts what the sink tells, and somebody believes it",
                    "say updated, unchanged or refused of the right index, or nothing");
        }
    }

    /** The key finds a record again, whatever its values. */
    @Test
    void namesRecordsByTheirKeys() throws Exception {
        Sink<T> sink = sink();
        String key = sink.key(record(1, 1));
        assumeTrue(
                !key.isEmpty(),
                "not checked: the sink names no key; with keyedBy(…) dead letters say which record they mean");
        Lesson.unless(
                key.equals(sink.key(record(1, 2)))
                        && key.equals(sink().key(record(1, 1)))
                        && !key.equals(sink.key(record(2, 1))),
                "the key of a record is '" + key + "', of its next version '" + sink.key(record(1, 2))
                        + "', of another record '" + sink.key(record(2, 1)) + "'",
                "a dead letter is found again, and replaced, by its key",
                "let key(record) give what tells records apart, and nothing that changes");
    }

    /** Several partitions are written at once. */
    @Test
    void isWrittenToBySeveralPartitions() throws Exception {
        together(List.of(records(1, 15), records(16, 30), records(31, 45), records(46, 60)));
        Object end = content();
        same(
                written(records(1, 60)),
                end,
                "records of partitions that were written side by side are not there, or not as they were");
    }

    /** Partitions that overlap are written side by side only if the order is free. */
    @Test
    void takesTheSameKeysFromSeveralPartitionsIfOrderIsFree() throws Exception {
        assumeTrue(sink().orderFree(), "not checked: the sink minds the order, orderFree() is false");
        List<T> backwards = records(1, 30);
        Collections.reverse(backwards);
        together(List.of(records(1, 30), backwards, records(1, 30), backwards));
        Object end = content();
        same(
                written(records(1, 30)),
                end,
                "the same records, written side by side, are there twice or not as they were");
    }

    private void together(List<List<T>> parts) throws Exception {
        Sink<T> sink = sink();
        List<FutureTask<Boolean>> writing = new ArrayList<>();
        for (List<T> part : parts) {
            FutureTask<Boolean> task = new FutureTask<>(() -> {
                for (int i = 0; i < part.size(); i += 5) {
                    sink.write(Batch.of(part.subList(i, i + 5)));
                }
                return true;
            });
            writing.add(task);
            Thread thread = new Thread(task, "writes a partition");
            thread.setDaemon(true);
            thread.start();
        }
        for (FutureTask<Boolean> task : writing) {
            Elsewhere.result(task);
        }
    }

    /** The runner may tell it of a beginning or an end twice. */
    @Test
    void mayBeToldOfABeginningAndAnEndTwice() throws Exception {
        Sink<T> sink = sink();
        for (int i = 0; i < 2; i++) {
            sink.beginAnew();
        }
        for (int i = 0; i < 2; i++) {
            sink.begin("all", Cursor.START);
        }
        sink.write(Batch.of(records(1, 20)));
        sink.end("all", false);
        Object end = content();
        sink.end("all", false);
        same(content(), end, "told of the end of a partition once more, the sink changes something");
    }

    /** A dry run writes nothing. */
    @Test
    void writesNothingInADryRun() throws Exception {
        Object before = written(records(1, 5));
        Sink<T> dry = sink().dryRun();
        dry.beginAnew();
        dry.begin("all", Cursor.START);
        dry.write(Batch.of(records(3, 20, 2)));
        dry.end("all", false);
        Lesson.unless(
                before.equals(content()),
                "a dry run changes the target from " + Lesson.cut(before) + " to " + Lesson.cut(content()),
                "people make a dry run on the real data, because it changes nothing",
                "leave dryRun() as it is, or let what it returns write to a copy");
    }

    /** The machine's time zone changes nothing. */
    @Test
    @ResourceLock(Resources.TIME_ZONE)
    void doesNotDependOnTheTimeZone() throws Exception {
        Object here = written(records(1, 10));
        for (String zone : List.of("Pacific/Kiritimati", "Pacific/Pago_Pago")) {
            Elsewhere.inTimeZone(zone, () -> written(records(1, 10)));
            same(
                    content(),
                    here,
                    "a time zone slip: on a machine in " + zone + " the same records are written in another way");
        }
    }

    /** The machine's language changes nothing. */
    @Test
    @ResourceLock(Resources.LOCALE)
    void doesNotDependOnTheLanguage() throws Exception {
        Object here = written(records(1, 10));
        for (String language : List.of("ar-EG-u-nu-arab", "tr-TR")) {
            Elsewhere.inLanguage(language, () -> written(records(1, 10)));
            same(
                    content(),
                    here,
                    "on a machine whose language is " + language + " the same records are written in another way");
        }
    }

    /** Interrupted, it stops or goes on, and does not forget that it was interrupted; then it can be written to again. */
    @Test
    void honoursAnInterrupt() throws Exception {
        Sink<T> sink = sink();
        sink.write(Batch.of(records(1, 5)));
        Object once = content();
        Optional<String> swallowed = Elsewhere.whatBecomesOfAnInterrupt(() -> {
            sink.write(Batch.of(records(1, 5)));
            return true;
        });
        Lesson.unless(
                swallowed.isEmpty(),
                "an interrupt is swallowed: the sink was interrupted while it wrote, " + swallowed.orElse("")
                        + ", and nobody can see it",
                "an interrupt is how a run that must end is ended; one that is swallowed lets it hang until it is killed",
                "let InterruptedException through, or set the flag again with Thread.currentThread().interrupt()");
        sink.write(Batch.of(records(1, 5)));
        same(content(), once, "after an interrupt, the same records come to something else");
    }

    /** What it says of itself is the same in every process. */
    @Test
    void saysTheSameOfItself() throws Exception {
        Sink<T> sink = sink();
        String definition = sink.definition();
        sink.write(Batch.of(records(1, 5)));
        String another = sink().definition();
        Lesson.unless(
                definition.equals(another) && definition.equals(sink.definition()),
                "the sink defines itself as '" + Lesson.cut(definition) + "' and then as '" + Lesson.cut(another) + "'",
                "a job whose definition has changed is not resumed",
                "leave out what may change freely: counts, times, ports, identities of objects");
    }

    /** Whenever a process dies while it writes, nothing is lost and nothing is doubled. */
    @Test
    void survivesEveryCrash() throws Exception {
        AtomicInteger worlds = new AtomicInteger();
        Killing.explained(() -> CrashSweep.of(
                        () -> Killing.scenario(world -> pipeline(world, worlds.incrementAndGet())))
                .with(
                        World.Fault.CRASH_BEFORE,
                        World.Fault.CRASH_TORN,
                        World.Fault.CRASH_AFTER,
                        World.Fault.FAIL_BEFORE,
                        World.Fault.FAIL_AFTER)
                .every(3) // each commit of a real database takes its time
                .run());
    }

    /** Writes the next version of the same few records in every world; the end is whether writing them once more changes anything. */
    private PipelineContract.Pipeline pipeline(World world, int version) throws Exception {
        Source<Integer> numbers = from -> {
            int first = from.orElse(1);
            List<Integer> page = List.of(first, first + 1, first + 2, first + 3);
            return first > 8 ? Page.last(page) : Page.of(page, first + 4);
        };
        Sink<T> sink = sink();
        Checkpoint progress = world.checkpoint(new MemoryCheckpoint());
        return new PipelineContract.Pipeline(
                () -> Backfill.named("contract")
                        .from(world.source(numbers))
                        .map(number -> record(number, version))
                        .into(world.sink(sink))
                        .batch(4)
                        .checkpoint(progress),
                () -> {
                    Object end = content();
                    Object again = written(records(1, 12, version));
                    return end.equals(again)
                            ? "whole"
                            : Lesson.cut(end) + ", and written whole once more " + Lesson.cut(again);
                });
    }

    /** A record that the target does not take is told, and no other. */
    @Test
    void tellsWhichRecordIsBad() throws Exception {
        T bad = bad();
        for (int place : List.of(0, 4, 9)) {
            List<T> records = records(1, 9);
            records.add(place, bad);
            Batch<T> batch = Batch.of(records);
            try {
                sink().write(batch);
            } catch (RefusedException e) {
                continue; // the runner halves the batch until it has the record
            }
            for (int i = 0; i < batch.size(); i++) {
                boolean refused = batch.outcome(i) == Batch.Outcome.REFUSED;
                Lesson.unless(
                        refused || i != place,
                        "failures of single records are ignored: the target does not take record " + place
                                + " of a batch, and the sink says that it is " + batch.outcome(i),
                        "the record is in no table and in no dead letter: it is lost, and the job is COMPLETE",
                        "read what the other side says of each record, also when it says 200 OK, and tell batch.refused(i, why);"
                                + " or throw a RefusedException for the batch");
                Lesson.unless(
                        !refused || i == place,
                        "the sink refuses record " + i + ", and the bad one is " + place + ": " + batch.reason(i),
                        "a good record becomes a dead letter, and the bad one passes for written",
                        "tell batch.refused(i, why) of the index in the batch as it was given");
                Lesson.unless(
                        !refused || !batch.reason(i).isBlank(),
                        "a record is refused without a reason",
                        "a dead letter is read by a person who must know what to mend",
                        "say what the other side said of it");
            }
        }
    }

    /** Refused records become dead letters, and the others are written. */
    @Test
    void writesTheOthersWhenOneIsBad() throws Exception {
        T bad = bad();
        Object good = written(records(1, 9));
        List<T> records = records(1, 12);
        records.add(6, bad);
        Source<T> source = from -> Page.last(records);
        Backfill job = Backfill.named("contract")
                .from(source)
                .into(sink())
                .tolerate(1, 1)
                .checkpoint(new MemoryCheckpoint());
        long dead = job.run().counts().deadLetters();
        Lesson.unless(
                dead == 1 && !content().equals(good),
                "with one bad record among 13 there are " + dead + " dead letters, and the target holds "
                        + Lesson.cut(content()),
                "a poisoned record must hurt only itself",
                "let write either tell batch.refused(i, why) and write the others, or throw a RefusedException and write none");
        Object end = content();
        same(written(records(1, 12)), end, "the good records beside a bad one are not there");
    }

    /** When the target cannot be reached, the sink fails. */
    @Test
    void failsWhenTheTargetFails() throws Exception {
        failure();
    }

    /** A failure that may pass is tried again. */
    @Test
    void saysThatAFailureMayPass() throws Exception {
        Failing.mayPass(failure());
    }

    private Exception failure() throws Exception {
        Sink<T> broken = broken();
        Exception failure = Failing.of(() -> {
            broken.write(Batch.of(records(1, 3)));
            return true;
        });
        if (failure == null) {
            throw new Lesson(
                    "an error is swallowed: the target cannot be reached, and the sink returns as if all was written",
                    "the bookmark moves on, and the records are lost",
                    "let the exception through; the runner tries again, and says where it failed");
        }
        return failure;
    }

    /** Whatever stands in a record stays a text: it is stored whole or refused, and does nothing. */
    @Test
    void keepsHostileTextAsText() throws Exception {
        written(records(1, 3));
        Object plain = written(List.of(saying(4, "plain")));
        Set<Object> seen = new HashSet<>(List.of(plain));
        for (String text : Hostile.TEXTS) {
            Batch<T> batch = Batch.of(List.of(saying(4, text)));
            boolean refused;
            try {
                sink().write(batch);
                refused = batch.outcome(0) == Batch.Outcome.REFUSED;
            } catch (RefusedException e) {
                refused = true;
            }
            Lesson.unless(
                    refused || !laterWins() || seen.add(content()),
                    "a text is not stored as it is: with " + Hostile.shown(text)
                            + " the target looks as with another text",
                    "data that is cut or changed on its way is wrong in the table, and nobody knows",
                    "bind values instead of joining them into a statement or an address, or refuse the record");
            same(
                    written(List.of(saying(4, "plain"))),
                    plain,
                    "the text " + Hostile.shown(text) + " has changed more than its record");
        }
    }

    /** Its secrets stand in nothing that it says of itself. */
    @Test
    void keepsItsSecrets() throws Exception {
        Secrets secrets = new Secrets(secrets());
        Sink<T> sink = sink();
        secrets.notIn("toString", sink.toString());
        secrets.notIn("the definition", sink.definition());
        secrets.notIn("a key", sink.key(record(1, 1)));
    }

    /** Its secrets stand in no failure. */
    @Test
    void keepsItsSecretsOutOfFailures() throws Exception {
        Secrets secrets = new Secrets(secrets());
        secrets.notIn(failure());
    }
}

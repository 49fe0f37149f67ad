package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Save;
import dev.backfill.Sink;
import dev.backfill.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * What every checkpoint must do. Extend it, say how yours is opened, and run it as a JUnit test. The dead letters that it keeps are checked
 * too.
 */
public abstract class CheckpointContract extends DeadLetterContract {

    private static final String WHY =
            "a bookmark that is lost makes a job begin again, and one that is wrong makes it leave records out";

    /** For subclasses. */
    protected CheckpointContract() {}

    private static void kept(Claim claim, List<Bookmark> bookmarks) throws Exception {
        List<Bookmark> is = claim.load();
        if (is.size() == bookmarks.size() && new HashSet<>(is).equals(new HashSet<>(bookmarks))) {
            return;
        }
        List<Bookmark> missing = new ArrayList<>(bookmarks);
        missing.removeAll(is);
        List<Bookmark> more = new ArrayList<>(is);
        more.removeAll(bookmarks);
        throw new Lesson(
                is.size() + " bookmarks are there and " + bookmarks.size() + " should be; missing are "
                        + Lesson.some(missing) + " and there are instead " + Lesson.some(more),
                WHY,
                "keep each bookmark to the letter, its cursor's JSON as it is, the last for each phase and partition");
    }

    /** Saves in one claim and looks in it and in the next. */
    private void keeps(List<Bookmark> bookmarks) throws Exception {
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            claim.save(new Save(bookmarks, List.of()));
            kept(claim, bookmarks);
        }
        try (Claim claim = claim()) {
            kept(claim, bookmarks);
        }
    }

    private static void defined(Claim claim, String definition) {
        Lesson.unless(
                claim.definition().equals(Optional.of(definition)),
                "the definition is " + Lesson.cut(claim.definition()) + " and should be " + Lesson.cut(definition),
                "by it a job sees that it has changed since its progress was kept",
                "keep it to the letter, for each job, until begin or redefine gives another");
    }

    /** Nothing saved is nothing, not an error. */
    @Test
    void aNewJobHasNoProgress() throws Exception {
        try (Claim claim = claim()) {
            Lesson.unless(
                    claim.run() == 1
                            && claim.definition().isEmpty()
                            && claim.deadLetters().isEmpty(),
                    "a job that never ran has run number " + claim.run() + ", definition " + claim.definition()
                            + " and dead letters " + claim.deadLetters(),
                    "a first run begins at 1 with nothing",
                    "let open() give a place that is empty when a test begins");
            kept(claim, List.of());
        }
    }

    /** What was saved is there for the next process, to the letter. */
    @Test
    void keepsWhatWasSaved() throws Exception {
        String definition = "source a\nsink b ü \"quoted\"\n" + "x".repeat(5_000);
        List<Bookmark> both;
        try (Claim claim = claim()) {
            claim.begin(definition, List.of());
            both = List.of(
                    bookmark(claim, "2024-01-01", Map.of("skip", 200, "anchors", List.of("x", "'; --")), false, 3),
                    new Bookmark(
                            JOB,
                            "main",
                            "ü/..\\ \t\"'",
                            claim.run(),
                            Cursor.START,
                            true,
                            new Counts(9, 1, 2, 6, 7, 1, 2, 3, 1)));
            claim.save(new Save(both, List.of()));
        }
        try (Claim claim = claim()) {
            defined(claim, definition);
            kept(claim, both);
        }
    }

    /** Each run has a larger number, also one that has saved nothing. */
    @Test
    void countsRunsUp() throws Exception {
        long before = 0;
        for (int i = 0; i < 4; i++) {
            try (Claim claim = claim()) {
                Lesson.unless(
                        claim.run() > before,
                        "run " + before + " is followed by run " + claim.run(),
                        "by its number a checkpoint tells a runner that slept from the one that has taken over",
                        "raise the number with each claim, durably, before it is given out");
                before = claim.run();
            }
        }
    }

    /** A partition has one bookmark: the last. */
    @Test
    void keepsTheLastBookmarkOfAPartition() throws Exception {
        List<Bookmark> last;
        try (Claim claim = claim()) {
            claim.begin("d", List.of(bookmark(claim, "p", 1, false, 0)));
            for (int i = 2; i < 100; i++) {
                claim.save(save(bookmark(claim, "p", i, false, i)));
            }
            last = List.of(bookmark(claim, "p", 100, true, 100));
            claim.save(new Save(last, List.of()));
            kept(claim, last);
        }
        try (Claim claim = claim()) {
            kept(claim, last);
        }
    }

    /** A partition that was done may be opened again, and one may begin again from its start. */
    @Test
    void letsAPartitionGoBack() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("d", List.of(bookmark(claim, "p", 9, true, 9), bookmark(claim, "q", 9, false, 9)));
        }
        List<Bookmark> back;
        try (Claim claim = claim()) {
            Bookmark start = new Bookmark(JOB, "main", "q", claim.run(), Cursor.START, false, Counts.ZERO);
            back = List.of(bookmark(claim, "p", 9, false, 9), start);
            claim.save(new Save(back, List.of()));
        }
        try (Claim claim = claim()) {
            kept(claim, back);
        }
    }

    /** A thousand partitions, saved at once and one by one. */
    @Test
    void keepsManyPartitions() throws Exception {
        List<Bookmark> all = new ArrayList<>();
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            List<Bookmark> first = IntStream.range(0, 1_000)
                    .mapToObj(i -> bookmark(claim, "part " + i, i + 1, false, 0))
                    .toList();
            claim.save(new Save(first, List.of()));
            all.addAll(first);
            for (int i = 0; i < 1_000; i += 100) {
                Bookmark done = bookmark(claim, "part " + i, i + 1, true, 5);
                claim.save(save(done));
                all.set(i, done);
            }
        }
        try (Claim claim = claim()) {
            kept(claim, all);
        }
    }

    /** Partitions and phases whose names look alike are different. */
    @Test
    void tellsPartitionsAndPhasesApart() throws Exception {
        List<Bookmark> all = new ArrayList<>();
        List<String> names = List.of(
                "p",
                "P",
                "p ",
                " p",
                "p.",
                "../p",
                "p%20",
                "ä",
                "a\u0308",
                "ı",
                "I",
                "i",
                "$p",
                "a.b",
                "null",
                "'; --",
                "\uD83D\uDC1F");
        for (String phase : List.of("main", "Main", "main/p")) {
            for (String name : names) {
                all.add(new Bookmark(JOB, phase, name, 1, Cursor.of(all.size() + 1), false, Counts.ZERO));
            }
        }
        keeps(all);
    }

    /** A cursor is whatever its source has put there. */
    @Test
    void keepsEveryCursorToTheLetter() throws Exception {
        List<String> cursors = List.of(
                "0",
                "-1",
                "1.10",
                "1e3",
                "12345678901234567890123",
                "true",
                "\"\"",
                "\"2024-02-29T23:59:59.999999999Z\"",
                "\"ü \\\\ \\\" \\u0000 \\n '; -- $where\"",
                "[]",
                "{}",
                "[1,[2,[3]],null]",
                "{\"$gt\":1,\"a.b\":{\"$set\":null},\"\":2}",
                "{\"z\":1,\"a\":2}");
        List<Bookmark> all = new ArrayList<>();
        for (String cursor : cursors) {
            all.add(new Bookmark(JOB, "main", "of " + all.size(), 1, Cursor.parse(cursor), false, Counts.ZERO));
        }
        keeps(all);
    }

    /** A cursor may be large. */
    @Test
    void keepsALargeCursor() throws Exception {
        keeps(List.of(new Bookmark(JOB, "main", "p", 1, Cursor.of("x".repeat(100_000)), false, Counts.ZERO)));
    }

    /** Counts may be larger than an int. */
    @Test
    void keepsLargeCounts() throws Exception {
        long many = 3_000_000_000_000L;
        Counts counts = new Counts(6 * many, many, 2 * many, 3 * many, 10 * many, many, 2 * many, 3 * many, 4 * many);
        keeps(List.of(new Bookmark(JOB, "main", "p", 1, Cursor.of(many), false, counts)));
    }

    /** A save of nothing changes nothing. */
    @Test
    void takesAnEmptySave() throws Exception {
        try (Claim claim = claim()) {
            List<Bookmark> one = List.of(bookmark(claim, "p", 1, false, 0));
            claim.begin("d", one);
            claim.save(save());
            kept(claim, one);
        }
    }

    /** Names that look alike are different jobs. */
    @Test
    void keepsJobsApart() throws Exception {
        List<String> names = List.of("job", "Job", "job ", "../job", "job%20", "jöb", "job.lock");
        for (String name : names) {
            try (Claim claim = open().claim(name, Duration.ZERO)) {
                Lesson.unless(
                        claim.definition().isEmpty() && claim.run() == 1,
                        "the new job '" + name + "' has the progress of another: " + claim.definition(),
                        "two jobs would move each other's bookmarks",
                        "keep jobs under their exact names, also where case or spaces are not told apart");
                claim.begin("definition of " + name, List.of());
            }
        }
        for (String name : names) {
            try (Claim claim = open().claim(name, Duration.ZERO)) {
                defined(claim, "definition of " + name);
            }
        }
    }

    /** Two jobs are at work at once in one place. */
    @Test
    void servesSeveralJobsAtOnce() throws Exception {
        try (Claim claim = claim();
                Claim other = open().claim("other", Duration.ZERO)) {
            claim.begin("d", List.of());
            other.begin("e", List.of());
            List<Bookmark> one = List.of(bookmark(claim, "p", 1, false, 0));
            claim.save(new Save(one, List.of()));
            kept(other, List.of());
            kept(claim, one);
            defined(other, "e");
        }
    }

    private static void held(Callable<Claim> claiming, String when) throws Exception {
        Exception failure = Failing.of(() -> {
            claiming.call().close();
            return true;
        });
        Lesson.unless(
                failure instanceof BackfillException.Held
                        && String.valueOf(failure.getMessage()).contains(JOB),
                "a second runner claims the job " + when + " and gets "
                        + (failure == null ? "it" : String.valueOf(failure)),
                "two runners on one job write and save against each other",
                "refuse with BackfillException.Held, which names the job and, if you know it, the holder");
    }

    /** One runner at a time; the other is told so, or waits. */
    @Test
    void letsOneRunnerInAtATime() throws Exception {
        Claim first = claim();
        try {
            first.begin("d", List.of());
            held(this::claim, "while another has it");
            Checkpoint second = open();
            FutureTask<Claim> waiting = new FutureTask<>(() -> second.claim(JOB, Duration.ofMinutes(1)));
            start(waiting);
            first.save(save(bookmark(first, "p", 1, false, 0)));
            Lesson.unless(
                    !waiting.isDone(),
                    "a runner that waits for the job has it while another holds it",
                    "two runners on one job write and save against each other",
                    "let claim wait until the other has closed its claim or is dead");
            first.close();
            try (Claim next = Elsewhere.result(waiting)) {
                kept(next, List.of(bookmark(first, "p", 1, false, 0)));
                Lesson.unless(
                        next.run() > first.run(),
                        "the runner that waited has run number " + next.run() + ", the one before " + first.run(),
                        "by its number a checkpoint tells a runner that slept from the one that has taken over",
                        "give the number when the claim is given, not when it is asked for");
            }
        } finally {
            first.close();
        }
    }

    private static void start(FutureTask<?> task) {
        Thread thread = new Thread(task, "another runner");
        thread.setDaemon(true);
        thread.start();
    }

    /** Of many that claim a job at the same moment, one has it. */
    @Test
    void letsOneOfManyIn() throws Exception {
        for (int round = 0; round < 5; round++) {
            List<FutureTask<Optional<Claim>>> claiming = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Checkpoint place = open();
                FutureTask<Optional<Claim>> task = new FutureTask<>(() -> {
                    try {
                        return Optional.of(place.claim(JOB, Duration.ZERO));
                    } catch (BackfillException.Held e) {
                        return Optional.empty();
                    }
                });
                claiming.add(task);
            }
            claiming.forEach(CheckpointContract::start);
            List<Claim> given = new ArrayList<>();
            for (FutureTask<Optional<Claim>> task : claiming) {
                Elsewhere.result(task).ifPresent(given::add);
            }
            given.forEach(Claim::close);
            Lesson.unless(
                    given.size() == 1,
                    "of 8 runners that claimed the job at once, " + given.size() + " have it",
                    "a scheduler that starts a job twice must not make it run twice, nor not at all",
                    "take the job in one step of the store: an insert, an update with a condition, a lock");
        }
    }

    /** Somebody who was refused has changed nothing. */
    @Test
    void refusesWithoutATrace() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            for (int i = 0; i < 3; i++) {
                held(this::claim, "while another has it");
            }
            List<Bookmark> one = List.of(bookmark(claim, "p", 1, false, 0));
            claim.save(new Save(one, List.of()));
            kept(claim, one);
        }
    }

    /** Giving a claim back twice, or late, does not free what another has taken. */
    @Test
    void freesNothingByALateClose() throws Exception {
        Claim late = claim();
        late.close();
        late.close();
        try (Claim next = claim()) {
            late.close();
            held(this::claim, "after an earlier claim was closed once more");
            next.begin("d", List.of());
        }
    }

    /** Somebody who is interrupted while he waits holds nothing. */
    @Test
    void leavesNothingBehindWhenInterrupted() throws Exception {
        Claim first = claim();
        Checkpoint place = open();
        Optional<String> swallowed = Elsewhere.whatBecomesOfAnInterrupt(() -> place.claim(JOB, Duration.ofMinutes(10)));
        first.close();
        Lesson.unless(
                swallowed.isEmpty(),
                "an interrupt is swallowed: while it waited for another runner, " + swallowed.orElse(""),
                "a program that is to stop would hang for as long as it was told to wait",
                "let InterruptedException through");
        claim().close();
    }

    /** After it was given back, a claim can save nothing more. */
    @Test
    void savesNothingThroughAClosedClaim() throws Exception {
        Claim late = claim();
        late.begin("d", List.of());
        Bookmark early = bookmark(late, "p", 1, false, 0);
        late.save(save(early));
        late.close();
        try (Claim next = claim()) {
            lost("save", Failing.of(() -> {
                late.save(save(bookmark(late, "p", 2, true, 0)));
                return true;
            }));
            kept(next, List.of(early));
        }
    }

    /** Nor begin or redefine the job. */
    @Test
    void beginsNothingThroughAClosedClaim() throws Exception {
        Claim late = claim();
        List<Bookmark> early = List.of(bookmark(late, "p", 1, false, 0));
        late.begin("d", early);
        late.close();
        try (Claim next = claim()) {
            lost("begin", Failing.of(() -> {
                late.begin("late", List.of());
                return true;
            }));
            lost("redefine", Failing.of(() -> {
                late.redefine("late");
                return true;
            }));
            kept(next, early);
            defined(next, "d");
        }
    }

    /** Beginning anew forgets bookmarks and dead letters in one step, and keeps the run number. */
    @Test
    void beginsAnew() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("old", List.of(bookmark(claim, "gone", 1, true, 0)));
            claim.save(new Save(List.of(), List.of(letter("k", "r", 1))));
        }
        List<Bookmark> fresh;
        try (Claim claim = claim()) {
            fresh = List.of(bookmark(claim, "p", 1, false, 0));
            claim.begin("new", fresh);
        }
        try (Claim claim = claim()) {
            defined(claim, "new");
            kept(claim, fresh);
            Lesson.unless(
                    claim.deadLetters().isEmpty() && claim.run() == 3,
                    "after a new beginning there are the dead letters " + claim.deadLetters() + ", in run "
                            + claim.run(),
                    "letters of a pass that is forgotten would be replayed; and a run number that begins anew fences nobody",
                    "forget bookmarks and letters in one step, and keep the run number");
            claim.redefine("newer");
        }
        try (Claim claim = claim()) {
            defined(claim, "newer");
            kept(claim, fresh);
        }
    }

    /** Several partitions save at once. */
    @Test
    void savesFromManyThreads() throws Exception {
        List<Bookmark> last = new ArrayList<>();
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            List<FutureTask<Boolean>> saving = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String partition = "part " + i;
                last.add(bookmark(claim, partition, 50, true, 50));
                FutureTask<Boolean> task = new FutureTask<>(() -> {
                    for (int j = 1; j <= 50; j++) {
                        claim.save(save(bookmark(claim, partition, j, j == 50, j)));
                    }
                    return true;
                });
                saving.add(task);
                start(task);
            }
            for (FutureTask<Boolean> one : saving) {
                Elsewhere.result(one);
            }
        }
        try (Claim claim = claim()) {
            kept(claim, last);
        }
    }

    /** Progress that was kept on a machine of another language is read on this one. */
    @Test
    @ResourceLock(Resources.LOCALE)
    void doesNotDependOnTheLanguage() throws Exception {
        for (String language : List.of("ar-EG-u-nu-arab", "tr-TR")) {
            String job = "I " + language;
            Elsewhere.inLanguage(language, () -> {
                try (Claim claim = open().claim(job, Duration.ZERO)) {
                    Counts counts = new Counts(9, 1, 2, 6, 7, 1, 2, 3, 1);
                    claim.begin("d", List.of(new Bookmark(job, "main", "I", 1, Cursor.of(1_234_567), false, counts)));
                }
                return true;
            });
            try (Claim claim = open().claim(job, Duration.ZERO)) {
                defined(claim, "d");
                Lesson.unless(
                        claim.load().size() == 1 && claim.load().get(0).cursor().equals(Cursor.of(1_234_567)),
                        "progress that was kept under the language " + language + " is read here as " + claim.load(),
                        "a job moves to another server and must go on there",
                        "give Locale.ROOT to format, toLowerCase and toUpperCase");
            }
        }
    }

    /** It carries a whole pipeline through every crash. */
    @Test
    void survivesEveryCrash() throws Exception {
        AtomicInteger worlds = new AtomicInteger();
        Killing.explained(() -> CrashSweep.of(
                        () -> Killing.scenario(world -> pipeline(world, worlds.incrementAndGet()), 2, 2))
                .with(World.Fault.CRASH_BEFORE, World.Fault.CRASH_AFTER, World.Fault.FAIL_AFTER)
                .every(2)
                .run());
    }

    /** A job of its own in every world, all in the one place. */
    private PipelineContract.Pipeline pipeline(World world, int number) throws Exception {
        TreeSet<Integer> arrived = new TreeSet<>();
        Source<Integer> numbers = from -> {
            int first = from.orElse(1);
            List<Integer> page = List.of(first, first + 1);
            return first > 4 ? Page.last(page) : Page.of(page, first + 2);
        };
        Sink<Integer> sink = batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i) == 3) {
                    batch.refused(i, "no threes");
                } else {
                    arrived.add(batch.get(i));
                }
            }
        };
        Checkpoint place = world.checkpoint(open());
        Backfill job = Backfill.named("job " + number)
                .from(world.source(numbers))
                .into(world.sink(sink))
                .batch(2)
                .checkpoint(place);
        return new PipelineContract.Pipeline(
                () -> job, () -> List.of(List.copyOf(arrived), job.deadLetters().size()));
    }
}

package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.DeadLetter;
import dev.backfill.Event;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.SlotLimiter;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.testkit.Pipeline.Row;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The whole life of a job, drawn from one number: what it is made of, what goes wrong, and how often it is started again. In the end, and
 * on the way, it says what must be true.
 */
final class Swarm {

    /** After so many runs nothing goes wrong any more, and the job has to come to its end. */
    private static final int TROUBLED_RUNS = 8;

    private static final int MOST_RUNS = TROUBLED_RUNS + 4;

    /** The longest that a lane waits for more pages to join. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private static final Duration PER = Duration.ofSeconds(10);

    private final long seed;
    private final SplittableRandom random;
    private final World world;
    private final SwarmTroubles troubles;
    private final SwarmSource source;
    private final Set<String> probes = new TreeSet<>();

    // what the job is made of
    private final String place;
    private final int batch;
    /** Partitions side by side; 0 for a job that says nothing. */
    private final int parallel;

    private final boolean twoPhases;
    private final int calls;
    private final Set<Integer> poison = new HashSet<>();
    private final Database database;
    private final Database.Table<Row> first;
    private final Database.Table<Row> second;
    private final Database memory;

    // what is known of its life
    private final Map<String, Long> reached = new HashMap<>();
    private int stops;
    private final boolean changes;
    private String version = "1";
    private boolean healed;

    Swarm(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.world = new World(random.nextLong());
        this.troubles = new SwarmTroubles(random.split(), world, probes);
        this.source = new SwarmSource(random.split(), world, troubles, probes);
        this.place = List.of("files", "memory", "database").get(random.nextInt(3));
        this.batch = random.nextInt(12) + 1;
        int width = random.nextInt(3) + 1;
        this.parallel = Math.floorMod(seed, 4) == 3 ? 0 : width;
        this.twoPhases = random.nextInt(6) == 0;
        this.calls = random.nextBoolean() ? random.nextInt(6) + 1 : 0;
        this.stops = random.nextInt(4) == 0 ? 2 : 0;
        this.changes = random.nextInt(16) == 0;
        this.database = world.database();
        this.memory = world.database();
        this.first = database.table(Row::key);
        this.second = database.table(Row::key);
        if (random.nextInt(3) == 0) {
            source.stable().stream().filter(number -> random.nextInt(8) == 0).forEach(poison::add);
            first.poison(row -> !healed && poison.contains(Integer.parseInt(row.key())));
        }
    }

    /** What a life has come to. */
    record Ended(int runs, int deaths, long operations, List<String> trace, Set<String> probes) {}

    /** Lives it; an assertion that does not hold names the seed and what happened. */
    Ended live() throws Exception {
        try {
            return lived();
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + ", " + this + ": " + e.getMessage() + "\nwhat happened:\n  "
                            + String.join("\n  ", world.trace()),
                    e);
        }
    }

    @Override
    public String toString() {
        return place + ", " + source + ", batch " + batch + ", parallel " + parallel
                + (twoPhases ? ", two phases" : "") + (calls > 0 ? ", " + calls + " calls per " + PER : "") + ", "
                + poison.size() + " poisoned, " + troubles;
    }

    private Ended lived() throws Exception {
        for (int runs = 1; runs <= MOST_RUNS; runs++) {
            if (runs > TROUBLED_RUNS) {
                troubles.end();
                stops = 0;
            }
            version = changes && runs > 2 ? "2" : "1";
            Optional<Report> report = process();
            if (report.isPresent() && report.get().complete()) {
                troubles.end();
                end(report.get());
                return new Ended(runs, troubles.deaths(), world.operations(), world.trace(), probes);
            }
        }
        throw new AssertionError("it did not come to its end in " + MOST_RUNS + " runs");
    }

    // ---- one process

    private Optional<Report> process() throws Exception {
        try {
            return world.run(this::work);
        } catch (BackfillException.Changed e) {
            probes.add("a changed job was refused");
            acceptTheChange();
            return Optional.empty();
        } catch (BackfillException e) {
            probes.add("run failed");
            if (troubles.ended()) {
                throw e;
            }
            return Optional.empty();
        } catch (UncheckedIOException e) {
            probes.add("limiter could not be kept");
            return Optional.empty();
        }
    }

    private void acceptTheChange() throws Exception {
        try {
            world.run(() -> {
                job(Optional.empty()).acceptChange();
                return true;
            });
        } catch (BackfillException e) {
            probes.add("a change could not be accepted");
        }
    }

    private Report work() throws Exception {
        long begun = world.nanos();
        long excused = troubles.excused();
        Optional<SlotLimiter> limiter = calls == 0
                ? Optional.empty()
                : Optional.of(RateLimiter.of(calls, PER).keptIn(Path.of("/limits"), "us"));
        try {
            Patient patient = new Patient();
            AtomicReference<@Nullable Run> run = new AtomicReference<>();
            int stopAt = stops > 0 ? random.nextInt(12) + 1 : 0;
            int pauseAt = random.nextInt(8) == 0 ? random.nextInt(10) + 1 : 0;
            int[] events = new int[1];
            Run started = job(limiter)
                    .listen(event -> {
                        patient.hear(event);
                        events[0]++;
                        Run mine = run.get();
                        if (mine != null && events[0] == stopAt) {
                            stops--;
                            probes.add("stopped");
                            mine.stop();
                        }
                        if (mine != null && events[0] == pauseAt) {
                            probes.add("paused and resumed");
                            mine.pause();
                            mine.resume();
                        }
                    })
                    .start();
            run.set(started);
            if (random.nextInt(10) == 0) {
                secondRunner(limiter);
            }
            Report report = started.await();
            if (troubles.excused() == excused) {
                long held = limiter.map(one -> one.usage().held().toNanos()).orElse(0L);
                patient.account(report, world.nanos() - begun, held);
            }
            return report;
        } finally {
            limiter.ifPresent(SlotLimiter::close);
        }
    }

    /** Whoever comes second is refused, or finds all done if the first has ended meanwhile. */
    private void secondRunner(Optional<SlotLimiter> limiter) throws Exception {
        try {
            job(limiter).run();
            probes.add("a second runner ran after the first");
        } catch (BackfillException.Held e) {
            probes.add("a second runner was refused");
        } catch (BackfillException e) {
            probes.add("a second runner failed");
        }
    }

    private Backfill job(Optional<SlotLimiter> limiter) {
        Partitioned<Integer> parts = source.parts(limiter);
        Backfill.Flow<Row> numbers = Backfill.named("swarm")
                .phase("numbers")
                .from(world.partitioned(parts))
                .filter(number -> number % 7 != 3)
                .map(Pipeline::row);
        Backfill job = numbers.into(first);
        if (twoPhases) {
            job = job.phase("copies")
                    .from(world.source(source.rows(first::rows)))
                    .into(second);
        }
        return (parallel == 0 ? job : job.parallel(parallel))
                .batch(batch)
                .tolerate(1_000, 1)
                .patience(Duration.ofMinutes(10))
                .version(version)
                .listen(this::check)
                .checkpoint(
                        switch (place) {
                            case "files" -> FileCheckpoint.in(Path.of("/progress"));
                            case "memory" -> memory.checkpoint();
                            default -> database.checkpoint();
                        });
    }

    // ---- what must be true on the way

    private void check(Event event) {
        probes.add(event.getClass().getSimpleName());
        if (event instanceof Event.Saved saved && saved.bookmark().phase().equals("numbers")) {
            notAheadOfTheData(saved.bookmark());
            onlyForward(saved.bookmark());
        }
    }

    /** Whatever a saved bookmark has passed is in the sink, or will never be. */
    private void notAheadOfTheData(Bookmark bookmark) {
        Set<String> rows = first.rows().keySet();
        for (int number : source.before(bookmark)) {
            if (wanted(number)
                    && !poison.contains(number)
                    && !rows.contains(Pipeline.row(number).key())) {
                throw new AssertionError("the bookmark " + bookmark + " has passed " + number + ", which is nowhere");
            }
        }
    }

    private void onlyForward(Bookmark bookmark) {
        long position = source.position(bookmark);
        String lane = world.process() + " " + bookmark.partition();
        if (position < reached.getOrDefault(lane, 0L) && !source.mayBeginAgain()) {
            throw new AssertionError("progress went back to " + bookmark);
        }
        reached.put(lane, position);
    }

    private static boolean wanted(int number) {
        return number % 7 != 3;
    }

    /** Every wait has a reason: what a run took is its calls, its retries, its limit, and what lanes may wait for more pages. */
    private static final class Patient {
        private long waits;
        private int events;

        void hear(Event event) {
            events++;
            if (event instanceof Event.Retrying retrying) {
                waits += retrying.in().toNanos();
            }
        }

        void account(Report report, long took, long held) {
            long allowed = waits + held + (events + 2L + report.partitions().size()) * 4 * LINGER.toNanos();
            if (took > allowed) {
                throw new AssertionError(
                        "the run took " + Duration.ofNanos(took) + " and can account for " + Duration.ofNanos(allowed));
            }
        }
    }

    // ---- what must be true in the end

    private void end(Report report) throws Exception {
        Set<Integer> must = new TreeSet<>();
        Set<Integer> may = new TreeSet<>();
        source.stable().stream().filter(Swarm::wanted).forEach(must::add);
        source.ever().stream().filter(Swarm::wanted).forEach(may::add);
        List<DeadLetter> letters =
                world.run(() -> job(Optional.empty()).deadLetters()).orElseThrow();
        Set<Integer> found = new TreeSet<>();
        first.rows().keySet().forEach(key -> found.add(Integer.parseInt(key)));
        Set<Integer> dead = new TreeSet<>();
        letters.forEach(letter -> dead.add(Integer.parseInt(letter.key())));

        Set<Integer> lost = new TreeSet<>(must);
        lost.removeAll(found);
        lost.removeAll(dead);
        check(lost.isEmpty(), "lost: " + lost);
        Set<Integer> unexpected = new TreeSet<>(found);
        unexpected.removeAll(may);
        check(unexpected.isEmpty(), "unexpected: " + unexpected);
        check(poison.containsAll(dead), "dead without reason: " + dead);
        check(letters.size() == dead.size() || source.mayRepeatRecords(), "a dead letter is doubled: " + letters);
        check(report.deadLetters() == letters.size(), "the report says " + report.deadLetters() + " dead letters");
        check(
                report.partitions().stream().allMatch(part -> part.state() == Report.State.DONE),
                "not every partition is done: " + report);
        if (twoPhases) {
            check(second.rows().keySet().containsAll(copies(must, dead)), "lost in the second phase");
        }
        if (!source.mayRepeatRecords()) {
            long read = report.counts("numbers").read();
            check(
                    read == source.stable().size(),
                    "the report says " + read + " read of " + source.stable().size());
            repeats(found.size() + (long) second.rows().size());
        }
        if (calls > 0 && !troubles.wallClockJumped()) { // two processes have no other clock in common
            check(source.mostCallsIn(PER) <= calls, "more calls than allowed in some " + PER);
        }
        replay(must, letters);
    }

    private static Set<String> copies(Set<Integer> must, Set<Integer> dead) {
        Set<String> keys = new HashSet<>();
        must.stream()
                .filter(number -> !dead.contains(number))
                .forEach(number -> keys.add(Pipeline.row(number).key()));
        return keys;
    }

    /** Nothing is written twice by the database; elsewhere a page or batch a lane for each time that something went wrong. */
    private void repeats(long rows) {
        if (place.equals("database")) {
            check(world.recordsWritten() == rows, world.recordsWritten() + " records written for " + rows);
        } else if (!troubles.powerLost()) {
            long sideBySide = parallel == 0 ? source.mostParts() : parallel;
            long most = troubles.count() * sideBySide * (Math.max(batch, source.mostPerPage()) + source.mostPerPage());
            check(
                    world.recordsWritten() <= rows + most,
                    world.recordsWritten() + " records written for " + rows + ", and at most " + most + " may repeat");
        }
    }

    private void replay(Set<Integer> must, List<DeadLetter> letters) throws Exception {
        if (letters.isEmpty() || random.nextBoolean() || source.mayRepeatRecords()) {
            return;
        }
        healed = true;
        troubles.end();
        world.run(() -> job(Optional.empty()).replay());
        probes.add("replayed");
        check(first.rows().keySet().containsAll(copies(must, Set.of())), "lost although replayed");
        List<DeadLetter> left =
                world.run(() -> job(Optional.empty()).deadLetters()).orElseThrow();
        check(left.isEmpty(), "still dead after the replay: " + left);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** Names of probes that a large swarm reaches, each a branch of the product that is seldom taken. */
    static List<String> rareBranches() {
        List<String> all = new ArrayList<>(List.of(
                "a changed job was refused",
                "a second runner was refused",
                "a second runner ran after the first",
                "paused and resumed",
                "replayed",
                "run failed",
                "stopped",
                "limiter could not be kept"));
        for (Class<?> event : Event.class.getPermittedSubclasses()) {
            all.add(event.getSimpleName());
        }
        all.addAll(SwarmTroubles.rareBranches());
        all.addAll(SwarmSource.rareBranches());
        return all;
    }
}

package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Counts;
import dev.backfill.Report;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Kills a pipeline at every one of its operations, starts it again, and compares the end with that of a run that nobody killed.
 *
 * <pre>{@code
 * CrashSweep.of(() -> new MyScenario()).run();
 * }</pre>
 *
 * <p>Thousands of runs take seconds: all time in them is virtual.
 */
public final class CrashSweep {

    /** More runs than this for a fault mean that the pipeline goes nowhere. */
    private static final int MAX_RUNS = 4;

    /** A run after a fault may be longer than the one without by what it repeats: the second fault may be so much further. */
    private static final int RECOVERY = 10;

    private final Supplier<? extends Scenario> scenario;
    private final Set<World.Fault> faults;
    private final int every;
    private final boolean pairs;

    private CrashSweep(Supplier<? extends Scenario> scenario, Set<World.Fault> faults, int every, boolean pairs) {
        this.scenario = scenario;
        this.faults = faults;
        this.every = every;
        this.pairs = pairs;
    }

    /** A pipeline, and what it leaves behind. One object lives as long as one world: it holds what survives the death of a process. */
    public interface Scenario {

        /** The job, as a process that has just started makes it. Its parts are wrapped by the world. */
        Backfill job(World world);

        /** What must be the same in the end, however often the process died: rows, dead letters, files. Asked in the world. */
        Object end(World world) throws Exception;

        /** How many records may be written again after one death; the largest page or batch, times the partitions at work. */
        long mayRepeat();

        /** How many pages may be read again after one death. */
        long mayReadAgain();
    }

    /**
     * What a sweep has found.
     *
     * @param operations of the run that nobody killed
     * @param faults that were tried, each in a world of its own
     * @param mostRepeated records written again after one fault, at most
     * @param mostReadAgain pages read again after one fault, at most
     */
    public record Result(int operations, int faults, long mostRepeated, long mostReadAgain) {}

    /** A sweep with every fault at every operation. */
    public static CrashSweep of(Supplier<? extends Scenario> scenario) {
        return new CrashSweep(Objects.requireNonNull(scenario, "scenario"), EnumSet.allOf(World.Fault.class), 1, false);
    }

    /** This sweep with these faults only. */
    public CrashSweep with(World.Fault first, World.Fault... more) {
        return new CrashSweep(scenario, EnumSet.of(first, more), every, pairs);
    }

    /** This sweep at every so-many-th operation, or pair of them, only: for a long pipeline or a hasty build. */
    public CrashSweep every(int operations) {
        return new CrashSweep(scenario, faults, operations, pairs);
    }

    /** This sweep with two faults in each life, at every pair of operations: the second also hits the recovery from the first. */
    public CrashSweep pairs() {
        return new CrashSweep(scenario, faults, every, true);
    }

    private record Hit(World.Fault fault, int operation) {
        @Override
        public String toString() {
            return fault + " at operation " + operation;
        }
    }

    private record Ended(Object end, Counts counts, int operations, long written, long read) {}

    /**
     * Runs the sweep.
     *
     * @throws AssertionError if a record was lost or doubled, more was repeated than may be, or the report does not tell the truth; it
     *     names the fault and lists what happened
     */
    public Result run() throws Exception {
        Ended clean = run(new World(1), 1);
        Worst worst = new Worst();
        for (World.Fault fault : faults) {
            for (int operation = 1; operation <= clean.operations(); operation++) {
                Hit first = new Hit(fault, operation);
                if (pairs) {
                    for (World.Fault second : faults) {
                        for (int later = operation + 1; later <= clean.operations() + RECOVERY; later++) {
                            worst.add(clean, List.of(first, new Hit(second, later)));
                        }
                    }
                } else {
                    worst.add(clean, List.of(first));
                }
            }
        }
        return new Result(clean.operations(), worst.tried, worst.repeated, worst.readAgain);
    }

    private final class Worst {
        private int met;
        private int tried;
        private long repeated;
        private long readAgain;

        private void add(Ended clean, List<Hit> hits) throws Exception {
            if (met++ % every != 0) {
                return;
            }
            World world = new World(seed(hits));
            world.faults((operation, what) -> {
                for (Hit hit : hits) {
                    if (hit.operation() == operation) {
                        return hit.fault();
                    }
                }
                return null;
            });
            try {
                Ended ended = CrashSweep.this.run(world, 1 + (MAX_RUNS - 1) * hits.size());
                compare(clean, ended, hits);
                repeated = Math.max(repeated, ended.written() - clean.written());
                readAgain = Math.max(readAgain, ended.read() - clean.read());
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        hits + " of " + clean.operations() + ": " + e.getMessage() + "\nwhat happened:\n  "
                                + String.join("\n  ", world.trace()),
                        e);
            }
            tried++;
        }
    }

    private Ended run(World world, int most) throws Exception {
        Scenario lives = scenario.get();
        for (int i = 0; i < most; i++) {
            try {
                Optional<Ended> ended = world.run(() -> ended(lives, world));
                if (ended.isPresent()) {
                    return ended.get();
                }
            } catch (BackfillException e) {
                if (i == most - 1) {
                    throw e; // a run may fail of a fault that it cannot wait out, as long as the next one does not
                }
            }
        }
        throw new AssertionError("the pipeline did not end in " + most + " runs");
    }

    private static Ended ended(Scenario scenario, World world) throws Exception {
        Report report = scenario.job(world).run();
        if (!report.complete()) {
            throw new AssertionError("the run ended as " + report);
        }
        Object end = scenario.end(world);
        return new Ended(end, report.counts(), world.operations(), world.recordsWritten(), world.pagesRead());
    }

    private void compare(Ended clean, Ended ended, List<Hit> hits) {
        Scenario bounds = scenario.get();
        if (!clean.end().equals(ended.end())) {
            throw new AssertionError("the end is " + ended.end() + "\nand should be " + clean.end());
        }
        Counts was = clean.counts();
        Counts is = ended.counts();
        List<Long> before = List.of(was.read(), was.filtered(), was.failed(), was.passed(), was.produced(), was.dead());
        List<Long> after = List.of(is.read(), is.filtered(), is.failed(), is.passed(), is.produced(), is.dead());
        if (!before.equals(after)) {
            throw new AssertionError("the report says " + is + "\nand should say " + was);
        }
        if (hits.stream().anyMatch(hit -> hit.fault() == World.Fault.POWER_LOSS)) {
            return; // what a second of work has done may be done again
        }
        within(ended.written() - clean.written(), hits.size() * bounds.mayRepeat(), "records were written again");
        within(ended.read() - clean.read(), hits.size() * bounds.mayReadAgain(), "pages were read again");
    }

    private static long seed(List<Hit> hits) {
        long seed = 0;
        for (Hit hit : hits) {
            seed = 31 * (31 * seed + hit.operation()) + hit.fault().name().hashCode();
        }
        return seed;
    }

    private static void within(long number, long most, String what) {
        if (number > most) {
            throw new AssertionError(number + " " + what + ", and may be " + most);
        }
    }
}

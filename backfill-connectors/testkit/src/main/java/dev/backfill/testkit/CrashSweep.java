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

    /** More restarts than this, with one fault only, mean that the pipeline goes nowhere. */
    private static final int MAX_RUNS = 4;

    private final Supplier<? extends Scenario> scenario;
    private final Set<World.Fault> faults;
    private final int every;

    private CrashSweep(Supplier<? extends Scenario> scenario, Set<World.Fault> faults, int every) {
        this.scenario = scenario;
        this.faults = faults;
        this.every = every;
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
        return new CrashSweep(Objects.requireNonNull(scenario, "scenario"), EnumSet.allOf(World.Fault.class), 1);
    }

    /** This sweep with these faults only. */
    public CrashSweep with(World.Fault first, World.Fault... more) {
        return new CrashSweep(scenario, EnumSet.of(first, more), every);
    }

    /** This sweep at every so-many-th operation only, for a long pipeline or a hasty build. */
    public CrashSweep every(int operations) {
        return new CrashSweep(scenario, faults, operations);
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
        int tried = 0;
        long mostRepeated = 0;
        long mostReadAgain = 0;
        for (World.Fault fault : faults) {
            for (int operation = 1; operation <= clean.operations(); operation += every) {
                World world = new World(31L * operation + fault.name().hashCode());
                world.faultAt(operation, fault);
                try {
                    Ended ended = run(world, MAX_RUNS);
                    long repeated = ended.written() - clean.written();
                    long readAgain = ended.read() - clean.read();
                    compare(clean, ended, repeated, readAgain, fault);
                    mostRepeated = Math.max(mostRepeated, repeated);
                    mostReadAgain = Math.max(mostReadAgain, readAgain);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError(
                            fault + " at operation " + operation + " of " + clean.operations() + ": " + e.getMessage()
                                    + "\nwhat happened:\n  " + String.join("\n  ", world.trace()),
                            e);
                }
                tried++;
            }
        }
        return new Result(clean.operations(), tried, mostRepeated, mostReadAgain);
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

    private void compare(Ended clean, Ended ended, long repeated, long readAgain, World.Fault fault) {
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
        if (repeated > bounds.mayRepeat() && fault != World.Fault.POWER_LOSS) {
            throw new AssertionError(repeated + " records were written again, and may be " + bounds.mayRepeat());
        }
        if (readAgain > bounds.mayReadAgain() && fault != World.Fault.POWER_LOSS) {
            throw new AssertionError(readAgain + " pages were read again, and may be " + bounds.mayReadAgain());
        }
    }
}

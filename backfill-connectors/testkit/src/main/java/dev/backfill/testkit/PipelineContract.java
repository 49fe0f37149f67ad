package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every whole pipeline must do: killed at any of its operations and started again, it ends as if nobody had killed it. Extend it, say
 * what your pipeline is, and run it as a JUnit test:
 *
 * <pre>{@code
 * class OrdersPipelineTest extends PipelineContract {
 *     @Override
 *     protected Pipeline pipeline(World world) {
 *         Map<String, Order> table = new TreeMap<>();
 *         Sink<Order> sink = batch -> batch.forEach(order -> table.put(order.id(), order));
 *         Checkpoint progress = world.checkpoint(new MemoryCheckpoint());
 *         return new Pipeline(
 *                 () -> Backfill.named("orders").from(world.source(orders)).into(world.sink(sink)).checkpoint(progress),
 *                 () -> Map.copyOf(table));
 *     }
 * }
 * }</pre>
 *
 * <p>All time is virtual, and hundreds of runs take a second. For bounds on what may be repeated, or for other faults, see
 * {@link CrashSweep}.
 */
public abstract class PipelineContract {

    /** For subclasses. */
    protected PipelineContract() {}

    /**
     * The pipeline in a new world: called once for each, and what it makes outlives the processes that die in it, as a table or a
     * checkpoint does. What is not {@linkplain World#source wrapped} by the world cannot be killed.
     */
    protected abstract Pipeline pipeline(World world) throws Exception;

    /**
     * A pipeline and what it leaves behind.
     *
     * @param job makes the job, as a process does that has just started; called once for each process
     * @param end what must be the same in the end, however often a process died: rows, files; compared by equals
     */
    protected record Pipeline(Supplier<Backfill> job, Callable<?> end) {}

    /** Whatever goes wrong, at whichever operation, nothing is lost and nothing is doubled. */
    @TestFactory
    List<DynamicTest> losesAndDoublesNothingWhereverItDies() {
        List<DynamicTest> tests = new ArrayList<>();
        for (World.Fault fault : World.Fault.values()) {
            tests.add(DynamicTest.dynamicTest(
                    fault.name(),
                    () -> Killing.explained(() -> CrashSweep.of(() -> Killing.scenario(this::pipeline))
                            .with(fault)
                            .run())));
        }
        return tests;
    }

    /** A job that is complete reads and writes nothing when it is run once more. */
    @Test
    void doesNothingMoreWhenItIsDone() throws Exception {
        World world = new World(1);
        Pipeline pipeline = World.outside(() -> pipeline(world));
        world.run(() -> pipeline.job().get().run());
        Object end = pipeline.end().call();
        long read = world.pagesRead();
        long written = world.recordsWritten();
        world.run(() -> pipeline.job().get().run());
        Lesson.unless(
                end.equals(pipeline.end().call()) && world.pagesRead() == read && world.recordsWritten() == written,
                "a job that was done began again: it read " + (world.pagesRead() - read) + " pages and wrote "
                        + (world.recordsWritten() - written) + " records",
                "a job is started again whenever somebody is not sure, and must then know that it is done",
                "keep the checkpoint where the next process finds it, and let the source list the same parts in every run");
    }

    /** A dry run leaves everything as it is, and the run after it does what it would have done. */
    @Test
    void changesNothingInADryRun() throws Exception {
        World dry = new World(1);
        Pipeline pipeline = World.outside(() -> pipeline(dry));
        Object before = pipeline.end().call();
        dry.run(() -> pipeline.job().get().dryRun());
        Lesson.unless(
                before.equals(pipeline.end().call()),
                "a dry run has changed the end, from " + Lesson.cut(before) + " to "
                        + Lesson.cut(pipeline.end().call()),
                "people make a dry run on the real data, because it changes nothing",
                "let only the sink change anything, and no step; a sink of two parts needs a dryRun of its own");
        World.outside(() -> dry.run(() -> pipeline.job().get().run()));
        World other = new World(1);
        Pipeline without = World.outside(() -> pipeline(other));
        other.run(() -> without.job().get().run());
        Lesson.unless(
                without.end().call().equals(pipeline.end().call()),
                "a run after a dry run ends as " + Lesson.cut(pipeline.end().call()) + " and without one as "
                        + Lesson.cut(without.end().call()),
                "a dry run must leave no progress behind that the run believes",
                "keep no state in source, steps and sink beside what the checkpoint and the target keep");
    }

    /** The report says COMPLETE, and its numbers add up to what was read. */
    @Test
    void endsComplete() throws Exception {
        World world = new World(1);
        Pipeline pipeline = World.outside(() -> pipeline(world));
        Report report = world.run(() -> pipeline.job().get().run()).orElseThrow();
        Lesson.unless(
                report.complete() && report.counts().read() > 0 && world.pagesRead() > 0,
                "the pipeline of this contract ends as " + report,
                "a pipeline that reads nothing, or is not wrapped by the world, proves nothing when it is killed",
                "give it a few pages of records, and wrap its parts: world.source(…), world.sink(…), world.checkpoint(…)");
    }
}

package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Pipelines of contracts on their way through a {@link CrashSweep}. */
final class Killing {

    private Killing() {}

    /** Makes a pipeline in a world. */
    @FunctionalInterface
    interface Making {
        PipelineContract.Pipeline in(World world) throws Exception;
    }

    /** A scenario whose pipeline is made once, outside of the processes that die. */
    static CrashSweep.Scenario scenario(Making making) {
        return scenario(making, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /** The same, with bounds on what may be written and read again. */
    static CrashSweep.Scenario scenario(Making making, int records, int pages) {
        return new CrashSweep.Scenario() {
            private PipelineContract.@Nullable Pipeline pipeline;

            private PipelineContract.Pipeline pipeline(World world) {
                PipelineContract.Pipeline made = pipeline;
                if (made == null) {
                    made = World.outside(() -> making.in(world));
                    pipeline = made;
                }
                return made;
            }

            @Override
            public Backfill job(World world) {
                return pipeline(world).job().get();
            }

            @Override
            public Object end(World world) throws Exception {
                return pipeline(world).end().call();
            }

            @Override
            public long mayRepeat() {
                return records;
            }

            @Override
            public long mayReadAgain() {
                return pages;
            }
        };
    }

    /** Says what a difference after a crash means. */
    static void explained(Callable<?> sweep) throws Exception {
        try {
            sweep.call();
        } catch (AssertionError | BackfillException e) {
            throw new Lesson(
                    "a process that dies changes the end: " + e.getMessage(),
                    "processes die, of deployments, memory and power; what they leave must not depend on when, and little may be done again",
                    "let the sink write by key, the source keep nothing in memory and the checkpoint keep what it was given;"
                            + " the last operations above say where it went wrong",
                    e);
        }
    }
}

package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Partitioned;
import dev.backfill.Run;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pausing and resuming from several threads at once. */
class PauseTest {

    private static void sleep(Duration time) throws InterruptedException {
        Ports.current().time().sleep(time.toNanos());
    }

    private static Run start() throws Exception {
        Source<Integer> slow = from -> {
            sleep(Duration.ofSeconds(1));
            return Pipeline.numbers(1, 100, 10).read(from);
        };
        return Backfill.named("job")
                .from(Partitioned.of(List.of("a", "b", "c"), name -> name, name -> slow))
                .into(batch -> {})
                .batch(10)
                .parallel(3)
                .checkpoint(new MemoryCheckpoint())
                .start();
    }

    private static boolean pausedFor(Run run, Duration time) throws InterruptedException {
        sleep(Duration.ofSeconds(2));
        long before = run.progress().counts().read();
        sleep(time);
        return run.progress().counts().read() == before;
    }

    /** A run said that it was not paused, and some of its partitions waited for ever. */
    @Test
    void twoWhoPauseAndResumeAtOnceLeaveAllPartitionsAsTheRunSays() throws Exception {
        int paused = 0;
        for (int seed = 1; seed <= 60; seed++) {
            paused += new World(seed)
                    .run(() -> {
                        Run run = start();
                        sleep(Duration.ofMillis(2_500));
                        Tasks tasks = Ports.current().tasks();
                        List<Tasks.Task> both = List.of(
                                tasks.start("pauses", Thread::new, run::pause),
                                tasks.start("resumes", Thread::new, run::resume));
                        for (Tasks.Task task : both) {
                            task.join();
                        }
                        boolean says = run.progress().waiting().isPresent();
                        if (says) {
                            assertThat(pausedFor(run, Duration.ofMinutes(1))).isTrue();
                            run.resume();
                        }
                        assertThat(run.await().complete()).isTrue();
                        return says ? 1 : 0;
                    })
                    .orElseThrow();
        }
        assertThat(paused).as("of sixty races, those that the pause has won").isBetween(10, 50);
    }
}

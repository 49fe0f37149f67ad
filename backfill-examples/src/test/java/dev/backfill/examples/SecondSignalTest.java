package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Run;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Somebody who presses Ctrl-C twice does not want to wait. */
class SecondSignalTest {

    /** Runs in a process of its own: a job whose sink is deaf, and that is told twice to stop. */
    static final class Deaf {

        private static final CountDownLatch WRITING = new CountDownLatch(1);

        private Deaf() {}

        private static void signal() throws IOException, InterruptedException {
            long self = ProcessHandle.current().pid();
            new ProcessBuilder("sh", "-c", "kill -TERM " + self).start().waitFor();
        }

        public static void main(String[] arguments) throws Exception {
            Source<Integer> source = from -> Page.last(List.of(1));
            Sink<Integer> deaf = batch -> {
                WRITING.countDown();
                long end = System.nanoTime() + Duration.ofSeconds(6).toNanos();
                while (System.nanoTime() - end < 0) {
                    Thread.onSpinWait();
                }
                System.out.println("still at work");
            };
            Run run = Backfill.named("deaf")
                    .from(source)
                    .into(deaf)
                    .grace(Duration.ofMinutes(1))
                    .stopOnSignals()
                    .checkpoint(new MemoryCheckpoint())
                    .start();
            WRITING.await();
            signal();
            System.out.println("told once");
            signal();
            run.await();
            System.out.println("ended by itself");
        }
    }

    @Test
    void aSecondSignalEndsTheProcessAtOnce() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Deaf.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(said).contains("told once").doesNotContain("still at work").doesNotContain("ended by itself");
        assertThat(process.exitValue()).isEqualTo(128 + 15);
    }
}

package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.checkpoint.FileCheckpoint;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is in a checkpoint is true after each single save, for any of them may be the last. */
class SavingOrderTest {

    private final List<String> lies = new ArrayList<>();

    /** Looks after each save. */
    private Checkpoint looking(Checkpoint checkpoint) {
        return (job, wait) -> {
            Claim claim = checkpoint.claim(job, wait);
            return (Claim) Proxy.newProxyInstance(
                    Claim.class.getClassLoader(), new Class<?>[] {Claim.class}, (proxy, method, arguments) -> {
                        Object result;
                        try {
                            result = method.invoke(claim, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                        if (method.getName().equals("save")) {
                            look(claim);
                        }
                        return result;
                    });
        };
    }

    private void look(Claim claim) throws Exception {
        long dead = claim.load().stream()
                .mapToLong(
                        bookmark -> bookmark.counts().dead() + bookmark.counts().failed())
                .sum();
        int letters = claim.deadLetters().size();
        if (letters < dead) {
            lies.add(dead + " records are counted as dead and there are " + letters + " letters");
        }
    }

    @Test
    void noBookmarkPassesARecordWhoseDeadLetterIsNotKept() throws Exception {
        Sink<Integer> sink = batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i) % 10 == 7) {
                    batch.refused(i, "a seven");
                }
            }
        };
        Report report = new World(3)
                .run(() -> Backfill.named("job")
                        .from(Pipeline.numbers(1, 60, 10))
                        .map(number -> {
                            if (number == 33) {
                                throw new IllegalArgumentException("no 33");
                            }
                            return number;
                        })
                        .into(sink)
                        .batch(10)
                        .checkpoint(looking(FileCheckpoint.in(Path.of("/progress"))))
                        .run())
                .orElseThrow();
        assertThat(report.deadLetters()).isEqualTo(7);
        assertThat(lies).isEmpty();
    }
}

package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Many whole lives of jobs, each drawn from its seed. One that fails is lived again by {@code -Dbackfill.seed=…}; its seed belongs into
 * {@code swarm-seeds.txt}, which every build lives through.
 */
class SwarmTest {

    private static final long SEEDS = Long.getLong("backfill.seeds", 200_000);

    /** From so many seeds on every rare branch is reached. */
    private static final long ENOUGH = 20_000;

    /** What many lives have come to. */
    private static final class Sum {
        private final Set<String> reached = new TreeSet<>();
        private long runs;
        private long deaths;
        private long operations;
        private long twice;

        private synchronized void add(Swarm.Ended ended, boolean livedTwice) {
            reached.addAll(ended.probes());
            runs += ended.runs();
            deaths += ended.deaths();
            operations += ended.operations();
            twice += livedTwice ? 1 : 0;
        }
    }

    @Test
    void losesAndDoublesNothingWhateverHappens() throws Exception {
        Long only = Long.getLong("backfill.seed");
        long from = only == null ? Long.getLong("backfill.firstSeed", 1) : only;
        long to = only == null ? from + SEEDS / Integer.getInteger("backfill.every", 1) : only + 1;
        Sum sum = new Sum();
        AtomicLong next = new AtomicLong(from);
        Callable<Boolean> lives = () -> {
            for (long seed = next.getAndIncrement(); seed < to; seed = next.getAndIncrement()) {
                Swarm.Ended ended = live(seed);
                boolean again = seed % 20 == 0 || only != null;
                if (again) {
                    assertThat(live(seed).trace())
                            .as("seed %s, lived again, is another life", seed)
                            .isEqualTo(ended.trace());
                }
                sum.add(ended, again);
            }
            return true;
        };
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            for (Future<Boolean> lived :
                    threads.invokeAll(Collections.nCopies(Runtime.getRuntime().availableProcessors(), lives))) {
                lived.get();
            }
        } finally {
            threads.shutdownNow();
        }
        System.out.println(
                "swarm: " + (to - from) + " seeds, " + sum.runs + " runs, " + sum.operations + " operations, "
                        + sum.deaths + " deaths, " + sum.twice + " lived twice and the same, " + sum.reached.size()
                        + " rare branches; 0 lost, 0 doubled");
        if (to - from >= ENOUGH) {
            assertThat(sum.reached).containsAll(Swarm.rareBranches());
        }
    }

    private static Swarm.Ended live(long seed) throws Exception {
        try {
            return new Swarm(seed).live();
        } catch (AssertionError e) {
            throw new AssertionError(
                    "again: ./mvnw verify -pl backfill-connectors/testkit -am -Dtest=SwarmTest -Dsurefire.failIfNoSpecifiedTests=false"
                            + " -Dbackfill.seed=" + seed + "\n" + e.getMessage(),
                    e);
        }
    }

    @Test
    void livesThroughEverySeedThatOnceFailed() throws Exception {
        for (String line : seedsThatFailed()) {
            live(Long.parseLong(line.split(" ", 2)[0]));
        }
    }

    private static List<String> seedsThatFailed() throws IOException {
        try (var in = SwarmTest.class.getResourceAsStream("/swarm-seeds.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }
}

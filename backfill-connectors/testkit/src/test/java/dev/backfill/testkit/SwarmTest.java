package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Many whole lives of jobs, each drawn from its seed. One that fails is lived again by {@code -Dbackfill.seed=…}; its seed belongs into
 * {@code swarm-seeds.txt}, which every build lives through.
 */
class SwarmTest {

    private static final long SEEDS = Long.getLong("backfill.seeds", 200_000);

    /** From so many seeds on every rare branch is reached. */
    private static final long ENOUGH = 20_000;

    @Test
    void losesAndDoublesNothingWhateverHappens() throws Exception {
        Long only = Long.getLong("backfill.seed");
        long from = only == null ? Long.getLong("backfill.firstSeed", 1) : only;
        long to = only == null ? from + SEEDS / Integer.getInteger("backfill.every", 1) : only + 1;
        Set<String> reached = new TreeSet<>();
        long runs = 0;
        long deaths = 0;
        long operations = 0;
        int twice = 0;
        for (long seed = from; seed < to; seed++) {
            Swarm.Ended ended = live(seed);
            reached.addAll(ended.probes());
            runs += ended.runs();
            deaths += ended.deaths();
            operations += ended.operations();
            if (seed % 20 == 0 || only != null) {
                assertThat(live(seed).trace())
                        .as("seed %s, lived again, is another life", seed)
                        .isEqualTo(ended.trace());
                twice++;
            }
        }
        System.out.println(
                "swarm: " + (to - from) + " seeds, " + runs + " runs, " + operations + " operations, " + deaths
                        + " deaths, " + twice + " lived twice and the same, " + reached.size()
                        + " rare branches; 0 lost, 0 doubled");
        if (to - from >= ENOUGH) {
            assertThat(reached).containsAll(Swarm.rareBranches());
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

package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills real processes over and over, each after it has saved a little more, and compares what is left.
 *
 * <p>Most die of SIGKILL at a moment of their own after a random number of saves, a fifth at an exact step inside of the job. A loaded machine
 * makes it slower and no easier: nothing is told by time.
 */
class RealKillsTest {

    /** For each kind of store; {@code -Dbackfill.realkills=2000} for a night. */
    private static final int KILLS = Integer.getInteger("backfill.realkills", 102);

    @TempDir
    Path temp = Path.of("");

    /** One job after the other until so many of its processes were killed. */
    private int kills(KilledStore.Kind kind, int most) throws Exception {
        SplittableRandom random = new SplittableRandom(most + kind.ordinal());
        int kills = 0;
        for (int job = 0; kills < most; job++) {
            KilledStore store = KilledStore.of(kind, temp);
            boolean complete = false;
            while (!complete && kills < most) {
                complete = !killed(store, random);
                kills += complete ? 0 : 1;
            }
            try (Child last = Child.startElsewhere(store, KilledJob.Fate.NOTHING, 0, random)) {
                last.completes();
            }
            store.holdsEverythingOnce(kind + ", job " + job);
        }
        return kills;
    }

    /** False if the process has done all before it could be killed. */
    private static boolean killed(KilledStore store, SplittableRandom random) throws Exception {
        if (random.nextInt(5) == 0) {
            try (Child child = Child.startElsewhere(store, KilledJob.Fate.HALT, 1 + random.nextInt(60), random)) {
                int code = child.end();
                assertThat(code).as(child.said()).isIn(0, 137);
                return code == 137;
            }
        }
        try (Child child = Child.startElsewhere(store, KilledJob.Fate.NOTHING, 0, random)) {
            boolean inTime = child.says("saved", 1 + random.nextInt(6));
            for (int i = random.nextInt(20_000); i > 0 && inTime; i--) {
                Thread.onSpinWait(); // somewhere in the middle of what comes next
            }
            child.kill();
            assertThat(child.said()).doesNotContain("failed");
            return inTime;
        }
    }

    @Test
    void nothingIsLostOrDoubledHoweverOftenProcessesAreKilled() throws Exception {
        long begin = System.nanoTime();
        ExecutorService two = Executors.newFixedThreadPool(2);
        List<Integer> kills = new ArrayList<>();
        try {
            List<Future<Integer>> all = new ArrayList<>();
            for (KilledStore.Kind kind : KilledStore.Kind.values()) {
                all.add(two.submit(() -> kills(kind, KILLS)));
            }
            for (Future<Integer> one : all) {
                kills.add(one.get());
            }
        } finally {
            two.shutdownNow();
        }
        System.out.printf(
                "real kills: %d on SQLite, %d on PostgreSQL, %d on files: 0 lost, 0 doubled (%d s)%n",
                kills.get(0), kills.get(1), kills.get(2), (System.nanoTime() - begin) / 1_000_000_000);
        assertThat(kills).allMatch(count -> count >= KILLS);
    }
}

package dev.backfill.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What goes wrong in one life of a {@link Swarm}: each kind of fault at a rate of its own, or not at all. */
final class SwarmTroubles {

    /** A job that dies more often tells nothing new. */
    private static final int MOST_DEATHS = 6;

    private static final List<Duration> JUMPS = List.of(
            Duration.ofHours(1),
            Duration.ofHours(-1),
            Duration.ofDays(365),
            Duration.ofDays(-365),
            Duration.ofDays(-20_454)); // 1970

    private final SplittableRandom random;
    private final World world;
    private final Set<String> probes;
    private final Map<World.Fault, Double> rates = new TreeMap<>();
    private final double pauses;
    private final double jumps;
    private final String outage;
    private final int outageFrom;
    private final int outageTo;

    private boolean ended;
    private int count;
    private int deaths;
    private long excused;
    private boolean powerLost;
    private boolean wallClockJumped;

    SwarmTroubles(SplittableRandom random, World world, Set<String> probes) {
        this.random = random;
        this.world = world;
        this.probes = probes;
        for (World.Fault fault : World.Fault.values()) {
            if (random.nextInt(3) == 0) {
                rates.put(fault, random.nextDouble() * 0.06);
            }
        }
        this.pauses = random.nextInt(4) == 0 ? 0.02 : 0;
        this.jumps = random.nextInt(8) == 0 ? 0.05 : 0;
        this.outage = random.nextInt(4) == 0
                ? List.of("read", "write", "save", "sync", "commit").get(random.nextInt(5))
                : "";
        this.outageFrom = random.nextInt(30);
        this.outageTo = outageFrom + random.nextInt(25);
        world.faults(this::at);
    }

    private World.@Nullable Fault at(int operation, String what) {
        if (ended) {
            return null;
        }
        if (random.nextDouble() < pauses) {
            world.pause(Duration.ofMinutes(random.nextInt(20)));
            probes.add("the process was paused");
            excused++;
        }
        if (random.nextDouble() < jumps) {
            world.setWallClock(JUMPS.get(random.nextInt(JUMPS.size())));
            probes.add("the wall clock jumped");
            wallClockJumped = true;
        }
        if (!outage.isEmpty() && operation >= outageFrom && operation < outageTo && what.startsWith(outage)) {
            return hit(World.Fault.FAIL_BEFORE, what);
        }
        for (Map.Entry<World.Fault, Double> rate : rates.entrySet()) {
            if (random.nextDouble() < rate.getValue()
                    && (deaths < MOST_DEATHS || !rate.getKey().deadly())) {
                return hit(rate.getKey(), what);
            }
        }
        return null;
    }

    private World.Fault hit(World.Fault fault, String what) {
        count++;
        excused++;
        deaths += fault.deadly() ? 1 : 0;
        powerLost |= fault == World.Fault.POWER_LOSS;
        probes.add(fault + " at " + what.split(" ", 2)[0]);
        return fault;
    }

    /** Something else goes wrong in this life. */
    boolean strikes(double chance) {
        return !ended && random.nextDouble() < chance;
    }

    /** Something else has gone wrong, so that records may be written again. */
    void struck() {
        count++;
    }

    /** Nothing goes wrong any more. */
    void end() {
        ended = true;
    }

    boolean ended() {
        return ended;
    }

    /** How often something went wrong. */
    int count() {
        return count;
    }

    int deaths() {
        return deaths;
    }

    /** Grows whenever something happened that takes time which no event tells. */
    long excused() {
        return excused;
    }

    boolean powerLost() {
        return powerLost;
    }

    boolean wallClockJumped() {
        return wallClockJumped;
    }

    @Override
    public String toString() {
        return rates + (outage.isEmpty() ? "" : ", no " + outage + " from operation " + outageFrom + " to " + outageTo);
    }

    static List<String> rareBranches() {
        List<String> all = new ArrayList<>(List.of("the process was paused", "the wall clock jumped"));
        for (World.Fault fault : World.Fault.values()) {
            for (String what :
                    List.of("begin", "read", "write", "save", "commit", "sync", "create", "rename", "link", "cut")) {
                all.add(fault + " at " + what);
            }
        }
        return all;
    }
}

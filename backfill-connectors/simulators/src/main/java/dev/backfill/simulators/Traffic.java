package dev.backfill.simulators;

import java.time.Duration;
import java.util.List;

/**
 * How a simulated server treats calls, whatever it serves.
 *
 * @param latency how long every answer takes at least
 * @param jitter how much longer it takes at most
 * @param faults how many answers of a hundred go wrong
 * @param kinds in which ways
 * @param slowness how long a slow answer takes
 * @param limits how calls are counted
 * @param gzip whether answers are compressed for clients that accept it
 */
record Traffic(
        Duration latency,
        Duration jitter,
        double faults,
        List<Fault> kinds,
        Duration slowness,
        Limits limits,
        boolean gzip) {

    static final Traffic NONE = new Traffic(
            Duration.ZERO, Duration.ZERO, 0, List.of(Fault.values()), Duration.ofSeconds(1), Limits.of(), true);

    Traffic {
        kinds = List.copyOf(kinds);
        if (latency.isNegative() || jitter.isNegative() || slowness.isNegative()) {
            throw new IllegalArgumentException("latency, jitter and slowness must not be negative");
        }
        if (!(faults >= 0 && faults <= 100)) {
            throw new IllegalArgumentException("faults are a number from 0 to 100 per cent, not " + faults);
        }
    }
}

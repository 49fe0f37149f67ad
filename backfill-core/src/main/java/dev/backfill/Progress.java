package dev.backfill;

import java.time.Duration;
import java.util.Optional;

/**
 * Where a run is at this moment.
 *
 * @param phase the phase at work
 * @param partitionsDone partitions of this phase that are at their end
 * @param partitions partitions of this phase
 * @param counts what became of the records of this phase, over all runs
 * @param perSecond records read a second, in this run
 * @param part how much of this phase is done, from 0 to 1, as far as can be told
 * @param left how long this phase still takes at this pace, if that can be told
 * @param waiting why nothing seems to happen, if somebody waits: the rate limit, a retry, a pause
 * @param limiter what the source's limiter has let through, if it has one
 */
public record Progress(
        String phase,
        int partitionsDone,
        int partitions,
        Counts counts,
        double perSecond,
        double part,
        Optional<Duration> left,
        Optional<String> waiting,
        Optional<RateLimiter.Usage> limiter) {}

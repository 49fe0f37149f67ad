package dev.backfill.benchmarks.micro;

import dev.backfill.RateLimiter;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A call that need not wait, with a limit as vendors have and one that is never reached. */
@State(Scope.Benchmark)
public class Limiting {

    private final RateLimiter limiter = RateLimiter.of(1_000_000, Duration.ofMillis(1));

    /** A permit, taken and settled. */
    @Benchmark
    public void call() throws InterruptedException {
        limiter.acquire().close();
    }
}

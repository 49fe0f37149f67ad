package dev.backfill.benchmarks;

/** One way to do a workload. It runs in a process of its own, and has done all of the work when it returns. */
@FunctionalInterface
public interface Contender {

    /** Does the work. */
    void run(Work work) throws Exception;
}

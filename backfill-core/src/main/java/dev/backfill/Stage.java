package dev.backfill;

import java.util.List;
import java.util.Objects;

/**
 * One phase of a job.
 *
 * @param <T> the type of the source's records
 * @param <R> the type of the sink's records
 */
record Stage<T, R>(String phase, Partitioned<T> source, Steps<T, R> steps, Sink<R> sink) {

    Stage {
        Job.checkName("a phase", phase);
    }

    @SuppressWarnings("unchecked") // Backfill.Flow has checked that the steps fit
    static <T, R> Stage<T, R> of(String phase, Partitioned<T> source, List<Step> steps, Sink<? super R> sink) {
        return new Stage<>(phase, source, new Steps<>(steps), (Sink<R>) sink);
    }

    /** The partition of this name, as the source lists it now. */
    Partition<T> partition(String name) throws Exception {
        for (Partition<T> partition : source.partitions(List.of(name))) {
            if (partition.name().equals(name)) {
                return partition;
            }
        }
        throw new IllegalStateException(Objects.toString(phase) + " no longer lists a partition '" + name + "'");
    }
}

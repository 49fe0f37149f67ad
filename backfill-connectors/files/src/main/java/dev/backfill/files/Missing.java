package dev.backfill.files;

import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The parts of a source of which there is no whole file, and those that the job's progress knows; see {@link FileSink#missing}. */
record Missing<R>(Partitioned<R> source, Outputs outputs) implements Partitioned<R> {

    @Override
    public List<Partition<R>> partitions() throws Exception {
        return partitions(List.of());
    }

    @Override
    public List<Partition<R>> partitions(List<String> known) throws Exception {
        List<Partition<R>> missing = new ArrayList<>();
        for (Partition<R> partition : source.partitions(known)) {
            if (known.contains(partition.name())
                    || outputs.whole(partition.name())
                            .filter(manifest -> !manifest.open())
                            .isEmpty()) {
                missing.add(partition);
            }
        }
        return missing;
    }

    @Override
    public Paging paging() {
        return source.paging();
    }

    @Override
    public String definition() {
        return source.definition();
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return source.limiter();
    }

    @Override
    public boolean overlapping() {
        return source.overlapping();
    }
}

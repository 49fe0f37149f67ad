package dev.backfill.benchmarks;

import dev.backfill.benchmarks.blaze.BlazeContenders;
import dev.backfill.benchmarks.copy.CopyContenders;
import java.util.Map;

/** Who does which workload, by name, in the order of the tables. */
final class Contenders {

    private Contenders() {}

    static Map<String, Contender> of(String kind) {
        return switch (kind) {
            case "w1" -> BlazeContenders.all();
            case "w3" -> CopyContenders.all();
            default -> throw new IllegalArgumentException("there is no workload " + kind);
        };
    }
}

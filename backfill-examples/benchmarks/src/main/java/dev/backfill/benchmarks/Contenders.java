package dev.backfill.benchmarks;

import dev.backfill.benchmarks.blaze.BlazeContenders;
import dev.backfill.benchmarks.copy.CopyContenders;
import dev.backfill.benchmarks.empty.EmptyContenders;
import dev.backfill.benchmarks.inventory.InventoryContenders;
import java.util.Map;

/** Who does which workload, by name, in the order of the tables. */
final class Contenders {

    private Contenders() {}

    static Map<String, Contender> of(String kind) {
        return switch (kind) {
            case "w1" -> BlazeContenders.all();
            case "w2" -> InventoryContenders.all();
            case "w3" -> CopyContenders.all();
            case "w4-memory" -> EmptyContenders.keepingNothing();
            case "w4-file" -> EmptyContenders.keepingInAFile();
            case "w4-postgres" -> EmptyContenders.keepingInADatabase();
            default -> throw new IllegalArgumentException("there is no workload " + kind);
        };
    }
}

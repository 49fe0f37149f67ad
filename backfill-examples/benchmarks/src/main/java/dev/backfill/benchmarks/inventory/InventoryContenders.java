package dev.backfill.benchmarks.inventory;

import dev.backfill.benchmarks.Contender;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who does it. */
public final class InventoryContenders {

    private InventoryContenders() {}

    /** All of them by name. */
    public static Map<String, Contender> all() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", new OurInventory());
        all.put("limit-jdk", new LimitInventory());
        all.put("script", new ScriptInventory());
        all.put("spring-seq", SpringInventory::sequential);
        all.put("spring-part", SpringInventory::partitioned);
        return all;
    }
}

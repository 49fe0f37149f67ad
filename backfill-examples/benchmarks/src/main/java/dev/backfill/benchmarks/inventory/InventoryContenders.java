package dev.backfill.benchmarks.inventory;

import dev.backfill.benchmarks.Contender;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who does it. */
public final class InventoryContenders {

    private InventoryContenders() {}

    /** All of them by name; each is made when it runs, so that none pays for what another needs. */
    public static Map<String, Contender> all() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", work -> new OurInventory().run(work));
        all.put("limit-jdk", work -> new LimitInventory().run(work));
        all.put("script", work -> new ScriptInventory().run(work));
        all.put("spring-seq", SpringInventory::sequential);
        all.put("spring-part", SpringInventory::partitioned);
        return all;
    }
}

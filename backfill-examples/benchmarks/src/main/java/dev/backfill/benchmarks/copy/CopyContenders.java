package dev.backfill.benchmarks.copy;

import dev.backfill.benchmarks.Contender;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who does it. */
public final class CopyContenders {

    private CopyContenders() {}

    /** All of them by name. */
    public static Map<String, Contender> all() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", new OurCopy());
        all.put("limit", new LimitCopy());
        all.put("script", new ScriptCopy());
        all.put("spring-seq", SpringCopy::sequential);
        all.put("spring-part", SpringCopy::partitioned);
        return all;
    }
}

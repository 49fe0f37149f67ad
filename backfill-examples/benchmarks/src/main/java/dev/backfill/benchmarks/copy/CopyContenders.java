package dev.backfill.benchmarks.copy;

import dev.backfill.benchmarks.Contender;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who does it. */
public final class CopyContenders {

    private CopyContenders() {}

    /** All of them by name; each is made when it runs, so that none pays for what another needs. */
    public static Map<String, Contender> all() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", work -> new OurCopy().run(work));
        all.put("limit", work -> new LimitCopy().run(work));
        all.put("script", work -> new ScriptCopy().run(work));
        all.put("spring-seq", SpringCopy::sequential);
        all.put("spring-part", SpringCopy::partitioned);
        return all;
    }
}

package dev.backfill.benchmarks.blaze;

import dev.backfill.benchmarks.Contender;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who does it. */
public final class BlazeContenders {

    private BlazeContenders() {}

    /** All of them by name. */
    public static Map<String, Contender> all() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", new OurBlaze());
        all.put("limit-jdk", new LimitBlaze(JdkTransport::new));
        all.put("limit-socket", new LimitBlaze(SocketTransport::new));
        all.put("script", new ScriptBlaze());
        all.put("spring-seq", SpringBlaze::sequential);
        all.put("spring-part", SpringBlaze::partitioned);
        return all;
    }
}

package dev.backfill.benchmarks.blaze;

import dev.backfill.benchmarks.Contender;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who does it. */
public final class BlazeContenders {

    private BlazeContenders() {}

    /** All of them by name; each is made when it runs, so that none pays for what another needs. */
    public static Map<String, Contender> all() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", work -> new OurBlaze().run(work));
        all.put("limit-jdk", work -> new LimitBlaze(JdkTransport::new).run(work));
        all.put("limit-socket", work -> new LimitBlaze(SocketTransport::new).run(work));
        all.put("script", work -> new ScriptBlaze().run(work));
        all.put("spring-seq", SpringBlaze::sequential);
        all.put("spring-part", SpringBlaze::partitioned);
        return all;
    }
}

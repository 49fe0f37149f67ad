package dev.backfill.benchmarks.empty;

import dev.backfill.benchmarks.Contender;
import java.util.LinkedHashMap;
import java.util.Map;

/** Who does it, by where progress is kept. */
public final class EmptyContenders {

    /** How many records are a page and a batch. */
    public static final int PAGE = 1_000;

    private EmptyContenders() {}

    /** Progress is nowhere when the process has ended. */
    public static Map<String, Contender> keepingNothing() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", OurNothing::inMemory);
        all.put("limit", BareLoop::inMemory);
        all.put("spring-seq", SpringNothing::inMemory);
        return all;
    }

    /** After each page the place is in a file, which outlives the process but perhaps not the machine. */
    public static Map<String, Contender> keepingInAFile() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", OurNothing::inAFile);
        all.put("limit", BareLoop::inAFile);
        all.put("script", BareLoop::besideAndMoved);
        return all;
    }

    /** After each page the place is on the disk of PostgreSQL. */
    public static Map<String, Contender> keepingInADatabase() {
        Map<String, Contender> all = new LinkedHashMap<>();
        all.put("ours", OurNothing::inADatabase);
        all.put("statement", BareLoop::inADatabase);
        all.put("spring-seq", SpringNothing::inADatabase);
        return all;
    }
}

package dev.backfill.examples;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Event;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.files.Csv;
import dev.backfill.jdbc.Db;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The smallest job as a process of its own, for tests that end it. Says on its output what it has done: a line for each save, and how it has
 * ended.
 *
 * <p>Takes the place of its rows (a JDBC URL, or a folder for CSV files), the folder of its progress, what is to happen, and at which step.
 */
final class KilledJob {

    static final List<String> PARTS = List.of("a", "b", "c", "d");
    static final int PAGES = 30;
    static final int ROWS = 3;

    record Item(int id, String part, String text) {}

    /** What happens to it, at a step that is counted over pages read, records made and saves. */
    enum Fate {
        NOTHING,
        /** The process is gone at that step. */
        HALT,
        /** A step of the job ends the JVM. */
        EXIT,
        /** A step of the job takes all memory. */
        MEMORY,
        /** The sink hangs, and hears an interruption. */
        HANG,
        /** The sink hangs, whatever is said. */
        DEAF,
        /** The source waits between two partitions until a file is there. */
        WAIT,
        /** It has a signal's default behaviour, as without {@code stopOnSignals}. */
        NO_HANDLER,
        /** It does not wait for another that has the job. */
        IMPATIENT,
        /** It lives on when it has ended. */
        LINGER
    }

    private final Fate fate;
    private final int at;
    private final Path folder;
    private final AtomicInteger steps = new AtomicInteger();

    private KilledJob(Fate fate, int at, Path folder) {
        this.fate = fate;
        this.at = at;
        this.folder = folder;
    }

    static Item item(String part, int id) {
        return new Item(id, part, "İtem \"" + id + "\", in " + part);
    }

    public static void main(String[] arguments) throws Exception {
        Fate fate = Fate.valueOf(arguments[2]);
        KilledJob job = new KilledJob(fate, Integer.parseInt(arguments[3]), Path.of(arguments[1]));
        int code = job.run(arguments[0]);
        if (fate == Fate.LINGER) {
            say("lingers");
            LockSupport.parkNanos(Duration.ofMinutes(1).toNanos());
        }
        System.exit(code);
    }

    private static void say(String what) {
        System.out.println(what);
        System.out.flush();
    }

    private int run(String place) throws Exception {
        if (!place.startsWith("jdbc:")) {
            return run(Csv.in(Path.of(place), Item.class), FileCheckpoint.in(folder));
        }
        try (Db db = place.startsWith("jdbc:sqlite:")
                ? Db.sqlite(Path.of(place.substring("jdbc:sqlite:".length())))
                : Db.connect(place, "postgres", Secret.of("PASSWORD", "none"))) {
            return run(db.table("item").upsert("part", "id"), db.checkpoint());
        }
    }

    private int run(Sink<? super Item> sink, Checkpoint checkpoint) {
        Backfill job = Backfill.named("killed")
                .from(Partitioned.of(PARTS, part -> part, this::source))
                .map(this::made)
                .into(sink)
                .batch(ROWS)
                .parallel(fate == Fate.WAIT ? 1 : 2)
                .grace(Duration.ofMillis(300))
                .waitFor(fate == Fate.IMPATIENT ? Duration.ZERO : Duration.ofSeconds(30))
                .checkpoint(checkpoint)
                .listen(this::heard);
        try {
            Report report = (fate == Fate.NO_HANDLER ? job : job.stopOnSignals()).run();
            say("ended " + report.status());
            return Exit.code(report);
        } catch (BackfillException e) {
            say("failed " + e.getMessage());
            return Exit.code(e);
        }
    }

    private Source<Item> source(String part) {
        return from -> {
            int page = from.orElse(0);
            happens(Fate.HALT);
            if (fate == Fate.WAIT && from.isStart() && part.equals(PARTS.get(1))) { // when the first is wholly saved
                say("waits");
                while (Files.notExists(folder.resolveSibling("go"))) {
                    LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
                }
            }
            List<Item> items = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                items.add(item(part, page * ROWS + i));
            }
            return page == PAGES - 1 ? Page.last(items) : Page.of(items, page + 1);
        };
    }

    private Item made(Item item) {
        happens(Fate.HALT);
        if (happens(Fate.EXIT)) {
            System.exit(7);
        }
        if (happens(Fate.MEMORY)) {
            List<byte[]> all = new ArrayList<>();
            while (all.size() < Integer.MAX_VALUE) {
                all.add(new byte[1 << 22]);
            }
        }
        return item;
    }

    private void heard(Event event) {
        if (event instanceof Event.BatchWritten && (fate == Fate.HANG || fate == Fate.DEAF) && steps.get() >= at) {
            hang();
        }
        if (event instanceof Event.Saved) {
            happens(Fate.HALT);
            say("saved");
        }
    }

    private void hang() {
        say("hangs");
        while (fate == Fate.DEAF || !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** Counts a step. Whether it is one at which this fate is met; the end of the process does not come back. */
    private boolean happens(Fate what) {
        boolean now = steps.incrementAndGet() >= at && fate == what;
        if (now && what == Fate.HALT) {
            Runtime.getRuntime().halt(137);
        }
        return now;
    }
}

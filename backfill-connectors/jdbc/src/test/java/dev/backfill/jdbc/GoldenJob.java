package dev.backfill.jdbc;

import dev.backfill.Backfill;
import dev.backfill.Batch;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Sink;
import dev.backfill.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The job whose progress is kept for later versions: of three partitions one is done, one half read and one not begun; one letter is dead. */
final class GoldenJob {

    private static final List<String> PARTS = List.of("2024-01", "ü/..\\ \t\"'", "2024-03");

    /** What the sink has taken in this process. */
    final List<Integer> written = new ArrayList<>();

    private final boolean broken;
    private final List<Integer> refused;

    /**
     * @param broken whether the second partition breaks off in its middle and the third at its start
     * @param refused records that the sink does not take
     */
    GoldenJob(boolean broken, Integer... refused) {
        this.broken = broken;
        this.refused = List.of(refused);
    }

    /** Six records, two on a page; a cursor has a form of its own. */
    private Source<Integer> part(int number) {
        return from -> {
            int skip = (Integer) from.orElse(Map.<String, Object>of("skip", 0)).get("skip");
            if (broken && 6 * number + skip >= 10) {
                throw new IllegalStateException("broken off");
            }
            int first = 100 * number + skip;
            List<Integer> items = List.of(first, first + 1);
            return skip == 4 ? Page.last(items) : Page.of(items, Map.of("skip", skip + 2, "seen", List.of("ü", first)));
        };
    }

    private void write(Batch<Integer> batch) {
        for (int i = 0; i < batch.size(); i++) {
            if (refused.contains(batch.get(i))) {
                batch.refused(i, "no \"" + batch.get(i) + "\"\n");
            } else {
                written.add(batch.get(i));
            }
        }
    }

    Backfill in(Checkpoint checkpoint) {
        Sink<Integer> sink = this::write;
        return Backfill.named("golden")
                .from(Partitioned.of(List.of(0, 1, 2), PARTS::get, this::part))
                .into(sink.keyedBy(number -> "key " + number))
                .batch(2)
                .parallel(1)
                .patience(Duration.ZERO)
                .keepPayloads()
                .checkpoint(checkpoint);
    }

    /** What is kept of the job once it was run while broken, and replayed with 1 still refused. */
    static List<Bookmark> bookmarks() {
        return List.of(
                bookmark(0, Cursor.of(Map.of("skip", 4, "seen", List.of("ü", 2))), true, 6, 2),
                bookmark(1, Cursor.of(Map.of("skip", 4, "seen", List.of("ü", 102))), false, 4, 0),
                bookmark(2, Cursor.START, false, 0, 0));
    }

    private static Bookmark bookmark(int part, Cursor cursor, boolean done, long read, long dead) {
        Counts counts = new Counts(read, 0, 0, read, read, read - dead, 0, 0, dead);
        return new Bookmark("golden", "main", PARTS.get(part), 1, cursor, done, counts);
    }

    static DeadLetter letter() {
        return new DeadLetter("main", PARTS.get(0), Cursor.START, "key 1", "no \"1\"\n", 2, Optional.of("1"));
    }
}

package dev.backfill.benchmarks.empty;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.benchmarks.Work;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.jdbc.Db;
import java.util.Collections;
import java.util.List;

/** This library. */
final class OurNothing {

    /** A list that is known not to change, of which a page needs no copy. */
    private static final List<Integer> RECORDS = List.copyOf(Collections.nCopies(EmptyContenders.PAGE, 1));

    private OurNothing() {}

    static void inMemory(Work work) {
        run(work, new MemoryCheckpoint());
    }

    static void inAFile(Work work) {
        run(work, FileCheckpoint.in(work.folder().resolve("progress")));
    }

    static void inADatabase(Work work) {
        try (Db db = Db.connect(work.database(), Work.USER, Secret.of("password", "not-asked-for"))) {
            run(work, db.checkpoint());
        }
    }

    private static void run(Work work, Checkpoint checkpoint) {
        int pages = work.size() / EmptyContenders.PAGE;
        Source<Integer> source = new Source<>() {
            @Override
            public Page<Integer> read(Cursor from) {
                int page = from.orElse(0);
                return page == pages - 1 ? Page.last(RECORDS) : Page.of(RECORDS, page + 1);
            }

            /** Pages that are all alike are else taken for a source that does not know where it is. */
            @Override
            public Paging paging() {
                return Paging.KEYSET;
            }
        };
        Report report = Backfill.named("nothing")
                .from(source)
                .into(batch -> {})
                .batch(EmptyContenders.PAGE)
                .checkpoint(checkpoint)
                .run();
        if (report.counts().read() != work.size()) {
            throw new IllegalStateException(report.toString());
        }
    }
}

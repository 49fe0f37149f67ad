package dev.backfill.benchmarks.copy;

import dev.backfill.Backfill;
import dev.backfill.Secret;
import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.Work;
import dev.backfill.jdbc.Db;

/** This library. */
final class OurCopy implements Contender {

    /** So that there is something to do side by side. */
    private static final int RANGES = 8;

    @Override
    public void run(Work work) {
        try (Db db = Db.connect(work.database(), Work.USER, Secret.of("password", "not-asked-for"))) {
            Backfill job = Backfill.named("copy")
                    .from(db.table(Copied.FROM).rows(Copied.class, RANGES))
                    .into(db.table(Copied.TO).upsert("id"))
                    .checkpoint(db.checkpoint());
            work.sideBySide(job).run();
        }
    }
}

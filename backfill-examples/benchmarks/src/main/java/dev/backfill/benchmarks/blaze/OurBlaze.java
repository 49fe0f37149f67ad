package dev.backfill.benchmarks.blaze;

import dev.backfill.Backfill;
import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.Work;
import dev.backfill.blaze.Blaze;
import dev.backfill.blaze.Transaction;
import dev.backfill.jdbc.Db;
import java.time.Duration;

/** This library, as the job {@code blaze-items} of the examples uses it. */
public final class OurBlaze implements Contender {

    @Override
    public void run(Work work) {
        try (Db db = Db.connect(work.database(), Work.USER, Secret.of("password", "not-asked-for"))) {
            RateLimiter neverReached = RateLimiter.of(1_000_000, Duration.ofMinutes(5));
            work.sideBySide(job(work.vendor(), neverReached, db)).run();
        }
    }

    /** The job: from the vendor at this address, into this database. */
    public static Backfill job(String vendor, RateLimiter limiter, Db db) {
        Blaze blaze = Blaze.connect(
                        Secret.of("partner key", BlazeApi.PARTNER_KEY), Secret.of("dispensary key", BlazeApi.KEY))
                .at(vendor)
                .limitedBy(limiter);
        return Backfill.named("blaze-items")
                .from(blaze.transactions(BlazeApi.FIRST, BlazeApi.END))
                .flatMap(Transaction::items)
                .into(db.table(BlazeApi.TABLE)
                        .upsert("transaction_id", "item_id")
                        .newestBy("modified"))
                .checkpoint(db.checkpoint());
    }
}

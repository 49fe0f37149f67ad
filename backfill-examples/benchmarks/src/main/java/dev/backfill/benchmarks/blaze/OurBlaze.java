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
final class OurBlaze implements Contender {

    @Override
    public void run(Work work) {
        Blaze blaze = Blaze.connect(
                        Secret.of("partner key", BlazeApi.PARTNER_KEY), Secret.of("dispensary key", BlazeApi.KEY))
                .at(work.vendor())
                .limitedBy(RateLimiter.of(1_000_000, Duration.ofMinutes(5))); // which is never reached
        try (Db db = Db.connect(work.database(), Work.USER, Secret.of("password", "not-asked-for"))) {
            Backfill job = Backfill.named("blaze-items")
                    .from(blaze.transactions(BlazeApi.FIRST, BlazeApi.END))
                    .flatMap(Transaction::items)
                    .into(db.table(BlazeApi.TABLE)
                            .upsert("transaction_id", "item_id")
                            .newestBy("modified"))
                    .checkpoint(db.checkpoint());
            work.sideBySide(job).run();
        }
    }
}

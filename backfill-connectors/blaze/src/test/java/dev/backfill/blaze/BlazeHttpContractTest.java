package dev.backfill.blaze;

import dev.backfill.Cursor;
import dev.backfill.Secret;
import dev.backfill.testkit.HttpContract;
import dev.backfill.testkit.JumpingTime;
import java.time.LocalDate;

/** What everything must do that speaks HTTP. */
class BlazeHttpContractTest extends HttpContract {

    @Override
    protected void call(String address, String token) throws Exception {
        new JumpingTime()
                .run(() -> Blaze.connect(Secret.of("PARTNER", token), Secret.of("STORE", token + "-b"))
                        .at(address)
                        .transactions(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 1, 7))
                        .partitions()
                        .get(0)
                        .source()
                        .read(Cursor.START));
    }
}

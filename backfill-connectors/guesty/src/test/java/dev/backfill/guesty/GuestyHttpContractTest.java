package dev.backfill.guesty;

import dev.backfill.Cursor;
import dev.backfill.Secret;
import dev.backfill.testkit.HttpContract;
import dev.backfill.testkit.JumpingTime;

/** What everything must do that speaks HTTP; the first call is that for a token. */
class GuestyHttpContractTest extends HttpContract {

    @Override
    protected void call(String address, String token) throws Exception {
        new JumpingTime()
                .run(() -> Guesty.connect("client", Secret.of("GUESTY_SECRET", token))
                        .at(address)
                        .messages(Account.ALL)
                        .read(Cursor.START));
    }
}

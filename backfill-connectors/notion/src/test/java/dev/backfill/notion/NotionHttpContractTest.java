package dev.backfill.notion;

import dev.backfill.Cursor;
import dev.backfill.Secret;
import dev.backfill.testkit.HttpContract;
import dev.backfill.testkit.JumpingTime;

/** What everything must do that speaks HTTP. */
class NotionHttpContractTest extends HttpContract {

    @Override
    protected void call(String address, String token) throws Exception {
        new JumpingTime()
                .run(() -> Notion.connect(Secret.of("NOTION_TOKEN", token), "0123456789abcdef0123456789abcdef")
                        .at(address)
                        .pages("Name")
                        .read(Cursor.START));
    }
}

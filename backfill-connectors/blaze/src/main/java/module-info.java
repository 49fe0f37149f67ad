/** Transactions, members and products from the Blaze partner API. */
module dev.backfill.blaze {
    requires transitive dev.backfill;
    requires transitive dev.backfill.http;
    requires static org.jspecify;

    exports dev.backfill.blaze;

    opens dev.backfill.blaze to
            tools.jackson.databind; // binds answers and cursors to records
}

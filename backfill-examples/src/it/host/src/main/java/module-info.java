module host {
    requires dev.backfill;
    requires dev.backfill.blaze;
    requires dev.backfill.guesty;
    requires dev.backfill.http;
    requires dev.backfill.jdbc;
    requires dev.backfill.mongodb;
    requires dev.backfill.notion;
    requires dev.backfill.simulators;
    requires dev.backfill.supabase;
    requires jdk.httpserver;

    opens host to
            tools.jackson.databind;
}

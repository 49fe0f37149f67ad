module host {
    requires dev.backfill;
    requires dev.backfill.blaze;
    requires dev.backfill.http;
    requires dev.backfill.jdbc;
    requires dev.backfill.simulators;
    requires jdk.httpserver;

    opens host to
            tools.jackson.databind;
}

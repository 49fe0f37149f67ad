/** Runnable jobs, one jar. */
@SuppressWarnings("requires-automatic") // embedded.postgres has no module of its own
module dev.backfill.examples {
    requires dev.backfill;
    requires dev.backfill.blaze;
    requires dev.backfill.files;
    requires dev.backfill.guesty;
    requires dev.backfill.jdbc;
    requires dev.backfill.mongodb;
    requires dev.backfill.notion;
    requires dev.backfill.simulators;
    requires dev.backfill.supabase;
    requires dev.backfill.typesense;
    requires embedded.postgres;
    requires info.picocli;
    requires java.net.http;
    requires java.sql;
    requires org.jsoup;
    requires static org.jspecify;

    opens dev.backfill.examples to
            info.picocli;
}

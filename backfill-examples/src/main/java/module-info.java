/** Runnable jobs, one jar. */
module dev.backfill.examples {
    requires dev.backfill;
    requires dev.backfill.blaze;
    requires dev.backfill.guesty;
    requires dev.backfill.jdbc;
    requires dev.backfill.notion;
    requires dev.backfill.simulators;
    requires dev.backfill.supabase;
    requires info.picocli;
    requires static org.jspecify;

    opens dev.backfill.examples to
            info.picocli;
}

/** Resumable, rate-limited backfills: sources, sinks, checkpoints, limiters and the runner that joins them. */
@SuppressWarnings("module") // the modules named below are built after this one
module dev.backfill {
    requires dev.failsafe.core;
    requires jdk.unsupported; // signals
    requires static org.jspecify;
    requires org.slf4j;
    requires tools.jackson.databind;
    requires tools.jackson.module.blackbird;

    exports dev.backfill;
    exports dev.backfill.checkpoint;
    exports dev.backfill.internal to
            dev.backfill.blaze,
            dev.backfill.files,
            dev.backfill.guesty,
            dev.backfill.http,
            dev.backfill.jdbc,
            dev.backfill.mongodb,
            dev.backfill.notion,
            dev.backfill.simulators,
            dev.backfill.supabase,
            dev.backfill.testkit,
            dev.backfill.typesense;
}

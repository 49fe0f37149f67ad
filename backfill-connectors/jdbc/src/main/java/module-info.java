/** Tables as source, sink and checkpoint. */
@SuppressWarnings("module") // the module named below is built after this one
module dev.backfill.jdbc {
    requires transitive dev.backfill;
    requires transitive java.sql;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.backfill.jdbc;
    exports dev.backfill.jdbc.internal to
            dev.backfill.supabase;
}

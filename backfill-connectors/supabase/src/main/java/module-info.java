/** Supabase by its REST API and by PostgreSQL. */
module dev.backfill.supabase {
    requires transitive dev.backfill;
    requires dev.backfill.http;
    requires transitive dev.backfill.jdbc;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.backfill.supabase;
}

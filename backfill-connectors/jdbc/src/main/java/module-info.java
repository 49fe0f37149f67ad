/** Tables as source, sink and checkpoint. */
module dev.backfill.jdbc {
    requires transitive dev.backfill;
    requires transitive java.sql;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.backfill.jdbc;
}

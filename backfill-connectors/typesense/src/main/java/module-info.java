/** Collections of Typesense: documents in and out, and their schema. */
module dev.backfill.typesense {
    requires transitive dev.backfill;
    requires transitive dev.backfill.http;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.backfill.typesense;

    opens dev.backfill.typesense to
            tools.jackson.databind; // binds cursors to records
}

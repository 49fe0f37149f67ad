/** Pages of Notion databases as source, edits of pages as sink. */
module dev.backfill.notion {
    requires transitive dev.backfill;
    requires transitive dev.backfill.http;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.backfill.notion;

    opens dev.backfill.notion to
            tools.jackson.databind; // binds cursors and rows to records
}

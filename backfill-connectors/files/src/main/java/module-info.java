/** CSV and JSON lines, one file per partition, in and out; commits to git. */
module dev.backfill.files {
    requires transitive dev.backfill;
    requires de.siegmar.fastcsv;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.backfill.files;

    opens dev.backfill.files to
            tools.jackson.databind; // binds cursors and manifests to records
}

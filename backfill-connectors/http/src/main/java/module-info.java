/** What every vendor API needs: deadlines, limits, retries, rows from JSON. */
module dev.backfill.http {
    requires transitive dev.backfill;
    requires java.net.http;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.backfill.http;
}

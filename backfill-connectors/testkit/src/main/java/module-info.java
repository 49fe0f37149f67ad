/** What custom parts and whole pipelines must pass, crashes at every step, and time that jumps. */
module dev.backfill.testkit {
    requires transitive dev.backfill;
    requires transitive org.junit.jupiter.api;
    requires jdk.httpserver;
    requires static org.jspecify;

    exports dev.backfill.testkit;

    opens dev.backfill.testkit to
            org.junit.platform.commons;
}

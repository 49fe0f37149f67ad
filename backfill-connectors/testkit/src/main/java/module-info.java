/** What a custom source, sink, checkpoint or limiter must pass, and crashes at every step. */
module dev.backfill.testkit {
    requires transitive dev.backfill;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;
    requires static org.jspecify;

    exports dev.backfill.testkit;

    opens dev.backfill.testkit to
            org.junit.platform.commons;
}

/** Stateful stand-ins of the vendors, with fault injection. */
module dev.backfill.simulators {
    requires transitive dev.backfill;
    requires jdk.httpserver;
    requires static org.jspecify;

    exports dev.backfill.simulators;
}

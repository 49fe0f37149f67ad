/** Stateful stand-ins of the vendors, with fault injection. */
module dev.backfill.simulators {
    requires jdk.httpserver;
    requires tools.jackson.databind;
    requires static transitive org.jspecify;
}

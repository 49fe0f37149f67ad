import org.jspecify.annotations.NullMarked;

/** The same work done by this library and by others, side by side. */
@SuppressWarnings("requires-automatic") // drivers and Spring have no modules of their own
@NullMarked
module dev.backfill.benchmarks {
    requires dev.backfill;
    requires dev.backfill.blaze;
    requires dev.backfill.jdbc;
    requires dev.backfill.simulators;
    requires embedded.postgres;
    requires info.picocli;
    requires java.net.http;
    requires java.sql;
    requires jdk.management;
    requires org.postgresql.jdbc;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    opens dev.backfill.benchmarks to
            info.picocli;

    // Jackson reads and makes the records of jobs
    opens dev.backfill.benchmarks.copy to
            tools.jackson.databind;
}

import org.jspecify.annotations.NullMarked;

/** The same work done by this library and by others, side by side. */
@SuppressWarnings("requires-automatic") // drivers and Spring have no modules of their own
@NullMarked
module dev.backfill.benchmarks {
    requires com.zaxxer.hikari;
    requires dev.backfill;
    requires dev.backfill.blaze;
    requires dev.backfill.files;
    requires dev.backfill.jdbc;
    requires dev.backfill.simulators;
    requires dev.backfill.typesense;
    requires embedded.postgres;
    requires info.picocli;
    requires java.net.http;
    requires java.sql;
    requires jdk.httpserver;
    requires jdk.management;
    requires jmh.core;
    requires org.postgresql.jdbc;
    requires spring.batch.core;
    requires spring.batch.infrastructure;
    requires spring.beans;
    requires spring.context;
    requires spring.core;
    requires spring.jdbc;
    requires spring.tx;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    opens dev.backfill.benchmarks to
            info.picocli;
}

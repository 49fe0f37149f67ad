/** Messages, reservations, listings and guests from the Guesty Open API. */
module dev.backfill.guesty {
    requires transitive dev.backfill;
    requires transitive dev.backfill.http;
    requires org.slf4j;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires static org.jspecify;

    exports dev.backfill.guesty;

    opens dev.backfill.guesty to
            tools.jackson.databind; // binds cursors and what is kept of tokens to records
}

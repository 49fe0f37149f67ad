/** Progress in MongoDB. */
@SuppressWarnings(
        "requires-automatic") // MongoDB's driver declares no modules; hosts that are modules see it by these names too
module dev.backfill.mongodb {
    requires transitive dev.backfill;
    requires org.mongodb.bson;
    requires org.mongodb.driver.core;
    requires org.mongodb.driver.sync.client;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.backfill.mongodb;
}

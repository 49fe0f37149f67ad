package dev.backfill.mongodb;

import dev.backfill.Checkpoint;
import dev.backfill.testkit.CheckpointContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** A collection keeps what every checkpoint must. */
class ContractsTest {

    abstract static class Kept extends CheckpointContract {

        private final Store store;

        Kept(Store.Kind kind) {
            store = new Store(kind);
        }

        @AfterEach
        void close() {
            store.close();
        }

        @Override
        protected Checkpoint open() throws Exception {
            return store.checkpoint();
        }
    }

    @Nested
    class InTheStandIn extends Kept {
        InTheStandIn() {
            super(Store.Kind.STAND_IN);
        }
    }

    @Nested
    @Tag("mongodb")
    class InMongo extends Kept {
        InMongo() {
            super(Store.Kind.REAL);
        }
    }
}

package dev.backfill.mongodb;

import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/** The collection where progress is kept. Whatever the URI says: the primary, and what a majority has. */
final class Place {

    private static final int MAJORITY_SECONDS = 20;

    private final MongoCollection<BsonDocument> documents;
    private final MongoDatabase admin;
    private final Mongo.Account account;

    Place(MongoCollection<BsonDocument> documents, MongoDatabase admin, Mongo.Account account) {
        this.documents = documents
                .withReadPreference(ReadPreference.primary())
                .withReadConcern(ReadConcern.MAJORITY)
                .withWriteConcern(WriteConcern.MAJORITY.withWTimeout(MAJORITY_SECONDS, TimeUnit.SECONDS));
        this.admin = admin;
        this.account = account;
    }

    /** Work on the collection. */
    @FunctionalInterface
    interface Work<T> {
        T on(MongoCollection<BsonDocument> documents);
    }

    /**
     * Does the work.
     *
     * @param doing for messages, such as {@code saving the progress of the job 'j'}
     */
    <T> T in(String doing, Work<T> work) throws InterruptedException {
        try {
            return work.on(documents);
        } catch (MongoInterruptedException e) {
            Thread.interrupted(); // the driver has set it again
            InterruptedException interrupted = new InterruptedException(doing + " was interrupted");
            interrupted.initCause(e);
            throw interrupted;
        } catch (MongoException e) {
            throw Failures.of(doing, e, this);
        } catch (IllegalStateException e) {
            throw new IllegalStateException(doing + " failed: the connection to " + account + " was closed", e);
        }
    }

    /** The server's clock, in milliseconds since 1970. The old name of the command is the one that every server knows. */
    long now() throws InterruptedException {
        return in(
                "asking for the time",
                all -> admin.withReadPreference(ReadPreference.primary())
                        .runCommand(new BsonDocument("isMaster", new BsonInt32(1)), BsonDocument.class)
                        .getDateTime("localTime")
                        .getValue());
    }

    Mongo.Account account() {
        return account;
    }

    String database() {
        return documents.getNamespace().getDatabaseName();
    }

    @Override
    public String toString() {
        return "the collection " + documents.getNamespace() + " in " + account;
    }
}

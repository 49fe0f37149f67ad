package dev.backfill.mongodb;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Secret;
import dev.backfill.internal.Ports;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A MongoDB in which progress is kept.
 *
 * <pre>{@code
 * try (Mongo mongo = Mongo.connect(Secret.of("MONGO_URI", uri))) {
 *   Backfill.named("items").from(items).into(table).checkpoint(mongo.checkpoint("jobs", "progress")).run();
 * }
 * }</pre>
 *
 * <p>Safe for several threads and any number of jobs. Needs MongoDB 4.2 or newer: a single server, a replica set or a sharded cluster.
 * No transactions are used.
 */
public final class Mongo implements AutoCloseable {

    private static final int SELECTION_SECONDS = 10;
    private static final int ANSWER_SECONDS = 30;

    private final MongoClient client;
    private final Ports ports;
    private final Account account;

    private Mongo(MongoClient client, Ports ports, Account account) {
        this.client = client;
        this.ports = ports;
        this.account = account;
    }

    /** Who connects, and to what, as messages may say it. */
    record Account(String setting, @Nullable String user, List<String> hosts) {

        @Override
        public String toString() {
            return "MongoDB at " + String.join(", ", hosts);
        }
    }

    /**
     * Opens connections when they are needed; that the server can be reached shows at the first claim. A server is looked for during ten
     * seconds and an answer waited for during thirty, unless the URI says {@code serverSelectionTimeoutMS} or
     * {@code socketTimeoutMS}.
     *
     * @param uri {@code mongodb://user:password@host:27017/?…}, or {@code mongodb+srv://…}, which asks the DNS at once
     * @throws IllegalArgumentException if this is no such URI; the message does not repeat it
     * @throws BackfillException if the DNS knows nothing of the host of a {@code mongodb+srv} URI
     */
    public static Mongo connect(Secret uri) {
        Ports ports = Ports.current();
        ConnectionString parsed;
        MongoClientSettings settings;
        try {
            parsed = new ConnectionString(uri.reveal());
            settings = settings(parsed);
        } catch (IllegalArgumentException e) {
            // no cause and none of its words: they may have a part of the password that was taken for something else
            throw new IllegalArgumentException(uri.name() + " is not a URI that MongoDB's driver takes. It looks like"
                    + " mongodb://user:password@host:27017/?option=value; inside user and password the characters"
                    + " : / ? # [ ] @ % are written as %3A %2F %3F %23 %5B %5D %40 %25");
        } catch (MongoException e) {
            throw new BackfillException(
                    "the hosts of " + uri.name() + " could not be found by DNS: " + Failures.words(e)
                            + "; check the host's name, and that this machine can ask for SRV and TXT records",
                    null);
        }
        Account account = new Account(uri.name(), parsed.getUsername(), parsed.getHosts());
        warn(parsed, account);
        return new Mongo(MongoClients.create(settings), ports, account);
    }

    private static MongoClientSettings settings(ConnectionString uri) {
        return MongoClientSettings.builder()
                .applyConnectionString(uri)
                .applyToClusterSettings(cluster -> {
                    if (uri.getServerSelectionTimeout() == null) {
                        cluster.serverSelectionTimeout(SELECTION_SECONDS, TimeUnit.SECONDS);
                    }
                })
                .applyToSocketSettings(socket -> {
                    if (uri.getSocketTimeout() == null) {
                        socket.readTimeout(ANSWER_SECONDS, TimeUnit.SECONDS);
                    }
                })
                .applyToConnectionPoolSettings(pool -> {
                    if (uri.getMaxWaitTime() == null) {
                        pool.maxWaitTime(ANSWER_SECONDS, TimeUnit.SECONDS);
                    }
                })
                .build();
    }

    private static void warn(ConnectionString uri, Account account) {
        boolean here = account.hosts().stream()
                .allMatch(host -> host.matches("(localhost|127\\.[0-9.]+|\\[::1])(:[0-9]+)?|.*\\.sock"));
        if (!here && !Boolean.TRUE.equals(uri.getSslEnabled())) {
            LoggerFactory.getLogger(Mongo.class)
                    .warn("the connection to {} is not encrypted; say tls=true in {}", account, account.setting());
        }
    }

    /**
     * Progress in a collection, which is made if it is missing, by a user with the role {@code readWrite}. Several jobs may share a
     * collection, also with other programs' documents.
     *
     * <p>A job is held by a lease of fifteen seconds by the server's clock, which is renewed while the claim is open; the job of a dead
     * runner can be taken over when its lease has run out. Every save is refused from a runner that has been taken over. Whatever is
     * saved was acknowledged by the majority of a replica set.
     *
     * @throws IllegalArgumentException if MongoDB has no databases or collections of such a name
     */
    public Checkpoint checkpoint(String database, String collection) {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(collection, "collection");
        if (collection.indexOf('$') >= 0 || collection.startsWith("system.")) {
            throw new IllegalArgumentException("MongoDB takes no collection called '" + collection
                    + "': leave out $ and a system. at its beginning");
        }
        try {
            return new MongoCheckpoint(
                    new Place(
                            client.getDatabase(database).getCollection(collection, BsonDocument.class),
                            client.getDatabase("admin"),
                            account),
                    ports);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "MongoDB takes no collection called '" + collection + "' in a database called '" + database + "': "
                            + e.getMessage(),
                    e);
        }
    }

    /** Closes the connections; claims that are still open can save nothing more. */
    @Override
    public void close() {
        client.close();
    }

    @Override
    public String toString() {
        return account.toString();
    }
}

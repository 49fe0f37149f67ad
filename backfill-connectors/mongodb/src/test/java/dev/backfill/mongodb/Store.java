package dev.backfill.mongodb;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Secret;
import dev.backfill.internal.Ports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;

/** An empty collection, and a second way into it for tests. */
final class Store implements AutoCloseable {

    enum Kind {
        STAND_IN,
        REAL;

        /** The stand-in, and a real one where there is one. */
        static Stream<Kind> here() {
            return REAL_URI == null ? Stream.of(STAND_IN) : Stream.of(STAND_IN, REAL);
        }
    }

    private static final String REAL_URI = System.getenv("BACKFILL_TEST_MONGO_URI");
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** One server for nearly all tests. */
    private static final class Server {
        static final StandIn SHARED = new StandIn(16);
    }

    private final StandIn standIn;
    private final Ports ports;
    private final String uri;
    private final String name = "progress_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
    private final MongoClient client;
    private final List<Mongo> opened = new ArrayList<>();

    Store(Kind kind) {
        this(kind == Kind.REAL ? null : Server.SHARED);
    }

    Store(StandIn standIn) {
        this(standIn, Ports.REAL);
    }

    /** The processes that find the server have these ports. */
    Store(StandIn standIn, Ports ports) {
        this.standIn = standIn;
        this.ports = ports;
        this.uri = standIn == null ? REAL_URI : standIn.uri();
        this.client = MongoClients.create(uri);
    }

    /** From now on the hook answers the commands to this collection. */
    void hook(StandIn.Hook hook) {
        standIn.hook(name, hook);
    }

    /** The server as another process finds it. */
    Mongo mongo() throws Exception {
        Mongo mongo = Ports.bound(ports, () -> Mongo.connect(Secret.of("MONGO_URI", uri)));
        synchronized (opened) {
            opened.add(mongo);
        }
        return mongo;
    }

    Checkpoint checkpoint() throws Exception {
        return mongo().checkpoint(StandIn.DATABASE, name);
    }

    Claim claim() throws Exception {
        return checkpoint().claim("j", Duration.ZERO);
    }

    String name() {
        return name;
    }

    MongoCollection<BsonDocument> documents() {
        return client.getDatabase(StandIn.DATABASE).getCollection(name, BsonDocument.class);
    }

    /** A new collection on the same server. */
    void empty() {
        documents().deleteMany(new BsonDocument());
    }

    BsonDocument job() {
        return documents().find(Filters.eq("_id", Progress.jobId("j"))).first();
    }

    /** The holder has given no sign of life for a long time. */
    void runOut() {
        documents().updateMany(Filters.exists("seen"), Updates.set("seen", new BsonDateTime(1)));
    }

    @Override
    public void close() {
        synchronized (opened) {
            opened.forEach(Mongo::close);
        }
        if (standIn != null) {
            hook(StandIn.Hook.NONE);
        }
        documents().drop();
        client.close();
    }
}

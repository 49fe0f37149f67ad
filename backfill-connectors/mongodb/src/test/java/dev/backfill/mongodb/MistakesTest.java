package dev.backfill.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.Save;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever makes a mistake is told what to do, and no message gives a secret away. */
class MistakesTest {

    private static final String PASSWORD = "S3CR3T-canary";

    private static void tellsNoSecret(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        assertThat(text.toString()).doesNotContain(PASSWORD).doesNotContain("S3CR3T");
    }

    private static Mongo connect(String uri) {
        return Mongo.connect(Secret.of("MONGO_URI", uri));
    }

    private static Save save(long run) {
        return new Save(List.of(new Bookmark("j", "main", "p", run, Cursor.of(1), false, Counts.ZERO)), List.of());
    }

    /** A port at which nobody listens. */
    private static int nobody() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void saysWhatToDoWhenNoServerIsThere() throws Exception {
        try (Mongo mongo =
                connect("mongodb://tom:" + PASSWORD + "@127.0.0.1:" + nobody() + "/?serverSelectionTimeoutMS=300")) {
            Throwable e = catchThrowable(() -> mongo.checkpoint("jobs", "c").claim("j", Duration.ZERO));
            assertThat(e)
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("jobs.c in MongoDB at 127.0.0.1")
                    .hasMessageContaining("look whether it runs, whether MONGO_URI names its hosts");
            tellsNoSecret(e);
        }
    }

    @Test
    void aServerThatGoesAwayIsTriedAgain() throws Exception {
        try (StandIn standIn = new StandIn(16);
                Mongo mongo = connect(standIn.uri().replace("TimeoutMS=5000", "TimeoutMS=300"))) {
            Claim claim = mongo.checkpoint("jobs", "c").claim("j", Duration.ZERO);
            claim.begin("d", List.of());
            standIn.stop();
            assertThatThrownBy(() -> claim.save(save(1)))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("saving the progress of the job 'j' failed");
            claim.close();
        }
    }

    @Test
    void waitsForAServerThatIsNotThereYet() throws Exception {
        int port = nobody();
        try (Mongo mongo = connect("mongodb://127.0.0.1:" + port + "/?serverSelectionTimeoutMS=200")) {
            Checkpoint checkpoint = mongo.checkpoint("jobs", "c");
            assertThatThrownBy(() -> checkpoint.claim("j", Duration.ofMillis(900)))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("look whether it runs");
        }
    }

    /** The stand-in knows no users; any answer but success to the question who one is means the same to the driver. */
    @Test
    void saysWhichUserIsNotTaken() throws Exception {
        try (StandIn standIn = new StandIn(16);
                Mongo mongo = connect(standIn.uri().replace("mongodb://", "mongodb://tom:" + PASSWORD + "@"))) {
            Throwable e = catchThrowable(() -> mongo.checkpoint("jobs", "c").claim("j", Duration.ZERO));
            assertThat(e)
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("check the user 'tom' of MONGO_URI, its password and its authSource");
            tellsNoSecret(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "13, Unauthorized, MONGO_URI names no user",
        "8000, AtlasError, check the user",
        "26, NamespaceNotFound, said by the test (26 NamespaceNotFound)",
    })
    void saysWhatIsNotAllowed(int code, String name, String advice) throws Exception {
        try (Store store = new Store(Store.Kind.STAND_IN)) {
            Claim claim = store.claim();
            claim.begin("d", List.of());
            store.hook((command, call, cut) -> {
                throw StandIn.failure(code, name, "said by the test");
            });
            assertThatThrownBy(() -> claim.save(save(1)))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("said by the test")
                    .hasMessageContaining(advice);
            assertThatThrownBy(store::claim)
                    .isInstanceOf(BackfillException.class)
                    .isNotInstanceOf(BackfillException.Held.class)
                    .hasMessageContaining(advice);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 64, 89, 91, 112, 189, 262, 9001, 11602, 13436, 14031, 16500})
    void triesAgainWhatMayPass(int code) throws Exception {
        try (Store store = new Store(Store.Kind.STAND_IN)) {
            Claim claim = store.claim();
            claim.begin("d", List.of());
            store.hook((command, call, cut) -> {
                throw StandIn.failure(code, "Name", "said by the test");
            });
            assertThatThrownBy(() -> claim.save(save(1))).isInstanceOf(TransientException.class);
            store.hook(StandIn.Hook.NONE);
            claim.save(save(1));
            assertThat(claim.load()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://tom:S3CR3T@host",
                "mongodb://tom:S3C@R3T@host",
                "mongodb://tom:S3CR3T/x@host",
                "mongodb://tom:12?S3CR3T@host/",
                "mongodb://tom:%zzS3CR3T@host",
                "mongodb://tom:S3CR3T:x@host",
                "mongodb://:S3CR3T@host",
                "mongodb+srv://tom:S3CR3T@host:1",
                "mongodb://tom:S3CR3T@host/?w=x&readConcernLevel=S3CR3T&maxIdleTimeMS=S3CR3T",
                "S3CR3T",
            })
    void refusesWhatIsNoUriWithoutRepeatingIt(String uri) {
        Throwable e = catchThrowable(() -> connect(uri).close());
        assertThat(e)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MONGO_URI is not a URI that MongoDB's driver takes")
                .hasMessageContaining("%3A");
        tellsNoSecret(e);
    }

    @Test
    void namesAHostThatTheDnsDoesNotKnow() throws Exception {
        try (Mongo mongo =
                connect("mongodb+srv://tom:" + PASSWORD + "@nowhere.example.invalid/?serverSelectionTimeoutMS=300")) {
            Throwable e = catchThrowable(() -> mongo.checkpoint("jobs", "c").claim("j", Duration.ZERO));
            assertThat(e)
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("MONGO_URI")
                    .hasMessageContaining("nowhere.example.invalid");
            tellsNoSecret(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"'', c", "a.b, c", "'a b', c", "jobs, ''", "jobs, a$b", "jobs, system.users"})
    void refusesNamesThatMongoDbDoesNotTake(String database, String collection) throws Exception {
        try (Store store = new Store(Store.Kind.STAND_IN)) {
            Mongo mongo = store.mongo();
            assertThatThrownBy(() -> mongo.checkpoint(database, collection))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("MongoDB takes no collection called '" + collection + "'");
        }
    }

    @Test
    void aClosedOneSavesNothing() throws Exception {
        try (Store store = new Store(Store.Kind.STAND_IN)) {
            Mongo mongo = store.mongo();
            Claim claim = mongo.checkpoint(StandIn.DATABASE, store.name()).claim("j", Duration.ZERO);
            claim.begin("d", List.of());
            mongo.close();
            assertThatThrownBy(() -> claim.save(save(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was closed");
            claim.close();
        }
    }

    @Test
    void namesItsHostsAndNothingMore() throws Exception {
        try (Mongo mongo = connect("mongodb://tom:" + PASSWORD + "@127.0.0.1:1,127.0.0.1:2/?replicaSet=r")) {
            assertThat(mongo).hasToString("MongoDB at 127.0.0.1:1, 127.0.0.1:2");
            assertThat(mongo.checkpoint("jobs", "c"))
                    .hasToString("the collection jobs.c in MongoDB at 127.0.0.1:1, 127.0.0.1:2");
        }
    }

    @Test
    void anInterruptedThreadIsToldSo() throws Exception {
        try (Store store = new Store(Store.Kind.STAND_IN);
                Claim claim = store.claim()) {
            claim.begin("d", List.of());
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> claim.save(save(1))).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).as("once").isFalse();
            claim.save(save(1));
        }
    }
}

package host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.blaze.Blaze;
import dev.backfill.blaze.Transaction;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.jdbc.Db;
import dev.backfill.mongodb.Mongo;
import dev.backfill.simulators.BlazeSimulator;
import host.closed.Hidden;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host does with the library, on the module path and on the class path. */
class HostTest {

    private static final boolean MODULES = Boolean.getBoolean("host.modules");

    @TempDir
    Path folder;

    @Test
    void isWhereItShouldBe() {
        assertThat(Post.class.getModule().isNamed()).isEqualTo(MODULES);
        assertThat(Backfill.class.getModule().isNamed()).isEqualTo(MODULES);
        assertThat(Db.class.getModule().isNamed()).isEqualTo(MODULES);
    }

    @Test
    void helloWorld() {
        List<Post> api = IntStream.rangeClosed(1, 45)
                .mapToObj(id -> new Post(id, "Post " + id))
                .toList();
        Source<Post> posts = from -> {
            int start = from.orElse(0);
            List<Post> found = api.subList(start, Math.min(start + 10, api.size()));
            return found.isEmpty() ? Page.last(found) : Page.of(found, start + found.size());
        };
        List<Post> arrived = new ArrayList<>();

        Report report = Backfill.named("posts")
                .from(posts)
                .into(arrived::addAll)
                .checkpoint(FileCheckpoint.in(folder))
                .run();

        assertThat(report.status()).isEqualTo(Report.Status.COMPLETE);
        assertThat(arrived).isEqualTo(api);
    }

    @Test
    void customSourceIntoCustomSink() throws Exception {
        try (Posts posts = new Posts()) {
            Titles titles = new Titles();
            Backfill.named("titles")
                    .from(posts)
                    .into(titles)
                    .checkpoint(FileCheckpoint.in(folder))
                    .run();
            assertThat(titles.all()).hasSize(45).containsEntry(45, "Post 45");
        }
    }

    @Test
    void customSourceIntoATable() throws Exception {
        try (Posts posts = new Posts();
                Db db = Db.sqlite(folder.resolve("posts.db"))) {
            Backfill.named("posts")
                    .from(posts)
                    .into(db.table("post").createIfMissing(Post.class, "id").upsert("id"))
                    .checkpoint(db.checkpoint())
                    .run();
            Titles titles = new Titles();
            Backfill.named("back")
                    .from(db.table("post").rows(Post.class))
                    .into(titles)
                    .checkpoint(db.checkpoint())
                    .run();
            assertThat(titles.all()).hasSize(45).containsEntry(1, "Post 1");
        }
    }

    @Test
    void aVendor() throws Exception {
        try (BlazeSimulator simulator = BlazeSimulator.with().transactions(50).start(0)) {
            Blaze blaze = Blaze.connect(simulator.partnerKey(), simulator.dispensaryKey())
                    .at(simulator.url().toString());
            List<Transaction> arrived = new ArrayList<>();
            Backfill.named("transactions")
                    .from(blaze.transactions(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 12, 31)))
                    .into(batch -> {
                        synchronized (arrived) {
                            arrived.addAll(batch);
                        }
                    })
                    .checkpoint(FileCheckpoint.in(folder))
                    .run();
            assertThat(arrived.stream().map(Transaction::id).distinct()).hasSize(50);
        }
    }

    @Test
    void progressInMongoDb() {
        Secret nobodyThere = Secret.of("MONGO_URI", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200");
        try (Mongo mongo = Mongo.connect(nobodyThere)) {
            assertThatThrownBy(() -> mongo.checkpoint("jobs", "progress").claim("j", Duration.ZERO))
                    .hasMessageContaining("look whether it runs");
        }
    }

    @Test
    void aRecordThatIsNotOpenedGetsAnErrorThatSaysSo() throws Exception {
        try (Posts posts = new Posts()) {
            List<Hidden> arrived = new ArrayList<>();
            Source<Hidden> hidden = from -> posts.read(from, Hidden.class, Hidden::id);
            Backfill job = Backfill.named("hidden")
                    .from(hidden)
                    .into(arrived::addAll)
                    .checkpoint(FileCheckpoint.in(folder));
            if (MODULES) {
                assertThatThrownBy(job::run).hasMessageContaining("opens host.closed to tools.jackson.databind");
            } else {
                job.run();
                assertThat(arrived).hasSize(45);
            }
        }
    }
}

package dev.backfill.guides;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.Secret;
import dev.backfill.Sink;
import dev.backfill.SlotLimiter;
import dev.backfill.Source;
import dev.backfill.blaze.Blaze;
import dev.backfill.blaze.Item;
import dev.backfill.blaze.Transaction;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.http.Http;
import dev.backfill.jdbc.Db;
import dev.backfill.simulators.BlazeSimulator;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of the README and of the shorter guides, run. */
class ReadmeTest {

    record Post(int id, String title) {}

    /** Ten posts a page, until there are none. */
    private static final class Api {
        List<Post> posts(int page) {
            return IntStream.rangeClosed(page * 10 - 9, Math.min(page * 10, 35))
                    .mapToObj(id -> new Post(id, "Post " + id))
                    .toList();
        }
    }

    @TempDir
    Path folder;

    @Test
    void helloWorld() {
        Api api = new Api();
        Map<Integer, String> rows = new TreeMap<>();
        Sink<Post> table = batch -> batch.forEach(post -> rows.put(post.id(), post.title()));

        Source<Post> posts = from -> {
            int page = from.orElse(1);
            List<Post> found = api.posts(page);
            return found.isEmpty() ? Page.last(found) : Page.of(found, page + 1);
        };

        Report report = Backfill.named("posts")
                .from(posts)
                .into(table)
                .checkpoint(FileCheckpoint.in(folder))
                .run();

        assertThat(report.complete()).isTrue();
        assertThat(rows).hasSize(35);
    }

    @Test
    void blazeIntoATable() throws Exception {
        try (BlazeSimulator simulator = BlazeSimulator.with().transactions(300).start(0);
                Db db = Db.sqlite(folder.resolve("data.db"))) {
            db.table("transaction_items_blaze").createIfMissing(Item.class, "transaction_id", "item_id");
            Secret partnerKey = simulator.partnerKey();
            Secret dispensaryKey = simulator.dispensaryKey();
            LocalDate today = LocalDate.of(2024, 12, 31);
            assertThat(copy(db, simulator, partnerKey, dispensaryKey, today).complete())
                    .isTrue();
        }
    }

    private static Report copy(
            Db db, BlazeSimulator simulator, Secret partnerKey, Secret dispensaryKey, LocalDate today) {
        Blaze blaze =
                Blaze.connect(partnerKey, dispensaryKey).at(simulator.url().toString());
        return Backfill.named("blaze-items")
                .from(blaze.transactions(LocalDate.of(2024, 1, 1), today))
                .flatMap(Transaction::items)
                .into(db.table("transaction_items_blaze")
                        .upsert("transaction_id", "item_id")
                        .newestBy("modified"))
                .parallel(4)
                .checkpoint(db.checkpoint())
                .run();
    }

    @Test
    void deadLetters() {
        List<Integer> mended = new ArrayList<>();
        Sink<Integer> sink = batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i) == 3 && mended.isEmpty()) {
                    batch.refused(i, "no three");
                }
            }
        };
        Source<Integer> numbers = from -> Page.last(List.of(1, 2, 3));
        Backfill job = Backfill.named("numbers")
                .from(numbers)
                .into(sink.keyedBy(number -> number))
                .checkpoint(new MemoryCheckpoint());

        Report report = job.run();
        for (DeadLetter letter : job.deadLetters()) {
            System.out.println(letter.key() + ": " + letter.reason());
        }

        assertThat(report.deadLetters()).isEqualTo(1);
        mended.add(3);

        Report replayed = job.replay();

        assertThat(replayed.deadLetters()).isZero();
        assertThat(replayed.counts().inserted()).isEqualTo(1);
    }

    @Test
    void limitsAndStopping() throws Exception {
        Http api = Http.to("http://127.0.0.1:1");
        Secret token = Secret.of("TOKEN", "s3cr3t");

        SlotLimiter limiter = RateLimiter.of(100, Duration.ofMinutes(1))
                .and(1_000, Duration.ofHours(1))
                .share(0.8)
                .keptIn(folder, api.origin() + " " + token.fingerprint());

        assertThat(limiter.limits()).extracting(RateLimiter.Limit::calls).containsExactly(80, 800);
        Source<Integer> endless = from -> Page.of(List.of(1), from.orElse(0) + 1);
        Backfill job = Backfill.named("endless")
                .from(endless.limitedBy(limiter))
                .into(batch -> {})
                .checkpoint(new MemoryCheckpoint());

        Run run = job.start();
        run.stop();
        Report report = run.await();

        assertThat(report.status()).isEqualTo(Report.Status.INTERRUPTED);
        limiter.close();
    }
}

package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** Behind a pooler in transaction mode, each transaction may have another connection of the server. */
@Tag("pgbouncer")
class PgBouncerTest {

    record Item(int id, String name) {}

    private static final Secret PASSWORD = Secret.of("DB_PASSWORD", "x");
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final int ALL = 2_000;

    @TempDir
    Path folder;

    private String database;
    private Store store;

    @BeforeEach
    void makeADatabase() throws Exception {
        database = "bouncer" + NUMBER.incrementAndGet();
        Store.of(Store.Kind.POSTGRES, folder).run("CREATE DATABASE " + database);
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://localhost:" + Store.port() + "/" + database + "?user=postgres");
        store = new Store(Store.Kind.POSTGRES, source, folder);
    }

    private Partitioned<Item> failingOnce(Partitioned<Item> ranges) {
        AtomicInteger pages = new AtomicInteger(30);
        return () -> ranges.partitions().stream()
                .map(range -> Partition.of(range.name(), (Cursor from) -> {
                    if (pages.getAndDecrement() == 0) {
                        throw new IllegalStateException("the host has a fault");
                    }
                    return range.source().read(from);
                }))
                .toList();
    }

    @Test
    void runsAndResumesAWholeJob() throws Exception {
        try (PgBouncer pooler = PgBouncer.start(folder, 2);
                Db db = Db.connect(pooler.url(database), "postgres", PASSWORD)) {
            Table from = db.table("item").createIfMissing(Item.class, "id");
            from.upsert("id")
                    .write(Batch.of(IntStream.range(0, ALL)
                            .mapToObj(i -> new Item(i, "n" + i))
                            .toList()));
            store.run(
                    "CREATE TABLE copy (id int PRIMARY KEY, name text, deleted_at bigint)",
                    "CREATE TABLE written (id int, pid int)",
                    "CREATE SEQUENCE seen",
                    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                            + " INSERT INTO written VALUES (new.id, pg_backend_pid());"
                            + " IF nextval('seen') = 333 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
                            + " RETURN new; END $$",
                    "CREATE TRIGGER note AFTER INSERT ON copy FOR EACH ROW EXECUTE FUNCTION note()");
            Backfill job = Backfill.named("copy")
                    .phase("copy")
                    .from(failingOnce(from.rows(Item.class).pagesOf(20).ranges(4)))
                    .into(db.table("copy").upsert("id"))
                    .phase("mark")
                    .from(db.table("copy").keyRanges(300))
                    .into(db.table("copy").fill("deleted_at", 0))
                    .batch(20)
                    .parallel(4)
                    .checkpoint(db.checkpoint());
            assertThatThrownBy(job::run)
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("the host has a fault");
            Report report = job.run();
            assertThat(report.status()).isEqualTo(Report.Status.COMPLETE);
            assertThat(report.counts().inserted()).isEqualTo(ALL);
            assertThat(db.table("copy").count()).isEqualTo(ALL);
            assertThat(store.rows("SELECT id, name, 0 FROM item ORDER BY id"))
                    .isEqualTo(store.rows("SELECT id, name, deleted_at FROM copy ORDER BY id"));
            assertThat(store.rows("SELECT count(*), count(DISTINCT id), count(DISTINCT pid) <= 3 FROM written"))
                    .as("each row is written once, over two connections of the server and one for that which was ended")
                    .containsExactly(ALL + "|" + ALL + "|t");
            Batch<Object> update = Batch.of(List.of(new Item(1, "new"), new Item(-1, "absent")));
            db.table("copy").update("id").write(update);
            assertThat(List.of(update.outcome(0), update.outcome(1)))
                    .containsExactly(Batch.Outcome.UPDATED, Batch.Outcome.REFUSED);
        }
    }

    @Test
    void saysWhatToDoWhenStatementsArePreparedOnTheServer() throws Exception {
        store.run("CREATE TABLE item (id int PRIMARY KEY, name text)");
        try (PgBouncer pooler = PgBouncer.start(folder, 1);
                Db one = Db.connect(pooler.url(database) + "?prepareThreshold=1", "postgres", PASSWORD);
                Db other = Db.connect(pooler.url(database) + "?prepareThreshold=1", "postgres", PASSWORD)) {
            one.table("item").upsert("id").write(Batch.of(List.of(new Item(1, "a"))));
            assertThatThrownBy(() -> other.table("item").upsert("id").write(Batch.of(List.of(new Item(2, "b")))))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageMatching("(?s).*(42P05|26000).*")
                    .hasMessageContaining("say prepareThreshold=0 in the URL");
        }
    }
}

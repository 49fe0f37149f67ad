package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The connection breaks wherever it hurts, and no row is lost, written twice or counted twice. */
class CutTest {

    record Item(int id, String part, String name) {}

    private static final int PAGES = 2;
    private static final int ROWS = 5;
    private static final List<String> PARTS = List.of("a", "b");
    private static final int ALL = PAGES * ROWS * 2;

    @TempDir
    Path folder;

    /** The machine's clock, with which a retry waits for the least that it may: nothing. */
    private static final Time HASTY = new Time() {
        @Override
        public long nanos() {
            return Ports.REAL.time().nanos();
        }

        @Override
        public Instant now() {
            return Ports.REAL.time().now();
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
            Ports.REAL.time().sleep(nanos);
        }

        @Override
        public double random() {
            return 0;
        }
    };

    private static Source<Item> source(String part) {
        return from -> {
            int page = from.orElse(0);
            List<Item> items = IntStream.range(page * ROWS, (page + 1) * ROWS)
                    .mapToObj(id -> new Item(id, part, "n" + id))
                    .toList();
            return page == PAGES - 1 ? Page.last(items) : Page.of(items, page + 1);
        };
    }

    /** What goes by the way that is cut. */
    enum Goes {
        ALL,
        ROWS,
        PROGRESS
    }

    /** Runs the job; a run that could not begin, or has lost its way to the checkpoint, is begun again. */
    private static Report run(Store store, PGSimpleDataSource way, Goes goes) throws Exception {
        Ports ports = new Ports(HASTY, Ports.REAL.disk(), Ports.REAL.tasks());
        for (int run = 1; ; run++) {
            try {
                return Ports.bound(ports, () -> {
                    Db db = Db.of(goes == Goes.PROGRESS ? store.source() : way);
                    Checkpoint checkpoint = goes == Goes.ALL
                            ? db.checkpoint()
                            : Db.of(goes == Goes.ROWS ? store.source() : way).checkpoint();
                    return Backfill.named("j")
                            .from(Partitioned.of(PARTS, part -> part, CutTest::source))
                            .into(db.table("item").upsert("part", "id"))
                            .batch(ROWS)
                            .parallel(PARTS.size())
                            .checkpoint(checkpoint)
                            .run();
                });
            } catch (BackfillException | TransientException e) {
                if (run == 3) {
                    throw e;
                }
                store.run("UPDATE backfill_job SET lease_until = 1");
            }
        }
    }

    private Store prepared() throws Exception {
        Store store = Store.of(Store.Kind.POSTGRES, folder);
        store.run(
                "CREATE TABLE item (id int, part text, name text, PRIMARY KEY (part, id))",
                "CREATE TABLE written (id int, part text)",
                "CREATE SEQUENCE seen",
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO written VALUES (new.id,"
                        + " new.part); RETURN new; END $$",
                "CREATE TRIGGER note AFTER INSERT OR UPDATE ON item FOR EACH ROW EXECUTE FUNCTION note()");
        store.db().checkpoint().claim("j", java.time.Duration.ZERO).close(); // makes the tables of progress
        return store;
    }

    /** The store by way of a port; each COMMIT is said in full. */
    private static PGSimpleDataSource way(Store store, int port) {
        PGSimpleDataSource way = new PGSimpleDataSource();
        way.setUrl("jdbc:postgresql://localhost:" + port + "/postgres?user=postgres&prepareThreshold=0");
        way.setCurrentSchema(((PGSimpleDataSource) store.source()).getCurrentSchema());
        return way;
    }

    private static void check(Store store, Report report, String what) {
        assertThat(report.status()).as(what).isEqualTo(Report.Status.COMPLETE);
        assertThat(store.rows("SELECT count(*), count(DISTINCT part || id) FROM item WHERE name = 'n' || id"))
                .as(what)
                .containsExactly(ALL + "|" + ALL);
        assertThat(store.rows("SELECT count(*) FROM written"))
                .as("rows written, %s", what)
                .containsExactly(String.valueOf(ALL));
        assertThat(store.rows(
                        "SELECT sum(inserted + updated + unchanged), sum(dead), sum(done) FROM backfill_bookmark"))
                .as(what)
                .containsExactly(ALL + "|0|" + PARTS.size());
    }

    @ParameterizedTest
    @CsvSource({
        "COMMIT, BEFORE, ALL",
        "COMMIT, IN_DOUBT, ALL",
        "COMMIT, UNANSWERED, ALL",
        "INSERT INTO \"item\", BEFORE, ALL",
        "INSERT INTO \"item\", IN_DOUBT, ALL",
        "UPDATE backfill_bookmark, BEFORE, ALL",
        "COMMIT, BEFORE, ROWS",
        "COMMIT, UNANSWERED, ROWS",
        "UPDATE backfill_bookmark, BEFORE, PROGRESS",
        "UPDATE backfill_bookmark, IN_DOUBT, PROGRESS",
    })
    void losesAndRepeatsNothingWhereverTheConnectionIsCut(String what, CuttingProxy.Cut cut, Goes goes)
            throws Exception {
        String words = what.equals("COMMIT") ? "COMMIT\0" : what; // a statement or an answer, and not READ COMMITTED
        Store calm = prepared();
        int times;
        try (CuttingProxy proxy = new CuttingProxy(Store.port(), words, -1, cut)) {
            check(calm, run(calm, way(calm, proxy.port()), goes), "without a cut");
            times = proxy.said();
        }
        assertThat(times).isGreaterThanOrEqualTo(PAGES * PARTS.size());
        int step = Math.max(1, times / 8);
        for (int nth = 1; nth <= times; nth += step) {
            Store store = prepared();
            try (CuttingProxy proxy = new CuttingProxy(Store.port(), words, nth, cut)) {
                Report report = run(store, way(store, proxy.port()), goes);
                assertThat(proxy.said()).as("the connection was cut").isGreaterThanOrEqualTo(nth);
                check(store, report, cut + " " + what + " " + nth);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, ROWS, ROWS + 1, ALL / 2, ALL - 1, ALL})
    void losesAndRepeatsNothingWhenTheServerEndsASessionInTheMiddleOfAWrite(int row) throws Exception {
        Store store = prepared();
        store.run("CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " INSERT INTO written VALUES (new.id, new.part);"
                + " IF nextval('seen') = " + row + " THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
                + " RETURN new; END $$");
        check(store, run(store, way(store, Store.port()), Goes.ALL), "killed at row " + row);
        assertThat(store.rows("SELECT last_value > " + ALL + " FROM seen"))
                .as("a session was ended")
                .containsExactly("t");
    }

    @Test
    void writesNothingWhenARunIsRepeatedOverUnchangedData() throws Exception {
        Store store = prepared();
        Db db = store.db();
        Backfill job = Backfill.named("j")
                .from(Partitioned.of(PARTS, part -> part, CutTest::source))
                .into(db.table("item").upsert("part", "id"))
                .checkpoint(db.checkpoint());
        assertThat(job.run().counts().inserted()).isEqualTo(ALL);
        List<String> before = store.rows("SELECT part, id, ctid, xmin FROM item ORDER BY 1, 2");
        Report again = job.again();
        assertThat(again.counts().unchanged()).isEqualTo(ALL);
        assertThat(again.counts().inserted() + again.counts().updated()).isZero();
        assertThat(store.rows("SELECT part, id, ctid, xmin FROM item ORDER BY 1, 2"))
                .isEqualTo(before);
        assertThat(store.rows("SELECT count(*) FROM written")).containsExactly(String.valueOf(ALL));
    }
}

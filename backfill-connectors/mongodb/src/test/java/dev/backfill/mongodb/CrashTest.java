package dev.backfill.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import de.bwaldvogel.mongo.bson.Document;
import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Counts;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that dies at any command, or whose connection is cut there, leaves a collection from which the next one goes on. */
class CrashTest {

    record Item(String part, int id) {}

    private static final int PAGES = 3;
    private static final int ROWS = 3;
    private static final List<String> PARTS = List.of("a", "b", "c");
    private static final int GOOD = PARTS.size() * (PAGES * ROWS - 1);
    private static final int EVERY = Integer.getInteger("backfill.every", 1);

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

    /** Rows by key, and how often each was written; outlives every process. */
    private static final class Table implements Sink<Item> {
        private final Map<Item, Integer> written = new ConcurrentHashMap<>();

        @Override
        public void write(Batch<Item> batch) {
            for (int i = 0; i < batch.size(); i++) {
                Item item = batch.get(i);
                if (item.id() == PAGES * ROWS - 1) {
                    batch.refused(i, "the last of each part is bad");
                } else {
                    written.merge(item, 1, Integer::sum);
                }
            }
        }
    }

    private static Source<Item> source(String part) {
        return from -> {
            int page = from.orElse(0);
            List<Item> items = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                items.add(new Item(part, page * ROWS + i));
            }
            return page == PAGES - 1 ? Page.last(items) : Page.of(items, page + 1);
        };
    }

    private static Backfill job(Store store, Sink<Item> table) throws Exception {
        return Backfill.named("j")
                .from(Partitioned.of(PARTS, part -> part, CrashTest::source))
                .into(table.keyedBy(Item::id))
                .batch(ROWS)
                .checkpoint(store.checkpoint());
    }

    private static void check(Backfill job, Report report, Table table, int mostRepeats, String what) {
        assertThat(report.status()).as(what).isEqualTo(Report.Status.COMPLETE);
        assertThat(table.written).as(what).hasSize(GOOD);
        int repeats =
                table.written.values().stream().mapToInt(times -> times - 1).sum();
        assertThat(repeats).as("rows written again, %s", what).isLessThanOrEqualTo(mostRepeats);
        Counts counts = report.counts();
        assertThat(counts.inserted())
                .as("a repeat is not counted twice, %s", what)
                .isEqualTo(GOOD);
        assertThat(report.deadLetters()).as(what).isEqualTo(PARTS.size());
        assertThat(job.deadLetters())
                .as(what)
                .extracting(DeadLetter::partition)
                .containsExactlyInAnyOrderElementsOf(PARTS);
    }

    /** Dies at a command: nothing that is asked after it is answered. */
    private static StandIn.Hook dyingAt(int point, boolean after, AtomicInteger seen, AtomicBoolean dead) {
        return (command, call, cut) -> {
            RuntimeException death = StandIn.failure(1, "InternalError", "the process has died");
            if (dead.get()) {
                throw death;
            }
            if (seen.incrementAndGet() != point) {
                return call.call();
            }
            dead.set(true);
            if (after) {
                call.call();
            }
            throw death;
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void losesNothingWhereverTheProcessDies(boolean again) throws Exception {
        try (Store store = new Store(Store.Kind.STAND_IN)) {
            int points = deaths(store, again, -1, false);
            assertThat(points).isGreaterThan(PAGES * PARTS.size());
            int crashes = 0;
            for (int point = 1; point <= points; point += EVERY) {
                for (boolean after : new boolean[] {false, true}) {
                    crashes += deaths(store, again, point, after) > 0 ? 1 : 0;
                }
            }
            System.out.printf("MongoDB's stand-in: %d crashes, 0 lost%n", crashes);
        }
    }

    /** One life with a death in it, and the next life; how many commands were seen. */
    private static int deaths(Store store, boolean again, int point, boolean after) throws Exception {
        store.empty();
        Table table = new Table();
        if (again) {
            job(store, table).run(); // so that beginning anew has something to forget
            table.written.clear();
        }
        String what = "died " + (after ? "after" : "before") + " command " + point;
        AtomicInteger seen = new AtomicInteger();
        AtomicBoolean dead = new AtomicBoolean();
        Backfill first = job(store, table);
        store.hook(dyingAt(point, after, seen, dead));
        boolean done = false;
        try {
            Report report = again ? first.again() : first.run();
            done = report.complete();
        } catch (BackfillException e) {
            assertThat(dead).as("%s: %s", what, e).isTrue();
        }
        store.hook(StandIn.Hook.NONE);
        store.runOut();
        Backfill second = job(store, table);
        boolean begun = !again || table.written.size() > 0;
        Report report = again && !done && !begun ? second.again() : second.run();
        check(second, report, table, ROWS * PARTS.size(), what);
        return seen.get();
    }

    /** Runs the job; a run that could not begin, or has lost its way to the checkpoint, is begun again. */
    private static Report through(Store store, Table table) throws Exception {
        for (int run = 1; ; run++) {
            try {
                Backfill job = job(store, table).parallel(PARTS.size());
                return Ports.bound(new Ports(HASTY, Ports.REAL.disk(), Ports.REAL.tasks()), job::run);
            } catch (BackfillException | TransientException e) {
                if (run == 3) {
                    throw e;
                }
                store.runOut();
            }
        }
    }

    /** One life whose connection is cut at a command; how many commands were seen. */
    private static int cuts(Store store, int point, boolean unanswered) throws Exception {
        store.empty();
        AtomicInteger seen = new AtomicInteger();
        store.hook((command, call, cut) -> {
            boolean here = seen.incrementAndGet() == point;
            if (here && !unanswered) {
                cut.run();
                throw StandIn.failure(1, "InternalError", "nobody hears this");
            }
            Document answer = call.call();
            if (here) {
                cut.run();
            }
            return answer;
        });
        Table table = new Table();
        Report report = through(store, table);
        store.hook(StandIn.Hook.NONE);
        store.runOut(); // where the last command of the run was cut
        check(job(store, table), report, table, ROWS * PARTS.size(), "cut at command " + point);
        return seen.get();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void losesNothingWhereverTheConnectionIsCut(boolean unanswered) throws Exception {
        try (Store store = new Store(Store.Kind.STAND_IN)) {
            int points = cuts(store, -1, unanswered);
            for (int point = 1; point <= points; point += 3 * EVERY) { // the driver takes its time to connect again
                assertThat(cuts(store, point, unanswered))
                        .as("the connection was cut")
                        .isGreaterThanOrEqualTo(point);
            }
        }
    }

    @Test
    void goesOnFromAnotherServerAfterAStop() throws Exception {
        try (Store store = new Store(Store.Kind.STAND_IN)) {
            Table table = new Table();
            CountDownLatch some = new CountDownLatch(2);
            CountDownLatch stopped = new CountDownLatch(1);
            Sink<Item> slow = batch -> {
                table.write(batch);
                some.countDown();
                if (some.getCount() == 0) {
                    stopped.await(1, TimeUnit.MINUTES);
                }
            };
            Run run = job(store, slow).start();
            assertThat(some.await(1, TimeUnit.MINUTES)).isTrue();
            run.stop();
            stopped.countDown();
            Report first = run.await();
            assertThat(first.status()).isEqualTo(Report.Status.INTERRUPTED);
            int before = table.written.size();
            assertThat(before).isBetween(1, GOOD - 1);
            Backfill onAnotherServer = job(store, table);
            check(onAnotherServer, onAnotherServer.run(), table, 0, "stopped after " + before);
        }
    }
}

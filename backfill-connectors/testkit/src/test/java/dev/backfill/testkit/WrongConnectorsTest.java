package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Batch;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Sink;
import dev.backfill.Source;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The ten mistakes that authors of connectors make. The kit catches each and names it; and the same connector without the mistake passes, so it
 * is caught for its mistake and for nothing else.
 */
class WrongConnectorsTest {

    private static int caught;

    /** A record of the other side. */
    record Order(int id, Instant made) {}

    /** The other side: 95 orders, an hour apart, of which no call gives more than 20 and one gives fewer for no reason. */
    static final class Api {

        static final int CAP = 20;
        private final boolean down;

        Api(boolean down) {
            this.down = down;
        }

        static Order order(int id) {
            return new Order(id, Instant.parse("2024-01-01T00:30:00Z").plusSeconds(3_600L * id));
        }

        static List<Order> all() {
            return IntStream.range(0, 95).mapToObj(Api::order).toList();
        }

        /** So many orders after the first few; not more than the cap, and only 7 in the middle. */
        List<Order> orders(int skip, int limit) throws IOException {
            if (down) {
                throw new IOException("connection refused");
            }
            int most = Math.min(Math.min(limit, CAP), skip == 40 ? 7 : CAP);
            return IntStream.range(skip, Math.min(95, skip + most))
                    .mapToObj(Api::order)
                    .toList();
        }

        List<Order> between(Instant from, Instant to) {
            return all().stream()
                    .filter(order ->
                            !order.made().isBefore(from) && order.made().isBefore(to))
                    .toList();
        }
    }

    /** A source as it should be. */
    static Source<Order> right(Api api) {
        return from -> {
            int skip = from.orElse(0);
            List<Order> page = api.orders(skip, Api.CAP);
            return page.isEmpty() ? Page.last(page) : Page.of(page, skip + page.size());
        };
    }

    /** The contract of a source over the API. */
    private static final class Orders extends SourceContract<Order> {
        private final Function<Api, Source<Order>> source;

        Orders(Function<Api, Source<Order>> source) {
            this.source = source;
        }

        @Override
        protected Source<Order> source() {
            return source.apply(new Api(false));
        }

        @Override
        protected List<Order> expected() {
            return Api.all();
        }

        @Override
        protected Source<Order> broken() {
            return source.apply(new Api(true));
        }
    }

    private static Source<Order> shortPageIsTheEnd(Api api) {
        return from -> {
            int skip = from.orElse(0);
            List<Order> page = api.orders(skip, Api.CAP);
            return page.size() < Api.CAP ? Page.last(page) : Page.of(page, skip + page.size());
        };
    }

    private static Source<Order> offsetByAskedSize(Api api) {
        return from -> {
            int skip = from.orElse(0);
            List<Order> page = api.orders(skip, 25);
            return page.isEmpty() ? Page.last(page) : Page.of(page, skip + 25);
        };
    }

    private static Source<Order> stateInTheSource(Api api) {
        AtomicInteger skip = new AtomicInteger();
        return from -> {
            List<Order> page = api.orders(skip.get(), Api.CAP);
            int next = skip.addAndGet(page.size());
            return page.isEmpty() ? Page.last(page) : Page.of(page, next);
        };
    }

    /** A position that only the memory of this process has. */
    static final class Place {
        private final int skip;

        Place(int skip) {
            this.skip = skip;
        }
    }

    private static Source<Order> cursorNotStorable(Api api) {
        return from -> {
            int skip = from.as(Place.class).map(place -> place.skip).orElse(0);
            List<Order> page = api.orders(skip, Api.CAP);
            return page.isEmpty() ? Page.last(page) : Page.of(page, new Place(skip + page.size()));
        };
    }

    private static Source<Order> errorSwallowed(Api api) {
        return from -> {
            try {
                return right(api).read(from);
            } catch (IOException e) {
                return Page.last(List.of()); // "nothing there, it seems"
            }
        };
    }

    private static Source<Order> unboundedMemory(Api api) {
        Map<Integer, List<Order>> summary = new ConcurrentHashMap<>();
        return from -> {
            Page<Order> page = right(api).read(from);
            summary.put(from.orElse(0), page.items()); // "for the statistics at the end"
            return page;
        };
    }

    /** Days, each a part, that begin where the zone says. */
    private static Partitioned<Order> days(Function<LocalDate, String> name, Supplier<ZoneId> zone) {
        return () -> {
            Api api = new Api(false);
            List<LocalDate> days = LocalDate.of(2023, 12, 31)
                    .datesUntil(LocalDate.of(2024, 1, 7))
                    .toList();
            return Partitioned.<LocalDate, Order>of(days, name, day -> from -> {
                        Instant begin = day.atStartOfDay(zone.get()).toInstant();
                        return Page.last(api.between(begin, begin.plusSeconds(86_400)));
                    })
                    .partitions();
        };
    }

    private static final class Days extends PartitionedContract<Order> {
        private final Supplier<Partitioned<Order>> source;

        Days(Supplier<Partitioned<Order>> source) {
            this.source = source;
        }

        @Override
        protected Partitioned<Order> source() {
            return source.get();
        }

        @Override
        protected List<Order> expected() {
            return Api.all();
        }
    }

    /** A table of somebody else, whose answer says of each row whether it was taken. */
    static final class Rows {
        private final Map<Integer, Order> byKey = new TreeMap<>();
        private final ConcurrentLinkedQueue<Order> inserted = new ConcurrentLinkedQueue<>();

        synchronized List<Boolean> upsert(List<Order> orders) {
            return orders.stream().map(this::upsert).toList();
        }

        private boolean upsert(Order order) {
            boolean good = order.id() >= 0;
            if (good) {
                byKey.put(order.id(), order);
            }
            return good;
        }

        synchronized Object content() {
            return List.of(new TreeMap<>(byKey), List.copyOf(inserted));
        }
    }

    private static final class Written extends SinkContract<Order> {
        private final Rows rows = new Rows();
        private final Function<Rows, Sink<Order>> sink;

        Written(Function<Rows, Sink<Order>> sink) {
            this.sink = sink;
        }

        @Override
        protected Sink<Order> sink() {
            return sink.apply(rows);
        }

        @Override
        protected Object content() {
            return rows.content();
        }

        @Override
        protected Order record(int number, int version) {
            return new Order(number, Instant.ofEpochSecond(version));
        }

        @Override
        protected Order bad() {
            return new Order(-1, Instant.EPOCH);
        }
    }

    private static Sink<Order> rightSink(Rows rows) {
        return batch -> {
            List<Boolean> taken = rows.upsert(batch);
            for (int i = 0; i < batch.size(); i++) {
                if (!taken.get(i)) {
                    batch.refused(i, "the id is negative");
                }
            }
        };
    }

    private static Sink<Order> insertInsteadOfUpsert(Rows rows) {
        return batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i).id() < 0) {
                    batch.refused(i, "the id is negative");
                } else {
                    rows.inserted.add(batch.get(i));
                }
            }
        };
    }

    private static Sink<Order> failuresIgnored(Rows rows) {
        return (Batch<Order> batch) -> rows.upsert(batch); // the answer was 200 OK, after all
    }

    private record Mistake(Supplier<?> wrong, Supplier<?> right, String check, String message) {}

    private static Map<String, Mistake> mistakes() {
        AtomicInteger counter = new AtomicInteger();
        Supplier<ZoneId> utc = () -> ZoneOffset.UTC;
        Supplier<Orders> orders = () -> new Orders(WrongConnectorsTest::right);
        Supplier<Days> days = () -> new Days(() -> days(LocalDate::toString, utc));
        Supplier<Written> written = () -> new Written(WrongConnectorsTest::rightSink);
        Map<String, Mistake> all = new LinkedHashMap<>();
        all.put(
                "short page taken for the end",
                new Mistake(
                        () -> new Orders(WrongConnectorsTest::shortPageIsTheEnd),
                        orders,
                        "givesEveryRecord",
                        "A short page is taken for the end"));
        all.put(
                "state in the source",
                new Mistake(
                        () -> new Orders(WrongConnectorsTest::stateInTheSource),
                        orders,
                        "goesOnFromEveryPosition",
                        "there is a state in the source"));
        all.put(
                "insert instead of upsert",
                new Mistake(
                        () -> new Written(WrongConnectorsTest::insertInsteadOfUpsert),
                        written,
                        "writingTwiceIsWritingOnce",
                        "the sink inserts, where it should write by key"));
        all.put(
                "offset moved by the asked size",
                new Mistake(
                        () -> new Orders(WrongConnectorsTest::offsetByAskedSize),
                        orders,
                        "givesEveryRecord",
                        "The offset is moved by the size that was asked for"));
        all.put(
                "cursor not storable",
                new Mistake(
                        () -> new Orders(WrongConnectorsTest::cursorNotStorable),
                        orders,
                        "goesOnFromEveryPosition",
                        "the cursor cannot be stored and read back"));
        all.put(
                "swallowed error",
                new Mistake(
                        () -> new Orders(WrongConnectorsTest::errorSwallowed),
                        orders,
                        "failsWhenTheOtherSideFails",
                        "an error is swallowed"));
        all.put(
                "ignored per-record failures",
                new Mistake(
                        () -> new Written(WrongConnectorsTest::failuresIgnored),
                        written,
                        "tellsWhichRecordIsBad",
                        "failures of single records are ignored"));
        all.put(
                "non-deterministic partition names",
                new Mistake(
                        () -> new Days(() -> days(day -> "part " + counter.incrementAndGet(), utc)),
                        days,
                        "namesItsPartsTheSameInEveryRun",
                        "the names of the partitions are not the same in every run"));
        all.put(
                "time-zone slip",
                new Mistake(
                        () -> new Days(() -> days(LocalDate::toString, ZoneId::systemDefault)),
                        days,
                        "doesNotDependOnTheTimeZone",
                        "a time zone slip"));
        all.put(
                "unbounded memory",
                new Mistake(
                        () -> new Orders(WrongConnectorsTest::unboundedMemory),
                        orders,
                        "keepsNothingOfWhatItGave",
                        "memory grows without a bound"));
        return all;
    }

    private static Set<String> failures(Supplier<?> contract) {
        try {
            return Checks.failures(contract).keySet();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @TestFactory
    List<DynamicTest> catchesEachMistakeAndNothingElse() {
        List<DynamicTest> tests = new ArrayList<>();
        Map<Supplier<?>, Set<String>> right = new HashMap<>(); // of several mistakes, and run once
        mistakes()
                .forEach((name, mistake) -> tests.add(DynamicTest.dynamicTest(name, () -> {
                    Map<String, Throwable> failures = Checks.failures(mistake.wrong());
                    assertThat(failures).containsKey(mistake.check());
                    assertThat(failures.get(mistake.check()))
                            .isInstanceOf(AssertionError.class)
                            .hasMessageContainingAll(mistake.message(), "Why it matters: ", "What to do: ");
                    assertThat(right.computeIfAbsent(mistake.right(), WrongConnectorsTest::failures))
                            .isEmpty();
                    caught++;
                })));
        return tests;
    }

    @AfterAll
    static void printsHowManyItCaught() {
        System.out.println(
                "wrong connectors caught: " + caught + " / " + mistakes().size());
    }

    @Test
    void hasAsManyChecksAsItsGuideSays() {
        Map<String, Integer> checks = new LinkedHashMap<>();
        for (Class<?> contract : List.of(
                SourceContract.class,
                PartitionedContract.class,
                SinkContract.class,
                TransactionalSinkContract.class,
                DeadLetterContract.class,
                CheckpointContract.class,
                LimiterContract.class)) {
            checks.put(contract.getSimpleName(), Checks.names(contract).size());
        }
        System.out.println("checks of the contracts, with those that they hold: " + checks);
        assertThat(checks.get("SourceContract")).isGreaterThanOrEqualTo(25);
        assertThat(checks.get("SinkContract")).isGreaterThanOrEqualTo(25);
        assertThat(checks.get("DeadLetterContract")).isGreaterThanOrEqualTo(8);
        assertThat(checks.get("CheckpointContract") - checks.get("DeadLetterContract"))
                .isGreaterThanOrEqualTo(20);
    }
}

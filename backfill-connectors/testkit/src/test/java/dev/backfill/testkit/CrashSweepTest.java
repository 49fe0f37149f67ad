package dev.backfill.testkit;

import static dev.backfill.testkit.Pipeline.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.testkit.Pipeline.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Kills the runner at every operation of many pipelines, with each built-in checkpoint and both kinds of sinks. */
@Execution(ExecutionMode.CONCURRENT)
class CrashSweepTest {

    private static final int EVERY = Integer.getInteger("backfill.every", 1);

    private static final AtomicInteger FAULTS = new AtomicInteger();
    private static final AtomicInteger SCENARIOS = new AtomicInteger();
    private static final AtomicInteger PAIRS = new AtomicInteger();

    /** The pipelines of a place by name. */
    private static Map<String, Supplier<Pipeline>> pipelines(String place) {
        Map<String, Supplier<Pipeline>> all = new TreeMap<>();
        pages(place, all);
        poison(place, all);
        troubles(place, all);
        shapes(place, all);
        return all;
    }

    private static Supplier<Pipeline> pipeline(
            String place, long mayRepeat, long mayReadAgain, BiFunction<Pipeline, World, Backfill> body) {
        return () -> new Pipeline(place, mayRepeat, mayReadAgain, body);
    }

    private static Supplier<Pipeline> of(
            String place, int batch, long mayReadAgain, Function<Pipeline, Source<Integer>> source) {
        return of(place, batch, batch, mayReadAgain, source);
    }

    private static Supplier<Pipeline> of(
            String place, int batch, long mayRepeat, long mayReadAgain, Function<Pipeline, Source<Integer>> source) {
        return pipeline(
                place,
                mayRepeat,
                mayReadAgain,
                (p, world) -> job().from(world.source(source.apply(p)))
                        .map(Pipeline::row)
                        .into(p.table(world, "rows"))
                        .batch(batch));
    }

    private static Backfill job() {
        return Backfill.named("sweep");
    }

    private static void pages(String place, Map<String, Supplier<Pipeline>> all) {
        all.put("nothing at all", of(place, 5, 1, p -> from -> Page.last(List.of())));
        all.put("one record", of(place, 10, 1, p -> numbers(1, 1, 10)));
        all.put("a page, exactly", of(place, 10, 1, p -> numbers(1, 10, 10)));
        all.put("a page and a record more", of(place, 10, 2, p -> numbers(1, 11, 10)));
        all.put("an empty page at the end", of(place, 10, 2, p -> from -> {
            int start = from.orElse(1);
            return start > 80
                    ? Page.last(List.of())
                    : Page.of(numbers(start, start + 9, 10).read(Cursor.START).items(), start + 10);
        }));
        all.put("a page is a batch", of(place, 10, 2, p -> numbers(1, 250, 10)));
        all.put("small pages joined", of(place, 10, 5, p -> numbers(1, 41, 4)));
        all.put("large pages split", of(place, 10, 25, 2, p -> numbers(1, 200, 25)));
        all.put("pages of a single record", of(place, 4, 9, p -> numbers(1, 40, 1)));
        all.put("empty pages in the middle", of(place, 3, 6, 5, p -> from -> switch (from.orElse(0)) {
            case 0 -> Page.of(List.of(1, 2, 3), 1);
            case 1 -> Page.of(List.of(), 2);
            case 2 -> Page.of(List.of(), 3);
            case 3 -> Page.of(List.of(4, 5, 6), 4);
            default -> Page.last(List.of());
        }));
        all.put("pages that overlap", of(place, 5, 10, 3, p -> from -> {
            int start = from.orElse(1);
            return start > 60
                    ? Page.last(List.of(60))
                    : Page.of(List.of(start, start + 1, start + 2, start + 3, start + 4), start + 3);
        }));
    }

    private static void poison(String place, Map<String, Supplier<Pipeline>> all) {
        Map.of(
                        "poison first", List.of("0001"),
                        "poison in the middle", List.of("0014", "0015"),
                        "poison last", List.of("0090"),
                        "poisoned records", List.of("0001", "0017", "0090"))
                .forEach((name, keys) -> all.put(name, pipeline(place, 10, 2, (p, world) -> {
                    p.table(world, "rows").poison(row -> keys.contains(row.key()));
                    return job().from(world.source(numbers(1, 90, 10)))
                            .map(Pipeline::row)
                            .into(p.table(world, "rows"))
                            .batch(10);
                })));
        all.put("a page of poison", pipeline(place, 10, 2, (p, world) -> {
            p.table(world, "rows")
                    .poison(row -> row.key().compareTo("0010") > 0 && row.key().compareTo("0016") < 0);
            return job().from(world.source(numbers(1, 20, 5)))
                    .map(Pipeline::row)
                    .into(p.table(world, "rows"))
                    .batch(5);
        }));
        all.put("nothing but poison", pipeline(place, 6, 2, (p, world) -> {
            p.table(world, "rows").poison(row -> true);
            return job().from(world.source(numbers(1, 6, 3)))
                    .map(Pipeline::row)
                    .into(p.table(world, "rows"))
                    .batch(3);
        }));
        all.put(
                "steps that filter, split and fail",
                pipeline(
                        place,
                        20,
                        4,
                        (p, world) -> job().from(world.source(numbers(1, 72, 6)))
                                .filter(number -> number % 5 != 0)
                                .flatMap(number -> List.of(number, number + 1000))
                                .map(number -> {
                                    if (number == 1007) {
                                        throw new IllegalArgumentException("a step does not like 1007");
                                    }
                                    return Pipeline.row(number);
                                })
                                .batches(rows -> rows)
                                .into(p.table(world, "rows"))
                                .batch(10)));
    }

    private static void troubles(String place, Map<String, Supplier<Pipeline>> all) {
        all.put("a cursor that expires", of(place, 10, 60, 8, p -> p.expiring(numbers(1, 60, 5), 16)));
        all.put("left alone for a while", of(place, 10, 3, p -> p.busy(numbers(1, 120, 10), 21)));
        all.put(
                "under a limit",
                pipeline(
                        place,
                        5,
                        2,
                        (p, world) -> job().from(world.source(numbers(1, 60, 5))
                                        .limitedBy(RateLimiter.of(2, Duration.ofSeconds(3))))
                                .map(Pipeline::row)
                                .into(p.table(world, "rows"))
                                .batch(5)));
    }

    private static void shapes(String place, Map<String, Supplier<Pipeline>> all) {
        all.put(
                "partitions side by side",
                pipeline(
                        place,
                        30,
                        6,
                        (p, world) -> job().from(world.partitioned(Partitioned.of(
                                        List.of(0, 1, 2, 3),
                                        i -> "part " + i,
                                        i -> numbers(i * 100, i * 100 + 54, 10))))
                                .map(Pipeline::row)
                                .into(p.table(world, "rows"))
                                .batch(10)
                                .parallel(3)));
        all.put(
                "many small partitions",
                pipeline(
                        place,
                        8,
                        8,
                        (p, world) -> job().from(world.partitioned(Partitioned.of(
                                        List.of(0, 1, 2, 3, 4, 5, 6, 7, 8),
                                        i -> "part " + i,
                                        i -> numbers(i * 10, i * 10 + 3, 10))))
                                .map(Pipeline::row)
                                .into(p.table(world, "rows"))
                                .parallel(2)));
        all.put(
                "two phases",
                pipeline(
                        place,
                        10,
                        4,
                        (p, world) -> job().phase("first")
                                .from(world.source(numbers(1, 20, 5)))
                                .map(Pipeline::row)
                                .into(p.table(world, "first"))
                                .phase("second")
                                .from(world.source(from -> {
                                    List<Row> rows = List.copyOf(new TreeMap<>(
                                                    p.table(world, "first").rows())
                                            .values());
                                    int start = from.orElse(0);
                                    int end = Math.min(rows.size(), start + 7);
                                    List<Row> page = rows.subList(start, end);
                                    return end == rows.size() ? Page.last(page) : Page.of(page, end);
                                }))
                                .into(p.table(world, "second"))
                                .batch(10)));
        all.put("two sinks in order", pipeline(place, 10, 2, (p, world) -> {
            // the first is written before the second commits, so it may repeat even where the second does not
            Map<String, Row> before = p.rows("before");
            return job().from(world.source(numbers(1, 100, 10)))
                    .map(Pipeline::row)
                    .into(Sink.inOrder(
                            batch -> batch.forEach(row -> before.put(row.key(), row)), p.table(world, "rows")))
                    .batch(10);
        }));
    }

    @TestFactory
    List<DynamicTest> losesAndDoublesNothingWhereverItDies() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String place : List.of("files", "memory", "database")) {
            pipelines(place)
                    .forEach((name, scenario) -> tests.add(DynamicTest.dynamicTest(place + ": " + name, () -> {
                        FAULTS.addAndGet(
                                CrashSweep.of(scenario).every(EVERY).run().faults());
                        SCENARIOS.incrementAndGet();
                    })));
        }
        return tests;
    }

    /** Two faults in one life; wherever the second hits the recovery from the first, it is a crash in the recovery. */
    @TestFactory
    List<DynamicTest> losesAndDoublesNothingWhereverItDiesTwice() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String place : List.of("files", "memory", "database")) {
            Map<String, Supplier<Pipeline>> all = pipelines(place);
            for (String name : List.of(
                    "a page and a record more",
                    "a page of poison",
                    "small pages joined",
                    "two phases",
                    "nothing but poison")) {
                tests.add(DynamicTest.dynamicTest(
                        place + ": " + name,
                        () -> PAIRS.addAndGet(CrashSweep.of(all.get(name))
                                .pairs()
                                .every(EVERY * Integer.getInteger("backfill.everyPair", 4))
                                .run()
                                .faults())));
            }
        }
        return tests;
    }

    @AfterAll
    static void printsHowManyCrashesItRan() {
        System.out.println(
                "crash sweep: " + FAULTS + " faults in " + SCENARIOS + " scenarios; " + PAIRS + " pairs of faults");
    }

    @Test
    void catchesASinkThatAppends() {
        CrashSweep sweep = CrashSweep.of(pipeline("memory", 10, 2, (p, world) -> {
                    List<String> appended = p.part("appended", ArrayList::new);
                    Sink<String> inserts = batch -> appended.addAll(batch);
                    return job().from(world.source(numbers(1, 20, 10)))
                            .map(String::valueOf)
                            .into(world.sink(inserts))
                            .batch(10);
                }))
                .with(World.Fault.CRASH_AFTER);
        assertThatThrownBy(sweep::run).isInstanceOf(AssertionError.class).hasMessageContaining("the end is");
    }

    @Test
    void countsEveryFaultThatItTries() throws Exception {
        Supplier<Pipeline> small = of("database", 10, 1, p -> numbers(1, 1, 10));
        CrashSweep.Result singles =
                CrashSweep.of(small).with(World.Fault.CRASH_BEFORE).run();
        assertThat(singles.faults()).isEqualTo(singles.operations());
        CrashSweep.Result pairs =
                CrashSweep.of(small).with(World.Fault.CRASH_BEFORE).pairs().run();
        assertThat(pairs.faults()).isGreaterThan(singles.operations() * (singles.operations() - 1) / 2);
    }
}

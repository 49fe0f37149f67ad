package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Kills the runner at every operation of many pipelines, with each built-in checkpoint and both kinds of sinks. */
class CrashSweepTest {

    private static int crashes;
    private static int runs;

    /** A row of the little world. */
    record Row(String key, String value) {}

    /** Numbers from one to another, as pages. */
    static Source<Integer> numbers(int first, int last, int perPage) {
        return from -> {
            int start = from.orElse(first);
            int end = Math.min(last, start + perPage - 1);
            List<Integer> items = IntStream.rangeClosed(start, end).boxed().toList();
            return end == last ? Page.last(items) : Page.of(items, end + 1);
        };
    }

    static Row row(int number) {
        return new Row("%04d".formatted(number), "row " + number);
    }

    /** A pipeline by what it is made of. */
    abstract static class Pipeline implements CrashSweep.Scenario {

        final Map<String, Object> parts = new TreeMap<>();
        private final boolean transactional;
        private final boolean files;
        private final long mayRepeat;
        private final long mayReadAgain;

        Pipeline(String place, long mayRepeat, long mayReadAgain) {
            this.files = place.equals("files");
            this.transactional = place.equals("database");
            this.mayRepeat = transactional ? 0 : mayRepeat;
            this.mayReadAgain = mayReadAgain;
        }

        @SuppressWarnings("unchecked")
        private <T> T part(String name, Supplier<T> first) {
            if (!parts.containsKey(name)) {
                parts.put(name, first.get());
            }
            return (T) parts.get(name);
        }

        Database database(World world) {
            return part("database", world::database);
        }

        Database.Table<Row> table(World world, String name) {
            return part(name, () -> database(world).table(Row::key));
        }

        Map<String, Row> rows(String name) {
            return part(name, () -> new TreeMap<>());
        }

        /** The database's own checkpoint; a memory that is not the sink's; or files. */
        Checkpoint checkpoint(World world) {
            if (files) {
                return FileCheckpoint.in(Path.of("/progress"));
            }
            return transactional
                    ? database(world).checkpoint()
                    : part("memory", () -> world.database().checkpoint());
        }

        abstract Backfill pipeline(World world);

        @Override
        public Backfill job(World world) {
            return pipeline(world).checkpoint(checkpoint(world));
        }

        @Override
        public Object end(World world) {
            List<Object> end = new ArrayList<>();
            parts.forEach((name, part) -> {
                if (part instanceof Database.Table<?> table) {
                    end.add(name + "=" + new TreeMap<>(table.rows()));
                }
            });
            for (DeadLetter letter : job(world).deadLetters()) {
                end.add(letter.key() + " " + letter.reason() + " " + letter.page());
            }
            return end.stream().map(String::valueOf).sorted().toList();
        }

        @Override
        public long mayRepeat() {
            return mayRepeat;
        }

        @Override
        public long mayReadAgain() {
            return mayReadAgain;
        }
    }

    private static Pipeline pipeline(
            String place, long mayRepeat, long mayReadAgain, Function<Pipeline, Function<World, Backfill>> body) {
        return new Pipeline(place, mayRepeat, mayReadAgain) {
            @Override
            Backfill pipeline(World world) {
                return body.apply(this).apply(world);
            }
        };
    }

    private static Backfill job() {
        return Backfill.named("sweep");
    }

    @TestFactory
    List<DynamicTest> losesAndDoublesNothingWhereverItDies() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String place : List.of("files", "memory", "database")) {
            Map<String, Supplier<Pipeline>> all = new TreeMap<>();
            all.put(
                    "a page is a batch",
                    () -> pipeline(
                            place,
                            10,
                            2,
                            p -> world -> job().from(world.source(numbers(1, 60, 10)))
                                    .map(CrashSweepTest::row)
                                    .into(p.table(world, "rows"))
                                    .batch(10)));
            all.put(
                    "small pages joined",
                    () -> pipeline(
                            place,
                            10,
                            5,
                            p -> world -> job().from(world.source(numbers(1, 41, 4)))
                                    .map(CrashSweepTest::row)
                                    .into(p.table(world, "rows"))
                                    .batch(10)));
            all.put(
                    "large pages split",
                    () -> pipeline(
                            place,
                            25,
                            2,
                            p -> world -> job().from(world.source(numbers(1, 70, 25)))
                                    .map(CrashSweepTest::row)
                                    .into(p.table(world, "rows"))
                                    .batch(10)));
            all.put(
                    "partitions side by side",
                    () -> pipeline(
                            place,
                            30,
                            6,
                            p -> world -> job().from(world.partitioned(Partitioned.of(
                                            List.of(0, 1, 2, 3),
                                            i -> "part " + i,
                                            i -> numbers(i * 100, i * 100 + 24, 10))))
                                    .map(CrashSweepTest::row)
                                    .into(p.table(world, "rows"))
                                    .batch(10)
                                    .parallel(3)));
            all.put(
                    "poisoned records",
                    () -> pipeline(place, 10, 2, p -> world -> {
                        p.table(world, "rows")
                                .poison(row -> List.of("0001", "0017", "0030").contains(row.key()));
                        return job().from(world.source(numbers(1, 30, 10)))
                                .map(CrashSweepTest::row)
                                .into(p.table(world, "rows"))
                                .batch(10);
                    }));
            all.put(
                    "a page of poison",
                    () -> pipeline(place, 10, 2, p -> world -> {
                        p.table(world, "rows")
                                .poison(row -> row.key().compareTo("0010") > 0
                                        && row.key().compareTo("0016") < 0);
                        return job().from(world.source(numbers(1, 20, 5)))
                                .map(CrashSweepTest::row)
                                .into(p.table(world, "rows"))
                                .batch(5);
                    }));
            all.put(
                    "steps that filter, split and fail",
                    () -> pipeline(
                            place,
                            20,
                            4,
                            p -> world -> job().from(world.source(numbers(1, 24, 6)))
                                    .filter(number -> number % 5 != 0)
                                    .flatMap(number -> List.of(number, number + 1000))
                                    .map(number -> {
                                        if (number == 1007) {
                                            throw new IllegalArgumentException("a step does not like 1007");
                                        }
                                        return row(number);
                                    })
                                    .batches(rows -> rows)
                                    .into(p.table(world, "rows"))
                                    .batch(10)));
            all.put(
                    "two phases",
                    () -> pipeline(
                            place,
                            10,
                            4,
                            p -> world -> job().phase("first")
                                    .from(world.source(numbers(1, 20, 5)))
                                    .map(CrashSweepTest::row)
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
            all.put(
                    "two sinks in order",
                    () -> pipeline(place, 10, 2, p -> world -> {
                        // the first is written before the second commits, so it may repeat even where the second does
                        // not
                        Map<String, Row> before = p.rows("before");
                        return job().from(world.source(numbers(1, 30, 10)))
                                .map(CrashSweepTest::row)
                                .into(Sink.inOrder(
                                        batch -> batch.forEach(row -> before.put(row.key(), row)),
                                        p.table(world, "rows")))
                                .batch(10);
                    }));
            all.put(
                    "a cursor that expires",
                    () -> pipeline(
                            place,
                            60,
                            8,
                            p -> world -> job().from(world.source(expiring(p, numbers(1, 30, 5), 16)))
                                    .map(CrashSweepTest::row)
                                    .into(p.table(world, "rows"))
                                    .batch(10)));
            all.put(
                    "nothing at all",
                    () -> pipeline(
                            place,
                            0,
                            1,
                            p -> world -> job().from(world.source((Source<Row>) from -> Page.last(List.of())))
                                    .into(p.table(world, "rows"))));
            all.put(
                    "empty pages in the middle",
                    () -> pipeline(
                            place,
                            6,
                            5,
                            p -> world -> job().from(world.source((Source<Integer>) from -> switch (from.orElse(0)) {
                                        case 0 -> Page.of(List.of(1, 2, 3), 1);
                                        case 1 -> Page.of(List.of(), 2);
                                        case 2 -> Page.of(List.of(), 3);
                                        case 3 -> Page.of(List.of(4, 5, 6), 4);
                                        default -> Page.last(List.of());
                                    }))
                                    .map(CrashSweepTest::row)
                                    .into(p.table(world, "rows"))
                                    .batch(3)));
            all.forEach((name, scenario) -> tests.add(DynamicTest.dynamicTest(place + ": " + name, () -> {
                CrashSweep.Result result = CrashSweep.of(scenario)
                        .every(Integer.getInteger("backfill.every", 1))
                        .run();
                crashes += result.faults();
                runs++;
            })));
        }
        return tests;
    }

    /** Refuses its cursor once in the life of a world. */
    private static Source<Integer> expiring(Pipeline pipeline, Source<Integer> source, int at) {
        return from -> {
            if (from.equals(Cursor.of(at)) && pipeline.parts.putIfAbsent("expired", true) == null) {
                throw new ExpiredCursorException("the cursor " + at + " has expired");
            }
            return source.read(from);
        };
    }

    @AfterAll
    static void printsHowManyCrashesItRan() {
        System.out.println("crash sweep: " + crashes + " faults in " + runs + " scenarios");
    }

    @Test
    void catchesASinkThatAppends() {
        CrashSweep sweep = CrashSweep.of(Appending::new).with(World.Fault.CRASH_AFTER);
        assertThatThrownBy(sweep::run).isInstanceOf(AssertionError.class).hasMessageContaining("the end is");
    }

    /** What a sink must not be: it inserts, where it should write by key. */
    private static final class Appending extends Pipeline {
        private final List<String> appended = new ArrayList<>();

        Appending() {
            super("memory", 10, 2);
        }

        @Override
        Backfill pipeline(World world) {
            Sink<String> sink = batch -> appended.addAll(batch);
            return CrashSweepTest.job()
                    .from(world.source(numbers(1, 20, 10)))
                    .map(String::valueOf)
                    .into(world.sink(sink))
                    .batch(10);
        }

        @Override
        public Object end(World world) {
            return List.copyOf(appended);
        }
    }
}

package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Event;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Progress;
import dev.backfill.RefusedException;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.TransactionalSink;
import dev.backfill.TransientException;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a run does, in virtual time. */
class RunnerTest {

    private final World world = new World(5);
    private final Checkpoint checkpoint = new MemoryCheckpoint();
    private final Map<Integer, Integer> written = new TreeMap<>();
    private final List<Event> events = new ArrayList<>();

    private Sink<Integer> sink() {
        return batch -> batch.forEach(number -> written.merge(number, 1, Integer::sum));
    }

    private Backfill job(Source<Integer> source) {
        return Backfill.named("job")
                .from(source)
                .into(sink())
                .checkpoint(checkpoint)
                .listen(events::add);
    }

    /** Runs in the world; what the body throws comes out. */
    private <T> T in(World.Body<T> body) throws Exception {
        return world.run(body).orElseThrow();
    }

    private static Source<Integer> numbers(int last) {
        return Pipeline.numbers(1, last, 10);
    }

    private static long nanos() {
        return Ports.current().time().nanos();
    }

    private static void sleep(Duration time) throws InterruptedException {
        Ports.current().time().sleep(time.toNanos());
    }

    private static <T> List<T> only(List<? super T> all, Class<T> type) {
        return all.stream().filter(type::isInstance).map(type::cast).toList();
    }

    // ---- what a run is

    @Test
    void doesNothingWhenAllIsDone() throws Exception {
        Report first = in(() -> job(numbers(35)).run());
        Report second = in(() -> job(numbers(35)).run());
        assertThat(first.complete()).isTrue();
        assertThat(second.complete()).isTrue();
        assertThat(second.counts()).isEqualTo(first.counts());
        assertThat(second.run()).isEqualTo(2);
        assertThat(written)
                .hasSize(35)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    private List<Integer> sizes() {
        return only(events, Event.BatchWritten.class).stream()
                .map(Event.BatchWritten::records)
                .toList();
    }

    @Test
    void theFirstRecordsGoAtOnceAndLaterOnesAreJoined() throws Exception {
        List<Long> times = new ArrayList<>();
        Source<Integer> first = from -> {
            sleep(Duration.ofMillis(from.isStart() ? 1 : 100));
            return numbers(65).read(from);
        };
        in(() -> {
            long begin = nanos();
            return Backfill.named("job")
                    .from(first)
                    .into((Sink<Integer>) batch -> times.add(nanos() - begin))
                    .batch(30)
                    .checkpoint(checkpoint)
                    .listen(events::add)
                    .run();
        });
        assertThat(times.get(0)).isLessThan(Duration.ofMillis(100).toNanos());
        assertThat(sizes()).containsExactly(10, 30, 25);
    }

    @Test
    void pagesWithoutARecordAreJoinedAlsoAtTheBeginning() throws Exception {
        Source<Integer> late = from -> {
            sleep(Duration.ofMillis(10));
            int page = from.orElse(0);
            List<Integer> records = page < 20 ? List.of() : List.of(page);
            return page == 21 ? Page.last(records) : Page.of(records, page + 1);
        };
        in(() -> job(late).batch(1).run());
        assertThat(written).containsOnlyKeys(20, 21);
        assertThat(sizes()).containsExactly(1, 1);
    }

    @Test
    void passesOverEverythingAgain() throws Exception {
        in(() -> job(numbers(35)).run());
        Report again = in(() -> job(numbers(35)).again());
        assertThat(again.counts().read()).isEqualTo(35);
        assertThat(written).allSatisfy((number, times) -> assertThat(times).isEqualTo(2));
    }

    @Test
    void aRepeatingJobBeginsANewPassWhenAllIsDoneAlsoAnotherOne() throws Exception {
        in(() -> job(numbers(35)).repeating().run());
        Report second = in(() -> job(numbers(35)).repeating().run());
        assertThat(second.counts().read()).isEqualTo(35);
        Report other = in(() -> job(numbers(20)).version("2").repeating().run());
        assertThat(other.counts().read()).isEqualTo(20);
        assertThat(written).allSatisfy((number, times) -> assertThat(times).isEqualTo(number <= 20 ? 3 : 2));
    }

    @Test
    void aRepeatingJobGoesOnWithAPassThatIsNotFinishedAndRefusesToMakeItAnother() throws Exception {
        Source<Integer> cut = from -> {
            if (from.orElse(1) == 21) {
                throw new IllegalStateException("cut");
            }
            return numbers(35).read(from);
        };
        assertThatThrownBy(() -> in(() -> job(cut).batch(10).repeating().run())).hasMessageContaining("cut");
        assertThat(written).hasSizeBetween(10, 20);
        assertThatThrownBy(
                        () -> in(() -> job(numbers(20)).version("2").repeating().run()))
                .isInstanceOf(BackfillException.Changed.class);
        in(() -> job(numbers(35)).batch(10).repeating().run());
        assertThat(written)
                .hasSize(35)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void aRepeatingJobKilledBetweenItsPhasesIsNotTakenForDoneByOneWithFewerPhases() throws Exception {
        Partitioned<Integer> cut = new Partitioned<>() {
            @Override
            public List<Partition<Integer>> partitions() {
                throw new IllegalStateException("cut");
            }
        };
        assertThatThrownBy(() -> in(() -> job(numbers(35))
                        .phase("second")
                        .from(cut)
                        .into(sink())
                        .repeating()
                        .run()))
                .hasMessageContaining("cut");
        assertThatThrownBy(() -> in(() -> job(numbers(35)).repeating().run()))
                .isInstanceOf(BackfillException.Changed.class);
    }

    @Test
    void aRepeatingJobKilledBetweenItsPhasesGoesOnWithTheSecond() throws Exception {
        AtomicInteger listed = new AtomicInteger();
        Partitioned<Integer> second = new Partitioned<>() {
            @Override
            public List<Partition<Integer>> partitions() {
                if (listed.getAndIncrement() == 0) {
                    throw new IllegalStateException("cut");
                }
                return List.of(Partition.of("only", numbers(10)));
            }
        };
        Backfill job =
                job(numbers(35)).phase("second").from(second).into(sink()).repeating();
        assertThatThrownBy(() -> in(job::run)).hasMessageContaining("cut");
        in(job::run);
        assertThat(written).allSatisfy((number, times) -> assertThat(times).isEqualTo(number <= 10 ? 2 : 1));
    }

    @Test
    void beginsAtTheStartAfterStartOver() throws Exception {
        in(() -> job(numbers(5)).run());
        in(() -> {
            job(numbers(5)).startOver();
            return true;
        });
        in(() -> job(numbers(5)).run());
        assertThat(written).allSatisfy((number, times) -> assertThat(times).isEqualTo(2));
    }

    @Test
    void refusesAJobThatWasDefinedAnew() throws Exception {
        in(() -> job(numbers(5)).version("1").run());
        assertThatThrownBy(() -> in(() -> job(numbers(5)).version("2").run()))
                .isInstanceOf(BackfillException.Changed.class)
                .hasMessageContaining("- version 1")
                .hasMessageContaining("+ version 2")
                .hasMessageContaining("acceptChange()")
                .hasMessageContaining("startOver()");
        in(() -> {
            job(numbers(5)).version("2").acceptChange();
            return true;
        });
        assertThat(in(() -> job(numbers(5)).version("2").run()).complete()).isTrue();
        assertThat(written).allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void aJobThatHasReadNothingYetMayBeDefinedAnew() throws Exception {
        Source<Integer> refusing = from -> {
            throw new IllegalStateException("wrong token");
        };
        assertThatThrownBy(() -> in(() -> job(refusing).version("1").run())).hasMessageContaining("wrong token");
        in(() -> job(numbers(5)).version("2").run());
        assertThat(written).hasSize(5);
    }

    @Test
    void writesNothingInADryRun() throws Exception {
        Report report = in(() -> job(numbers(35)).dryRun());
        assertThat(report.counts().produced()).isEqualTo(35);
        assertThat(written).isEmpty();
        assertThat(in(() -> job(numbers(35)).run()).run())
                .as("nothing was saved")
                .isEqualTo(1);
        assertThat(written).hasSize(35);
    }

    @Test
    void saysWhatIsMissingBeforeItBegins() {
        assertThatThrownBy(() ->
                        Backfill.named("job").from(numbers(1)).into(sink()).run())
                .hasMessageContaining("no checkpoint")
                .hasMessageContaining("MemoryCheckpoint");
        assertThatThrownBy(() -> Backfill.named("job").checkpoint(checkpoint).run())
                .hasMessageContaining("no phase");
        assertThatThrownBy(() -> Backfill.named(" ")).hasMessageContaining("a job needs a name");
        assertThatThrownBy(() -> job(numbers(1)).batch(0))
                .hasMessageContaining("batch must be from 1 to 100000, not 0");
        assertThatThrownBy(() -> job(numbers(1)).parallel(-1)).hasMessageContaining("parallel");
        assertThatThrownBy(() -> job(numbers(1)).patience(Duration.ofSeconds(-1)))
                .hasMessageContaining("patience");
        assertThatThrownBy(() -> job(numbers(1)).phase("main").from(numbers(1)).into(sink()))
                .hasMessageContaining("two phases are called 'main'");
    }

    // ---- sources that go nowhere

    private String failure(Source<Integer> source) {
        BackfillException e = catchThrowableOfType(
                BackfillException.class, () -> in(() -> job(source).run()));
        assertThat(e.report().orElseThrow().status()).isEqualTo(Report.Status.PARTIAL);
        return e.getMessage();
    }

    @Test
    void endsWhenASourceRepeatsItsCursor() {
        assertThat(failure(from -> Page.of(List.of(1), 5))).contains("looping").contains("job/main/all");
    }

    @Test
    void endsWhenASourceGoesRound() {
        assertThat(failure(from -> Page.of(List.of(1), from.orElse(0) % 7 + 1))).contains("looping");
    }

    @Test
    void endsWhenASourceGivesNothingForEver() {
        assertThat(failure(from -> Page.of(List.of(), from.orElse(0) + 1))).contains("going nowhere");
    }

    @Test
    void namesAPageWhoseNextCursorCannotBeStored() {
        assertThat(failure(from -> Page.of(List.of(1), new Object())))
                .contains("cannot be stored")
                .contains("reading failed at job/main/all from cursor start");
    }

    @Test
    void readsAPageThatIsCutOffForASecondTimeOnly() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        // a cache once gave the same page again
        Source<Integer> source = from -> from.isStart()
                ? Page.of(List.of(1), 1)
                : calls.incrementAndGet() == 1 ? Page.of(List.of(9), 1) : Page.last(List.of(2));
        in(() -> job(source).run());
        assertThat(written.keySet()).containsExactly(1, 2);
    }

    @Test
    void restartsAPartitionWhoseCursorHasExpired() throws Exception {
        AtomicInteger times = new AtomicInteger();
        Source<Integer> source = from -> {
            if (from.equals(Cursor.of(21)) && times.incrementAndGet() == 1) {
                throw new ExpiredCursorException("gone");
            }
            return numbers(35).read(from);
        };
        Report report = in(() -> job(source).batch(10).run());
        assertThat(report.counts().read()).as("counted once").isEqualTo(35);
        assertThat(written).hasSize(35);
        assertThat(only(events, Event.CursorExpired.class)).hasSize(1);
    }

    @Test
    void givesUpOnACursorThatAlwaysExpires() {
        assertThat(failure(from -> {
                    if (!from.isStart()) {
                        throw new ExpiredCursorException("gone");
                    }
                    return numbers(35).read(from);
                }))
                .contains("begin again more than 3 times");
    }

    // ---- partitions

    private static Partitioned<Integer> hundreds(int count) {
        return Partitioned.of(
                IntStream.range(0, count).boxed().toList(),
                i -> "hundred " + i,
                i -> Pipeline.numbers(i * 100, i * 100 + 29, 10));
    }

    @Test
    void onePartitionsFailureStopsNoOther() throws Exception {
        AtomicInteger mended = new AtomicInteger();
        Partitioned<Integer> source = () -> hundreds(5).partitions().stream()
                .map(part -> Partition.of(part.name(), (Source<Integer>) from -> {
                    if (part.name().equals("hundred 2") && from.equals(Cursor.of(210)) && mended.get() == 0) {
                        throw new IllegalStateException("boom");
                    }
                    return part.source().read(from);
                }))
                .toList();
        Backfill job = Backfill.named("job")
                .from(source)
                .into(sink())
                .batch(10)
                .parallel(2)
                .checkpoint(checkpoint);
        BackfillException e = catchThrowableOfType(BackfillException.class, () -> in(job::run));
        assertThat(e.getMessage())
                .contains("1 of 5 partitions failed")
                .contains("hundred 2")
                .contains("boom");
        Report report = e.report().orElseThrow();
        assertThat(report.status()).isEqualTo(Report.Status.PARTIAL);
        assertThat(report.counts().read())
                .as("what was read before the failure is written")
                .isEqualTo(130);
        mended.set(1);
        assertThat(in(job::run).complete()).isTrue();
        assertThat(written)
                .hasSize(150)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void refusesTwoPartitionsOfOneName() {
        Partitioned<Integer> twice = Partitioned.of(List.of(1, 2), i -> "same", i -> numbers(3));
        assertThatThrownBy(() -> in(() -> Backfill.named("job")
                        .from(twice)
                        .into(sink())
                        .checkpoint(checkpoint)
                        .run()))
                .hasMessageContaining("two partitions")
                .hasMessageContaining("'same'");
    }

    @Test
    void neverForgetsAPartitionThatTheSourceNoLongerLists() throws Exception {
        Backfill job = Backfill.named("job")
                .from(hundreds(3))
                .into(batch -> {
                    throw new IllegalStateException("boom");
                })
                .checkpoint(checkpoint);
        assertThatThrownBy(() -> in(job::run)).isInstanceOf(BackfillException.class);
        assertThatThrownBy(() -> in(() -> Backfill.named("job")
                        .from(hundreds(2))
                        .into(sink())
                        .checkpoint(checkpoint)
                        .run()))
                .hasMessageContaining("no longer lists");
    }

    /** A window that grows, over numbers that are there up to an end. */
    private static Partitioned<Integer> growing(int end, boolean open) {
        Source<Integer> source = from -> {
            int start = from.orElse(1);
            List<Integer> items =
                    IntStream.range(start, Math.min(end, start + 10)).boxed().toList();
            return start + 10 >= end ? Page.last(items) : Page.of(items, start + 10);
        };
        Partition<Integer> partition = Partition.of("window", source);
        return () -> List.of(open ? partition.openAt(end) : partition.endingAt(end));
    }

    private Report run(Partitioned<Integer> source) throws Exception {
        return in(() -> Backfill.named("job")
                .from(source)
                .into(sink())
                .checkpoint(checkpoint)
                .run());
    }

    @Test
    void reopensADoneWindowWhoseEndHasMoved() throws Exception {
        run(growing(25, false));
        assertThat(run(growing(25, false)).counts().read()).isEqualTo(24);
        Report report = run(growing(48, false));
        assertThat(report.counts().read()).isEqualTo(47);
        assertThat(written)
                .hasSize(47)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void neverRemembersAnOpenWindowAsFinished() throws Exception {
        Report first = run(growing(25, true));
        assertThat(first.complete()).isTrue();
        assertThat(first.partitions()).extracting(Report.Part::state).containsExactly(Report.State.OPEN);
        run(growing(31, true));
        assertThat(written).hasSize(30);
    }

    @Test
    void takesOverlappingPartitionsOneByOneIntoASinkThatMindsTheOrder() throws Exception {
        AtomicInteger atWork = new AtomicInteger();
        List<Integer> most = new ArrayList<>();
        Partitioned<Integer> overlapping = new Partitioned<>() {
            @Override
            public List<Partition<Integer>> partitions() throws Exception {
                return hundreds(4).partitions();
            }

            @Override
            public boolean overlapping() {
                return true;
            }
        };
        Sink<Integer> sink = batch -> {
            most.add(atWork.incrementAndGet());
            sleep(Duration.ofMillis(10));
            atWork.decrementAndGet();
        };
        Report report = in(() -> Backfill.named("job")
                .from(overlapping)
                .into(sink)
                .parallel(4)
                .batch(10)
                .checkpoint(checkpoint)
                .run());
        assertThat(most).containsOnly(1);
        assertThat(report.notes()).anyMatch(note -> note.contains("one after the other"));
    }

    @Test
    void theWorldKeepsWhatASourceSaysOfItself() throws Exception {
        Partitioned<Integer> source = new Partitioned<>() {
            @Override
            public List<Partition<Integer>> partitions() throws Exception {
                return hundreds(2).partitions();
            }

            @Override
            public List<Partition<Integer>> partitions(List<String> known) throws Exception {
                return hundreds(known.size()).partitions();
            }

            @Override
            public Paging paging() {
                return Paging.KEYSET;
            }

            @Override
            public String definition() {
                return "hundreds";
            }

            @Override
            public boolean overlapping() {
                return true;
            }
        };
        Partitioned<Integer> wrapped = world.partitioned(source);
        assertThat(wrapped.overlapping()).isTrue();
        assertThat(wrapped.paging()).isEqualTo(Paging.KEYSET);
        assertThat(wrapped.definition()).isEqualTo("hundreds");
        assertThat(wrapped.partitions(List.of("a", "b", "c"))).hasSize(3);
    }

    // ---- pages and batches

    @Test
    void joinsSmallPagesAndSplitsLargeOnes() throws Exception {
        List<Integer> sizes = new ArrayList<>();
        in(() -> Backfill.named("small")
                .from(Pipeline.numbers(1, 100, 7))
                .into(batch -> {
                    sizes.add(batch.size());
                })
                .batch(50)
                .checkpoint(checkpoint)
                .run());
        assertThat(sizes).allMatch(size -> size <= 50).hasSizeLessThanOrEqualTo(3);
        sizes.clear();
        in(() -> Backfill.named("large")
                .from(Pipeline.numbers(1, 100, 100))
                .into(batch -> {
                    sizes.add(batch.size());
                })
                .batch(30)
                .checkpoint(checkpoint)
                .run());
        assertThat(sizes).containsExactly(30, 30, 30, 10);
    }

    @Test
    void tellsTheSinkWhereABatchComesFrom() throws Exception {
        List<String> told = new ArrayList<>();
        in(() -> Backfill.named("job")
                .phase("copy")
                .from(hundreds(1))
                .into((Batch<Integer> batch) -> {
                    told.add(batch.phase() + "/" + batch.partition() + " " + batch.from() + " " + batch.last());
                })
                .batch(10)
                .checkpoint(checkpoint)
                .run());
        assertThat(told)
                .containsExactly("copy/hundred 0 start false", "copy/hundred 0 10 false", "copy/hundred 0 20 true");
    }

    @Test
    void readsAheadWhileTheSinkWrites() throws Exception {
        Duration step = Duration.ofMillis(100);
        Source<Integer> slow = from -> {
            sleep(step);
            return Pipeline.numbers(1, 200, 10).read(from);
        };
        long took = in(() -> {
            long begin = nanos();
            Backfill.named("job")
                    .from(slow)
                    .into(batch -> sleep(step))
                    .batch(10)
                    .checkpoint(checkpoint)
                    .run();
            return nanos() - begin;
        });
        assertThat(Duration.ofNanos(took)).isLessThan(step.multipliedBy(20 + 2));
    }

    @Test
    void worksOnPartitionsSideBySide() throws Exception {
        Duration step = Duration.ofMillis(100);
        Partitioned<Integer> slow = () -> hundreds(8).partitions().stream()
                .map(part -> Partition.of(part.name(), (Source<Integer>) from -> {
                    sleep(step);
                    return part.source().read(from);
                }))
                .toList();
        long took = in(() -> {
            long begin = nanos();
            Backfill.named("job")
                    .from(slow)
                    .into(sink())
                    .parallel(8)
                    .checkpoint(checkpoint)
                    .run();
            return nanos() - begin;
        });
        assertThat(Duration.ofNanos(took)).isLessThan(step.multipliedBy(4));
        assertThat(written).hasSize(240);
    }

    @Test
    void boundsWhatItReadsAhead() throws Exception {
        AtomicInteger read = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        List<Integer> ahead = new ArrayList<>();
        Source<Integer> source = from -> {
            Page<Integer> page = Pipeline.numbers(1, 1_000, 10).read(from);
            read.addAndGet(page.items().size());
            return page;
        };
        in(() -> Backfill.named("job")
                .from(source)
                .into(batch -> {
                    sleep(Duration.ofSeconds(1));
                    ahead.add(read.get() - done.get());
                    done.addAndGet(batch.size());
                })
                .batch(20)
                .checkpoint(checkpoint)
                .run());
        assertThat(ahead).allMatch(records -> records <= 20 + 20 + 10);
    }

    // ---- refusals

    @Test
    void findsOnePoisonedRecordInABatchOfFiveHundred() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Sink<Integer> sink = batch -> {
            calls.incrementAndGet();
            if (batch.contains(317)) {
                throw new RefusedException("no 317");
            }
            batch.forEach(number -> written.merge(number, 1, Integer::sum));
        };
        Backfill job = Backfill.named("job")
                .from(Pipeline.numbers(1, 500, 500))
                .into(sink.keyedBy(number -> "key " + number))
                .checkpoint(checkpoint)
                .listen(events::add);
        Report report = in(job::run);
        assertThat(report.complete()).isTrue();
        assertThat(report.counts().inserted()).isEqualTo(499);
        assertThat(report.counts().dead()).isEqualTo(1);
        assertThat(report.deadLetters()).isEqualTo(1);
        assertThat(written).hasSize(499).doesNotContainKey(317);
        assertThat(calls.get() - 1).as("extra writes").isLessThanOrEqualTo(19);
        List<DeadLetter> letters = in(job::deadLetters);
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.key()).isEqualTo("key 317");
            assertThat(letter.reason()).isEqualTo("no 317");
            assertThat(letter.phase()).isEqualTo("main");
            assertThat(letter.page()).isEqualTo(Cursor.START);
            assertThat(letter.attempts()).isGreaterThan(1);
            assertThat(letter.payload()).isEmpty();
        });
    }

    @Test
    void replaysDeadLettersOnceTheirCauseIsMended() throws Exception {
        AtomicInteger mended = new AtomicInteger();
        Sink<Integer> sink = batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i) % 10 == 7 && mended.get() < batch.get(i)) {
                    batch.refused(i, "a seven");
                } else {
                    written.merge(batch.get(i), 1, Integer::sum);
                }
            }
        };
        Backfill job = Backfill.named("job")
                .from(numbers(35))
                .into(sink.keyedBy(number -> number))
                .keepPayloads()
                .checkpoint(checkpoint);
        assertThat(in(job::run).counts().dead()).isEqualTo(3);
        assertThat(in(job::deadLetters)).allMatch(letter -> letter.payload().isPresent());
        mended.set(17);
        Report half = in(job::replay);
        assertThat(half.counts().inserted()).isEqualTo(2);
        assertThat(half.deadLetters()).isEqualTo(1);
        assertThat(in(job::deadLetters))
                .singleElement()
                .satisfies(letter -> assertThat(letter.attempts()).isEqualTo(2));
        mended.set(100);
        assertThat(in(job::replay).deadLetters()).isZero();
        assertThat(written)
                .hasSize(35)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void replaysARecordThatHadNoKeyAndHasOneNow() throws Exception {
        AtomicInteger mended = new AtomicInteger();
        Sink<String> sink = batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i).isEmpty()) {
                    batch.refused(i, "no key");
                } else {
                    written.merge(Integer.valueOf(batch.get(i)), 1, Integer::sum);
                }
            }
        };
        Source<String> source = from -> Page.last(List.of("1", mended.get() == 0 ? "" : "2", "3"));
        Backfill job = Backfill.named("job")
                .from(source)
                .into(sink.keyedBy(key -> key))
                .checkpoint(checkpoint);
        assertThat(in(job::run).deadLetters()).isEqualTo(1);
        mended.set(1);
        assertThat(in(job::replay).deadLetters()).isZero();
        assertThat(written.keySet()).containsExactly(1, 2, 3);
    }

    @Test
    void keepsTheDeadLetterOfARecordThatMovedToAnotherPage() throws Exception {
        List<Integer> all = new ArrayList<>(IntStream.rangeClosed(1, 30).boxed().toList());
        AtomicInteger mended = new AtomicInteger();
        Backfill job = offsetJob(all, 11, mended);
        assertThat(in(job::run).deadLetters()).isEqualTo(1);
        mended.set(1);
        all.remove(0); // 11 is on the first page now
        Report report = in(job::replay);
        assertThat(report.notes()).anyMatch(note -> note.contains("may be on another"));
        assertThat(in(job::deadLetters)).extracting(DeadLetter::key).containsExactly("11");
    }

    @Test
    void forgetsTheDeadLetterOfARecordThatIsCertainlyGone() throws Exception {
        List<Integer> all = new ArrayList<>(List.of(1, 2, 3));
        AtomicInteger mended = new AtomicInteger();
        Source<Integer> onePage = from -> Page.last(all);
        Backfill job =
                Backfill.named("job").from(onePage).into(refusing(2, mended)).checkpoint(checkpoint);
        assertThat(in(job::run).deadLetters()).isEqualTo(1);
        mended.set(1);
        all.remove(Integer.valueOf(2));
        Report report = in(job::replay);
        assertThat(report.counts().filtered()).as("gone").isEqualTo(1);
        assertThat(in(job::deadLetters)).isEmpty();
    }

    private Sink<Integer> refusing(int bad, AtomicInteger mended) {
        Sink<Integer> sink = batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i) == bad && mended.get() == 0) {
                    batch.refused(i, "refused");
                }
            }
        };
        return sink.keyedBy(number -> number);
    }

    private Backfill offsetJob(List<Integer> all, int bad, AtomicInteger mended) {
        Source<Integer> offset = from -> {
            int at = Math.min(from.orElse(0), all.size());
            List<Integer> page = List.copyOf(all.subList(at, Math.min(at + 10, all.size())));
            return page.isEmpty() ? Page.last(page) : Page.of(page, at + page.size());
        };
        return Backfill.named("job").from(offset).into(refusing(bad, mended)).checkpoint(checkpoint);
    }

    @Test
    void stopsWhenTooManyRecordsDie() {
        AtomicInteger reads = new AtomicInteger();
        Source<Integer> source = from -> {
            reads.incrementAndGet();
            return Pipeline.numbers(1, 100_000, 10).read(from);
        };
        Sink<Integer> sink = batch -> {
            throw new RefusedException("nothing is good enough");
        };
        BackfillException e = catchThrowableOfType(
                BackfillException.class,
                () -> in(() -> Backfill.named("job")
                        .from(source)
                        .into(sink)
                        .batch(10)
                        .tolerate(50, 1)
                        .checkpoint(checkpoint)
                        .run()));
        assertThat(e.getMessage()).contains("dead letters").contains("tolerate");
        assertThat(e.report().orElseThrow().status()).isEqualTo(Report.Status.FAILED);
        assertThat(reads.get()).isLessThan(20);
    }

    // ---- retries

    @Test
    void triesAgainWhatMayPassAndNeverEarlierThanAsked() throws Exception {
        List<Long> calls = new ArrayList<>();
        Source<Integer> source = from -> {
            calls.add(nanos());
            if (calls.size() == 1) {
                throw new TransientException("too many requests", Duration.ofSeconds(120));
            }
            if (calls.size() == 2) {
                throw new IOException("reset");
            }
            return Page.last(List.of(1));
        };
        assertThat(in(() -> job(source).run()).complete()).isTrue();
        assertThat(Duration.ofNanos(calls.get(1) - calls.get(0))).isGreaterThanOrEqualTo(Duration.ofSeconds(120));
        assertThat(only(events, Event.Retrying.class)).hasSize(2);
    }

    @Test
    void savesAndStopsWhenAskedToComeBackAfterItsPatience() throws Exception {
        Source<Integer> source = from -> {
            if (!from.isStart()) {
                throw new TransientException("quota", Duration.ofHours(3));
            }
            return numbers(35).read(from);
        };
        Report report = in(() -> job(source).batch(10).run());
        assertThat(report.status()).isEqualTo(Report.Status.INTERRUPTED);
        assertThat(report.comeBack()).contains(Duration.ofHours(3));
        assertThat(report.counts().read()).as("what was read is saved").isEqualTo(10);
    }

    @Test
    void givesUpWhenPatienceIsOverAndKeepsWhatItHas() throws Exception {
        AtomicInteger down = new AtomicInteger(1);
        Source<Integer> source = from -> {
            if (from.equals(Cursor.of(21)) && down.get() == 1) {
                throw new IOException("503");
            }
            return numbers(35).read(from);
        };
        long begin = in(RunnerTest::nanos);
        assertThatThrownBy(() -> in(() ->
                        job(source).batch(10).patience(Duration.ofMinutes(5)).run()))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("503")
                .hasMessageContaining("from cursor 21");
        assertThat(Duration.ofNanos(in(RunnerTest::nanos) - begin))
                .isBetween(Duration.ofMinutes(3), Duration.ofMinutes(6));
        down.set(0);
        in(() -> job(source).run());
        assertThat(written)
                .hasSize(35)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void doesNotTryAgainWhatWillNotPass() {
        AtomicInteger calls = new AtomicInteger();
        assertThat(failure(from -> {
                    calls.incrementAndGet();
                    throw new IllegalArgumentException("401: look at BLAZE_KEY");
                }))
                .contains("401");
        assertThat(calls).hasValue(1);
    }

    // ---- stopping

    @Test
    void stopsCleanlyAndGoesOn() throws Exception {
        Source<Integer> slow = from -> {
            sleep(Duration.ofSeconds(1));
            return numbers(200).read(from);
        };
        Report report = in(() -> {
            Run run = job(slow).batch(10).start();
            sleep(Duration.ofMillis(5_500));
            run.stop();
            run.stop();
            return run.await();
        });
        assertThat(report.status()).isEqualTo(Report.Status.INTERRUPTED);
        assertThat(report.counts().read()).isBetween(10L, 60L);
        in(() -> job(slow).run());
        assertThat(written)
                .hasSize(200)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    @Test
    void givesUpABatchThatOutlastsTheGraceTime() throws Exception {
        Sink<Integer> stuck = batch -> sleep(Duration.ofDays(1));
        Duration took = in(() -> {
            Run run = Backfill.named("job")
                    .from(numbers(20))
                    .into(stuck)
                    .grace(Duration.ofSeconds(3))
                    .checkpoint(checkpoint)
                    .start();
            sleep(Duration.ofSeconds(5));
            long begin = nanos();
            run.stop();
            assertThat(run.await().status()).isEqualTo(Report.Status.INTERRUPTED);
            return Duration.ofNanos(nanos() - begin);
        });
        assertThat(took).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));
    }

    @Test
    void pausesAndResumes() throws Exception {
        Source<Integer> slow = from -> {
            sleep(Duration.ofSeconds(1));
            return numbers(100).read(from);
        };
        in(() -> {
            Run run = job(slow).batch(10).start();
            sleep(Duration.ofMillis(3_500));
            run.pause();
            sleep(Duration.ofSeconds(2));
            Progress paused = run.progress();
            assertThat(paused.waiting()).contains("paused");
            sleep(Duration.ofMinutes(10));
            assertThat(run.progress().counts()).isEqualTo(paused.counts());
            run.resume();
            assertThat(run.await().complete()).isTrue();
            return true;
        });
        assertThat(written).hasSize(100);
    }

    @Test
    void tellsHowFarItIs() throws Exception {
        Source<Integer> slow = from -> {
            sleep(Duration.ofSeconds(1));
            return numbers(100).read(from).withTotal(100);
        };
        in(() -> {
            Run run = job(slow).batch(10).start();
            sleep(Duration.ofMillis(5_500));
            Progress progress = run.progress();
            assertThat(progress.part()).isBetween(0.3, 0.6);
            assertThat(progress.perSecond()).isBetween(6.0, 11.0);
            assertThat(progress.left().orElseThrow()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(9));
            run.await();
            return true;
        });
    }

    @Test
    void aListenerThatThrowsHarmsNothing() throws Exception {
        Backfill job = job(numbers(35)).listen(event -> {
            throw new IllegalStateException("a bad listener");
        });
        assertThat(in(job::run).complete()).isTrue();
        assertThat(written).hasSize(35);
    }

    @Test
    void aSinkThatRunsOutOfMemoryEndsTheRunAndNothingIsMarkedDone() throws Exception {
        Sink<Integer> sink = batch -> {
            throw new OutOfMemoryError("for the test");
        };
        assertThatThrownBy(() -> in(() -> {
                    try {
                        return Backfill.named("job")
                                .from(numbers(20))
                                .into(sink)
                                .checkpoint(checkpoint)
                                .run();
                    } catch (OutOfMemoryError e) {
                        throw new IllegalStateException("the error came out: " + e.getMessage());
                    }
                }))
                .hasMessageContaining("the error came out");
        in(() -> job(numbers(20)).run());
        assertThat(written).hasSize(20);
    }

    @Test
    void saysThatASourceMayMissRecords() throws Exception {
        assertThat(in(() -> job(numbers(5)).run()).notes()).anyMatch(note -> note.contains("UNDECLARED"));
        Source<Integer> keyset = new Source<>() {
            @Override
            public Page<Integer> read(Cursor from) throws Exception {
                return numbers(5).read(from);
            }

            @Override
            public Paging paging() {
                return Paging.KEYSET;
            }
        };
        assertThat(in(() -> Backfill.named("safe")
                                .from(keyset)
                                .into(sink())
                                .checkpoint(checkpoint)
                                .run())
                        .notes())
                .isEmpty();
    }

    // ---- what once went wrong

    @Test
    void aSourceThatSaysItWasInterruptedIsNotDone() throws Exception {
        Source<Integer> source = from -> {
            if (from.orElse(1) > 10) {
                throw new InterruptedException("the client was shut down");
            }
            return numbers(50).read(from);
        };
        assertThat(in(() -> job(source).run()).status()).isEqualTo(Report.Status.INTERRUPTED);
        in(() -> job(numbers(50)).run());
        assertThat(written).hasSize(50);
    }

    @Test
    void aSinkThatSaysItWasInterruptedHasNotWritten() throws Exception {
        Report report = in(() -> Backfill.named("job")
                .from(numbers(50))
                .into(batch -> {
                    throw new InterruptedException("the client was shut down");
                })
                .checkpoint(checkpoint)
                .run());
        assertThat(report.status()).isEqualTo(Report.Status.INTERRUPTED);
        in(() -> job(numbers(50)).run());
        assertThat(written).hasSize(50);
    }

    @Test
    void aListenerThatThrowsAnErrorEndsTheRunAndNotOnlyItsThread() {
        AtomicInteger done = new AtomicInteger();
        Backfill job = Backfill.named("job")
                .from(hundreds(3))
                .into(batch -> {})
                .checkpoint(checkpoint)
                .listen(event -> {
                    if (event instanceof Event.PartitionDone && done.incrementAndGet() == 1) {
                        throw new StackOverflowError("for the test");
                    }
                });
        assertThatThrownBy(job::run).isInstanceOf(StackOverflowError.class);
    }

    /** Makes threads until there were so many of the run's own thread or of its workers. */
    private static ThreadFactory threadsUntil(int count, String maker) {
        AtomicInteger made = new AtomicInteger();
        return body -> {
            if (Thread.currentThread().getName().startsWith(maker) && made.incrementAndGet() == count) {
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
                throw new IllegalStateException("no more threads");
            }
            return new Thread(body);
        };
    }

    @Test
    void aWorkerThatGetsNoThreadToReadWithFailsTheRun() {
        assertThatThrownBy(() -> Backfill.named("job")
                        .from(hundreds(3))
                        .into(batch -> {})
                        .threads(threadsUntil(2, "job main"))
                        .checkpoint(checkpoint)
                        .run())
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("no more threads");
    }

    @Test
    void doesNotReturnWhileAWorkerWritesAlthoughThereIsNoThreadForAnother() {
        AtomicInteger atWork = new AtomicInteger();
        assertThatThrownBy(() -> Backfill.named("job")
                        .from(hundreds(3))
                        .into(batch -> {
                            atWork.incrementAndGet();
                            LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
                            atWork.decrementAndGet();
                        })
                        .parallel(3)
                        .threads(threadsUntil(2, "job"))
                        .checkpoint(checkpoint)
                        .run())
                .hasMessageContaining("no more threads");
        assertThat(atWork.get()).isZero();
    }

    @Test
    void doesNotReturnWhileASourceReadsThatIsDeafToInterrupts() throws Exception {
        AtomicInteger reading = new AtomicInteger();
        Source<Integer> deaf = from -> {
            reading.incrementAndGet();
            long end = nanos() + Duration.ofMinutes(1).toNanos();
            while (nanos() < end) {
                try {
                    sleep(Duration.ofSeconds(1));
                } catch (InterruptedException e) {
                    // deaf
                }
            }
            reading.decrementAndGet();
            return numbers(50).read(from);
        };
        in(() -> {
            Run run = job(deaf).grace(Duration.ofSeconds(3)).start();
            sleep(Duration.ofSeconds(5));
            run.stop();
            assertThat(run.await().status()).isEqualTo(Report.Status.INTERRUPTED);
            assertThat(reading.get()).isZero();
            return true;
        });
    }

    @Test
    void stopsWhileTheListOfPartitionsCannotBeHad() throws Exception {
        Partitioned<Integer> source = () -> {
            throw new IOException("not now");
        };
        in(() -> {
            Run run = Backfill.named("job")
                    .from(source)
                    .into(sink())
                    .checkpoint(checkpoint)
                    .start();
            sleep(Duration.ofSeconds(1));
            long begin = nanos();
            run.stop();
            assertThat(run.await().status()).isEqualTo(Report.Status.INTERRUPTED);
            assertThat(Duration.ofNanos(nanos() - begin)).isLessThan(Duration.ofSeconds(1));
            return true;
        });
    }

    @Test
    void replaysARecordAtWhichAStepHadFailed() throws Exception {
        AtomicInteger mended = new AtomicInteger();
        Backfill job = Backfill.named("job")
                .from(numbers(20))
                .map(number -> {
                    if (number > 12 && number <= 14 && mended.get() < number) {
                        throw new IllegalStateException("not " + number);
                    }
                    return number;
                })
                .flatMap(number -> List.of(number, -number))
                .map(number -> {
                    if (number == -15 && mended.get() < 15) {
                        throw new IllegalStateException("not -15");
                    }
                    return number;
                })
                .into(sink().keyedBy(number -> number))
                .checkpoint(checkpoint);
        assertThat(in(job::run).deadLetters()).isEqualTo(3);
        mended.set(13);
        assertThat(in(job::replay).deadLetters()).isEqualTo(2);
        assertThat(written).containsKeys(13, -13).doesNotContainKeys(14, -14, -15);
        mended.set(15);
        Report all = in(job::replay);
        assertThat(all.deadLetters()).isZero();
        assertThat(all.counts().filtered()).as("gone").isZero();
        assertThat(written).hasSize(40).containsKeys(14, -14, -15);
    }

    @Test
    void findsWhatTheFirstOfTwoSinksRefusesInOneTransaction() throws Exception {
        Database database = world.database();
        List<Integer> sizes = new ArrayList<>();
        Sink<Integer> first = new Sink<>() {
            @Override
            public void write(Batch<Integer> batch) {
                sizes.add(batch.size());
                if (batch.contains(7)) {
                    throw new RefusedException("no seven");
                }
            }

            @Override
            public int batchSize() {
                return 4;
            }
        };
        Database.Table<Integer> table = database.table(String::valueOf);
        Report report = in(() -> Backfill.named("job")
                .from(numbers(20))
                .into(Sink.inOrder(first, table))
                .checkpoint(database.checkpoint())
                .run());
        assertThat(report.counts().dead()).isEqualTo(1);
        assertThat(table.rows()).hasSize(19).doesNotContainKey("7");
        assertThat(sizes).allMatch(size -> size <= 4);
    }

    @Test
    void reportsAlsoWhenTheDeadLettersCannotBeCounted() throws Exception {
        Checkpoint failing = (job, wait) -> {
            Claim claim = checkpoint.claim(job, wait);
            AtomicInteger asked = new AtomicInteger();
            return (Claim) Proxy.newProxyInstance(
                    Claim.class.getClassLoader(), new Class<?>[] {Claim.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("deadLetters") && asked.incrementAndGet() > 1) {
                            throw new IOException("not now");
                        }
                        return method.invoke(claim, arguments);
                    });
        };
        Report report = in(() -> Backfill.named("job")
                .from(numbers(20))
                .into(sink())
                .checkpoint(failing)
                .run());
        assertThat(report.complete()).isTrue();
        assertThat(report.notes()).anyMatch(note -> note.contains("dead letters could not be counted"));
    }

    @Test
    void aTransactionalSinkWithAnotherKeyStaysTransactional() throws Exception {
        Database database = world.database();
        Sink<Integer> keyed = database.<Integer>table(String::valueOf).keyedBy(number -> "key " + number);
        assertThat(keyed)
                .isInstanceOfSatisfying(
                        TransactionalSink.class,
                        sink -> assertThat(sink.joins(database.checkpoint())).isTrue());
        assertThat(keyed.key(3)).isEqualTo("key 3");
    }

    @Test
    void replaysARecordWhoseKeyIsTooLongToKeep() throws Exception {
        AtomicInteger mended = new AtomicInteger();
        Sink<Integer> sink = batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i) == 7 && mended.get() == 0) {
                    batch.refused(i, "a seven");
                } else {
                    written.merge(batch.get(i), 1, Integer::sum);
                }
            }
        };
        Backfill job = Backfill.named("job")
                .from(numbers(20))
                .into(sink.keyedBy(number -> number + "x".repeat(5_000)))
                .checkpoint(checkpoint);
        assertThat(in(job::run).deadLetters()).isEqualTo(1);
        mended.set(1);
        assertThat(in(job::replay).deadLetters()).isZero();
        assertThat(written).containsKey(7);
    }
}

package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.RefusedException;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a run makes of a service that refuses an access, a cursor or a child, in virtual time. */
class ApiRefusalsTest {

    private final World world = new World(8);
    private final Checkpoint checkpoint = new MemoryCheckpoint();
    private final Map<Integer, Integer> written = new TreeMap<>();

    private <T> T in(World.Body<T> body) throws Exception {
        return world.run(body).orElseThrow();
    }

    private Backfill job(Source<Integer> source) {
        return Backfill.named("job").from(source).into(sink()).batch(10).checkpoint(checkpoint);
    }

    private Sink<Integer> sink() {
        return batch -> batch.forEach(number -> written.merge(number, 1, Integer::sum));
    }

    private static Source<Integer> numbers(int last) {
        return Pipeline.numbers(1, last, 10);
    }

    private void pass(Duration time) throws Exception {
        in(() -> {
            Ports.current().time().sleep(time.toNanos());
            return true;
        });
    }

    private void eachIsWrittenOnce(int last) {
        assertThat(written)
                .hasSize(last)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    // ---- refusals

    @Test
    void anAccessThatEndsInTheMiddleIsAskedForOnceAndWhatWasReadIsKept() throws Exception {
        AtomicInteger ended = new AtomicInteger(1);
        AtomicInteger asked = new AtomicInteger();
        Source<Integer> source = from -> {
            if (from.equals(Cursor.of(21)) && ended.get() == 1) {
                asked.incrementAndGet();
                throw new IllegalStateException("answered 401 (check EXAMPLE_KEY)");
            }
            return numbers(35).read(from);
        };
        BackfillException e = catchThrowableOfType(
                BackfillException.class, () -> in(() -> job(source).run()));
        assertThat(e).hasMessageContaining("EXAMPLE_KEY").hasMessageContaining("from cursor 21");
        assertThat(asked).hasValue(1);
        assertThat(e.report().orElseThrow().counts().read()).isEqualTo(20);
        ended.set(0);
        assertThat(in(() -> job(source).run()).complete()).isTrue();
        eachIsWrittenOnce(35);
    }

    @Test
    void anAccessThatIsRefusedCostsOneCallForEachWindow() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Partitioned<Integer> windows = () -> IntStream.range(0, 5)
                .mapToObj(i -> Partition.<Integer>of("window " + i, from -> {
                    asked.incrementAndGet();
                    throw new IllegalStateException("answered 403");
                }))
                .toList();
        assertThatThrownBy(() -> in(() -> Backfill.named("job")
                        .from(windows)
                        .into(sink())
                        .parallel(2)
                        .checkpoint(checkpoint)
                        .run()))
                .hasMessageContaining("5 of 5 partitions failed");
        assertThat(asked).hasValue(5);
    }

    @Test
    void aCursorThatExpiresBetweenTwoRunsStartsItsWindowAgain() throws Exception {
        AtomicInteger run = new AtomicInteger(1);
        Map<Cursor, Integer> givenBy = new HashMap<>();
        Source<Integer> source = from -> {
            if (!from.isStart() && givenBy.get(from) != run.get()) {
                throw new ExpiredCursorException("cursors are good for a day");
            }
            var page = numbers(35).read(from);
            page.next().ifPresent(next -> givenBy.put(next, run.get()));
            return page;
        };
        Report first = in(() -> job(source).stopAfterCalls(2).run());
        assertThat(first.status()).isEqualTo(Report.Status.INTERRUPTED);
        assertThat(first.counts().read()).isEqualTo(20);
        pass(Duration.ofDays(5));
        run.set(2);
        Report second = in(() -> job(source).run());
        assertThat(second.complete()).isTrue();
        assertThat(second.counts().read()).as("counted once").isEqualTo(35);
        assertThat(written).hasSize(35);
        assertThat(written.values())
                .as("one window was read again, and only once")
                .allMatch(times -> times <= 2);
    }

    // ---- children

    @Test
    void aRecordWhoseChildIsGoneIsADeadLetterAndHarmsNoOther() throws Exception {
        Report report = in(() -> Backfill.named("job")
                .from(numbers(35))
                .map(number -> {
                    if (number == 17) {
                        throw new IllegalStateException("GET /orders/17/lines answered 404");
                    }
                    return number;
                })
                .into(sink())
                .checkpoint(checkpoint)
                .run());
        assertThat(report.complete()).isTrue();
        assertThat(report.counts().failed()).isEqualTo(1);
        assertThat(report.deadLetters()).isEqualTo(1);
        assertThat(written).doesNotContainKey(17);
        written.put(17, 1);
        eachIsWrittenOnce(35);
        assertThat(in(() -> job(numbers(35)).deadLetters()))
                .singleElement()
                .satisfies(letter -> assertThat(letter.reason()).contains("orders/17/lines answered 404"));
    }

    @Test
    void oneOfAHundredWhoseChildrenCannotBeReadIsTriedAlone() throws Exception {
        List<List<Integer>> asked = new ArrayList<>();
        Report report = in(() -> Backfill.named("job")
                .from(Pipeline.numbers(1, 100, 100))
                .batches(some -> {
                    asked.add(List.copyOf(some));
                    if (some.contains(57)) {
                        throw new RefusedException("the children of 57 cannot be read");
                    }
                    return some;
                })
                .into(sink())
                .checkpoint(checkpoint)
                .run());
        assertThat(report.complete()).isTrue();
        assertThat(report.deadLetters()).isEqualTo(1);
        assertThat(asked).contains(List.of(57)).hasSizeLessThanOrEqualTo(15);
        assertThat(written).hasSize(99).doesNotContainKey(57);
        assertThat(written.values()).containsOnly(1);
    }
}

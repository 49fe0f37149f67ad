package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Event;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a run makes of a service that rests, goes down and comes back, in virtual time. */
class ApiFaultsTest {

    private static final Duration DAY = Duration.ofDays(1);

    private final World world = new World(7);
    private final Checkpoint checkpoint = new MemoryCheckpoint();
    private final Map<Integer, Integer> written = new TreeMap<>();
    private final List<Event> events = new ArrayList<>();

    private <T> T in(World.Body<T> body) throws Exception {
        return world.run(body).orElseThrow();
    }

    private Backfill job(Source<Integer> source) {
        return Backfill.named("job")
                .from(source)
                .into(sink())
                .batch(10)
                .checkpoint(checkpoint)
                .listen(events::add);
    }

    private Sink<Integer> sink() {
        return batch -> batch.forEach(number -> written.merge(number, 1, Integer::sum));
    }

    private static Source<Integer> numbers(int last) {
        return Pipeline.numbers(1, last, 10);
    }

    private static long nanos() {
        return Ports.current().time().nanos();
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

    // ---- too many calls

    @Test
    void asksForTheSamePageAgainAndNotBeforeItIsTold() throws Exception {
        List<Cursor> asked = new ArrayList<>();
        List<Long> at = new ArrayList<>();
        Source<Integer> source = from -> {
            asked.add(from);
            at.add(nanos());
            if (asked.size() == 3) {
                throw new TransientException("429", Duration.ofSeconds(120));
            }
            return numbers(35).read(from);
        };
        Report report = in(() -> job(source).run());
        assertThat(asked.get(3)).isEqualTo(asked.get(2)).isEqualTo(Cursor.of(21));
        assertThat(Duration.ofNanos(at.get(3) - at.get(2))).isBetween(Duration.ofSeconds(120), Duration.ofSeconds(121));
        assertThat(report.complete()).isTrue();
        assertThat(report.counts().read()).isEqualTo(35);
        eachIsWrittenOnce(35);
    }

    @Test
    void waitsByChanceBelowABoundThatGrowsWhenNothingIsSaid() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        Source<Integer> source = from -> {
            if (from.equals(Cursor.of(21)) && refused.incrementAndGet() <= 14) {
                throw new TransientException("429");
            }
            return numbers(35).read(from);
        };
        in(() -> job(source).patience(Duration.ofHours(1)).run());
        List<Duration> waits = events.stream()
                .filter(Event.Retrying.class::isInstance)
                .map(event -> ((Event.Retrying) event).in())
                .toList();
        assertThat(waits).hasSize(14).doesNotHaveDuplicates();
        for (int i = 0; i < waits.size(); i++) {
            assertThat(waits.get(i)).isLessThanOrEqualTo(Duration.ofMillis(Math.min(60_000, 500L << i)));
        }
        assertThat(waits.subList(7, 14))
                .as("far apart, for a service that is down")
                .anyMatch(wait -> wait.toSeconds() > 10);
        eachIsWrittenOnce(35);
    }

    @Test
    void whatTheServiceSaysIsLeftNeverAllowsMoreThanTheLimit() throws Exception {
        List<Long> calls = new ArrayList<>();
        in(() -> {
            RateLimiter limiter = RateLimiter.of(5, Duration.ofSeconds(10));
            for (int i = 0; i < 40; i++) {
                RateLimiter.Call call = limiter.acquire();
                calls.add(nanos());
                call.close();
                limiter.remaining(1_000_000, Duration.ofHours(1));
            }
            limiter.remaining(0, Duration.ofSeconds(90));
            limiter.acquire().close();
            calls.add(nanos());
            return true;
        });
        for (int i = 5; i < calls.size(); i++) {
            assertThat(Duration.ofNanos(calls.get(i) - calls.get(i - 5)))
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(10));
        }
        assertThat(Duration.ofNanos(calls.get(40) - calls.get(39))).isGreaterThanOrEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void theQuotaOfADayEndsTheRunAndTheNextDayGoesOn() throws Exception {
        Map<Long, Integer> callsOfDay = new HashMap<>();
        Source<Integer> source = from -> {
            long day = nanos() / DAY.toNanos();
            if (callsOfDay.merge(day, 1, Integer::sum) > 3) {
                throw new TransientException("quota", Duration.ofNanos((day + 1) * DAY.toNanos() - nanos()));
            }
            return numbers(100).read(from);
        };
        int runs = 0;
        Report report;
        do {
            report = in(() -> job(source).run());
            runs++;
            if (report.complete()) {
                break;
            }
            assertThat(report.status()).isEqualTo(Report.Status.INTERRUPTED);
            pass(report.comeBack().orElseThrow());
        } while (runs < 10);
        assertThat(runs).isEqualTo(4);
        assertThat(callsOfDay)
                .allSatisfy((day, calls) ->
                        assertThat(calls).as("one refusal a day").isLessThanOrEqualTo(4));
        assertThat(report.counts().read()).isEqualTo(100);
        eachIsWrittenOnce(100);
    }

    // ---- a service that is down

    @Test
    void aWindowWhoseServiceStaysDownIsNeitherSkippedNorDone() throws Exception {
        AtomicInteger down = new AtomicInteger(Integer.MAX_VALUE);
        List<String> reads = new ArrayList<>();
        Partitioned<Integer> windows = Partitioned.of(List.of(0, 1, 2), i -> "window " + i, i -> from -> {
            reads.add("window " + i);
            if (i == 1 && from.equals(Cursor.of(111)) && down.getAndDecrement() > 0) {
                throw new IOException("503");
            }
            return Pipeline.numbers(i * 100 + 1, i * 100 + 30, 10).read(from);
        });
        Backfill job =
                Backfill.named("job").from(windows).into(sink()).batch(10).checkpoint(checkpoint);
        BackfillException e = catchThrowableOfType(BackfillException.class, () -> in(job::run));
        Report report = e.report().orElseThrow();
        assertThat(report.status()).isEqualTo(Report.Status.PARTIAL);
        assertThat(report.states())
                .containsEntry("window 0", Report.State.DONE)
                .containsEntry("window 1", Report.State.FAILED)
                .containsEntry("window 2", Report.State.DONE);
        assertThat(report.counts().read()).as("what came before is kept").isEqualTo(70);

        down.set(5); // and up again after some calls
        reads.clear();
        assertThat(in(job::run).complete()).isTrue();
        assertThat(reads).containsOnly("window 1");
        eachIsWrittenOnce(90);
    }

    @Test
    void waitsThroughMaintenanceIfPatienceLastsAndElseGoesOnLater() throws Exception {
        for (boolean patient : new boolean[] {true, false}) {
            written.clear();
            Checkpoint place = new MemoryCheckpoint();
            long up = in(ApiFaultsTest::nanos) + Duration.ofHours(2).toNanos();
            Source<Integer> source = from -> {
                if (from.equals(Cursor.of(21)) && nanos() < up) {
                    throw new TransientException("503: maintenance");
                }
                return numbers(35).read(from);
            };
            Backfill job =
                    job(source).checkpoint(place).patience(patient ? Duration.ofHours(3) : Duration.ofMinutes(10));
            if (!patient) {
                assertThatThrownBy(() -> in(job::run)).hasMessageContaining("maintenance");
                pass(Duration.ofHours(2));
            }
            Report report = in(job::run);
            assertThat(report.complete()).isTrue();
            assertThat(report.counts().read()).isEqualTo(35);
            assertThat(report.took())
                    .isBetween(
                            patient ? Duration.ofMinutes(115) : Duration.ZERO, Duration.ofMinutes(patient ? 122 : 1));
            eachIsWrittenOnce(35);
        }
    }
}

package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Event;
import dev.backfill.Partitioned;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may happen to a process and to its machine, in virtual time; whole processes are killed elsewhere. */
class ProcessFaultsTest {

    private static final int RECORDS = 60;
    private static final int PAGE = 10;

    /** How often each record was written; survives the processes of a world. */
    private final Map<Integer, Integer> written = new TreeMap<>();

    private Sink<Integer> sink() {
        return batch -> batch.forEach(number -> written.merge(number, 1, Integer::sum));
    }

    private Backfill job(World world) {
        return Backfill.named("job")
                .from(world.source(Pipeline.numbers(1, RECORDS, PAGE)))
                .into(world.sink(sink()))
                .batch(PAGE)
                .checkpoint(FileCheckpoint.in(Path.of("/progress")));
    }

    private void everythingIsWritten(Report report, int atMostAgain, String when) {
        assertThat(report.status()).as(when).isEqualTo(Report.Status.COMPLETE);
        assertThat(report.counts().read()).as(when).isEqualTo(RECORDS);
        assertThat(written).as(when).hasSize(RECORDS);
        assertThat(written.values().stream().mapToInt(times -> times - 1).sum())
                .as("written again, %s", when)
                .isLessThanOrEqualTo(atMostAgain);
    }

    private int operations() throws Exception {
        World world = new World(1);
        world.run(() -> job(world).run());
        written.clear();
        return world.operations();
    }

    // ---- deaths

    /** However early each of many processes dies: what is saved stays saved, and one that saves anything brings the job on. */
    @Test
    void comesToItsEndAlthoughEveryProcessDies() throws Exception {
        int operations = operations();
        for (int life = 1; life <= operations; life++) {
            written.clear();
            World world = new World(life);
            AtomicInteger saves = new AtomicInteger();
            Optional<Report> report = Optional.empty();
            int deaths = 0;
            while (report.isEmpty() && deaths < 40) {
                int before = written.size();
                world.faultAt(world.operations() + life, World.Fault.CRASH_AFTER);
                report = world.run(() -> job(world)
                        .listen(event -> saves.addAndGet(event instanceof Event.Saved ? 1 : 0))
                        .run());
                deaths += report.isEmpty() ? 1 : 0;
                assertThat(written.size()).isGreaterThanOrEqualTo(before);
            }
            if (saves.get() > 0) {
                assertThat(report)
                        .as("the end after %s deaths, one at each %s operations", deaths, life)
                        .isPresent();
            }
            Report end = report.isPresent()
                    ? report.get()
                    : world.run(() -> job(world).run()).orElseThrow();
            everythingIsWritten(end, deaths * PAGE, "one death at each " + life + " operations");
        }
    }

    // ---- stops

    @Test
    void stopsCleanlyAtEveryMoment() throws Exception {
        List<Report.Status> seen = new ArrayList<>();
        for (int millis = 0; millis < 400; millis += 2) {
            written.clear();
            World world = new World(millis);
            Duration life = Duration.ofMillis(millis);
            Report first = world.run(() -> {
                        Run run = job(world).start();
                        Ports.current().time().sleep(life.toNanos());
                        run.stop();
                        run.stop();
                        Report ended = run.await();
                        assertThat(run.await())
                                .as("one end, however often it is asked for")
                                .isEqualTo(ended);
                        return ended;
                    })
                    .orElseThrow();
            seen.add(first.status());
            if (first.status() == Report.Status.COMPLETE) {
                everythingIsWritten(first, 0, "stopped after " + millis + " ms");
            }
            everythingIsWritten(world.run(() -> job(world).run()).orElseThrow(), 0, "stopped after " + millis + " ms");
        }
        assertThat(seen).contains(Report.Status.INTERRUPTED, Report.Status.COMPLETE);
    }

    /** A listener is called by the run's own threads. */
    @Test
    void stopsCleanlyWhenAListenerSaysSoAtAnyEvent() throws Exception {
        for (int at = 0; at < 25; at++) {
            written.clear();
            int stopAt = at;
            World world = new World(at);
            AtomicReference<Run> run = new AtomicReference<>();
            AtomicInteger events = new AtomicInteger();
            Report first = world.run(() -> {
                        run.set(job(world)
                                .listen(event -> {
                                    Run started = run.get();
                                    if (started != null && events.getAndIncrement() >= stopAt) {
                                        started.stop();
                                        started.progress();
                                        started.pause();
                                        started.resume();
                                    }
                                })
                                .start());
                        return run.get().await();
                    })
                    .orElseThrow();
            assertThat(first.status()).isIn(Report.Status.INTERRUPTED, Report.Status.COMPLETE);
            everythingIsWritten(world.run(() -> job(world).run()).orElseThrow(), 0, "stopped at event " + at);
        }
    }

    @Test
    void hasOneEndWhenAStopAndAFailureComeTogether() throws Exception {
        Source<Integer> failing = from -> {
            if (from.orElse(1) > 30) {
                throw new IllegalStateException("boom");
            }
            return Pipeline.numbers(1, RECORDS, PAGE).read(from);
        };
        List<String> ends = new ArrayList<>();
        for (int millis = 0; millis < 200; millis += 2) {
            World world = new World(millis);
            Duration life = Duration.ofMillis(millis);
            String end = world.run(() -> {
                        Run run = Backfill.named("job")
                                .from(world.source(failing))
                                .into(world.sink(sink()))
                                .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                                .start();
                        Ports.current().time().sleep(life.toNanos());
                        run.stop();
                        String once = end(run);
                        assertThat(end(run)).isEqualTo(once);
                        return once;
                    })
                    .orElseThrow();
            ends.add(end);
        }
        assertThat(ends).contains("INTERRUPTED", "PARTIAL");
    }

    private static String end(Run run) throws InterruptedException {
        try {
            return run.await().status().toString();
        } catch (BackfillException e) {
            return e.report().orElseThrow().status().toString();
        }
    }

    @Test
    void anInterruptedCallerGetsAReportAndItsInterruptionBack() throws Exception {
        World world = new World(1);
        Report report = world.run(() -> {
                    AtomicReference<Report> ended = new AtomicReference<>();
                    AtomicInteger interrupted = new AtomicInteger();
                    Tasks.Task caller = Ports.current().tasks().start("caller", Thread::new, () -> {
                        ended.set(job(world).run());
                        interrupted.addAndGet(Thread.interrupted() ? 1 : 0);
                    });
                    Ports.current().time().sleep(Duration.ofMillis(60).toNanos());
                    caller.interrupt();
                    caller.join();
                    assertThat(interrupted)
                            .as("whoever waits next in this thread will be told")
                            .hasValue(1);
                    return ended.get();
                })
                .orElseThrow();
        assertThat(report.status()).isEqualTo(Report.Status.INTERRUPTED);
        everythingIsWritten(world.run(() -> job(world).run()).orElseThrow(), 0, "after the interruption");
    }

    // ---- listeners

    @Test
    void aListenerThatBlocksHoldsNoStopUpLongerThanTheGraceTime() throws Exception {
        World world = new World(1);
        Report report = world.run(() -> {
                    Run run = job(world)
                            .grace(Duration.ofSeconds(3))
                            .listen(event -> {
                                try {
                                    if (event instanceof Event.Saved) {
                                        Ports.current()
                                                .time()
                                                .sleep(Duration.ofDays(1).toNanos());
                                    }
                                } catch (InterruptedException e) {
                                    // it has heard
                                }
                            })
                            .start();
                    Ports.current().time().sleep(Duration.ofMinutes(1).toNanos());
                    long begin = Ports.current().time().nanos();
                    run.stop();
                    Report ended = run.await();
                    assertThat(Duration.ofNanos(Ports.current().time().nanos() - begin))
                            .isLessThan(Duration.ofSeconds(4));
                    return ended;
                })
                .orElseThrow();
        assertThat(report.status()).isEqualTo(Report.Status.INTERRUPTED);
        everythingIsWritten(world.run(() -> job(world).run()).orElseThrow(), 0, "after a listener that blocks");
    }

    // ---- the machine

    private static Partitioned<Integer> parts(int count) {
        return Partitioned.of(
                IntStream.range(0, count).boxed().toList(),
                i -> "part " + i,
                i -> Pipeline.numbers(i * 10, i * 10 + 1, PAGE));
    }

    /** With the threads and the files of this machine, without waiting for its disk. */
    @Test
    void leavesNoFileAndNoThreadOverThousandsOfPartitions(@TempDir Path folder) throws Exception {
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Set<Thread> made = ConcurrentHashMap.newKeySet();
        Ports hasty = OddPorts.hastyDisk(
                Ports.REAL, () -> most.accumulateAndGet(open.incrementAndGet(), Math::max), open::decrementAndGet);
        Report report = Ports.bound(
                hasty,
                () -> Backfill.named("job")
                        .from(parts(3_000))
                        .into(batch -> {})
                        .threads(body -> {
                            Thread thread = new Thread(body);
                            made.add(thread);
                            made.removeIf(other -> other.getState() == Thread.State.TERMINATED);
                            return thread;
                        })
                        .checkpoint(FileCheckpoint.in(folder.resolve("progress")))
                        .run());
        assertThat(report.counts().read()).isEqualTo(6_000);
        assertThat(most.get()).isBetween(1, 4);
        assertThat(open.get()).isZero();
        assertThat(made).allMatch(thread -> !thread.isAlive());
    }

    @Test
    void saysThatThereAreTooManyOpenFiles() throws Exception {
        for (int last = 0; last < 12; last++) {
            written.clear();
            World world = new World(last);
            AtomicInteger left = new AtomicInteger(last);
            assertThatThrownBy(() -> world.run(() -> Ports.bound(
                            OddPorts.disk(Ports.current(), what -> {
                                if (left.getAndDecrement() <= 0) {
                                    throw new FileSystemException("x", null, "Too many open files");
                                }
                            }),
                            () -> job(world).run())))
                    .as("after %s uses of the disk", last)
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("Too many open files");
            everythingIsWritten(world.run(() -> job(world).run()).orElseThrow(), PAGE, "with files again");
        }
    }

    @Test
    void aDiskThatPausesCostsTheJobItsTimeAndNotItsHold() throws Exception {
        World world = new World(1);
        AtomicInteger refused = new AtomicInteger();
        Report report = world.run(() -> {
                    Ports calm = Ports.current();
                    long[] passed = {0};
                    Ports slow = OddPorts.disk(
                            OddPorts.clocks(calm, nanos -> nanos + passed[0], now -> now, wait -> wait), what -> {
                                passed[0] += Duration.ofSeconds(20).toNanos();
                                if (calm.disk().exists(Path.of("/progress/job.journal"))) {
                                    assertThatThrownBy(() -> Ports.bound(
                                                    calm,
                                                    () -> FileCheckpoint.in(Path.of("/progress"))
                                                            .claim("job", Duration.ZERO)))
                                            .isInstanceOf(BackfillException.Held.class);
                                    refused.incrementAndGet();
                                }
                            });
                    return Ports.bound(slow, () -> job(world).run());
                })
                .orElseThrow();
        assertThat(refused).hasValueGreaterThan(6);
        assertThat(report.took()).isGreaterThan(Duration.ofMinutes(2));
        everythingIsWritten(report, 0, "on a slow disk");
    }

    private static Sink<Integer> refusing() {
        return batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i) % 20 == 1) {
                    batch.refused(i, "not " + batch.get(i));
                }
            }
        };
    }

    /** What the files of a job hold, whatever the machine's habits. */
    private String files(Locale locale, String zone) throws Exception {
        Locale before = Locale.getDefault();
        TimeZone zoneBefore = TimeZone.getDefault();
        Locale.setDefault(locale);
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        try {
            World world = new World(1);
            return world.run(() -> {
                        Backfill.named("İstanbul ıI 1")
                                .from(parts(12))
                                .into(refusing())
                                .tolerate(1_000, 1)
                                .checkpoint(FileCheckpoint.in(Path.of("/progress")))
                                .run();
                        StringBuilder all = new StringBuilder();
                        for (String name : Ports.current().disk().list(Path.of("/progress"))) {
                            byte[] bytes = Ports.current().disk().read(Path.of("/progress", name));
                            all.append(name).append('\n').append(new String(bytes, StandardCharsets.ISO_8859_1));
                        }
                        return all.toString();
                    })
                    .orElseThrow();
        } finally {
            Locale.setDefault(before);
            TimeZone.setDefault(zoneBefore);
        }
    }

    @Test
    void keepsTheSameBytesInEveryLocaleAndTimeZone() throws Exception {
        String usual = files(Locale.ROOT, "UTC");
        assertThat(usual).contains("not 1").contains(".journal");
        for (String tag : List.of("tr-TR", "ar-EG-u-nu-arab", "th-TH-u-ca-buddhist-nu-thai", "fa-IR", "de-DE")) {
            assertThat(files(Locale.forLanguageTag(tag), "Pacific/Apia"))
                    .as(tag)
                    .isEqualTo(usual);
        }
    }
}

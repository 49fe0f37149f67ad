package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Report;
import dev.backfill.Run;
import dev.backfill.Save;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What becomes of a run when its progress cannot be kept, in virtual time. */
class ProgressFaultsTest {

    private static final int LAST = 60;
    private static final int PAGE = 10;
    private static final Path FOLDER = Path.of("/progress");

    private final World world = new World(7);
    private final Map<Integer, Integer> written = new TreeMap<>();
    private final List<Cursor> read = new ArrayList<>();

    private Backfill job(Checkpoint checkpoint) {
        Source<Integer> numbers = Pipeline.numbers(1, LAST, PAGE);
        Source<Integer> source = from -> {
            read.add(from);
            return numbers.read(from);
        };
        Sink<Integer> sink = batch -> batch.forEach(number -> written.merge(number, 1, Integer::sum));
        return Backfill.named("job").from(source).into(sink).batch(PAGE).checkpoint(checkpoint);
    }

    private <T> T in(World.Body<T> body) throws Exception {
        return world.run(body).orElseThrow();
    }

    private static void sleep(Duration time) throws InterruptedException {
        Ports.current().time().sleep(time.toNanos());
    }

    private void eachOnce() {
        assertThat(written)
                .hasSize(LAST)
                .allSatisfy((number, times) -> assertThat(times).isEqualTo(1));
    }

    private void eachAtMostOnceMore(int again) {
        assertThat(written).hasSize(LAST);
        assertThat(written.values().stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(LAST + again);
    }

    // ---- a disk that fails

    /** Runs with a disk that is asked before each change. */
    private Report run(WeakDisk.Before before, Duration patience) throws Exception {
        return in(() -> {
            Ports ports = Ports.current();
            Disk disk = new WeakDisk(ports.disk(), before);
            return Ports.bound(
                    new Ports(ports.time(), disk, ports.tasks()),
                    () -> job(FileCheckpoint.in(FOLDER)).patience(patience).run());
        });
    }

    @Test
    void keepsTheProgressThatItHasWhereverTheDiskBecomesFull() throws Exception {
        AtomicInteger changes = new AtomicInteger();
        new ProgressFaultsTest().run(what -> changes.incrementAndGet(), Duration.ZERO);
        assertThat(changes.get()).isGreaterThan(20);
        for (int full = 1; full <= changes.get(); full++) {
            int from = full;
            ProgressFaultsTest machine = new ProgressFaultsTest();
            AtomicInteger done = new AtomicInteger();
            assertThatThrownBy(() -> machine.run(
                            what -> {
                                if (done.incrementAndGet() >= from) {
                                    throw new IOException("No space left on device");
                                }
                            },
                            Duration.ofMinutes(1)))
                    .as("full from change %s on", full)
                    .isInstanceOf(BackfillException.class)
                    .hasStackTraceContaining("No space left on device");
            int before = machine.written.size();
            machine.read.clear();

            assertThat(machine.run(what -> {}, Duration.ZERO).complete()).isTrue();

            machine.eachAtMostOnceMore(2 * PAGE);
            if (before > 2 * PAGE) {
                assertThat(machine.read)
                        .as("the progress before is intact, full from change %s on", full)
                        .doesNotContain(Cursor.START);
            }
        }
    }

    @Test
    void neverTrustsAFileAgainWhoseSyncHasFailed() throws Exception {
        AtomicInteger all = new AtomicInteger();
        new ProgressFaultsTest().run(what -> all.addAndGet(what.equals("sync") ? 1 : 0), Duration.ZERO);
        assertThat(all.get()).isGreaterThan(3);
        for (int nth = 1; nth <= all.get(); nth++) {
            int failing = nth;
            ProgressFaultsTest machine = new ProgressFaultsTest();
            AtomicInteger syncs = new AtomicInteger();
            WeakDisk.Before once = what -> {
                if (what.equals("sync") && syncs.incrementAndGet() == failing) {
                    throw new IOException("Input/output error");
                }
            };
            try {
                machine.run(once, Duration.ofMinutes(1));
            } catch (BackfillException e) { // before the first page, where nothing is lost
                assertThat(e).hasStackTraceContaining("Input/output error");
                assertThat(machine.written).isEmpty();
                machine.run(once, Duration.ofMinutes(1));
            }
            machine.eachOnce();
        }
    }

    /** The sync that comes each second fails, the run is stopped before the next save, and then the power is lost. */
    @Test
    void writesAnewAtTheEndWhatCouldNotBeSynced() throws Exception {
        AtomicBoolean broken = new AtomicBoolean();
        in(() -> {
            Ports ports = Ports.current();
            Disk disk = new WeakDisk(ports.disk(), what -> {
                if (what.equals("sync") && broken.getAndSet(false)) {
                    throw new IOException("Input/output error");
                }
            });
            return Ports.bound(new Ports(ports.time(), disk, ports.tasks()), () -> {
                try (Claim claim = FileCheckpoint.in(FOLDER).claim("job", Duration.ZERO)) {
                    claim.begin("d", List.of());
                    broken.set(true);
                    claim.save(new Save(List.of(bookmark(claim, 11)), List.of()));
                    sleep(Duration.ofSeconds(5));
                    assertThat(broken).isFalse();
                }
                return true;
            });
        });
        world.faultAt(world.operations() + 1, World.Fault.POWER_LOSS);
        assertThat(world.run(() -> FileCheckpoint.in(FOLDER).claim("job", Duration.ZERO)))
                .isEmpty();

        List<Bookmark> after = in(() -> {
            try (Claim claim = FileCheckpoint.in(FOLDER).claim("job", Duration.ZERO)) {
                return claim.load();
            }
        });
        assertThat(after).extracting(Bookmark::cursor).containsExactly(Cursor.of(11));
    }

    private static Bookmark bookmark(Claim claim, int cursor) {
        return new Bookmark("job", "main", "all", claim.run(), Cursor.of(cursor), false, dev.backfill.Counts.ZERO);
    }

    // ---- a store that fails

    /** What the test does before a checkpoint keeps something. */
    @FunctionalInterface
    private interface Keeping {
        void keep(Save save) throws Exception;
    }

    private static Checkpoint keeping(Checkpoint place, Keeping before) {
        return (job, wait) -> {
            Claim claim = place.claim(job, wait);
            return new Claim() {
                @Override
                public long run() {
                    return claim.run();
                }

                @Override
                public Optional<String> definition() {
                    return claim.definition();
                }

                @Override
                public List<Bookmark> load() throws Exception {
                    return claim.load();
                }

                @Override
                public void begin(String definition, List<Bookmark> bookmarks) throws Exception {
                    claim.begin(definition, bookmarks);
                }

                @Override
                public void redefine(String definition) throws Exception {
                    claim.redefine(definition);
                }

                @Override
                public void save(Save save) throws Exception {
                    before.keep(save);
                    claim.save(save);
                }

                @Override
                public List<DeadLetter> deadLetters() throws Exception {
                    return claim.deadLetters();
                }

                @Override
                public void forget(List<DeadLetter> letters) throws Exception {
                    claim.forget(letters);
                }

                @Override
                public void close() {
                    claim.close();
                }
            };
        };
    }

    private static boolean isAt(Save save, Cursor place) {
        return save.bookmarks().stream().anyMatch(bookmark -> bookmark.cursor().equals(place));
    }

    @Test
    void waitsForAPlaceThatIsDownAndGoesOnWithoutARepeat() throws Exception {
        for (Cursor when : List.of(Cursor.START, Cursor.of(21), Cursor.of(51))) {
            ProgressFaultsTest machine = new ProgressFaultsTest();
            long[] until = {Long.MIN_VALUE};
            Checkpoint place = keeping(new MemoryCheckpoint(), save -> {
                long now = Ports.current().time().nanos();
                if (until[0] == Long.MIN_VALUE && isAt(save, when)) {
                    until[0] = now + Duration.ofMinutes(3).toNanos();
                }
                if (until[0] != Long.MIN_VALUE && now < until[0]) {
                    throw new IOException("the place is down");
                }
            });
            assertThat(machine.in(() -> machine.job(place).run()).complete()).isTrue();
            assertThat(until[0]).as("it was down").isNotEqualTo(Long.MIN_VALUE);
            machine.eachOnce();
        }
    }

    @Test
    void stopsWhenAPlaceStaysDownAndIsNeverCompleteBeforeItsLastSave() throws Exception {
        for (int kept = 0; kept <= 6; kept++) { // the plan, and then each page
            int last = kept;
            ProgressFaultsTest machine = new ProgressFaultsTest();
            MemoryCheckpoint memory = new MemoryCheckpoint();
            AtomicInteger saves = new AtomicInteger();
            Checkpoint place = keeping(memory, save -> {
                if (saves.incrementAndGet() > last) {
                    throw new IOException("the place is down");
                }
            });
            BackfillException e = catchThrowableOfType(
                    BackfillException.class,
                    () -> machine.in(() ->
                            machine.job(place).patience(Duration.ofMinutes(5)).run()));
            assertThat(e).as("down after %s saves", kept).hasMessageContaining("the place is down");
            assertThat(e.report().orElseThrow().status()).isNotEqualTo(Report.Status.COMPLETE);
            assertThat(machine.written.size()).as("no work without progress").isLessThanOrEqualTo(PAGE * kept);
            assertThat(machine.in(() -> machine.job(memory).run()).complete()).isTrue();
            machine.eachAtMostOnceMore(PAGE);
        }
    }

    @Test
    void aPlaceThatCannotBeClaimedIsToldBeforeAnythingIsRead() {
        Checkpoint down = (job, wait) -> {
            throw new IOException("the place is down");
        };
        assertThatThrownBy(() -> in(() -> job(down).run()))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("cannot claim the progress of job")
                .hasMessageContaining("the place is down");
        assertThat(read).isEmpty();
    }

    @Test
    void aSlowPlaceMakesNoWorkPileUp() throws Exception {
        List<Integer> ahead = new ArrayList<>();
        Checkpoint slow = keeping(new MemoryCheckpoint(), save -> {
            sleep(Duration.ofSeconds(30));
            ahead.add(read.size() - written.size() / PAGE);
        });
        assertThat(in(() -> job(slow).run()).complete()).isTrue();
        assertThat(ahead).hasSize(7).allMatch(pages -> pages <= 2);
        eachOnce();
    }

    @Test
    void aSaveThatHangsIsGivenUpWithinTheGraceTimeOfAStop() throws Exception {
        MemoryCheckpoint memory = new MemoryCheckpoint();
        Checkpoint hanging = keeping(memory, save -> {
            if (isAt(save, Cursor.of(31))) {
                sleep(Duration.ofDays(1));
            }
        });
        Duration took = in(() -> {
            Run run = job(hanging).grace(Duration.ofSeconds(3)).start();
            sleep(Duration.ofMinutes(1));
            long begin = Ports.current().time().nanos();
            run.stop();
            assertThat(run.await().status()).isEqualTo(Report.Status.INTERRUPTED);
            return Duration.ofNanos(Ports.current().time().nanos() - begin);
        });
        assertThat(took).isLessThan(Duration.ofSeconds(4));
        in(() -> job(memory).run());
        eachAtMostOnceMore(PAGE);
    }

    @Test
    void passesNoRecordWhoseDeadLetterCannotBeKept() throws Exception {
        MemoryCheckpoint memory = new MemoryCheckpoint();
        AtomicBoolean full = new AtomicBoolean(true);
        Checkpoint place = keeping(memory, save -> {
            if (full.get() && !save.deadLetters().isEmpty()) {
                throw new IOException("no room for dead letters");
            }
        });
        Sink<Integer> sink = batch -> {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i) == 25) {
                    batch.refused(i, "no 25");
                } else {
                    written.merge(batch.get(i), 1, Integer::sum);
                }
            }
        };
        Backfill job = Backfill.named("job")
                .from(Pipeline.numbers(1, LAST, PAGE))
                .into(sink.keyedBy(number -> number))
                .batch(PAGE)
                .patience(Duration.ofMinutes(5))
                .checkpoint(place);
        assertThatThrownBy(() -> in(job::run)).hasMessageContaining("no room for dead letters");
        assertThat(written).hasSize(29); // the page was written; nothing behind it was
        full.set(false);
        assertThat(in(job::run).counts().dead()).isEqualTo(1);
        assertThat(in(job::deadLetters)).extracting(DeadLetter::key).containsExactly("25");
        assertThat(written).hasSize(LAST - 1);
    }

    @Test
    void stopsAtOnceWhenAnotherRunnerHasTakenTheJobOver() throws Exception {
        AtomicInteger saves = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        Checkpoint taken = keeping(new MemoryCheckpoint(), save -> {
            if (saves.incrementAndGet() > 3) {
                refused.incrementAndGet();
                throw new BackfillException.Lost("another runner has taken the job over");
            }
        });
        BackfillException e = catchThrowableOfType(
                BackfillException.class, () -> in(() -> job(taken).run()));
        assertThat(e).hasMessageContaining("another runner has taken the job over");
        assertThat(e.report().orElseThrow().status()).isEqualTo(Report.Status.FAILED);
        assertThat(refused.get()).as("it is not tried again").isEqualTo(1);
        assertThat(written.size()).isLessThanOrEqualTo(3 * PAGE);
    }

    // ---- two at once, and a place from before

    @Test
    void letsExactlyOneOfTwoInThatComeInTheSameMoment() throws Exception {
        for (int seed = 0; seed < 1_000; seed++) {
            int[] won = new World(seed)
                    .run(() -> {
                        Checkpoint memory = new MemoryCheckpoint();
                        Checkpoint files = FileCheckpoint.in(FOLDER);
                        return new int[] {winners(memory, memory), winners(files, FileCheckpoint.in(FOLDER))};
                    })
                    .orElseThrow();
            assertThat(won).as("seed %s", seed).containsOnly(1);
        }
    }

    /** How many of two threads get the job, while nobody gives it back. */
    private static int winners(Checkpoint one, Checkpoint other) throws Exception {
        List<Claim> claims = new ArrayList<>();
        List<Tasks.Task> both = new ArrayList<>();
        for (Checkpoint place : List.of(one, other)) {
            both.add(Ports.current().tasks().start("a runner", Thread::new, () -> {
                try {
                    claims.add(place.claim("job", Duration.ZERO));
                } catch (BackfillException.Held e) {
                    // the other has it
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (Tasks.Task task : both) {
            task.join();
        }
        claims.forEach(Claim::close);
        return claims.size();
    }

    /** The rows are further than the progress, as after its restoration from a backup. */
    @Test
    void repeatsWhatAnOlderGenerationOfItsProgressDoesNotKnow() throws Exception {
        Map<Path, byte[]> backup = new HashMap<>();
        Source<Integer> numbers = Pipeline.numbers(1, LAST, PAGE);
        in(() -> Backfill.named("job")
                .from((Source<Integer>) from -> {
                    if (from.equals(Cursor.of(41))) {
                        for (String name : Ports.current().disk().list(FOLDER)) {
                            if (name.contains("journal")) {
                                backup.put(
                                        FOLDER.resolve(name),
                                        Ports.current().disk().read(FOLDER.resolve(name)));
                            }
                        }
                    }
                    return numbers.read(from);
                })
                .into((Sink<Integer>) batch -> batch.forEach(number -> written.merge(number, 1, Integer::sum)))
                .batch(PAGE)
                .checkpoint(FileCheckpoint.in(FOLDER))
                .run());
        eachOnce();
        assertThat(backup).isNotEmpty();
        Report report = in(() -> {
            Disk disk = Ports.current().disk();
            for (Map.Entry<Path, byte[]> file : backup.entrySet()) {
                disk.delete(file.getKey());
                try (Disk.Writing writing = disk.create(file.getKey())) {
                    writing.write(file.getValue());
                }
            }
            return job(FileCheckpoint.in(FOLDER)).run();
        });
        assertThat(report.complete()).isTrue();
        assertThat(report.counts().read()).isEqualTo(LAST);
        assertThat(read).doesNotContain(Cursor.START);
        assertThat(written).hasSize(LAST);
        assertThat(written.get(LAST)).isEqualTo(2);
    }
}

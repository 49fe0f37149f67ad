package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every checkpoint must do. Extend it, say how yours is opened, and run it as a JUnit test. */
public abstract class CheckpointContract {

    private static final String JOB = "contract";

    /** For subclasses. */
    protected CheckpointContract() {}

    /**
     * Opens the place where progress is kept, as another process would: each call gives another object for the same place, which is
     * empty when a test begins.
     */
    protected abstract Checkpoint open() throws Exception;

    private Claim claim() throws Exception {
        return open().claim(JOB, Duration.ZERO);
    }

    private static Bookmark bookmark(Claim claim, String partition, Object cursor, boolean done, long passed) {
        Counts counts = new Counts(passed, 0, 0, passed, passed, passed, 0, 0, 0);
        return new Bookmark(JOB, "main", partition, claim.run(), Cursor.of(cursor), done, counts);
    }

    private static Save save(Bookmark... bookmarks) {
        return new Save(List.of(bookmarks), List.of());
    }

    private static DeadLetter letter(String key, String reason, int attempts) {
        return new DeadLetter("main", "all", Cursor.of(7), key, reason, attempts, Optional.empty());
    }

    /** Nothing saved is nothing, not an error. */
    @Test
    void aNewJobHasNoProgress() throws Exception {
        try (Claim claim = claim()) {
            assertThat(claim.run()).isEqualTo(1);
            assertThat(claim.definition()).isEmpty();
            assertThat(claim.load()).isEmpty();
            assertThat(claim.deadLetters()).isEmpty();
        }
    }

    /** What was saved is there for the next process, to the letter. */
    @Test
    void keepsWhatWasSaved() throws Exception {
        Bookmark first;
        Bookmark second;
        try (Claim claim = claim()) {
            claim.begin("source a\nsink b ü \"quoted\"", List.of());
            first = bookmark(claim, "2024-01-01", Map.of("skip", 200, "anchors", List.of("x", "'; --")), false, 3);
            second = new Bookmark(
                    JOB,
                    "main",
                    "ü/..\\ \t\"'",
                    claim.run(),
                    Cursor.START,
                    true,
                    new Counts(9, 1, 2, 6, 7, 1, 2, 3, 1));
            claim.save(save(first, second));
        }
        try (Claim claim = claim()) {
            assertThat(claim.run()).as("the run number grows").isEqualTo(2);
            assertThat(claim.definition()).contains("source a\nsink b ü \"quoted\"");
            assertThat(claim.load()).containsExactlyInAnyOrder(first, second);
        }
    }

    /** A partition has one bookmark: the last. */
    @Test
    void keepsTheLastBookmarkOfAPartition() throws Exception {
        Bookmark last;
        try (Claim claim = claim()) {
            claim.begin("d", List.of(bookmark(claim, "p", 1, false, 0)));
            for (int i = 2; i < 100; i++) {
                claim.save(save(bookmark(claim, "p", i, false, i)));
            }
            last = bookmark(claim, "p", 100, true, 100);
            claim.save(save(last));
            assertThat(claim.load()).containsExactly(last);
        }
        try (Claim claim = claim()) {
            assertThat(claim.load()).containsExactly(last);
        }
    }

    /** A thousand partitions, saved at once and one by one. */
    @Test
    void keepsManyPartitions() throws Exception {
        List<Bookmark> all = new ArrayList<>();
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            List<Bookmark> first = IntStream.range(0, 1_000)
                    .mapToObj(i -> bookmark(claim, "part " + i, i + 1, false, 0))
                    .toList();
            claim.save(new Save(first, List.of()));
            all.addAll(first);
            for (int i = 0; i < 1_000; i += 100) {
                Bookmark done = bookmark(claim, "part " + i, i + 1, true, 5);
                claim.save(save(done));
                all.set(i, done);
            }
        }
        try (Claim claim = claim()) {
            assertThat(claim.load()).containsExactlyInAnyOrderElementsOf(all);
        }
    }

    /** Names that look alike are different jobs. */
    @Test
    void keepsJobsApart() throws Exception {
        List<String> names = List.of("job", "Job", "job ", "../job", "job%20", "jöb", "job.lock");
        for (String name : names) {
            try (Claim claim = open().claim(name, Duration.ZERO)) {
                assertThat(claim.definition()).as("definition of " + name).isEmpty();
                claim.begin("definition of " + name, List.of());
            }
        }
        for (String name : names) {
            try (Claim claim = open().claim(name, Duration.ZERO)) {
                assertThat(claim.definition()).contains("definition of " + name);
            }
        }
    }

    /** One runner at a time; the other is told so, or waits. */
    @Test
    void letsOneRunnerInAtATime() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        Claim first = claim();
        try {
            first.begin("d", List.of());
            assertThatThrownBy(this::claim)
                    .isInstanceOf(BackfillException.Held.class)
                    .hasMessageContaining(JOB);
            Checkpoint second = open();
            Future<Claim> waiting = other.submit(() -> second.claim(JOB, Duration.ofMinutes(1)));
            first.save(save(bookmark(first, "p", 1, false, 0)));
            assertThat(waiting.isDone()).isFalse();
            first.close();
            try (Claim next = waiting.get()) {
                assertThat(next.run()).isGreaterThan(first.run());
                assertThat(next.load()).hasSize(1);
            }
        } finally {
            first.close();
            other.shutdownNow();
        }
    }

    /** After it was given back, a claim can save nothing more. */
    @Test
    void savesNothingThroughAClosedClaim() throws Exception {
        Claim late = claim();
        late.begin("d", List.of());
        Bookmark early = bookmark(late, "p", 1, false, 0);
        late.save(save(early));
        late.close();
        try (Claim next = claim()) {
            assertThatThrownBy(() -> late.save(save(bookmark(late, "p", 2, true, 0))))
                    .isInstanceOf(BackfillException.Lost.class);
            assertThat(next.load()).containsExactly(early);
        }
    }

    /** Beginning anew forgets bookmarks and dead letters in one step, and keeps the run number. */
    @Test
    void beginsAnew() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("old", List.of(bookmark(claim, "gone", 1, true, 0)));
            claim.save(new Save(List.of(), List.of(letter("k", "r", 1))));
        }
        try (Claim claim = claim()) {
            claim.begin("new", List.of(bookmark(claim, "p", 1, false, 0)));
        }
        try (Claim claim = claim()) {
            assertThat(claim.definition()).contains("new");
            assertThat(claim.load()).extracting(Bookmark::partition).containsExactly("p");
            assertThat(claim.deadLetters()).isEmpty();
            assertThat(claim.run()).isEqualTo(3);
            claim.redefine("newer");
        }
        try (Claim claim = claim()) {
            assertThat(claim.definition()).contains("newer");
            assertThat(claim.load()).hasSize(1);
        }
    }

    /** Dead letters are kept with the bookmark that passes them, once for each record, until they are forgotten. */
    @Test
    void keepsDeadLetters() throws Exception {
        DeadLetter stays = new DeadLetter(
                "main", "all", Cursor.of(Map.of("k", "ü")), "key 1", "line\nbreak", 3, Optional.of("payload"));
        DeadLetter again = letter("key 2", "second reason", 2);
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            claim.save(new Save(
                    List.of(bookmark(claim, "all", 8, false, 0)), List.of(stays, letter("key 2", "first reason", 1))));
            claim.save(new Save(List.of(), List.of(again, letter("key 3", "goes", 1))));
            claim.forget(List.of(letter("key 3", "another reason", 9)));
            assertThat(claim.deadLetters()).containsExactlyInAnyOrder(stays, again);
        }
        try (Claim claim = claim()) {
            assertThat(claim.deadLetters()).containsExactlyInAnyOrder(stays, again);
        }
    }

    /** Several partitions save at once. */
    @Test
    void savesFromManyThreads() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            List<Future<?>> saving = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String partition = "part " + i;
                saving.add(threads.submit(() -> {
                    for (int j = 1; j <= 50; j++) {
                        claim.save(save(bookmark(claim, partition, j, j == 50, j)));
                    }
                    return true;
                }));
            }
            for (Future<?> one : saving) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        try (Claim claim = claim()) {
            assertThat(claim.load())
                    .hasSize(8)
                    .allMatch(Bookmark::done)
                    .allMatch(b -> b.cursor().equals(Cursor.of(50)));
        }
    }

    /** A cursor may be large. */
    @Test
    void keepsALargeCursor() throws Exception {
        Bookmark large;
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            large = bookmark(claim, "p", "x".repeat(100_000), false, 0);
            claim.save(save(large));
        }
        try (Claim claim = claim()) {
            assertThat(claim.load()).containsExactly(large);
        }
    }
}

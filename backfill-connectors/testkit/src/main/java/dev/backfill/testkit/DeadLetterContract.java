package dev.backfill.testkit;

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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every place must do that keeps dead letters. A checkpoint is one: its {@link CheckpointContract} holds this one.
 */
public abstract class DeadLetterContract {

    static final String JOB = "contract";

    private static final String WHY =
            "a dead letter is the only trace of a record that was not written; it is replayed, or read by a person, weeks later";

    /** For subclasses. */
    protected DeadLetterContract() {}

    /**
     * Opens the place where progress is kept, as another process would: each call gives another object for the same place, which is
     * empty when a test begins.
     */
    protected abstract Checkpoint open() throws Exception;

    Claim claim() throws Exception {
        return open().claim(JOB, Duration.ZERO);
    }

    static Bookmark bookmark(Claim claim, String partition, Object cursor, boolean done, long passed) {
        Counts counts = new Counts(passed, 0, 0, passed, passed, passed, 0, 0, 0);
        return new Bookmark(JOB, "main", partition, claim.run(), Cursor.of(cursor), done, counts);
    }

    static Save save(Bookmark... bookmarks) {
        return new Save(List.of(bookmarks), List.of());
    }

    private static Save letters(DeadLetter... letters) {
        return new Save(List.of(), List.of(letters));
    }

    static DeadLetter letter(String key, String reason, int attempts) {
        return new DeadLetter("main", "all", Cursor.of(7), key, reason, attempts, Optional.empty());
    }

    private static void kept(Claim claim, DeadLetter... letters) throws Exception {
        List<DeadLetter> is = claim.deadLetters();
        Lesson.unless(
                is.size() == letters.length && new HashSet<>(is).equals(new HashSet<>(List.of(letters))),
                "the dead letters are " + Lesson.some(is) + " and should be " + Lesson.some(List.of(letters)),
                WHY,
                "keep each letter to the letter, one for a record (phase, partition, page, key), until it is forgotten");
    }

    /** In this claim and in the next, which is another process. */
    private void keeps(Save... saves) throws Exception {
        List<DeadLetter> all = new ArrayList<>();
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            for (Save save : saves) {
                claim.save(save);
                all.addAll(save.deadLetters());
            }
            kept(claim, all.toArray(DeadLetter[]::new));
        }
        try (Claim claim = claim()) {
            kept(claim, all.toArray(DeadLetter[]::new));
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
            claim.save(letters(again, letter("key 3", "goes", 1)));
            claim.forget(List.of(letter("key 3", "another reason", 9)));
            kept(claim, stays, again);
        }
        try (Claim claim = claim()) {
            kept(claim, stays, again);
        }
    }

    /** Letters and the bookmark that passes them are there together for the next process. */
    @Test
    void keepsLettersWithTheBookmarkThatPassesThem() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            claim.save(new Save(List.of(bookmark(claim, "all", 8, false, 3)), List.of(letter("k", "r", 1))));
        }
        try (Claim claim = claim()) {
            kept(claim, letter("k", "r", 1));
            Lesson.unless(
                    claim.load().size() == 1,
                    "a letter was kept and the bookmark that was saved with it was not: " + claim.load(),
                    "a save is done whole, letters no later than the bookmark",
                    "write both in one transaction, or the letters first");
        }
    }

    /** A later bookmark leaves the letters where they are. */
    @Test
    void keepsLettersWhenTheBookmarkMovesOn() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            claim.save(new Save(List.of(bookmark(claim, "all", 8, false, 0)), List.of(letter("k", "r", 1))));
            claim.save(save(bookmark(claim, "all", 9, false, 0)));
            claim.save(save(bookmark(claim, "all", 10, true, 0)));
            kept(claim, letter("k", "r", 1));
        }
    }

    /** The same key on another page, in another partition or phase is another record. */
    @Test
    void tellsRecordsOfOneKeyApart() throws Exception {
        keeps(letters(
                letter("k", "r", 1),
                new DeadLetter("main", "all", Cursor.of(8), "k", "r", 1, Optional.empty()),
                new DeadLetter("main", "All", Cursor.of(7), "k", "r", 1, Optional.empty()),
                new DeadLetter("second", "all", Cursor.of(7), "k", "r", 1, Optional.empty()),
                letter("K", "r", 1),
                letter("k ", "r", 1)));
    }

    /** A record that was tried again has one letter: the last. */
    @Test
    void keepsTheLastLetterOfARecord() throws Exception {
        DeadLetter last = new DeadLetter("main", "all", Cursor.of(7), "k", "third", 3, Optional.of("now with payload"));
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            claim.save(letters(letter("k", "first", 1)));
            claim.save(letters(letter("k", "second", 2)));
            claim.save(letters(last));
        }
        try (Claim claim = claim()) {
            kept(claim, last);
        }
    }

    /** Twice in one save is once: two equal records of one page. */
    @Test
    void takesALetterTwiceInASave() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            claim.save(letters(letter("k", "first", 1), letter("other", "r", 1), letter("k", "second", 2)));
            kept(claim, letter("other", "r", 1), letter("k", "second", 2));
        }
    }

    /** What is forgotten is gone for the next process too; what is not there can be forgotten. */
    @Test
    void forgetsForGood() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("d", List.of());
            claim.save(letters(letter("a", "r", 1), letter("b", "r", 1), letter("c", "r", 1)));
            claim.forget(List.of(letter("a", "r", 1), letter("never there", "r", 1)));
            claim.forget(List.of(letter("a", "r", 1)));
            claim.forget(List.of());
        }
        try (Claim claim = claim()) {
            kept(claim, letter("b", "r", 1), letter("c", "r", 1));
            claim.save(letters(letter("a", "back again", 1)));
            kept(claim, letter("a", "back again", 1), letter("b", "r", 1), letter("c", "r", 1));
        }
    }

    /** A thousand at once. */
    @Test
    void keepsManyLetters() throws Exception {
        List<DeadLetter> many = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            many.add(letter("key " + i, "reason " + i, 1));
        }
        keeps(new Save(List.of(), many));
    }

    /** Keys, reasons and records are whatever the other side has: they are kept, and do nothing. */
    @Test
    void keepsHostileLettersAsTheyAre() throws Exception {
        List<DeadLetter> hostile = new ArrayList<>();
        for (String text : Hostile.TEXTS) {
            hostile.add(
                    new DeadLetter("main", "all", Cursor.of(List.of(text.strip())), text, text, 1, Optional.of(text)));
        }
        keeps(new Save(List.of(), hostile));
    }

    /** Each job has its own. */
    @Test
    void keepsTheLettersOfJobsApart() throws Exception {
        try (Claim claim = claim();
                Claim other = open().claim("another " + JOB, Duration.ZERO)) {
            claim.begin("d", List.of());
            other.begin("d", List.of());
            claim.save(letters(letter("k", "of the one", 1)));
            other.save(letters(letter("k", "of the other", 1)));
            other.forget(List.of(letter("k", "r", 1)));
            kept(claim, letter("k", "of the one", 1));
            kept(other);
        }
    }

    /** A runner that has lost its job neither adds letters nor forgets any. */
    @Test
    void changesNoLettersThroughAClosedClaim() throws Exception {
        Claim late = claim();
        late.begin("d", List.of());
        late.save(letters(letter("k", "r", 1)));
        late.close();
        try (Claim next = claim()) {
            lost("forget", Failing.of(() -> {
                late.forget(List.of(letter("k", "r", 1)));
                return true;
            }));
            lost("save", Failing.of(() -> {
                late.save(letters(letter("late", "r", 1)));
                return true;
            }));
            kept(next, letter("k", "r", 1));
        }
    }

    /** Fails if this was not refused as it must be when another runner has taken over. */
    static void lost(String what, @Nullable Exception failure) {
        Lesson.unless(
                failure instanceof BackfillException.Lost,
                what + " through a claim that was given back, while another runner has the job: " + failure,
                "a runner that slept past its lease would undo the work of the one that has taken over",
                "check with every change that the claim's run number is still the last, and throw BackfillException.Lost");
    }
}

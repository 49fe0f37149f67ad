package dev.backfill.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import de.bwaldvogel.mongo.bson.Document;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.TransientException;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A runner is paused before any of its commands, another takes its job over, and then the first goes on, believing what it did. */
class InterleavingTest {

    /** No claim gives a sign of life between its commands. */
    private static final Ports STILL = new Ports(new StillTime(), Ports.REAL.disk(), Ports.REAL.tasks());

    private static final int EVERY = Integer.getInteger("backfill.every", 1);

    /** The machine's clock, with which nobody's waiting ends. */
    private static final class StillTime implements Time {
        @Override
        public long nanos() {
            return Ports.REAL.time().nanos();
        }

        @Override
        public Instant now() {
            return Ports.REAL.time().now();
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
            new CountDownLatch(1).await();
        }

        @Override
        public double random() {
            return Ports.REAL.time().random();
        }
    }

    private static Bookmark bookmark(long run, String partition, int cursor) {
        return new Bookmark("j", "main", partition, run, Cursor.of(cursor), false, Counts.ZERO);
    }

    private static DeadLetter letter(String key, String reason) {
        return new DeadLetter("main", "p", Cursor.START, key, reason, 1, Optional.empty());
    }

    /** What is kept of a job. */
    private record Kept(Map<String, Cursor> places, Set<DeadLetter> letters, String definition) {
        static Kept of(Claim claim) throws Exception {
            Map<String, Cursor> places = new TreeMap<>();
            for (Bookmark bookmark : claim.load()) {
                places.put(bookmark.partition(), bookmark.cursor());
            }
            return new Kept(
                    places,
                    new HashSet<>(claim.deadLetters()),
                    claim.definition().orElseThrow());
        }
    }

    /** What the paused runner was about to do. */
    enum Doing {
        CHANGING {
            @Override
            void by(Claim claim) throws Exception {
                claim.save(new Save(List.of(bookmark(1, "p", 2)), List.of()));
            }

            @Override
            boolean happened(Kept kept) {
                return kept.places().get("p").equals(Cursor.of(2));
            }
        },
        BURYING {
            @Override
            void by(Claim claim) throws Exception {
                claim.save(new Save(List.of(bookmark(1, "p", 2)), List.of(letter("old", "again"), letter("new", "r"))));
            }

            @Override
            boolean happened(Kept kept) {
                return kept.places().get("p").equals(Cursor.of(2));
            }

            @Override
            boolean whole(Kept kept) {
                // letters may be there before their bookmark has passed them, and never after
                return !happened(kept) || kept.letters().equals(Set.of(letter("old", "again"), letter("new", "r")));
            }
        },
        BURYING_ANOTHER {
            @Override
            void by(Claim claim) throws Exception {
                claim.save(new Save(List.of(bookmark(1, "p", 2)), List.of(letter("new", "r"))));
            }

            @Override
            boolean happened(Kept kept) {
                return kept.places().get("p").equals(Cursor.of(2));
            }

            @Override
            boolean whole(Kept kept) {
                return !happened(kept) || kept.letters().equals(Set.of(letter("old", "r"), letter("new", "r")));
            }
        },
        BURYING_ALONE {
            @Override
            void by(Claim claim) throws Exception {
                claim.save(new Save(List.of(), List.of(letter("new", "r"))));
            }

            @Override
            boolean happened(Kept kept) {
                return kept.letters().contains(letter("new", "r"));
            }

            @Override
            boolean onlyIfItSaysSo() {
                return false; // as said above
            }
        },
        ADDING_ONE {
            @Override
            void by(Claim claim) throws Exception {
                claim.save(new Save(List.of(bookmark(1, "new", 5)), List.of()));
            }

            @Override
            boolean happened(Kept kept) {
                return kept.places().containsKey("new");
            }
        },
        ADDING_SOME {
            @Override
            void by(Claim claim) throws Exception {
                claim.save(new Save(
                        List.of(bookmark(1, "new", 5), bookmark(1, "new 2", 5), bookmark(1, "new 3", 5)), List.of()));
            }

            @Override
            boolean happened(Kept kept) {
                return kept.places().containsKey("new");
            }

            @Override
            boolean whole(Kept kept) {
                return kept.places().keySet().containsAll(Set.of("new", "new 2", "new 3"))
                        || kept.places().keySet().equals(Set.of("p", "q"));
            }
        },
        BEGINNING {
            @Override
            void by(Claim claim) throws Exception {
                claim.begin("anew", List.of(bookmark(1, "p", 7), bookmark(1, "r", 7)));
            }

            @Override
            boolean happened(Kept kept) {
                return kept.definition().equals("anew");
            }

            @Override
            boolean whole(Kept kept) {
                return happened(kept)
                        ? kept.equals(new Kept(Map.of("p", Cursor.of(7), "r", Cursor.of(7)), Set.of(), "anew"))
                        : kept.equals(BEFORE);
            }
        },
        REDEFINING {
            @Override
            void by(Claim claim) throws Exception {
                claim.redefine("other");
            }

            @Override
            boolean happened(Kept kept) {
                return kept.definition().equals("other");
            }
        },
        FORGETTING {
            @Override
            void by(Claim claim) throws Exception {
                claim.forget(List.of(letter("old", "r")));
            }

            @Override
            boolean happened(Kept kept) {
                return kept.letters().isEmpty();
            }

            @Override
            boolean onlyIfItSaysSo() {
                return false; // it was dealt with
            }
        };

        abstract void by(Claim claim) throws Exception;

        abstract boolean happened(Kept kept);

        boolean whole(Kept kept) {
            return true;
        }

        boolean onlyIfItSaysSo() {
            return true;
        }
    }

    private static final Kept BEFORE =
            new Kept(Map.of("p", Cursor.of(1), "q", Cursor.of(1)), Set.of(letter("old", "r")), "d");

    /** Runs something before the n-th command, once. */
    private static final class Before {
        private final int nth;
        private final Body body;
        private int seen;

        Before(int nth, Body body) {
            this.nth = nth;
            this.body = body;
        }

        interface Body {
            void run() throws Exception;
        }

        void command() throws Exception {
            if (++seen == nth) {
                body.run();
            }
        }
    }

    private static Claim paused(Store store) throws Exception {
        store.empty();
        Claim claim = store.claim();
        claim.begin("d", List.of(bookmark(1, "p", 1), bookmark(1, "q", 1)));
        claim.save(new Save(List.of(), List.of(letter("old", "r"))));
        return claim;
    }

    private static int commands(Store store, Doing doing) throws Exception {
        try (Claim claim = paused(store)) {
            Before count = new Before(-1, () -> {});
            store.hook((command, call, cut) -> {
                count.command();
                return call.call();
            });
            doing.by(claim);
            store.hook(StandIn.Hook.NONE);
            return count.seen;
        }
    }

    private static StandIn.Hook dyingBefore(int nth) {
        Before dying = new Before(-1, () -> {});
        return (command, call, cut) -> {
            dying.command();
            if (dying.seen >= nth) {
                throw StandIn.failure(1, "InternalError", "the process has died");
            }
            return call.call();
        };
    }

    /** Does it; whether it says that it was done. */
    private static boolean done(Doing doing, Claim claim) throws Exception {
        try {
            doing.by(claim);
            return true;
        } catch (BackfillException.Lost e) {
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource(Doing.class)
    void nothingChangesBehindTheBackOfTheNext(Doing doing) throws Exception {
        try (StandIn standIn = new StandIn(200);
                Store store = new Store(standIn, STILL)) {
            int commands = commands(store, doing);
            assertThat(commands).isPositive();
            for (int nth = 1; nth <= commands; nth++) {
                String what = doing + ", paused before command " + nth + " of " + commands;
                Claim first = paused(store);
                Claim[] next = new Claim[1];
                Kept[] found = new Kept[1];
                Before before = new Before(nth, () -> {
                    store.hook(StandIn.Hook.NONE);
                    store.runOut();
                    next[0] = store.claim();
                    found[0] = Kept.of(next[0]);
                });
                store.hook((command, call, cut) -> {
                    before.command();
                    return call.call();
                });
                boolean done = done(doing, first);
                assertThat(found[0]).as(what).isNotNull();
                assertThat(doing.whole(found[0])).as("%s: %s", what, found[0]).isTrue();
                if (done) {
                    assertThat(doing.happened(found[0])).as(what).isTrue();
                }
                assertThat(Kept.of(next[0])).as(what).isEqualTo(found[0]);
                Bookmark moved = bookmark(2, "p", 9);
                Bookmark added = bookmark(2, "new", 9);
                next[0].save(new Save(List.of(moved, added), List.of(letter("next", "r"))));
                done(doing, first); // and tries again
                first.close();
                next[0].close();
                try (Claim third = store.claim()) {
                    Kept kept = Kept.of(third);
                    assertThat(kept.places().get("p")).as(what).isEqualTo(Cursor.of(9));
                    assertThat(kept.places().get("new")).as(what).isEqualTo(Cursor.of(9));
                    Set<String> places = new HashSet<>(found[0].places().keySet());
                    places.add("new");
                    assertThat(kept.places().keySet()).as(what).isEqualTo(places);
                    Set<DeadLetter> letters = new HashSet<>(found[0].letters());
                    letters.add(letter("next", "r"));
                    assertThat(kept.letters()).as(what).isEqualTo(letters);
                    assertThat(kept.definition()).as(what).isEqualTo(found[0].definition());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Doing.class)
    void whatIsSaidDuringATakeOverIsThereForTheNext(Doing doing) throws Exception {
        try (StandIn standIn = new StandIn(100);
                Store store = new Store(standIn, STILL)) {
            for (int nth = 1; nth <= 7; nth++) {
                String what = doing + " before command " + nth + " of a claim";
                Claim first = paused(store);
                store.runOut();
                AtomicBoolean done = new AtomicBoolean();
                Before before = new Before(nth, () -> {
                    store.hook(StandIn.Hook.NONE);
                    done.set(done(doing, first));
                });
                store.hook((command, call, cut) -> {
                    before.command();
                    return call.call();
                });
                try (Claim next = store.claim()) {
                    Kept kept = Kept.of(next);
                    assertThat(doing.whole(kept)).as("%s: %s", what, kept).isTrue();
                    if (done.get()) {
                        assertThat(doing.happened(kept)).as(what).isTrue();
                    }
                }
                store.hook(StandIn.Hook.NONE);
                first.close();
            }
        }
    }

    private static int commandsOfAClaim(Store store) throws Exception {
        try (Claim dead = paused(store)) {
            store.runOut();
            Before count = new Before(-1, () -> {});
            store.hook((command, call, cut) -> {
                count.command();
                return call.call();
            });
            try (Claim claim = store.claim()) {
                store.hook(StandIn.Hook.NONE);
                assertThat(claim.run()).isGreaterThan(dead.run());
                return count.seen;
            }
        }
    }

    @Test
    void aRunnerThatWakesInsideItsClaimTakesNothingFromTheNext() throws Exception {
        try (StandIn standIn = new StandIn(200);
                Store store = new Store(standIn, STILL)) {
            int commands = commandsOfAClaim(store);
            int losses = 0;
            for (int nth = 1; nth <= commands; nth++) {
                String what = "paused before command " + nth + " of " + commands + " of a claim";
                Claim dead = paused(store);
                store.runOut();
                Claim[] next = new Claim[1];
                Before before = new Before(nth, () -> {
                    store.hook(StandIn.Hook.NONE);
                    store.runOut();
                    next[0] = store.claim();
                    long run = next[0].run();
                    next[0].save(new Save(
                            List.of(bookmark(run, "p", 9), bookmark(run, "new", 9)), List.of(letter("next", "r"))));
                });
                store.hook((command, call, cut) -> {
                    before.command();
                    return call.call();
                });
                Throwable told = catchThrowable(store::claim);
                long run = next[0].run();
                if (run == 2) {
                    assertThat(told).as(what).isInstanceOf(BackfillException.Held.class); // it had no number yet
                } else {
                    assertThat(told).as(what).isInstanceOf(BackfillException.Lost.class);
                    losses++;
                }
                Set<DeadLetter> letters = Set.of(letter("old", "r"), letter("next", "r"));
                assertThat(Kept.of(next[0]))
                        .as(what)
                        .isEqualTo(new Kept(
                                Map.of("p", Cursor.of(9), "q", Cursor.of(1), "new", Cursor.of(9)), letters, "d"));
                next[0].save(new Save(List.of(bookmark(run, "p", 10)), List.of()));
                next[0].close();
                try (Claim third = store.claim()) {
                    assertThat(Kept.of(third))
                            .as(what)
                            .isEqualTo(new Kept(
                                    Map.of("p", Cursor.of(10), "q", Cursor.of(1), "new", Cursor.of(9)), letters, "d"));
                }
                dead.close();
            }
            // before the fences of the bookmarks, before those of the letters, and before it says that both are raised
            assertThat(losses).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(Doing.class)
    void aTakeOverThatDiesHalfWayLosesNothingThatWasSaid(Doing doing) throws Exception {
        try (StandIn standIn = new StandIn(400);
                Store store = new Store(standIn, STILL)) {
            int commands = commands(store, doing);
            int claiming = 8;
            for (int nth = 1; nth <= commands; nth += EVERY) {
                for (int death = 1; death <= claiming; death++) {
                    String what = doing + ", paused before command " + nth + ", taken over by one that dies before its "
                            + death + ".";
                    int dies = death;
                    Claim first = paused(store);
                    Before before = new Before(nth, () -> {
                        store.runOut();
                        store.hook(dyingBefore(dies));
                        try {
                            store.claim();
                        } catch (BackfillException e) {
                            assertThat(e).as(what).hasMessageContaining("the process has died");
                        }
                        store.hook(StandIn.Hook.NONE);
                    });
                    store.hook((command, call, cut) -> {
                        before.command();
                        return call.call();
                    });
                    boolean done = done(doing, first);
                    store.runOut();
                    Claim third = store.claim();
                    Kept kept = Kept.of(third);
                    assertThat(doing.whole(kept)).as("%s: %s", what, kept).isTrue();
                    if (done || doing.onlyIfItSaysSo()) {
                        assertThat(doing.happened(kept)).as(what).isEqualTo(done);
                    }
                    done(doing, first);
                    assertThat(Kept.of(third)).as(what).isEqualTo(kept);
                    third.close();
                    first.close();
                }
            }
        }
    }

    /** Does it until it says that it was done or that the job is lost. */
    private static void persist(Doing doing, Claim claim) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                doing.by(claim);
                return;
            } catch (TransientException e) {
                assertThat(attempt).as("%s", e).isLessThan(4);
            }
        }
    }

    /** What a runner that nothing disturbs leaves. */
    private static Kept undisturbed(Store store, Doing doing) throws Exception {
        try (Claim claim = paused(store)) {
            doing.by(claim);
            return Kept.of(claim);
        }
    }

    @ParameterizedTest
    @EnumSource(Doing.class)
    void aWriteWhoseAnswerWasLostIsDoneOnce(Doing doing) throws Exception {
        try (StandIn standIn = new StandIn(200);
                Store store = new Store(standIn, STILL)) {
            Kept expected = undisturbed(store, doing);
            int commands = commands(store, doing);
            for (int nth = 1; nth <= commands; nth++) {
                try (Claim claim = paused(store)) {
                    int lost = nth;
                    Before count = new Before(-1, () -> {});
                    store.hook((command, call, cut) -> {
                        count.command();
                        Document answer = call.call();
                        if (count.seen == lost) {
                            throw StandIn.failure(9001, "SocketException", "the answer was lost");
                        }
                        return answer;
                    });
                    persist(doing, claim);
                    store.hook(StandIn.Hook.NONE);
                    assertThat(Kept.of(claim))
                            .as("%s, answer %d was lost", doing, nth)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Doing.class)
    void aWriteThatComesLateChangesNothing(Doing doing) throws Exception {
        try (StandIn standIn = new StandIn(400);
                Store store = new Store(standIn, STILL)) {
            Kept expected = undisturbed(store, doing);
            int commands = commands(store, doing);
            for (int nth = 1; nth <= commands; nth += EVERY) {
                for (int arrival = 1; arrival <= commands + 3; arrival++) {
                    for (boolean dies : new boolean[] {false, true}) {
                        String what = "%s, command %d arrives before command %d of the next attempt%s"
                                .formatted(doing, nth, arrival, dies ? ", which dies" : "");
                        Claim claim = paused(store);
                        late(store, doing, claim, nth, arrival, dies);
                        if (!dies) {
                            claim.save(new Save(List.of(bookmark(1, "p", 3)), List.of()));
                        }
                        store.runOut();
                        try (Claim next = store.claim()) {
                            Kept kept = Kept.of(next);
                            if (dies) {
                                assertThat(doing.whole(kept))
                                        .as("%s: %s", what, kept)
                                        .isTrue();
                            } else {
                                Map<String, Cursor> places = new TreeMap<>(expected.places());
                                places.put("p", Cursor.of(3));
                                assertThat(kept)
                                        .as(what)
                                        .isEqualTo(new Kept(places, expected.letters(), expected.definition()));
                            }
                        }
                        claim.close();
                    }
                }
            }
        }
    }

    /** The n-th command is given up, and done before one of the next attempt, or after all of them. */
    private static void late(Store store, Doing doing, Claim claim, int nth, int arrival, boolean dies)
            throws Exception {
        List<Callable<Document>> waiting = new ArrayList<>();
        Before given = new Before(-1, () -> {});
        store.hook((command, call, cut) -> {
            given.command();
            if (given.seen == nth) {
                waiting.add(call);
                throw StandIn.failure(9001, "SocketException", "nobody answers");
            }
            if (given.seen == nth + arrival && !waiting.isEmpty()) {
                waiting.remove(0).call();
                if (dies) {
                    store.hook(dyingBefore(1));
                    throw StandIn.failure(1, "InternalError", "the process has died");
                }
            }
            return call.call();
        });
        try {
            persist(doing, claim);
        } catch (BackfillException e) {
            assertThat(dies).as("%s", e).isTrue();
        }
        store.hook(StandIn.Hook.NONE);
        for (Callable<Document> call : waiting) {
            call.call();
        }
    }

    @Test
    void aSaveThatComesLateTakesNoPlaceBack() throws Exception {
        try (StandIn standIn = new StandIn(20);
                Store store = new Store(standIn, STILL);
                Claim claim = paused(store)) {
            List<Callable<Document>> late = new ArrayList<>();
            store.hook((command, call, cut) -> {
                late.add(call);
                throw StandIn.failure(9001, "SocketException", "nobody answers");
            });
            assertThatThrownBy(() -> Doing.CHANGING.by(claim)).isInstanceOf(TransientException.class);
            store.hook(StandIn.Hook.NONE);
            Doing.CHANGING.by(claim);
            claim.save(new Save(List.of(bookmark(1, "p", 3)), List.of()));
            for (Callable<Document> call : late) {
                call.call();
            }
            assertThat(Kept.of(claim).places()).containsEntry("p", Cursor.of(3));
        }
    }

    @Test
    void aClaimWhoseAnswerWasLostIsFound() throws Exception {
        try (StandIn standIn = new StandIn(20);
                Store store = new Store(standIn, STILL)) {
            AtomicBoolean lost = new AtomicBoolean();
            store.hook((command, call, cut) -> {
                Document answer = call.call();
                if (command.equals("findAndModify") && !lost.getAndSet(true)) {
                    cut.run();
                }
                return answer;
            });
            try (Claim claim = store.claim()) {
                assertThat(claim.run()).isEqualTo(1);
                claim.begin("d", List.of());
            }
            assertThat(lost).isTrue();
        }
    }

    @Test
    void writesOverWhatAnEarlierRunnerLeftHalfWay() throws Exception {
        try (StandIn standIn = new StandIn(200);
                Store store = new Store(standIn, STILL)) {
            int commands = commands(store, Doing.ADDING_SOME);
            for (int nth = 1; nth <= commands; nth++) {
                Claim dead = paused(store);
                store.hook(dyingBefore(nth));
                try {
                    Doing.ADDING_SOME.by(dead);
                } catch (BackfillException e) {
                    assertThat(e).hasMessageContaining("the process has died");
                }
                store.hook(StandIn.Hook.NONE);
                store.runOut();
                try (Claim next = store.claim()) {
                    List<Bookmark> plan = List.of(bookmark(2, "new 3", 6), bookmark(2, "new 2", 6));
                    next.save(new Save(plan, List.of()));
                    assertThat(next.load()).as("died before %d", nth).containsAll(plan);
                }
            }
        }
    }
}

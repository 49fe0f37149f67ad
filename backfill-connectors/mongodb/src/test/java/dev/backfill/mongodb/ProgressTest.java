package dev.backfill.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.internal.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProgressTest {

    private static final String EVERYWHERE = "dev.backfill.mongodb.Store$Kind#here";

    private static Bookmark bookmark(long run, String partition, int cursor) {
        return new Bookmark("j", "main", partition, run, Cursor.of(cursor), false, Counts.ZERO);
    }

    private static DeadLetter letter(String key) {
        return new DeadLetter("main", "p", Cursor.START, key, "r", 1, Optional.empty());
    }

    private static Save save(Bookmark... bookmarks) {
        return new Save(List.of(bookmarks), List.of());
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void saysWhoHoldsAJobAndTakesItOverWhenThatOneIsDead(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            Claim dead = store.claim();
            dead.begin("d", List.of(bookmark(dead.run(), "p", 1)));
            assertThatThrownBy(store::claim)
                    .isInstanceOf(BackfillException.Held.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("since 20")
                    .hasMessageContaining("free in 1");
            store.runOut();
            try (Claim next = store.claim()) {
                assertThat(next.run()).isEqualTo(2);
                assertThat(next.load()).containsExactly(bookmark(1, "p", 1));
                assertThat(next.definition()).contains("d");
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void takesOverAtOnceFromADeadProcessOfThisMachine(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            store.claim();
            String[] self = Machine.process().orElseThrow().split(" ", -1);
            self[4] = "1"; // began at another time, so this number belonged to another process
            store.documents().updateOne(Filters.exists("process"), Updates.set("process", String.join(" ", self)));
            try (Claim next = store.claim()) {
                assertThat(next.run()).isEqualTo(2);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void waitsForAHolderThatRunsOut(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            store.claim();
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try {
                Future<Claim> waiting = thread.submit(() -> store.checkpoint().claim("j", Duration.ofMinutes(1)));
                store.runOut();
                try (Claim next = waiting.get()) {
                    assertThat(next.run()).isEqualTo(2);
                }
            } finally {
                thread.shutdownNow();
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void refusesEverythingFromARunnerThatWasTakenOver(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            Claim zombie = store.claim();
            zombie.begin("d", List.of(bookmark(1, "p", 1), bookmark(1, "q", 1)));
            zombie.save(new Save(List.of(), List.of(letter("kept"))));
            store.runOut();
            try (Claim next = store.claim()) {
                List<Save> saves = List.of(
                        save(bookmark(1, "p", 2)),
                        save(bookmark(1, "new", 2)),
                        save(bookmark(1, "p", 2), bookmark(1, "q", 2)),
                        save(bookmark(1, "p", 2), bookmark(1, "new", 2)),
                        new Save(List.of(), List.of(letter("late"))),
                        new Save(List.of(), List.of(letter("kept"))),
                        new Save(List.of(bookmark(1, "p", 2)), List.of(letter("late"))));
                for (Save save : saves) {
                    assertThatThrownBy(() -> zombie.save(save))
                            .as("%s", save)
                            .isInstanceOf(BackfillException.Lost.class);
                }
                assertThatThrownBy(() -> zombie.begin("x", List.of(bookmark(1, "x", 1))))
                        .isInstanceOf(BackfillException.Lost.class);
                assertThatThrownBy(() -> zombie.redefine("x")).isInstanceOf(BackfillException.Lost.class);
                assertThatThrownBy(() -> zombie.forget(List.of(letter("kept"))))
                        .isInstanceOf(BackfillException.Lost.class);
                assertThatThrownBy(zombie::load).isInstanceOf(BackfillException.Lost.class);
                assertThatThrownBy(zombie::deadLetters).isInstanceOf(BackfillException.Lost.class);
                zombie.close();
                assertThat(next.load()).containsExactly(bookmark(1, "p", 1), bookmark(1, "q", 1));
                next.save(save(bookmark(2, "p", 3), bookmark(2, "new", 1)));
            }
            try (Claim third = store.claim()) {
                assertThat(third.run())
                        .as("what the zombie closed was not the job")
                        .isEqualTo(3);
                assertThat(third.load())
                        .containsExactly(bookmark(2, "p", 3), bookmark(1, "q", 1), bookmark(2, "new", 1));
                assertThat(third.deadLetters()).containsExactly(letter("kept"));
                assertThat(third.definition()).contains("d");
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void letsExactlyOneOfSeveralIn(Store.Kind kind) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Store store = new Store(kind)) {
            List<Checkpoint> processes =
                    List.of(store.checkpoint(), store.checkpoint(), store.checkpoint(), store.checkpoint());
            for (int round = 1; round <= 12; round++) {
                CyclicBarrier together = new CyclicBarrier(4);
                List<Future<Boolean>> tries = new ArrayList<>();
                for (Checkpoint process : processes) {
                    tries.add(threads.submit(() -> {
                        together.await();
                        try {
                            process.claim("j", Duration.ZERO);
                            return true;
                        } catch (BackfillException.Held e) {
                            return false;
                        }
                    }));
                }
                int won = 0;
                for (Future<Boolean> one : tries) {
                    won += one.get() ? 1 : 0;
                }
                assertThat(won).isEqualTo(1);
                assertThat(store.job().getNumber("run").longValue()).isEqualTo(round);
                store.runOut();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private record Damage(String field, BsonValue value, boolean ofTheJob) {}

    private static List<Damage> damages() {
        List<Damage> damages = new ArrayList<>();
        for (String field : List.of("cursor", "passed", "done", "run", "fence", "added")) {
            damages.add(new Damage(field, new BsonString("{broken"), false));
        }
        damages.add(new Damage("cursor", new BsonString("\\x"), false));
        damages.add(new Damage("cursor", new BsonInt32(1), false));
        damages.add(new Damage("passed", new BsonInt64(-1), false));
        damages.add(new Damage("run", new BsonInt64(99), false));
        damages.add(new Damage("run", new BsonInt64(0), false));
        damages.add(new Damage("fence", new BsonInt64(99), false));
        damages.add(new Damage("batch", new BsonInt64(99), false));
        damages.add(new Damage("pass", new BsonInt64(99), false));
        damages.add(new Damage("kind", new BsonString("bookmarks"), false));
        damages.add(new Damage("parts", new BsonInt64(2), true));
        damages.add(new Damage("pass", new BsonInt64(99), true));
        damages.add(new Damage("batch", new BsonString("x"), true));
        damages.add(new Damage("format", new BsonInt32(0), true));
        return damages;
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void neverTakesDamageForEmpty(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            for (Damage damage : damages()) {
                store.empty();
                try (Claim claim = store.claim()) {
                    claim.begin("d", List.of(bookmark(1, "p", 1)));
                    store.documents()
                            .updateOne(
                                    damage.ofTheJob() ? Filters.exists("holder") : Filters.exists("cursor"),
                                    Updates.set(damage.field(), damage.value()));
                    assertThatThrownBy(claim::load)
                            .as("%s", damage)
                            .isInstanceOf(BackfillException.Damaged.class)
                            .hasMessageContaining("startOver");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void noticesWhatWasDeletedByHand(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            try (Claim claim = store.claim()) {
                claim.begin("d", List.of(bookmark(1, "p", 1), bookmark(1, "q", 1)));
                store.documents().deleteOne(Filters.eq("_id.part", "q"));
                assertThatThrownBy(claim::load)
                        .isInstanceOf(BackfillException.Damaged.class)
                        .hasMessageContaining("1 bookmarks that count, and there were 2");
            }
            store.documents().deleteOne(Filters.exists("holder"));
            assertThatThrownBy(store::claim)
                    .isInstanceOf(BackfillException.Damaged.class)
                    .hasMessageContaining("own document is missing");
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void damageGoesAwayWithStartOver(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            try (Claim claim = store.claim()) {
                claim.begin("d", List.of(bookmark(1, "p", 1)));
            }
            store.documents().updateOne(Filters.exists("cursor"), Updates.set("cursor", "{broken"));
            try (Claim claim = store.claim()) {
                claim.begin("d", List.of());
                assertThat(claim.load()).isEmpty();
                claim.save(save(bookmark(2, "p", 1)));
                assertThat(claim.load()).containsExactly(bookmark(2, "p", 1));
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void refusesProgressOfANewerVersion(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            store.claim().close();
            store.documents().updateOne(Filters.exists("holder"), Updates.set("format", 2));
            assertThatThrownBy(store::claim)
                    .isInstanceOf(BackfillException.Damaged.class)
                    .hasMessageContaining("format 2")
                    .hasMessageContaining("use the version that wrote it");
            assertThat(store.job().getNumber("run").longValue()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void takesAnyNameAsANameAndNothingElse(Store.Kind kind) throws Exception {
        List<String> names = List.of(
                "a.b",
                "$set",
                "$$NOW",
                "$where",
                "",
                "\0",
                "a\0b",
                "\\u0000",
                "\ud800",
                "\udc00x",
                "ü",
                "u\u0308",
                "日本",
                "{\"$gt\": \"\"}",
                "x".repeat(200),
                "_id",
                "job");
        try (Store store = new Store(kind)) {
            for (String job : names) {
                List<Bookmark> all = new ArrayList<>();
                try (Claim claim = store.checkpoint().claim(job, Duration.ZERO)) {
                    assertThat(claim.definition()).isEmpty();
                    for (String name : names) {
                        all.add(new Bookmark(job, name, name, 1, Cursor.of(name), false, Counts.ZERO));
                    }
                    claim.begin(job, all);
                    DeadLetter letter = new DeadLetter(job, job, Cursor.of(job), job, job, 2, Optional.of(job));
                    claim.save(new Save(List.of(all.get(0)), List.of(letter, letter("twin"))));
                    claim.forget(List.of(letter("twin")));
                    assertThat(claim.deadLetters()).containsExactly(letter);
                }
                try (Claim claim = store.checkpoint().claim(job, Duration.ZERO)) {
                    assertThat(claim.definition()).contains(job);
                    assertThat(claim.load()).isEqualTo(all);
                }
            }
            for (BsonDocument document : store.documents().find()) {
                assertThat(document.keySet()).allMatch(field -> field.matches("_id|[a-z]+"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void keepsTenThousandPartitionsInTheirOrder(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            List<Bookmark> all = IntStream.range(0, 10_000)
                    .mapToObj(i -> bookmark(1, "part " + (i * 7919 % 10_000), i))
                    .toList();
            try (Claim claim = store.claim()) {
                claim.begin("d", all.subList(0, 5_000));
                claim.save(new Save(all.subList(5_000, 10_000), List.of()));
            }
            try (Claim claim = store.claim()) {
                assertThat(claim.load()).isEqualTo(all);
                claim.save(save(bookmark(2, "part 7919", 3)));
                assertThat(claim.load()).contains(bookmark(2, "part 7919", 3)).hasSize(10_000);
            }
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void cutsAPayloadForWhichADocumentHasNoRoom(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind);
                Claim claim = store.claim()) {
            claim.begin("d", List.of());
            claim.save(new Save(
                    List.of(),
                    List.of(new DeadLetter(
                            "main", "p", Cursor.START, "k", "r", 1, Optional.of("ü".repeat(20_000_000))))));
            assertThat(claim.deadLetters())
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.payload().orElseThrow())
                            .hasSize(2_000_001)
                            .endsWith("ü…"));
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void leavesOtherDocumentsOfTheCollectionAlone(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            // as a script before us kept its place
            BsonDocument other =
                    BsonDocument.parse("{_id: 'j', job: 'k', pass: 1, kind: 'bookmark', run: 7, last_id: 'x'}");
            store.documents().insertOne(other);
            try (Claim claim = store.claim()) {
                claim.begin("d", List.of(bookmark(1, "p", 1)));
                claim.begin("d", List.of());
                claim.save(save(bookmark(1, "q", 1)));
                assertThat(claim.load()).hasSize(1);
            }
            assertThat(store.documents().find(Filters.eq("_id", "j")).first()).isEqualTo(other);
        }
    }

    @ParameterizedTest
    @MethodSource(EVERYWHERE)
    void givesTheJobFreeAlsoInAThreadThatIsInterrupted(Store.Kind kind) throws Exception {
        try (Store store = new Store(kind)) {
            Claim claim = store.claim();
            Thread.currentThread().interrupt();
            claim.close();
            assertThat(Thread.interrupted()).isTrue();
            store.claim().close();
        }
    }
}

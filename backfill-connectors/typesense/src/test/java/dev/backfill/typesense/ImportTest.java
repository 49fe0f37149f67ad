package dev.backfill.typesense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Batch.Outcome;
import dev.backfill.DeadLetter;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.simulators.TypesenseQuirk;
import dev.backfill.simulators.TypesenseSettings;
import dev.backfill.simulators.TypesenseSimulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents are written whatever becomes of the answers, and what is refused is told with its reason. */
class ImportTest {

    private static final String NOTES = "notes";

    record Note(@Nullable String id, String text, long size) {}

    private static TypesenseSettings notes() {
        return TypesenseSimulator.with().products(0).onlyHere(0).emptyCollection(NOTES, "text:string", "size:int64");
    }

    private static List<Note> notes(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> new Note("n" + i, "text ü€ \"" + i + "\"\n", i))
                .toList();
    }

    @Test
    void findsTheIdOfADocumentWhereverItStands() {
        DocumentSink sink = Typesense.connect(Secret.of("key", "k"), "https://localhost")
                .collection("notes")
                .upsert();
        Map<String, Object> document = new LinkedHashMap<>();
        assertThat(sink.key(document)).isEmpty();
        document.put("text", "id");
        document.put("size", 1);
        document.put("id", "n1");
        assertThat(sink.key(document)).isEqualTo("n1");
        document.put("text", "\"id\":\"no\"");
        assertThat(sink.key(document)).isEqualTo("n1");
        document.put("text", "{ no brace of JSON");
        assertThat(sink.key(document)).isEqualTo("n1");
        document.put("text", Map.of("id", "not this one"));
        assertThat(sink.key(document)).isEqualTo("n1");
        document.put("id", "a \\ and a \"");
        assertThat(sink.key(document)).isEqualTo("a \\ and a \"");
        document.remove("id");
        assertThat(sink.key(document)).isEmpty();
        assertThat(sink.key(new Note("n2", "text", 2))).isEqualTo("n2");
    }

    /** The size of each note that is there, by id. */
    private static Map<String, Object> sizes(Server server) throws Exception {
        Map<String, Object> sizes = new HashMap<>();
        server.patiently(() -> Server.all(server.documents(NOTES).pages()))
                .forEach(document -> sizes.put(String.valueOf(document.get("id")), document.get("size")));
        return sizes;
    }

    private static Map<String, Object> expected(int count) {
        Map<String, Object> sizes = new HashMap<>();
        notes(count).forEach(note -> sizes.put(String.valueOf(note.id()), (int) note.size()));
        return sizes;
    }

    private static Stream<TypesenseSettings> troubles() {
        return Stream.of(
                notes(),
                notes().lostAnswers(30),
                notes().cutAnswers(50),
                notes().cutLastLines(50),
                notes().emptyAnswers(30),
                notes().faults(20),
                notes().lagging(Duration.ofMinutes(1)),
                notes().noLeader(3),
                notes().version("27.1"),
                notes().and(TypesenseQuirk.BLANK_RESULT_LINES, TypesenseQuirk.TRAILING_NEWLINE, TypesenseQuirk.GZIP),
                notes().writesPerSecond(2_000));
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void writesEveryDocumentWhateverBecomesOfTheAnswers(TypesenseSettings settings) throws Exception {
        try (Server server = new Server(settings)) {
            Report report = server.run(notes(4_000), server.documents(NOTES).upsert(), new MemoryCheckpoint());
            assertThat(report.deadLetters()).isZero();
            assertThat(report.counts().inserted()).isEqualTo(4_000);
            assertThat(sizes(server)).isEqualTo(expected(4_000));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"27.1", "28.0", "30.2"})
    void whatIsRefusedBecomesADeadLetterWithTypesensesReason(String version) throws Exception {
        try (Server server = new Server(notes().version(version))) {
            List<Map<String, Object>> records = new ArrayList<>();
            for (int i = 1; i <= 100; i++) {
                records.add(Map.of("id", "n" + i, "text", "t", "size", i % 25 == 0 ? "large" : (Object) i));
            }
            records.add(Map.of("id", 7, "text", "t", "size", 1));
            records.add(Map.of("id", "", "text", "t", "size", 1));
            records.add(Map.of("text", "t", "size", 1));
            records.add(Map.of("id", "half", "text", "t"));
            MemoryCheckpoint checkpoint = new MemoryCheckpoint();
            Report report = server.run(records, server.documents(NOTES).upsert(), checkpoint);
            assertThat(report.deadLetters()).isEqualTo(8);
            assertThat(sizes(server)).hasSize(96).doesNotContainKeys("n25", "n100", "half", "7");
            List<String> reasons = letters(checkpoint).stream()
                    .map(letter -> letter.key() + ": " + letter.reason())
                    .toList();
            assertThat(reasons)
                    .anyMatch(reason -> reason.contains("n25: Field `size` must be an int64."))
                    .anyMatch(reason -> reason.contains("its id is not text"))
                    .anyMatch(reason -> reason.contains("its id is empty"))
                    .anyMatch(reason -> reason.contains("it has no id"))
                    .anyMatch(reason ->
                            reason.contains("half: Field `size` has been declared in the schema, but is not found"));
        }
    }

    private static List<DeadLetter> letters(MemoryCheckpoint checkpoint) throws Exception {
        try (var claim = checkpoint.claim("documents", Duration.ZERO)) {
            return claim.deadLetters();
        }
    }

    @Test
    void eachActionDoesWhatItsNameSays() throws Exception {
        try (Server server = new Server(notes())) {
            Documents documents = server.documents(NOTES);
            server.bound(() -> {
                documents.upsert().write(Batch.of(List.of(Map.of("id", "a", "text", "t", "size", 1, "more", "m"))));
                documents.emplace().write(Batch.of(List.of(Map.of("id", "a", "size", 2), new Note("b", "t", 1))));
                return true;
            });
            assertThat(sizes(server)).hasSize(2);
            assertThat(document(server, "a")).containsEntry("size", 2).containsEntry("more", "m");

            Batch<Object> created = Batch.of(List.of(new Note("a", "other", 9), new Note("c", "t", 3)));
            server.bound(() -> {
                documents.create().write(created);
                return true;
            });
            assertThat(created.outcome(0)).isEqualTo(Outcome.UNCHANGED);
            assertThat(created.outcome(1)).isEqualTo(Outcome.WRITTEN);
            assertThat(document(server, "a")).containsEntry("size", 2);

            Batch<Object> updated = Batch.of(List.of(Map.of("id", "a", "size", 4), Map.of("id", "absent", "size", 5)));
            server.bound(() -> {
                documents.update().write(updated);
                return true;
            });
            assertThat(updated.outcome(0)).isEqualTo(Outcome.UPDATED);
            assertThat(updated.outcome(1)).isEqualTo(Outcome.REFUSED);
            assertThat(updated.reason(1)).startsWith("gone: ");
            assertThat(document(server, "a")).containsEntry("size", 4).containsEntry("text", "t");

            server.bound(() -> {
                documents.upsert().write(Batch.of(List.of(new Note("a", "whole", 6))));
                return true;
            });
            assertThat(document(server, "a")).containsEntry("text", "whole").doesNotContainKey("more");
        }
    }

    private static Map<String, Object> document(Server server, String id) throws Exception {
        return server.bound(() -> Server.all(server.documents(NOTES).pages().where(Filter.is("id", id))))
                .get(0);
    }

    @Test
    void whatHasNoIdIsNeverSentTwice() throws Exception {
        try (Server server = new Server(notes().lostAnswers(50).seed(3))) {
            List<Map<String, Object>> records = IntStream.rangeClosed(1, 3_000)
                    .mapToObj(i -> Map.<String, Object>of("text", "t" + i, "size", i))
                    .toList();
            Report report = server.run(records, server.documents(NOTES).create().withoutIds(), new MemoryCheckpoint());
            long told = report.counts().inserted();
            assertThat(report.deadLetters()).isPositive();
            assertThat(told + report.deadLetters()).isEqualTo(3_000);
            // all were applied, those whose answer was lost as well, and none of them twice
            List<Map<String, Object>> there =
                    server.bound(() -> Server.all(server.documents(NOTES).pages()));
            assertThat(there)
                    .extracting(one -> one.get("size"))
                    .doesNotHaveDuplicates()
                    .hasSize(3_000);
        }
    }

    /** A limiter that lets everything pass, and makes the server lag behind from its third call on. */
    private static RateLimiter laggingAtTheThirdCall(Server server) {
        AtomicInteger calls = new AtomicInteger();
        return new RateLimiter() {
            @Override
            public Call acquire() {
                if (calls.incrementAndGet() == 3) {
                    server.simulator.lag(Duration.ofMinutes(1));
                }
                return () -> {};
            }

            @Override
            public void quiet(Duration length) {}
        };
    }

    @Test
    void whatHasNoIdIsNotSentAgainWhenALaterImportOfItsBatchIsRefused() throws Exception {
        try (Server server = new Server(notes())) {
            List<Map<String, Object>> records = IntStream.rangeClosed(1, 1_000)
                    .mapToObj(i -> Map.<String, Object>of("text", "x".repeat(4_000), "size", i))
                    .toList();
            Documents documents = server.bound(() -> Typesense.connect(
                            server.simulator.key(), server.simulator.url().toString())
                    .limitedBy(laggingAtTheThirdCall(server))
                    .collection(NOTES));
            Report report = server.run(records, documents.create().withoutIds(), new MemoryCheckpoint());
            assertThat(server.calls("/import")).as("some were refused").anyMatch(call -> call.contains(" 503 "));
            assertThat(report.deadLetters()).isZero();
            List<Map<String, Object>> there =
                    server.bound(() -> Server.all(server.documents(NOTES).pages()));
            assertThat(there)
                    .extracting(one -> one.get("size"))
                    .doesNotHaveDuplicates()
                    .hasSize(1_000);
        }
    }

    @Test
    void stopsWhenTheServerRunsOutOfRoomAndGoesOnWhenItHasMore() throws Exception {
        try (Server server = new Server(notes().outOfResource("OUT_OF_DISK", 1_200))) {
            MemoryCheckpoint checkpoint = new MemoryCheckpoint();
            assertThatThrownBy(() ->
                            server.run(notes(4_000), server.documents(NOTES).upsert(), checkpoint))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("OUT_OF_DISK")
                    .hasMessageContaining("run the job again");
            int tries = server.calls("/import").size();
            assertThat(tries).as("it is not tried again").isLessThan(6);
            server.simulator.makeRoom();
            Report report = server.run(notes(4_000), server.documents(NOTES).upsert(), checkpoint);
            assertThat(report.deadLetters()).isZero();
            assertThat(sizes(server)).isEqualTo(expected(4_000));
        }
    }

    @Test
    void sendsAgainWhatHasChangedWhileItWasOnItsWay() throws Exception {
        try (Server server = new Server(notes())) {
            Map<String, Note> live = new HashMap<>();
            notes(10).forEach(note -> live.put(String.valueOf(note.id()), note));
            List<Note> read = List.copyOf(live.values());
            live.put("n3", new Note("n3", "t", 300));
            int[] asked = {0};
            DocumentSink sink = server.documents(NOTES).upsert().rereading(sent -> {
                asked[0]++;
                if (asked[0] == 2) { // and it changes once more meanwhile
                    live.put("n3", new Note("n3", "t", 301));
                }
                return sent.stream()
                        .map(one -> (Note) one)
                        .filter(one -> !one.equals(live.get(one.id())))
                        .map(one -> live.get(one.id()))
                        .toList();
            });
            Report report = server.run(read, sink, new MemoryCheckpoint());
            assertThat(report.counts().inserted()).isEqualTo(10);
            assertThat(sizes(server)).containsEntry("n3", 301).hasSize(10);
            assertThat(asked[0]).isEqualTo(3);
            assertThat(server.calls("/import")).hasSize(3);
        }
    }

    @Test
    void cutsALargeBatchIntoSeveralImports() throws Exception {
        try (Server server = new Server(notes())) {
            List<Note> large = IntStream.rangeClosed(1, 40)
                    .mapToObj(i -> new Note("n" + i, "x".repeat(100_000), i))
                    .toList();
            server.run(large, server.documents(NOTES).upsert(), new MemoryCheckpoint());
            assertThat(sizes(server)).isEqualTo(expected(40));
            assertThat(server.calls("/import")).hasSize(4);
        }
    }

    @Test
    void takesIdsThatOtherwiseNeedEncoding() throws Exception {
        try (Server server = new Server(notes())) {
            List<Note> odd = Stream.of("a/b c?ü%&#", "`tick`", "[x,y]", "..", "\"q\"", "😀")
                    .map(id -> new Note(id, "t", 1))
                    .toList();
            Report report = server.run(odd, server.documents(NOTES).upsert(), new MemoryCheckpoint());
            assertThat(report.deadLetters()).isZero();
            assertThat(sizes(server).keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            odd.stream().map(Note::id).toList());
        }
    }

    @Test
    void saysWhatIsWrongWithTheKeyAndTheCollectionAndKeepsTheKeyToItself() throws Exception {
        try (Server server = new Server(notes())) {
            String url = server.simulator.url().toString();
            Secret wrong = Secret.of("TYPESENSE_API_KEY", "not-the-right-key");
            Documents refused = server.bound(() -> Typesense.connect(wrong, url).collection(NOTES));
            assertThatThrownBy(() -> server.run(notes(1), refused.upsert(), new MemoryCheckpoint()))
                    .hasMessageContaining("401")
                    .hasMessageContaining("TYPESENSE_API_KEY")
                    .message()
                    .doesNotContain("not-the-right-key");
            assertThatThrownBy(() ->
                            server.run(notes(1), server.documents("nothing").upsert(), new MemoryCheckpoint()))
                    .hasMessageContaining("404")
                    .hasMessageContaining("make the collection first");
            assertThatThrownBy(
                            () -> server.bound(() -> server.documents("nothing").count()))
                    .hasMessageContaining("make the collection first");
        }
    }

    @Test
    void aDryRunWritesNothingAndRefusesWhatHasNoId() throws Exception {
        try (Server server = new Server(notes())) {
            Batch<Object> batch = Batch.of(List.of(new Note("a", "t", 1), new Note(null, "t", 1)));
            server.documents(NOTES).upsert().dryRun().write(batch);
            assertThat(batch.outcome(1)).isEqualTo(Outcome.REFUSED);
            assertThat(server.calls("/import")).isEmpty();
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() throws Exception {
        try (Server server = new Server(notes())) {
            Documents documents = server.documents(NOTES);
            assertThatThrownBy(() -> documents.update().withoutIds()).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> documents.create().rereading(sent -> List.of()))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> Typesense.connect(server.simulator.key(), "http://example.com")
                            .collection(NOTES)
                            .count())
                    .hasMessageContaining("not encrypted");
            assertThatThrownBy(() -> Typesense.connect(server.simulator.key(), "https://example.com")
                            .collection(" "))
                    .hasMessageContaining("blank");
        }
    }
}

package dev.backfill.simulators;

import static dev.backfill.simulators.TypesenseClient.CREATED_AT;
import static dev.backfill.simulators.TypesenseClient.DOCUMENTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.RateLimiter.Limit;
import dev.backfill.simulators.TypesenseClient.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The simulated Typesense says what was read in the real one's source, judged by a client that knows nothing of the connector. */
class TypesenseSimulatorTest {

    private static final String OK = "{\"success\":true}";

    private static TypesenseSettings small() {
        return TypesenseSimulator.with().products(5).onlyHere(2);
    }

    private static List<String> truth(TypesenseClient client) throws Exception {
        return client.get("/__truth").text().lines().toList();
    }

    private static String lines(int from, int to) {
        return String.join(
                "\n",
                IntStream.rangeClosed(from, to)
                        .mapToObj(id -> "{\"id\":\"" + id + "\",\"created_at\":" + id + "}")
                        .toList());
    }

    @Test
    void aCallNeedsAKeyInTheHeaderOrInTheQuery() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            client.key = "wrong";
            Answer refused = client.get("/collections");
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.message()).isEqualTo("Forbidden - a valid `x-typesense-api-key` header must be sent.");
            client.key = "";
            assertThat(client.get("/collections").status()).isEqualTo(401);
            assertThat(client.get("/collections?x-typesense-api-key="
                                    + typesense.key().reveal())
                            .status())
                    .isEqualTo(200);
            assertThat(client.get("/health").text()).isEqualTo("{\"ok\":true}");
        }
    }

    @Test
    void theRouteIsCheckedBeforeTheNodeBeforeTheLimitBeforeTheKey() throws Exception {
        try (TypesenseSimulator typesense =
                small().limit(new Limit(1, Duration.ofHours(1))).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            client.key = "wrong";
            typesense.lag(Duration.ofHours(1));
            assertThat(client.get("/nowhere").status()).isEqualTo(404);
            assertThat(client.get("/nowhere").text()).isEqualTo("{ \"message\": \"Not Found\"}");
            Answer lagging = client.get("/collections");
            assertThat(lagging.status()).isEqualTo(503);
            assertThat(lagging.text()).isEqualTo("{ \"message\": \"Not Ready or Lagging\"}");
            typesense.lag(Duration.ZERO);
            assertThat(client.get("/collections").status()).as("the one call").isEqualTo(401);
            assertThat(client.get("/collections").status()).as("one too many").isEqualTo(429);
            assertThat(client.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void aLaggingNodeRefusesCallsAndTellsOfItself() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.call("POST", "/__lag?seconds=3600", "").status()).isEqualTo(200);
            assertThat(client.bring("update", "{\"id\":\"1\"}")).containsExactly("503 Not Ready or Lagging");
            assertThat(client.get(DOCUMENTS + "/export").status()).isEqualTo(503);
            assertThat(client.get("/health").status()).isEqualTo(503);
            assertThat(client.get("/health").text()).isEqualTo("{\"ok\":false}");
            assertThat(client.get("/debug").status()).isEqualTo(200);
            assertThat(client.get("/stats.json").status()).isEqualTo(200);
            client.call("POST", "/__lag?seconds=0", "");
            assertThat(client.bring("update", "{\"id\":\"1\"}")).containsExactly(OK);
        }
        try (TypesenseSimulator typesense = small().lagging(Duration.ofHours(1))
                .and(TypesenseQuirk.HEALTHY_WHILE_LAGGING)
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.get("/collections").status()).isEqualTo(503);
            assertThat(client.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void anImportAnswersEachLineInOrder() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.bring(
                            "update",
                            "{\"id\":\"1\",\"created_at\":7}",
                            "",
                            "{\"id\":\"none\",\"created_at\":7}",
                            "{\"id\":7}",
                            "{\"created_at\":7}",
                            "{\"id\":\"\"}",
                            "{\"id\":",
                            "[1]",
                            "   ",
                            "{\"id\":\"ts-1\",\"created_at\":8}\r",
                            ""))
                    .satisfiesExactly(
                            line -> assertThat(line).isEqualTo(OK),
                            line -> assertThat(line)
                                    .isEqualTo("{\"code\":404,\"error\":\"Could not find a document with id: none\","
                                            + "\"success\":false}"),
                            line -> assertThat(line)
                                    .isEqualTo("{\"code\":400,\"error\":\"Document's `id` field should be a string.\","
                                            + "\"success\":false}"),
                            line -> assertThat(line)
                                    .isEqualTo("{\"code\":400,\"error\":\"For update, the `id` key must be provided.\","
                                            + "\"success\":false}"),
                            line -> assertThat(line).contains("The `id` should not be empty."),
                            line -> assertThat(line).contains("Bad JSON: [json.exception.parse_error"),
                            line -> assertThat(line).contains("Bad JSON: not a properly formed document."),
                            line -> assertThat(line).contains("Bad JSON: "),
                            line -> assertThat(line).isEqualTo(OK));
            assertThat(typesense.document("1").orElseThrow()).containsEntry("created_at", 7);
            assertThat(typesense.document("ts-1").orElseThrow()).containsEntry("created_at", 8);
            assertThat(client.bring("create", "{\"id\":\"1\",\"name\":\"x\",\"price\":1}"))
                    .singleElement()
                    .asString()
                    .contains("\"code\":409,\"error\":\"A document with id 1 already exists.\"");
            assertThat(client.bring("create")).isEmpty();
        }
    }

    @Test
    void anImportIsRefusedAsAWhole() throws Exception {
        try (TypesenseSimulator typesense = small().noLeader(1).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.bring("update", "{\"id\":\"1\"}")).containsExactly("500 Could not find a leader.");
            assertThat(client.bring("replace", "{\"id\":\"1\"}"))
                    .containsExactly("400 Parameter `action` must be a create|update|upsert.");
            assertThat(client.bring("update&batch_size=0", "{\"id\":\"1\"}"))
                    .containsExactly("400 Parameter `batch_size` must be a positive integer.");
            Answer answer = client.call("POST", "/collections/nothing/documents/import", "{}");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.message()).isEqualTo("Collection not found");
        }
    }

    @Test
    void whatAnImportDoesDependsOnTheAction() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            typesense.patch("1", Map.of("more", Map.of("a", 1, "b", Map.of("c", 2, "d", List.of(1, 2)))));
            assertThat(client.bring(
                            "update",
                            "{\"id\":\"1\",\"more\":{\"a\":null,\"b\":{\"d\":[3]},\"e\":5},\"created_at\":9}",
                            "{\"id\":\"1\",\"created_at\":null}"))
                    .containsExactly(OK, OK);
            assertThat(typesense.document("1").orElseThrow().get("more"))
                    .isEqualTo(Map.of("b", Map.of("c", 2, "d", List.of(3)), "e", 5));
            assertThat(typesense.document("1").orElseThrow())
                    .containsKey("price")
                    .doesNotContainKey("created_at");

            assertThat(client.bring("upsert", "{\"id\":\"1\",\"name\":\"New\",\"price\":1.5}"))
                    .containsExactly(OK);
            assertThat(typesense.document("1").orElseThrow()).containsOnlyKeys("id", "name", "price");
            assertThat(client.bring("upsert", "{\"id\":\"1\",\"name\":\"Newer\"}"))
                    .singleElement()
                    .asString()
                    .contains("Field `price` has been declared in the schema, but is not found in the document.");
            assertThat(typesense.document("1").orElseThrow()).containsEntry("name", "New");

            assertThat(client.bring("emplace", "{\"id\":\"1\",\"name\":\"Newest\"}", "{\"id\":\"77\",\"name\":\"y\"}"))
                    .satisfiesExactly(
                            line -> assertThat(line).isEqualTo(OK),
                            line -> assertThat(line).contains("Field `price` has been declared"));
            assertThat(client.bring("emplace", "{\"id\":\"77\",\"name\":\"y\",\"price\":2}", "{\"id\":\"77\",\"x\":1}"))
                    .containsExactly(OK, OK);
            assertThat(typesense.document("77").orElseThrow())
                    .isEqualTo(Map.of("id", "77", "name", "y", "price", 2, "x", 1));
            assertThat(client.bring("create", "{\"name\":\"No id\",\"price\":2}"))
                    .containsExactly(OK);
            assertThat(typesense.document("8").orElseThrow()).containsEntry("name", "No id");
            assertThat(typesense.count()).isEqualTo(9);
        }
    }

    @Test
    void resultsShowTheDocumentAndTheIdIfAskedOrBeforeVersion28() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.bring(
                            "update&return_id=true&return_doc=true", "{\"id\":\"1\",\"x\":1}", "{\"id\":\"9\"}"))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .matches("\\{\"document\":\\{\"id\":\"1\",\"name\":\"Product 1\",\"price\":[0-9.]+,"
                                            + "\"x\":1},\"id\":\"1\",\"success\":true}"),
                            line -> assertThat(line)
                                    .isEqualTo(
                                            "{\"code\":404,\"document\":\"{\\\"id\\\":\\\"9\\\"}\",\"error\":\"Could not"
                                                    + " find a document with id: 9\",\"id\":\"9\",\"success\":false}"));
        }
        try (TypesenseSimulator typesense =
                small().version("27.1").and(TypesenseQuirk.NO_ID_IN_FAILURES).start(0)) {
            assertThat(new TypesenseClient(typesense).bring("update&return_id=true", "{\"id\":7}", "{\"id\":\"9\"}"))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .isEqualTo(
                                            "{\"code\":400,\"document\":\"{\\\"id\\\":7}\",\"error\":\"Document's `id`"
                                                    + " field should be a string.\",\"success\":false}"),
                            line -> assertThat(line).doesNotContain("\"id\":"));
        }
    }

    @Test
    void valuesOfAnotherTypeAreCoercedOrRefused() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.alter(CREATED_AT).status()).isEqualTo(200);
            String wrong = "{\"id\":\"1\",\"created_at\":\"2024-01-01\"}";
            assertThat(client.bring(
                            "update",
                            wrong,
                            "{\"id\":\"2\",\"created_at\":\"12\"}",
                            "{\"id\":\"3\",\"created_at\":1.9}",
                            "{\"id\":\"4\",\"created_at\":{}}",
                            "{\"id\":\"5\",\"created_at\":99999999999999999999}"))
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .isEqualTo("{\"code\":400,\"error\":\"Field `created_at` must be an int64.\","
                                            + "\"success\":false}"),
                            line -> assertThat(line).isEqualTo(OK),
                            line -> assertThat(line).isEqualTo(OK),
                            line -> assertThat(line).contains("must be an int64"),
                            line -> assertThat(line).contains("must be an int64"));
            assertThat(typesense.document("2").orElseThrow()).containsEntry("created_at", 12);
            assertThat(typesense.document("3").orElseThrow()).containsEntry("created_at", 1);
            assertThat(client.bring("update&dirty_values=reject", "{\"id\":\"2\",\"created_at\":\"12\"}"))
                    .singleElement()
                    .asString()
                    .contains("must be an int64");
            assertThat(client.bring("update&dirty_values=coerce_or_drop", wrong))
                    .containsExactly(OK);
            assertThat(typesense.document("1").orElseThrow()).doesNotContainKey("created_at");
            assertThat(client.bring("update", "{\"id\":\"1\",\"name\":5}", "{\"id\":\"1\",\"price\":\"a\"}"))
                    .satisfiesExactly(
                            line -> assertThat(line).isEqualTo(OK),
                            line -> assertThat(line).contains("Field `price` must be a float."));
            assertThat(typesense.document("1").orElseThrow()).containsEntry("name", "5");
        }
    }

    @Test
    void aLongImportIsCutIntoUnitsThatWaitInOneQueue() throws Exception {
        try (TypesenseSimulator typesense = TypesenseSimulator.with()
                .products(20_000)
                .onlyHere(0)
                .lagsBehind(2, 3)
                .writesPerSecond(1)
                .emptyCollection("other", "title:string")
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            CompletableFuture<Answer> first =
                    client.later("POST", DOCUMENTS + "/import?action=update", lines(1, 16_000)); // three units
            client.untilWaiting(3);
            assertThat(first.isDone()).isFalse();
            assertThat(client.bring("update", "{\"id\":\"1\"}")).containsExactly("503 Not Ready or Lagging");
            assertThat(client.get(DOCUMENTS + "/1").status()).as("reads go on").isEqualTo(200);
            assertThat(client.get("/health").status()).isEqualTo(503);
        }
    }

    @Test
    void writesToOneCollectionAreDoneInTheOrderOfArrivalAndOthersDoNotWait() throws Exception {
        try (TypesenseSimulator typesense = small().late(100, Duration.ofHours(1))
                .emptyCollection("other", "title:string")
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            client.later("POST", DOCUMENTS + "/import?action=update", "{\"id\":\"1\",\"created_at\":1}");
            client.untilWaiting(1);
            client.later("PATCH", DOCUMENTS + "/1", "{\"created_at\":2}");
            client.untilWaiting(2);
            assertThat(client.call("POST", "/collections/other/documents", "{\"id\":\"1\",\"title\":\"t\"}")
                            .status())
                    .isEqualTo(201);
            assertThat(client.get(DOCUMENTS + "/1").text()).doesNotContain("created_at");
        }
    }

    @Test
    void aLateWriteIsDoneAlthoughNobodyWaitsForIt() throws Exception {
        try (TypesenseSimulator typesense =
                small().late(100, Duration.ofSeconds(2)).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            String path = DOCUMENTS + "/import?action=update";
            String line = "{\"id\":\"1\",\"created_at\":1}";
            assertThatThrownBy(() -> client.impatient(Duration.ofMillis(500), path, line))
                    .isInstanceOf(HttpTimeoutException.class);
            while (!typesense.document("1").orElseThrow().containsKey("created_at")) {
                Thread.onSpinWait(); // for ever, if the write went away with its client
            }
            assertThat(client.get("/stats.json").status()).isEqualTo(200);
        }
    }

    @Test
    void aLostAnswerLeavesEverythingDone() throws Exception {
        try (TypesenseSimulator typesense = small().lostAnswers(100).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            String line = "{\"id\":\"1\",\"name\":\"n\",\"price\":1,\"created_at\":1}";
            assertThatThrownBy(() -> client.bring("upsert", line)).isInstanceOf(IOException.class);
            assertThat(typesense.document("1").orElseThrow()).containsEntry("created_at", 1);
            assertThatThrownBy(() -> client.bring("upsert", line)).isInstanceOf(IOException.class);
            assertThat(client.bring("upsert", line)).as("not for ever").containsExactly(OK);
            List<String> statuses = List.of();
            while (!statuses.contains("200")) { // which is noted when the answer is out, and so maybe read
                statuses = client.get("/__log")
                        .text()
                        .lines()
                        .map(call -> call.split(" ", -1)[2])
                        .toList();
            }
            assertThat(statuses).containsExactly("0", "0", "200");
        }
    }

    @Test
    void aCutAnswerLeavesTheFirstLinesDoneAndTellsOfSomeOfThem() throws Exception {
        int told = 0;
        int done = 0;
        for (long seed = 1; seed <= 8; seed++) {
            Cut cut = cut(seed);
            told += cut.told();
            done += cut.done();
        }
        assertThat(told).as("of 160").isBetween(1, done - 1);
        assertThat(done).as("of 160").isLessThan(160);
    }

    private record Cut(int told, int done) {}

    private static Cut cut(long seed) throws Exception {
        try (TypesenseSimulator typesense = TypesenseSimulator.with()
                .products(20)
                .seed(seed)
                .cutAnswers(100)
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            Answer torn = client.torn("POST", DOCUMENTS + "/import?action=update", lines(1, 20));
            assertThat(torn.status()).as("the connection ended").isEqualTo(-1);
            assertThat(torn.text().lines()).allMatch(OK::equals);
            List<Boolean> written = IntStream.rangeClosed(1, 20)
                    .mapToObj(id ->
                            typesense.document(String.valueOf(id)).orElseThrow().containsKey("created_at"))
                    .toList();
            int told = (int) torn.text().lines().count();
            int done = written.contains(false) ? written.indexOf(false) : 20;
            assertThat(written.subList(done, 20)).doesNotContain(true);
            assertThat(done).isBetween(Math.max(1, told), 20);
            return new Cut(told, done);
        }
    }

    @Test
    void answersMayLackTheirEndOrEverything() throws Exception {
        try (TypesenseSimulator typesense = small().cutLastLines(100).start(0)) {
            List<String> lines = new TypesenseClient(typesense).bring("update", "{\"id\":\"1\"}", "{\"id\":\"2\"}");
            assertThat(lines).hasSize(2).first().isEqualTo(OK);
            assertThat(OK).startsWith(lines.get(1)).isNotEqualTo(lines.get(1));
        }
        try (TypesenseSimulator typesense = small().emptyAnswers(100).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            Answer answer = client.call("POST", DOCUMENTS + "/import?action=update", "{\"id\":\"1\",\"x\":1}");
            assertThat(answer).isEqualTo(new Answer(200, ""));
            assertThat(typesense.document("1").orElseThrow()).containsKey("x");
        }
        try (TypesenseSimulator typesense =
                small().and(TypesenseQuirk.TRAILING_NEWLINE).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.bring("update", "{\"id\":\"1\"}")).containsExactly(OK, "");
            assertThat(client.get(DOCUMENTS + "/export").text()).endsWith("}\n");
        }
        try (TypesenseSimulator typesense = TypesenseSimulator.with()
                .products(10_000)
                .and(TypesenseQuirk.BLANK_RESULT_LINES, TypesenseQuirk.CARRIAGE_RETURN_REFUSED)
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            Answer answer = client.call("POST", DOCUMENTS + "/import?action=update", lines(1, 10_000));
            assertThat(answer.text()).contains("}\n\n{");
            assertThat(client.bring("update", "{\"id\":\"1\"}\r"))
                    .singleElement()
                    .asString()
                    .contains("Bad JSON");
        }
    }

    @Test
    void theSameDocumentsAreRefusedEachTime() throws Exception {
        try (TypesenseSimulator typesense =
                TypesenseSimulator.with().products(1_000).refusedLines(5).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            List<String> first = client.bring("update", lines(1, 1_000));
            assertThat(first.stream()
                            .filter(line -> line.contains("\"code\":400"))
                            .count())
                    .isBetween(20L, 90L);
            assertThat(client.bring("update", lines(1, 1_000))).isEqualTo(first);
        }
    }

    @Test
    void aFullDiskRefusesWritesInTheMiddleOfAnImportToo() throws Exception {
        try (TypesenseSimulator typesense = small().diskFullAfter(2).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.bring("update", "{\"id\":\"1\"}", "{\"id\":\"2\"}", "{\"id\":\"3\",\"x\":1}"))
                    .containsExactly(
                            OK, OK, "{\"message\": \"Rejecting write: running out of resource type: OUT_OF_DISK\"}");
            assertThat(typesense.document("3").orElseThrow()).doesNotContainKey("x");
            assertThat(client.bring("update", "{\"id\":\"1\"}"))
                    .containsExactly("422 Rejecting write: running out of resource type: OUT_OF_DISK");
            assertThat(client.get("/health").text()).isEqualTo("{\"ok\":false,\"resource_error\":\"OUT_OF_DISK\"}");
            typesense.makeRoom();
            assertThat(client.bring("update", "{\"id\":\"3\"}")).containsExactly(OK);
        }
    }

    @Test
    void theMessageOfAnErrorMayBeNoJson() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            Answer answer = new TypesenseClient(typesense).get(DOCUMENTS + "/a%22b%2Fc");
            assertThat(answer)
                    .isEqualTo(new Answer(404, "{\"message\": \"Could not find a document with id: a\"b/c\"}"));
        }
        try (TypesenseSimulator typesense =
                small().without(TypesenseQuirk.RAW_ERRORS).start(0)) {
            assertThat(new TypesenseClient(typesense).get(DOCUMENTS + "/a%22b").message())
                    .isEqualTo("Could not find a document with id: a\"b");
        }
    }

    @Test
    void documentsAreReadAndWrittenOneAtATime() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.get(DOCUMENTS + "/1?include_fields=id,name").text())
                    .isEqualTo("{\"id\":\"1\",\"name\":\"Product 1\"}");
            String document = "{\"id\":\"a b\",\"name\":\"n\",\"price\":1}";
            assertThat(client.call("POST", DOCUMENTS, document)).isEqualTo(new Answer(201, document));
            assertThat(client.call("POST", DOCUMENTS, document).status()).isEqualTo(409);
            assertThat(client.call("POST", DOCUMENTS + "?action=upsert", document)
                            .status())
                    .isEqualTo(201);
            assertThat(client.call("PATCH", DOCUMENTS + "/a%20b", "{\"price\":2}")
                            .text())
                    .isEqualTo("{\"id\":\"a b\",\"name\":\"n\",\"price\":2}");
            assertThat(client.call("PATCH", DOCUMENTS + "/none", "{\"price\":2}")
                            .status())
                    .isEqualTo(404);
            assertThat(client.call("DELETE", DOCUMENTS + "/a%20b", "").status()).isEqualTo(200);
            assertThat(client.get(DOCUMENTS + "/a%20b").message()).isEqualTo("Could not find a document with id: a b");
            assertThat(client.call("DELETE", DOCUMENTS + "/a%20b", "").status()).isEqualTo(404);
            assertThat(client.call("DELETE", DOCUMENTS + "/a%20b?ignore_not_found=true", "")
                            .status())
                    .isEqualTo(200);
        }
        try (TypesenseSimulator typesense =
                small().and(TypesenseQuirk.PATCH_ECHOES_PART).start(0)) {
            assertThat(new TypesenseClient(typesense)
                            .call("PATCH", DOCUMENTS + "/1", "{\"price\":2}")
                            .text())
                    .isEqualTo("{\"id\":\"1\",\"price\":2}");
        }
    }

    @Test
    void documentsAreChangedByAFilter() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.call("PATCH", DOCUMENTS, "{\"x\":1}").status()).isEqualTo(400);
            assertThat(client.call("PATCH", DOCUMENTS + "?filter_by=", "{\"x\":1}")
                            .text())
                    .isEqualTo("{\"num_updated\":0}");
            assertThat(client.call("PATCH", DOCUMENTS + "?filter_by=*", "{\"x\":1}")
                            .text())
                    .isEqualTo("{\"num_updated\":7}");
            assertThat(truth(client)).hasSize(7).allMatch(line -> line.endsWith("\"x\":1}"));
            assertThat(client.call("PATCH", DOCUMENTS + "?filter_by=id:%5B1,ts-2,none%5D", "{\"x\":2}")
                            .text())
                    .isEqualTo("{\"num_updated\":2}");
            assertThat(client.call("DELETE", DOCUMENTS + "?filter_by=id:ts-2", "")
                            .text())
                    .isEqualTo("{\"num_deleted\":1}");
            assertThat(typesense.count()).isEqualTo(6);
        }
    }

    @Test
    void somebodyElseWritesMeanwhile() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            typesense.put("new", Map.of("name", "n", "price", 1, "deleted_at", 3, "created_at", 2, "a", 0));
            typesense.patch("1", Map.of("created_at", 5));
            typesense.delete("2");
            assertThat(truth(client)).hasSize(7).satisfies(lines -> {
                assertThat(lines.get(0)).startsWith("{\"id\":\"1\",\"created_at\":5,\"name\":");
                assertThat(lines.get(1)).startsWith("{\"id\":\"3\",");
                assertThat(lines.get(6))
                        .isEqualTo("{\"id\":\"new\",\"created_at\":2,\"deleted_at\":3,\"a\":0,\"name\":\"n\","
                                + "\"price\":1}");
            });
            typesense.put("2", Map.of("name", "again", "price", 1));
            assertThat(truth(client).get(7)).startsWith("{\"id\":\"2\",");
            assertThatThrownBy(() -> typesense.put("3", Map.of("price", 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Field `name` has been declared");
            assertThat(typesense.document("none")).isEmpty();
        }
    }

    @Test
    void nodesShareTheirDocumentsAndFailOneByOne() throws Exception {
        try (TypesenseSimulator typesense = small().nodes(3).start(0)) {
            List<TypesenseClient> clients = IntStream.range(0, 3)
                    .mapToObj(i ->
                            new TypesenseClient(typesense, typesense.node(i).url()))
                    .toList();
            assertThat(clients.get(2).bring("update", "{\"id\":\"1\",\"x\":1}")).containsExactly(OK);
            assertThat(clients.get(0).get(DOCUMENTS + "/1").text()).contains("\"x\":1");
            assertThat(clients.get(0).get("/debug").text()).isEqualTo("{\"state\":1,\"version\":\"30.2\"}");
            assertThat(clients.get(1).get("/debug").text()).isEqualTo("{\"state\":4,\"version\":\"30.2\"}");
            URI first = typesense.node(0).url();
            typesense.node(0).stop();
            assertThatThrownBy(() -> clients.get(0).get("/health")).isInstanceOf(IOException.class);
            assertThat(clients.get(1).get("/status").text()).contains("LEADER");
            typesense.node(1).well(false);
            assertThat(clients.get(1).get("/health").status()).isEqualTo(503);
            assertThat(clients.get(1).get("/collections").status()).isEqualTo(503);
            assertThat(clients.get(2).get("/collections").status()).isEqualTo(200);
            typesense.node(0).start();
            assertThat(typesense.node(0).url()).isEqualTo(first);
            assertThat(clients.get(0).get("/health").status()).isEqualTo(200);
            assertThat(clients.get(0).get("/__log").text().lines())
                    .as("what was before it stopped, too")
                    .hasSize(3);
        }
    }

    @Test
    void generalFaultsTouchStreamsToo() throws Exception {
        try (TypesenseSimulator typesense = TypesenseSimulator.with()
                .products(5_000)
                .faults(100, Fault.TRUNCATED)
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            Answer torn = client.torn("GET", DOCUMENTS + "/export", "");
            assertThat(torn.status()).isEqualTo(200);
            assertThat(torn.lines().size()).isLessThan(5_000);
        }
        try (TypesenseSimulator typesense = TypesenseSimulator.with()
                .products(5_000)
                .faults(100, Fault.RESET)
                .start(0)) {
            Answer torn = new TypesenseClient(typesense).torn("GET", DOCUMENTS + "/export", "");
            assertThat(torn.status()).isEqualTo(-1);
        }
    }
}

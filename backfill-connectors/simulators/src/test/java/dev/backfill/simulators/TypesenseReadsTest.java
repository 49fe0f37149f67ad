package dev.backfill.simulators;

import static dev.backfill.simulators.TypesenseClient.CREATED_AT;
import static dev.backfill.simulators.TypesenseClient.DOCUMENTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.simulators.TypesenseClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Collections and their schema, exports and searches of the simulated Typesense. */
class TypesenseReadsTest {

    private static TypesenseSettings small() {
        return TypesenseSimulator.with().products(5).onlyHere(2);
    }

    private static List<String> ids(Answer export) {
        return export.text()
                .lines()
                .map(line -> Client.JSON.readTree(line).path("id").asString())
                .toList();
    }

    @Test
    void aCollectionTellsItsSchemaAndHowManyDocumentsItHas() throws Exception {
        try (TypesenseSimulator typesense =
                small().emptyCollection("a", "x:int32?").start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            JsonNode summary = client.get("/collections/products_search").json();
            assertThat(summary.path("num_documents").asInt()).isEqualTo(7);
            assertThat(summary.path("fields")
                            .valueStream()
                            .map(field -> field.path("name").asString()))
                    .containsExactly("name", "price");
            assertThat(client.get("/collections/none").status()).isEqualTo(404);
            Answer made = client.call(
                    "POST",
                    "/collections",
                    "{\"name\":\"b\",\"fields\":[{\"name\":\"y\",\"type\":\"int64\"}],\"default_sorting_field\":\"y\"}");
            assertThat(made.status()).isEqualTo(201);
            assertThat(made.json().path("default_sorting_field").asString()).isEqualTo("y");
            assertThat(client.call(
                                    "POST",
                                    "/collections",
                                    "{\"name\":\"b\",\"fields\":[{\"name\":\"y\",\"type\":\"int64\"}]}")
                            .message())
                    .isEqualTo("A collection with name `b` already exists.");
            assertThat(client.get("/collections?exclude_fields=fields")
                            .json()
                            .valueStream()
                            .map(each -> each.path("name").asString() + each.has("fields")))
                    .containsExactly("afalse", "bfalse", "products_searchfalse");
            assertThat(client.call("POST", "/collections/b/documents", "{\"id\":\"1\"}")
                            .message())
                    .contains("Field `y` has been declared in the schema");
            assertThat(client.call("DELETE", "/collections/b", "").status()).isEqualTo(200);
            assertThat(client.get("/collections/b").status()).isEqualTo(404);
        }
    }

    @Test
    void aFieldIsDeclaredOnce() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            Answer answer = client.alter(CREATED_AT);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().path("fields").path(0).path("optional").asBoolean())
                    .isTrue();
            assertThat(client.get("/collections/products_search")
                            .json()
                            .path("fields")
                            .path(2)
                            .path("type")
                            .asString())
                    .isEqualTo("int64");
            Answer again = client.alter(CREATED_AT);
            assertThat(again.status()).isEqualTo(400);
            assertThat(again.message())
                    .isEqualTo("Field `created_at` is already part of the schema: To change this field, drop it first"
                            + " before adding it back to the schema.");
            assertThat(client.alter("{\"fields\":[{\"name\":\"created_at\",\"drop\":true},"
                                    + "{\"name\":\"created_at\",\"type\":\"float\",\"optional\":true}]}")
                            .status())
                    .isEqualTo(200);
            assertThat(client.get("/collections/products_search")
                            .json()
                            .path("fields")
                            .path(2)
                            .path("type")
                            .asString())
                    .isEqualTo("float");
        }
    }

    @Test
    void aSchemaIsNotChangedAgainstItsDocuments() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            Answer required = client.alter("{\"fields\":[{\"name\":\"created_at\",\"type\":\"int64\"}]}");
            assertThat(required.status()).isEqualTo(400);
            assertThat(required.message()).endsWith("If you still want to add this field, set it as `optional: true`.");
            typesense.patch("3", Map.of("created_at", "2024-01-01"));
            Answer conflict = client.alter(CREATED_AT);
            assertThat(conflict.status()).isEqualTo(400);
            assertThat(conflict.message())
                    .isEqualTo("Schema change is incompatible with the type of documents already stored in this"
                            + " collection. Existing data for field `created_at` cannot be coerced into  an int64.");
            assertThat(client.alter("{\"fields\":[{\"name\":\"id\",\"type\":\"string\"}]}")
                            .message())
                    .isEqualTo("Field `id` cannot be altered.");
            assertThat(client.alter("{}").message()).isEqualTo("Alter payload is empty.");
            assertThat(client.alter("{\"name\":\"x\"}").message()).startsWith("Only `fields`, `metadata`");
            assertThat(client.call("PATCH", "/collections/none", CREATED_AT).message())
                    .isEqualTo("Collection not found");
            typesense.patch("3", Map.of("created_at", "12"));
            assertThat(client.alter(CREATED_AT).status())
                    .as("it can be coerced")
                    .isEqualTo(200);
        }
    }

    @Test
    void aChangeOfTheSchemaBlocksWritesAndIsAloneAndTellsHowFarItIs() throws Exception {
        try (TypesenseSimulator typesense = small().schemaChangeTakes(Duration.ofHours(1))
                .emptyCollection("other", "x:int32")
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.get("/operations/schema_changes").text()).isEqualTo("[]");
            client.later("PATCH", "/collections/products_search", CREATED_AT);
            client.untilWaiting(1);
            Answer second = client.alter(CREATED_AT);
            assertThat(second.status()).isEqualTo(422);
            assertThat(second.message()).isEqualTo("Another collection update operation is in progress.");
            CompletableFuture<Answer> write =
                    client.later("POST", DOCUMENTS + "/import?action=update", "{\"id\":\"1\"}");
            client.untilWaiting(2);
            assertThat(write.isDone()).isFalse();
            assertThat(client.get(DOCUMENTS + "/1").status()).as("reads go on").isEqualTo(200);
            assertThat(client.get("/operations/schema_changes").text())
                    .isEqualTo("[{\"altered_docs\":0,\"collection\":\"products_search\",\"validated_docs\":0}]");
            client.later("PATCH", "/collections/other", CREATED_AT);
            client.untilWaiting(3);
            assertThat(client.get("/operations/schema_changes").json().size()).isEqualTo(2);
        }
    }

    @Test
    void aChangeOfTheSchemaComesToItsEnd() throws Exception {
        try (TypesenseSimulator typesense =
                small().schemaChangeTakes(Duration.ofMillis(100)).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            CompletableFuture<Answer> change = client.later("PATCH", "/collections/products_search", CREATED_AT);
            client.untilWaiting(1);
            assertThat(client.bring("update", "{\"id\":\"1\",\"created_at\":\"x\"}"))
                    .as("it waits for the new schema")
                    .singleElement()
                    .asString()
                    .contains("must be an int64");
            assertThat(change.join().status()).isEqualTo(200);
            assertThat(client.get("/operations/schema_changes").text()).isEqualTo("[]");
        }
    }

    @Test
    void oldVersionsChangeOneSchemaAtATimeAndDoNotTellHowFar() throws Exception {
        try (TypesenseSimulator typesense = small().version("27.1")
                .schemaChangeTakes(Duration.ofHours(1))
                .emptyCollection("other", "x:int32")
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            client.later("PATCH", "/collections/products_search", CREATED_AT);
            client.untilWaiting(1);
            assertThat(client.call("PATCH", "/collections/other", CREATED_AT).status())
                    .isEqualTo(422);
            assertThat(client.get("/operations/schema_changes").status()).isEqualTo(404);
            assertThat(client.get("/debug").json().path("version").asString()).isEqualTo("27.1");
        }
    }

    @Test
    void anExportGivesAllDocumentsInTheOrderOfInsertion() throws Exception {
        try (TypesenseSimulator typesense = small().emptyCollection("empty").start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            typesense.put("0", Map.of("name", "later", "price", 1));
            typesense.put("2", Map.of("name", "changed", "price", 1));
            typesense.delete("4");
            Answer export = client.get(DOCUMENTS + "/export");
            assertThat(ids(export)).containsExactly("1", "2", "3", "5", "ts-1", "ts-2", "0");
            assertThat(export.lines().get(1)).isEqualTo("{\"id\":\"2\",\"name\":\"changed\",\"price\":1}");
            assertThat(client.get(DOCUMENTS + "/export?include_fields=id,created_at")
                            .lines())
                    .startsWith("{\"id\":\"1\"}", "{\"id\":\"2\"}");
            assertThat(client.get(DOCUMENTS + "/export?exclude_fields=price").lines())
                    .contains("{\"id\":\"2\",\"name\":\"changed\"}");
            assertThat(client.get("/collections/empty/documents/export").text()).isEmpty();
            assertThat(client.get("/collections/none/documents/export").status())
                    .isEqualTo(404);
        }
    }

    @Test
    void anExportCanBeFiltered() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.get(DOCUMENTS + "/export?filter_by=created_at:%3E=5")
                            .message())
                    .isEqualTo("Could not find a filter field named `created_at` in the schema.");
            client.alter(CREATED_AT);
            for (int id = 1; id <= 4; id++) {
                typesense.patch(String.valueOf(id), Map.of("created_at", id * 10));
            }
            Map.of(
                            "created_at:>=20", List.of("2", "3", "4"),
                            "created_at:>20", List.of("3", "4"),
                            "created_at:=20", List.of("2"),
                            "created_at:20", List.of("2"),
                            "created_at:[10, 30..40]", List.of("1", "3", "4"),
                            "created_at:!=10", List.of("2", "3", "4", "5", "ts-1", "ts-2"),
                            "id:[ts-1,`3`,none] && created_at:<=30", List.of("3"),
                            "id:=5 || (created_at:<20 && id:!=9)", List.of("1", "5"),
                            "name:=`product 5`", List.of("5"),
                            "name:product && price:>=0", List.of("1", "2", "3", "4", "5"))
                    .forEach((filter, expected) ->
                            assertThat(filtered(client, filter)).as(filter).isEqualTo(expected));
            assertThat(client.get(DOCUMENTS + "/export?filter_by=created_at:x").message())
                    .isEqualTo("Error with filter field `created_at`: Not an int64.");
            assertThat(client.get(DOCUMENTS + "/export?filter_by=created_at").message())
                    .isEqualTo("Could not parse the filter query.");
        }
    }

    private static List<String> filtered(TypesenseClient client, String filter) {
        try {
            return ids(client.get(DOCUMENTS + "/export?filter_by="
                    + java.net.URLEncoder.encode(filter, java.nio.charset.StandardCharsets.UTF_8)));
        } catch (java.io.IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anExportIsAsThingsWereUnlessItIsFiltered() throws Exception {
        try (TypesenseSimulator typesense =
                TypesenseSimulator.with().products(200_000).start(0)) {
            String last = "200000";
            java.net.http.HttpClient http = java.net.http.HttpClient.newHttpClient();
            for (boolean filtered : List.of(false, true)) {
                typesense.patch(last, Map.of("mark", "before"));
                try (java.io.BufferedReader in = new java.io.BufferedReader(new java.io.InputStreamReader(
                        http.send(
                                        java.net.http.HttpRequest.newBuilder(
                                                        java.net.URI.create(typesense.url() + DOCUMENTS
                                                                + "/export?x-typesense-api-key=simulated-key"
                                                                + (filtered ? "&filter_by=price:%3E=0" : "")))
                                                .build(),
                                        java.net.http.HttpResponse.BodyHandlers.ofInputStream())
                                .body(),
                        java.nio.charset.StandardCharsets.UTF_8))) {
                    assertThat(in.readLine()).contains("\"id\":\"1\"");
                    typesense.patch(last, Map.of("mark", "after"));
                    assertThat(in.lines().filter(line -> line.contains("mark")))
                            .singleElement()
                            .asString()
                            .contains(filtered ? "after" : "before");
                }
            }
        }
    }

    @Test
    void theFirstExportsEndInTheMiddleOfALine() throws Exception {
        try (TypesenseSimulator typesense = TypesenseSimulator.with()
                .products(5_000)
                .onlyHere(0)
                .cutExports(2)
                .start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            Answer clean = client.torn("GET", DOCUMENTS + "/export", "");
            assertThat(clean.status()).as("as if it were whole").isEqualTo(200);
            assertThat(clean.lines().size()).isLessThan(5_000);
            assertThat(clean.text()).doesNotEndWith("}");
            Answer broken = client.torn("GET", DOCUMENTS + "/export", "");
            assertThat(broken.status()).as("the connection ended").isEqualTo(-1);
            assertThat(broken.text()).doesNotEndWith("}").startsWith("{\"id\":\"1\"");
            assertThat(client.torn("GET", DOCUMENTS + "/export", "").lines()).hasSize(5_000);
        }
    }

    @Test
    void aSearchGivesPagesFromTheYoungestOn() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.found("&per_page=3")).containsExactly("ts-2", "ts-1", "5");
            assertThat(client.found("&per_page=3&page=3")).containsExactly("1");
            assertThat(client.found("&limit=2&offset=1")).containsExactly("ts-1", "5");
            assertThat(client.found("&per_page=3&page=2&offset=0")).containsExactly("4", "3", "2");
            JsonNode json = client.search("&per_page=0&filter_by=id:%5B1,2%5D").json();
            assertThat(json.path("found").asInt()).isEqualTo(2);
            assertThat(json.path("out_of").asInt()).isEqualTo(7);
            assertThat(json.path("hits").isEmpty()).isTrue();
            assertThat(client.search("&per_page=1&include_fields=id")
                            .json()
                            .path("hits")
                            .path(0)
                            .path("document")
                            .toString())
                    .isEqualTo("{\"id\":\"ts-2\"}");
            assertThat(client.search("&per_page=251").status()).isEqualTo(422);
            assertThat(client.search("&per_page=251").message())
                    .isEqualTo("Only upto 250 hits can be fetched per page.");
            assertThat(client.search("&per_page=x").status()).isEqualTo(400);
            assertThat(client.search("&x=" + "x".repeat(4_000)).message())
                    .startsWith("Query string exceeds max allowed length of 4000.");
        }
    }

    @Test
    void aSearchIsSorted() throws Exception {
        try (TypesenseSimulator typesense =
                small().products(3).onlyHere(0).sortedByPrice().start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            typesense.patch("1", Map.of("price", 5));
            typesense.patch("2", Map.of("price", 7));
            typesense.patch("3", Map.of("price", 5));
            assertThat(client.found("")).containsExactly("2", "3", "1");
            client.alter(CREATED_AT);
            typesense.patch("2", Map.of("created_at", 9));
            typesense.patch("1", Map.of("created_at", 8));
            assertThat(client.found("&sort_by=created_at:asc")).containsExactly("1", "2", "3");
            assertThat(client.found("&sort_by=created_at:desc&per_page=2")).containsExactly("2", "1");
            assertThat(client.found("&sort_by=price:asc,created_at:desc")).containsExactly("1", "3", "2");
            assertThat(client.search("&sort_by=none:asc").message())
                    .isEqualTo("Could not find a field named `none` in the schema for sorting.");
            assertThat(client.search("&sort_by=price:up").status()).isEqualTo(400);
        }
    }

    @Test
    void searchesStopAtTheLimitOfHitsWithoutAWord() throws Exception {
        try (TypesenseSimulator typesense =
                TypesenseSimulator.with().products(500).limitHits(300).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            assertThat(client.found("&per_page=250")).hasSize(250);
            assertThat(client.found("&per_page=250&page=2")).hasSize(50);
            Answer beyond = client.search("&per_page=250&page=3");
            assertThat(beyond.status()).isEqualTo(200);
            assertThat(beyond.json().path("hits").isEmpty()).isTrue();
            assertThat(beyond.json().path("found").asInt()).isEqualTo(520);
            assertThat(client.found("&per_page=250&page=2&limit_hits=4000000000"))
                    .hasSize(250);
        }
        try (TypesenseSimulator typesense = TypesenseSimulator.with()
                .products(500)
                .limitHits(300)
                .and(TypesenseQuirk.LIMIT_HITS_FIXED)
                .start(0)) {
            assertThat(new TypesenseClient(typesense).found("&per_page=250&page=2&limit_hits=4000000000"))
                    .hasSize(50);
        }
        try (TypesenseSimulator typesense = TypesenseSimulator.with()
                .products(500)
                .version("26.0")
                .limitHits(300)
                .start(0)) {
            Answer answer = new TypesenseClient(typesense).search("&per_page=250&page=2");
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.message()).startsWith("Only upto 300 hits can be fetched");
        }
        assertThat(TypesenseSimulator.with().limitHits()).isEqualTo(1_000_000);
        assertThat(TypesenseSimulator.with().version("27.1").limitHits()).isEqualTo(4_294_967_295L);
    }

    @Test
    void whatIsWrittenBetweenTwoPagesShiftsThem() throws Exception {
        try (TypesenseSimulator typesense =
                TypesenseSimulator.with().products(9).onlyHere(0).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            List<String> seen = new ArrayList<>(client.found("&per_page=3&page=1"));
            typesense.put("new", Map.of("name", "n", "price", 1));
            seen.addAll(client.found("&per_page=3&page=2"));
            typesense.delete("9");
            seen.addAll(client.found("&per_page=3&page=3"));
            assertThat(seen).containsExactly("9", "8", "7", "7", "6", "5", "3", "2", "1");
        }
    }

    @Test
    void aFilterOfWhatIsNotEqualMayNeedTheField() throws Exception {
        try (TypesenseSimulator typesense =
                small().and(TypesenseQuirk.NOT_EQUAL_NEEDS_FIELD).start(0)) {
            TypesenseClient client = new TypesenseClient(typesense);
            client.alter(CREATED_AT);
            typesense.patch("1", Map.of("created_at", 1));
            typesense.patch("2", Map.of("created_at", 2));
            assertThat(client.found("&filter_by=created_at:!=1")).containsExactly("2");
        }
    }

    @Test
    void severalSearchesAreAnsweredAtOnce() throws Exception {
        try (TypesenseSimulator typesense = small().start(0)) {
            JsonNode results = new TypesenseClient(typesense)
                    .call(
                            "POST",
                            "/multi_search",
                            "{\"searches\":[{\"collection\":\"products_search\",\"q\":\"*\",\"filter_by\":\"id:[1,2]\"},"
                                    + "{\"collection\":\"none\",\"q\":\"*\"}]}")
                    .json()
                    .path("results");
            assertThat(results.path(0).path("found").asInt()).isEqualTo(2);
            assertThat(results.path(1).path("code").asInt()).isEqualTo(404);
        }
    }
}

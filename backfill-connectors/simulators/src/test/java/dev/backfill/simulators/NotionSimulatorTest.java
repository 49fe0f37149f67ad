package dev.backfill.simulators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.RateLimiter.Limit;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The simulated Notion says what the real one was seen to say, judged by a client that knows nothing of the connector. */
class NotionSimulatorTest {

    private static final String CURRENT = "2025-09-03";
    private static final String LEGACY = "2022-06-28";

    private record Answer(int status, JsonNode json, HttpResponse<String> response) {
        String code() {
            return json.path("code").asString("");
        }

        String message() {
            return json.path("message").asString("");
        }
    }

    /** A client without manners. */
    private static final class Raw {
        private final HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final NotionSimulator notion;
        private String version = CURRENT;
        private String token;

        Raw(NotionSimulator notion) {
            this.notion = notion;
            token = notion.token().reveal();
        }

        Answer call(String method, String path, String body) throws Exception {
            HttpRequest.Builder request = HttpRequest.newBuilder(notion.url().resolve(path))
                    .method(
                            method,
                            body.isEmpty()
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(body));
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            if (!version.isEmpty()) {
                request.header("Notion-Version", version);
            }
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            JsonNode json = response.body().startsWith("{") && !path.startsWith("/__")
                    ? Client.JSON.readTree(response.body())
                    : Client.JSON.createObjectNode();
            return new Answer(response.statusCode(), json, response);
        }

        Answer get(String path) throws Exception {
            return call("GET", path, "");
        }

        Answer query(String body) throws Exception {
            return call("POST", "/v1/data_sources/" + notion.dataSources().get(0) + "/query", body);
        }

        Answer patch(String page, String properties) throws Exception {
            return call("PATCH", "/v1/pages/" + page, "{\"properties\":" + properties + "}");
        }

        String page() throws Exception {
            return query("{\"page_size\":1}")
                    .json()
                    .path("results")
                    .path(0)
                    .path("id")
                    .asString();
        }

        /** Pages through a query by its cursors. */
        List<String> all(String body) throws Exception {
            List<String> ids = new ArrayList<>();
            String cursor = "";
            do {
                String at = cursor.isEmpty() ? body : body.replaceFirst("\\{", "{\"start_cursor\":\"" + cursor + "\",");
                JsonNode json = query(at).json();
                json.path("results").forEach(page -> ids.add(page.path("id").asString()));
                cursor = json.path("next_cursor").asString("");
            } while (!cursor.isEmpty());
            return ids;
        }
    }

    private static final String SORTED =
            "{\"sorts\":[{\"timestamp\":\"created_time\",\"direction\":\"ascending\"}],\"page_size\":40}";

    @Test
    void aCallNeedsATokenAndAVersion() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with().start(0)) {
            Raw raw = new Raw(notion);
            assertThat(raw.get("/v1/users/me").json().path("type").asString()).isEqualTo("bot");
            raw.version = "";
            assertThat(raw.get("/v1/users/me").code()).isEqualTo("missing_version");
            raw.version = "2024-13-45";
            assertThat(raw.get("/v1/users/me").code()).isEqualTo("validation_error");
            raw.version = CURRENT;
            raw.token = "wrong";
            Answer answer = raw.get("/v1/users/me");
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.code()).isEqualTo("unauthorized");
            raw.token = "";
            assertThat(raw.get("/v1/users/me").status()).isEqualTo(401);
        }
    }

    @Test
    void versionsAndKindsOfDatabasesDoNotMix() throws Exception {
        try (NotionSimulator notion =
                NotionSimulator.with().pages(5).dataSources("A", "B").start(0)) {
            Raw raw = new Raw(notion);
            JsonNode database = raw.get("/v1/databases/" + notion.database()).json();
            assertThat(database.path("data_sources").size()).isEqualTo(2);
            assertThat(database.has("properties")).isFalse();
            assertThat(raw.get("/v1/databases/" + notion.dataSources().get(0)).code())
                    .isEqualTo("object_not_found");
            assertThat(raw.get("/v1/databases/x").message()).contains("valid uuid");
            String query = "/v1/databases/" + notion.database() + "/query";
            assertThat(raw.call("POST", query, "{}").code()).isEqualTo("invalid_request_url");
            raw.version = LEGACY;
            assertThat(raw.query("{}").code()).isEqualTo("invalid_request_url");
            Answer several = raw.call("POST", query, "{}");
            assertThat(several.code()).isEqualTo("validation_error");
            assertThat(several.json()
                            .path("additional_data")
                            .path("child_data_source_ids")
                            .size())
                    .isEqualTo(2);
        }
        try (NotionSimulator notion = NotionSimulator.with().pages(5).start(0)) {
            Raw raw = new Raw(notion);
            raw.version = LEGACY;
            JsonNode found = raw.call("POST", "/v1/databases/" + notion.database() + "/query", "{}")
                    .json();
            assertThat(found.path("type").asString()).isEqualTo("page_or_database");
            assertThat(found.path("results").path(0).path("parent").path("type").asString())
                    .isEqualTo("database_id");
        }
    }

    @Test
    void aQueryIsPagedAndCutAtTheCap() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with().pages(130).cap(100).start(0)) {
            Raw raw = new Raw(notion);
            Answer first = raw.query("{\"page_size\":60}");
            assertThat(first.json().path("has_more").asBoolean()).isTrue();
            assertThat(first.json().has("request_status")).isFalse();
            Answer second = raw.query("{\"page_size\":60,\"start_cursor\":\""
                    + first.json().path("next_cursor").asString() + "\"}");
            assertThat(second.json().path("results").size()).isEqualTo(40);
            assertThat(second.json().path("has_more").asBoolean()).isFalse();
            assertThat(second.json().path("next_cursor").isNull()).isTrue();
            assertThat(second.json()
                            .path("request_status")
                            .path("incomplete_reason")
                            .asString())
                    .isEqualTo("query_result_limit_reached");
            assertThat(raw.query("{\"page_size\":101}").message()).contains("should be ≤ `100`");
            assertThat(raw.query("{\"page_size\":\"ten\"}").message()).contains("instead was `\"ten\"`");
            assertThat(raw.query("{\"start_cursor\":\"\"}").status()).isEqualTo(400);
            assertThat(raw.query("{\"start_cursor\":\"bogus\"}").message())
                    .isEqualTo("The start_cursor provided is invalid: bogus");
            assertThat(raw.query("{\"colour\":1}").message()).contains("should be not present");
            assertThat(raw.query("{").code()).isEqualTo("invalid_json");
        }
    }

    @Test
    void tiesAreKeptWithinAQueryAndMayDifferBetweenQueries() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with()
                .pages(120)
                .imported(100)
                .and(NotionQuirk.SHUFFLED_TIES)
                .start(0)) {
            Raw raw = new Raw(notion);
            List<String> once = raw.all(SORTED);
            List<String> again = raw.all(SORTED);
            assertThat(once).hasSize(120).doesNotHaveDuplicates().isNotEqualTo(again);
            assertThat(again).hasSameElementsAs(once);
        }
    }

    @Test
    void cursorsDieAsTheyAreTold() throws Exception {
        try (NotionSimulator notion =
                NotionSimulator.with().pages(90).cursorsLast(1).start(0)) {
            Raw raw = new Raw(notion);
            String cursor = raw.query(SORTED).json().path("next_cursor").asString();
            assertThat(raw.query(SORTED.replaceFirst("\\{", "{\"start_cursor\":\"" + cursor + "\","))
                            .message())
                    .contains("start_cursor provided is invalid");
        }
        try (NotionSimulator notion = NotionSimulator.with()
                .pages(90)
                .and(NotionQuirk.CURSOR_DIES_WITH_PAGE)
                .start(0)) {
            Raw raw = new Raw(notion);
            List<String> all = raw.all(SORTED);
            String cursor = raw.query(SORTED).json().path("next_cursor").asString();
            notion.trash(all.get(40));
            String on = SORTED.replaceFirst("\\{", "{\"start_cursor\":\"" + cursor + "\",");
            assertThat(raw.query(on).status()).isEqualTo(400);
            assertThat(raw.query(on.replace("ascending", "descending")).status())
                    .isEqualTo(400);
        }
    }

    @Test
    void peopleChangeThingsBetweenTheAnswers() throws Exception {
        for (NotionChange change : NotionChange.values()) {
            try (NotionSimulator notion =
                    NotionSimulator.with().pages(200).people(3, change).start(0)) {
                Raw raw = new Raw(notion);
                String before = raw.get("/__truth").response().body();
                raw.all(SORTED);
                assertThat(raw.get("/__truth").response().body())
                        .as(change.name())
                        .isNotEqualTo(before);
            }
        }
    }

    @Test
    void editsAreCheckedLikeTheRealOnes() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with().pages(5).start(0)) {
            Raw raw = new Raw(notion);
            String page = raw.page();
            assertThat(raw.patch(page, "{\"Flag\":\"Duplicate\"}").message())
                    .contains("body failed validation. Fix one:");
            assertThat(raw.patch(page, "{\"Flag\":{\"select\":\"Duplicate\"}}").message())
                    .contains("name should be defined");
            assertThat(raw.patch(page, "{\"Flag\":{\"multi_select\":[]}}").message())
                    .isEqualTo("Flag is expected to be select.");
            assertThat(raw.patch(page, "{\"Flag\":{\"select\":{\"name\":\"a, b\"}}}")
                            .message())
                    .isEqualTo("Invalid select option, commas not allowed: a, b");
            assertThat(raw.patch(page, "{\"Stage\":{\"status\":{\"name\":\"X\"}}}")
                            .message())
                    .isEqualTo("Invalid status option. Status option \"X\" does not exist\".");
            assertThat(raw.patch(page, "{\"Colour\":{\"select\":null}}").message())
                    .isEqualTo("Colour is not a property that exists.");
            assertThat(raw.patch(page, "{\"Label\":{\"formula\":{}}}").status()).isEqualTo(400);
            assertThat(raw.patch(page, "{\"Due date\":{\"date\":{\"start\":\"2022/01/02\"}}}")
                            .message())
                    .contains("ISO 8601");
            assertThat(raw.call("PATCH", "/v1/pages/" + page, "{}").message())
                    .contains("body.properties should be defined");
            String edited =
                    raw.get("/v1/pages/" + page).json().path("last_edited_time").asString();
            Answer good =
                    raw.patch(page, "{\"Flag\":{\"select\":{\"name\":\"Brand new\"}},\"Done\":{\"checkbox\":true}}");
            assertThat(good.status()).isEqualTo(200);
            assertThat(good.json()
                            .path("properties")
                            .path("Flag")
                            .path("select")
                            .path("name")
                            .asString())
                    .isEqualTo("Brand new");
            assertThat(good.json().path("last_edited_time").asString())
                    .isNotEqualTo(edited)
                    .endsWith(":00.000Z");
            assertThat(raw.get("/v1/data_sources/" + notion.dataSources().get(0))
                            .response()
                            .body())
                    .contains("Brand new");
            notion.trash(page);
            assertThat(raw.patch(page, "{\"Flag\":{\"select\":null}}").message())
                    .contains("archived");
            assertThat(raw.get("/v1/pages/" + page).json().path("in_trash").asBoolean())
                    .isTrue();
            notion.remove(page);
            assertThat(raw.patch(page, "{\"Flag\":{\"select\":null}}").code()).isEqualTo("object_not_found");
        }
    }

    @Test
    void writesFailBeforeOrAfterTheyAreDoneAndAreCounted() throws Exception {
        try (NotionSimulator notion =
                NotionSimulator.with().pages(1).conflicts(100).start(0)) {
            Raw raw = new Raw(notion);
            String page = raw.page();
            String edit = "{\"Flag\":{\"select\":{\"name\":\"Keep\"}}}";
            assertThat(List.of(
                            raw.patch(page, edit).status(),
                            raw.patch(page, edit).status(),
                            raw.patch(page, edit).status()))
                    .containsExactly(409, 409, 200);
            assertThat(raw.get("/__truth").response().body()).contains("\"writes\":1");
            assertThat(raw.get("/__log").response().body()).contains("409 /v1/pages/" + page + " PATCH");
        }
        try (NotionSimulator notion =
                NotionSimulator.with().pages(1).lostWrites(100).start(0)) {
            Raw raw = new Raw(notion);
            String page = raw.page();
            Answer lost = raw.patch(page, "{\"Flag\":{\"select\":{\"name\":\"Keep\"}}}");
            assertThat(lost.status()).isEqualTo(503);
            assertThat(lost.response().body()).contains("Do not repeat the write");
            assertThat(raw.get("/__truth").response().body())
                    .contains("\"writes\":1")
                    .contains("\"Keep\"");
        }
    }

    @Test
    void longPropertiesAreCutAndCanBeFetchedWhole() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with().start(0)) {
            Raw raw = new Raw(notion);
            String id = "";
            String cursor = "";
            do {
                JsonNode json = raw.query(cursor.isEmpty() ? "{}" : "{\"start_cursor\":\"" + cursor + "\"}")
                        .json();
                for (JsonNode page : json.path("results")) {
                    JsonNode related = page.path("properties").path("Related");
                    if (related.path("has_more").asBoolean()) {
                        assertThat(related.path("relation").size()).isEqualTo(25);
                        id = page.path("id").asString();
                    }
                }
                cursor = json.path("next_cursor").asString("");
            } while (id.isEmpty());
            JsonNode whole = raw.get("/v1/pages/" + id + "/properties/re%2Bl").json();
            assertThat(whole.path("results").size()).isEqualTo(100);
            assertThat(whole.path("has_more").asBoolean()).isTrue();
            JsonNode some = raw.query("{\"page_size\":1}").json();
            assertThat(some.path("results")
                            .path(0)
                            .path("properties")
                            .path("Website")
                            .path("id")
                            .asString())
                    .isEqualTo("aB%3Dc");
            Answer narrow = raw.call(
                    "POST",
                    "/v1/data_sources/" + notion.dataSources().get(0)
                            + "/query?filter_properties=aB%3Dc&filter_properties=title",
                    "{}");
            Set<String> names = new LinkedHashSet<>();
            narrow.json()
                    .path("results")
                    .path(0)
                    .path("properties")
                    .properties()
                    .forEach(one -> names.add(one.getKey()));
            assertThat(names).containsExactlyInAnyOrder("Website", "Name");
        }
    }

    @Test
    void limitsAreToldAsNotionTellsThem() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with()
                .limit(new Limit(2, Duration.ofMinutes(1)))
                .start(0)) {
            Raw raw = new Raw(notion);
            raw.get("/v1/users/me");
            raw.get("/v1/users/me");
            Answer refused = raw.get("/v1/users/me");
            assertThat(refused.status()).isEqualTo(429);
            String after =
                    refused.response().headers().firstValue("Retry-After").orElse("");
            assertThat(Integer.parseInt(after)).isBetween(1, 60);
            assertThat(refused.json()
                            .path("additional_data")
                            .path("retry_after")
                            .isString())
                    .isTrue();
            assertThat(refused.json()
                            .path("additional_data")
                            .path("rate_limit_reason")
                            .asString())
                    .isEqualTo("public_api_request_rate_limit");
        }
        try (NotionSimulator notion = NotionSimulator.with()
                .workspaceLimit(2, Duration.ofSeconds(631))
                .start(0)) {
            Raw raw = new Raw(notion);
            raw.get("/v1/users/me");
            Answer refused = raw.get("/v1/users/me");
            assertThat(refused.response().headers().firstValue("Retry-After")).contains("631");
            assertThat(refused.message()).contains("rate limited");
            assertThat(raw.get("/v1/users/me").status()).isEqualTo(429);
        }
    }

    @Test
    void filtersAreCheckedAndApplied() throws Exception {
        try (NotionSimulator notion = NotionSimulator.with().pages(300).start(0)) {
            Raw raw = new Raw(notion);
            String equals = "{\"filter\":{\"property\":\"Flag\",\"select\":{\"equals\":\"Duplicate\"}}}";
            String other = "{\"filter\":{\"property\":\"Flag\",\"select\":{\"is_empty\":true}}}";
            assertThat(raw.all(equals).size() + raw.all(other).size()).isEqualTo(300);
            assertThat(raw.all(equals)).isNotEmpty();
            assertThat(raw.query("{\"filter\":{\"property\":\"Colour\",\"select\":{\"equals\":\"x\"}}}")
                            .message())
                    .isEqualTo("Could not find property with name or id: Colour");
            assertThat(raw.query("{\"filter\":{\"property\":\"Amount\",\"rich_text\":{\"equals\":\"x\"}}}")
                            .message())
                    .contains("database property number does not match filter rich_text");
            assertThat(raw.query("{\"sorts\":[{\"property\":\"Colour\"}]}").message())
                    .isEqualTo("Could not find sort property with name or id: Colour");
            String leaf = "{\"property\":\"Done\",\"checkbox\":{\"equals\":true}}";
            String two = "{\"or\":[{\"and\":[" + leaf + "]}]}";
            assertThat(raw.query("{\"filter\":" + two + "}").status()).isEqualTo(200);
            assertThat(raw.query("{\"filter\":{\"and\":[" + two + "]}}").status())
                    .isEqualTo(400);
        }
    }

    @Test
    void theSameSeedIsTheSameNotion() throws Exception {
        String first;
        try (NotionSimulator notion = NotionSimulator.with().pages(50).seed(3).start(0)) {
            first = new Raw(notion).get("/__truth").response().body();
        }
        try (NotionSimulator notion = NotionSimulator.with().pages(50).seed(3).start(0)) {
            assertThat(new Raw(notion).get("/__truth").response().body()).isEqualTo(first);
            assertThat(first.lines()).hasSize(50);
            assertThat(URI.create(notion.url() + "/").getHost()).isEqualTo("127.0.0.1");
        }
    }
}

package dev.backfill.simulators;

import static dev.backfill.simulators.GuestyClient.TALKS;
import static dev.backfill.simulators.GuestyClient.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.simulators.GuestyClient.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The lists of the simulated Guesty that are read by skip and limit. */
class GuestyListsTest {

    private static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");
    private static final String FLAT = TALKS + "/messages";

    private static String text(JsonNode json, String name) {
        return json.path(name).asString("");
    }

    private static List<JsonNode> all(GuestyClient client, String path, int limit) throws Exception {
        List<JsonNode> all = new ArrayList<>();
        int before;
        do {
            before = all.size();
            Answer answer = client.get(path + (path.contains("?") ? "&" : "?") + "limit=" + limit + "&skip=" + before);
            assertThat(answer.status()).as(path).isEqualTo(200);
            (answer.json().isArray() ? answer.json() : answer.json().path("results")).forEach(all::add);
        } while (all.size() > before);
        return all;
    }

    private static List<String> ids(List<JsonNode> rows) {
        return rows.stream().map(row -> text(row, "_id")).toList();
    }

    @Test
    void theFlatListHasTheSameMessagesAsThePosts() throws Exception {
        try (GuestySimulator guesty =
                GuestySimulator.with().now(NOW).flatMessages().start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            Map<String, JsonNode> truth = client.truth("");
            List<JsonNode> flat = all(client, FLAT + "?sort=createdAt", 100);
            assertThat(ids(flat)).doesNotHaveDuplicates().hasSameElementsAs(truth.keySet());
            for (JsonNode message : flat) {
                JsonNode row = truth.get(text(message, "_id"));
                assertThat(text(message, "conversationId")).isEqualTo(text(row, "conversation_id"));
                assertThat(message.path("reservationId").asString("-"))
                        .isEqualTo(row.path("reservation_id").asString("-"));
                assertThat(message.path("from").asString("-"))
                        .isEqualTo(row.path("guest_name").asString("-"));
                assertThat(text(message, "body")).isEqualTo(text(row, "body"));
                assertThat(String.valueOf(GuestyTimes.read(message.path("createdAt"))))
                        .isEqualTo(row.path("created_at").asString("null"));
            }
            List<String> down = new ArrayList<>(ids(all(client, FLAT + "?sort=-createdAt", 99)));
            java.util.Collections.reverse(down);
            assertThat(down).isEqualTo(ids(flat));
            String since = "2025-05-02T00:00:00Z";
            assertThat(ids(all(client, FLAT + "?sort=createdAt&createdFrom=" + since, 100)))
                    .hasSameElementsAs(client.truth("?since=" + since).keySet());
            assertThat(client.get(FLAT).json().path("count").asInt()).isEqualTo(truth.size());
            assertThat(client.get(FLAT + "?createdFrom=yesterday").status()).isEqualTo(400);
            assertThat(client.get(FLAT + "?skip=-1").status()).isEqualTo(400);
        }
    }

    @Test
    void theFlatListShiftsWhileItIsReadAndMayBeOdd() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with()
                .flatMessages()
                .deepestSkip(200)
                .people(5, GuestyChange.POST)
                .and(GuestyQuirk.FLAT_FROM_OBJECT)
                .start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            JsonNode first = client.get(FLAT + "?limit=100").json().path("results");
            JsonNode second = client.get(FLAT + "?limit=100&skip=100").json().path("results");
            assertThat(ids(List.copyOf(second.values())).subList(0, 5))
                    .isEqualTo(ids(List.copyOf(first.values())).subList(95, 100));
            assertThat(first.findValues("from")).anyMatch(from -> from.has("fullName"));
            assertThat(client.get(FLAT + "?skip=201").status()).isEqualTo(400);
        }
    }

    @Test
    void listsHaveEnvelopesOfTheirOwn() throws Exception {
        try (GuestySimulator guesty =
                GuestySimulator.with().conversations(400).now(NOW).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            JsonNode reservations = client.get("/v1/reservations?fields=status").json();
            assertThat(reservations.path("results")).hasSize(25);
            assertThat(reservations.path("results").path(0).size()).isEqualTo(2);
            assertThat(reservations.path("title").asString()).isNotEmpty();
            List<JsonNode> stays = all(client, "/v1/reservations", 100);
            assertThat(ids(stays)).doesNotHaveDuplicates().isSorted();
            assertThat(stays).hasSize(reservations.path("count").asInt());
            String filter = encoded(
                    "[{\"operator\":\"$gt\",\"field\":\"lastUpdatedAt\",\"value\":\"2025-05-20T00:00:00.000Z\"}]");
            assertThat(ids(all(client, "/v1/reservations?filters=" + filter, 100)))
                    .isNotEmpty()
                    .isEqualTo(ids(stays.stream()
                            .filter(stay -> text(stay, "lastUpdatedAt").compareTo("2025-05-20") > 0)
                            .toList()));
            assertThat(client.get("/v1/reservations?filters=x").status()).isEqualTo(400);

            List<String> down = ids(all(client, "/v1/reservations-v3/search", 100));
            assertThat(down).isSortedAccordingTo((a, b) -> b.compareTo(a)).hasSameElementsAs(ids(stays));
            JsonNode page =
                    client.get("/v1/reservations-v3/search?limit=100&skip=300").json();
            assertThat(page.path("pagination").path("hasMore").asBoolean()).isEqualTo(stays.size() > 400);
            assertThat(client.get("/v1/reservations-v3/search")
                            .json()
                            .path("pagination")
                            .path("hasMore")
                            .asBoolean())
                    .isTrue();
            assertThat(all(
                            client,
                            "/v1/reservations-v3/search?filter[status][eq]=canceled"
                                    .replace("[", "%5B")
                                    .replace("]", "%5D"),
                            50))
                    .isNotEmpty()
                    .allMatch(stay -> text(stay, "status").equals("canceled"));
            assertThat(client.get("/v1/reservations-v3/search?colour=red").status())
                    .isEqualTo(400);

            assertThat(client.get("/v1/guests-crud").status()).isEqualTo(400);
            JsonNode guests =
                    client.get("/v1/guests-crud?columns=fullName&limit=3").json();
            assertThat(guests.path("total").asInt()).isEqualTo(400);
            assertThat(guests.path("results").path(0).size()).isEqualTo(2);
            assertThat(ids(all(client, "/v1/guests-crud?columns=fullName&sort=_id", 100)))
                    .hasSize(400)
                    .doesNotHaveDuplicates();

            List<JsonNode> listings = all(client, "/v1/listings?sort=_id", 10);
            assertThat(ids(listings)).hasSize(36).doesNotHaveDuplicates();
            assertThat(all(client, "/v1/listings?active=false", 10)).hasSize(5);
            assertThat(new HashSet<>(ids(all(client, "/v1/listings", 5))))
                    .as("a sort that is not unique loses some and repeats others")
                    .hasSizeLessThan(36);
            assertThat(client.get("/v1/listings").json().path("count").asInt()).isEqualTo(36);
        }
        try (GuestySimulator guesty = GuestySimulator.with()
                .conversations(400)
                .and(GuestyQuirk.LISTINGS_BARE)
                .start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            assertThat(client.get("/v1/listings").response().body()).startsWith("[");
            assertThat(ids(all(client, "/v1/listings?sort=_id", 10)))
                    .hasSize(36)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void conversationsCanBeFiltered() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with().start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            Map<String, Integer> sizes = new TreeMap<>();
            for (String operator : List.of("$eq", "$not")) {
                String filter =
                        encoded("[{\"field\":\"status\",\"operator\":\"" + operator + "\",\"value\":\"OPEN\"}]");
                List<JsonNode> found = client.conversations("?filters=" + filter);
                assertThat(found)
                        .allMatch(one -> text(one.path("state"), "status").equals("OPEN") == operator.equals("$eq"));
                sizes.put(operator, found.size());
            }
            assertThat(sizes.values().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(300);
            String date = encoded("[{\"field\":\"createdAt\",\"operator\":\"$gt\",\"value\":\"2025\"}]");
            assertThat(client.get(TALKS + "?filters=" + date).status()).isEqualTo(400);
            String wrong = encoded("[{\"field\":\"status\",\"operator\":\"$near\",\"value\":1}]");
            assertThat(client.get(TALKS + "?filters=" + wrong).status()).isEqualTo(400);
        }
    }
}

package dev.backfill.simulators;

import static dev.backfill.simulators.GuestyClient.TALKS;
import static dev.backfill.simulators.GuestyClient.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.simulators.GuestyClient.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The simulated Guesty says what is known or feared of the real one, judged by a client that knows nothing of the connector. */
class GuestySimulatorTest {

    private static final String FORBIDDEN = "You don't have permission to access, please contact Guesty support.";
    private static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");

    private static String text(JsonNode json, String name) {
        return json.path(name).asString("");
    }

    @Test
    void givesAFewTokensInADayForAForm() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with().start(0)) {
            GuestyClient client = new GuestyClient(guesty);
            String id = guesty.clientId().reveal();
            String secret = guesty.clientSecret().reveal();
            String json = "{\"grant_type\":\"client_credentials\",\"scope\":\"open-api\",\"client_id\":\"" + id
                    + "\",\"client_secret\":\"" + secret + "\"}";
            assertThat(client.call("POST", "/oauth2/token", "application/json", json)
                            .status())
                    .isEqualTo(400);
            assertThat(client.call("POST", "/oauth2/token", GuestyClient.FORM, "scope=open-api")
                            .json()
                            .path("error")
                            .asString())
                    .isEqualTo("unsupported_grant_type");
            for (int i = 0; i < 10; i++) {
                Answer wrong = client.token("wrong");
                assertThat(wrong.status()).isEqualTo(401);
                assertThat(text(wrong.json(), "error")).isEqualTo("invalid_client");
            }
            Set<String> tokens = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                Answer good = client.token();
                assertThat(good.json().path("expires_in").asInt()).isEqualTo(86_400);
                assertThat(text(good.json(), "token_type")).isEqualTo("Bearer");
                tokens.add(text(good.json(), "access_token"));
            }
            assertThat(tokens).hasSize(5);
            Answer refused = client.token();
            assertThat(refused.status()).isEqualTo(429);
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(86_000, 86_400);
            assertThat(guesty.tokensGiven(id)).isEqualTo(5);
            assertThat(guesty.tokensGiven("another")).isZero();
            assertThat(client.lines("/__log"))
                    .hasSize(18)
                    .filteredOn(line ->
                            line.matches("\\d{13} " + guesty.clientId().fingerprint() + " 200 /oauth2/token POST"))
                    .hasSize(5);
            assertThat(client.get("/__log").response().body()).doesNotContain(secret, id);
        }
    }

    @Test
    void refusesTheSixthTokenInAllWays() throws Exception {
        for (GuestyQuirk quirk : List.of(
                GuestyQuirk.TOKEN_LIMIT_EMPTY,
                GuestyQuirk.TOKEN_LIMIT_HTML,
                GuestyQuirk.TOKEN_LIMIT_WITHOUT_RETRY_AFTER)) {
            try (GuestySimulator guesty =
                    GuestySimulator.with().tokensPerDay(1).and(quirk).start(0)) {
                GuestyClient client = GuestyClient.authorized(guesty);
                Answer refused = client.token();
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.response().body().isEmpty()).isEqualTo(quirk == GuestyQuirk.TOKEN_LIMIT_EMPTY);
                assertThat(refused.response().body().startsWith("<html>"))
                        .isEqualTo(quirk == GuestyQuirk.TOKEN_LIMIT_HTML);
                assertThat(refused.header("Retry-After").isEmpty())
                        .isEqualTo(quirk == GuestyQuirk.TOKEN_LIMIT_WITHOUT_RETRY_AFTER);
            }
        }
    }

    @Test
    void aCallNeedsATokenThatIsGood() throws Exception {
        for (GuestyQuirk quirk : List.of(GuestyQuirk.GZIP, GuestyQuirk.UNAUTHORIZED_401)) {
            int status = quirk == GuestyQuirk.UNAUTHORIZED_401 ? 401 : 403;
            try (GuestySimulator guesty = GuestySimulator.with()
                    .conversations(3)
                    .and(quirk, GuestyQuirk.TOKEN_JSON_ACCEPTED)
                    .start(0)) {
                GuestyClient client = new GuestyClient(guesty);
                assertThat(client.get(TALKS).status()).isEqualTo(status);
                client.token = "made-up";
                assertThat(text(client.get(TALKS).json(), "message")).isEqualTo(FORBIDDEN);
                client.token = "";
                String json = "{\"grant_type\":\"client_credentials\",\"scope\":\"open-api\",\"client_id\":\""
                        + guesty.clientId().reveal() + "\",\"client_secret\":\""
                        + guesty.clientSecret().reveal() + "\"}";
                client.token = text(
                        client.call("POST", "/oauth2/token", "application/json", json)
                                .json(),
                        "access_token");
                assertThat(client.get(TALKS).status()).isEqualTo(200);
                guesty.revokeTokens();
                assertThat(client.get(TALKS).status()).isEqualTo(status);
                client.token = text(client.token().json(), "access_token");
                assertThat(client.get(TALKS).status()).isEqualTo(200);
            }
        }
    }

    @Test
    void tokensEndAndTheDayGoesOnByTheClock() throws Exception {
        for (boolean calendar : new boolean[] {false, true}) {
            GuestySettings settings = GuestySimulator.with().conversations(3).day(Duration.ofSeconds(60));
            settings = calendar ? settings.and(GuestyQuirk.TOKEN_CALENDAR_DAY) : settings;
            try (GuestyHours hours = new GuestyHours(settings)) {
                hours.pass(Duration.ofSeconds(40));
                GuestyClient client = GuestyClient.authorized(hours.guesty);
                for (int i = 0; i < 4; i++) {
                    Answer more = client.token();
                    assertThat(more.status()).isEqualTo(200);
                    assertThat(more.json().path("expires_in").asInt()).isEqualTo(60);
                }
                assertThat(client.token().header("Retry-After")).isEqualTo(calendar ? "20" : "60");
                hours.pass(Duration.ofSeconds(30));
                assertThat(client.token().status()).isEqualTo(calendar ? 200 : 429);
                assertThat(client.get(TALKS).status()).isEqualTo(200);
                hours.pass(Duration.ofSeconds(30));
                assertThat(client.get(TALKS).status()).isEqualTo(403);
                assertThat(client.token().status()).isEqualTo(200);
            }
        }
        try (GuestyHours hours = new GuestyHours(
                GuestySimulator.with().tokenLife(Duration.ofMinutes(5)).tokenDown(2))) {
            GuestyClient client = new GuestyClient(hours.guesty);
            assertThat(List.of(client.token().status(), client.token().status()))
                    .containsExactly(503, 503);
            assertThat(client.token().json().path("expires_in").asInt()).isEqualTo(300);
        }
    }

    @Test
    void conversationsArePagedByCursorsFromTheNewestOn() throws Exception {
        try (GuestySimulator guesty =
                GuestySimulator.with().conversations(130).now(NOW).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            Answer first = client.get(TALKS);
            assertThat(first.json().path("status").asInt()).isEqualTo(200);
            assertThat(first.data().path("conversations")).hasSize(25);
            assertThat(first.data().path("limit").asInt()).isEqualTo(25);
            assertThat(first.data().path("count").asInt()).isEqualTo(130);
            assertThat(first.data().path("cursor").path("before").asString()).isEmpty();
            assertThat(first.header("x-request-id")).hasSize(24);
            JsonNode last = first.data().path("conversations").path(24);
            assertThat(new String(Base64.getDecoder().decode(first.after()), StandardCharsets.US_ASCII))
                    .isEqualTo(text(last, "createdAt") + "_" + text(last, "_id"));
            Answer second = client.get(TALKS + "?cursorAfter=" + encoded(first.after()));
            Answer back = client.get(TALKS + "?cursorBefore="
                    + encoded(second.data().path("cursor").path("before").asString()));
            assertThat(back.data().path("conversations")).isEqualTo(first.data().path("conversations"));

            List<JsonNode> down = client.conversations("?limit=7");
            List<String> order = down.stream()
                    .map(one -> text(one, "createdAt") + text(one, "_id"))
                    .toList();
            assertThat(order).hasSize(130).doesNotHaveDuplicates().isSortedAccordingTo((a, b) -> b.compareTo(a));
            assertThat(down.stream().map(one -> text(one, "createdAt")).distinct())
                    .as("some were made at the same time")
                    .hasSizeLessThan(130);
            List<JsonNode> up = new ArrayList<>(client.conversations("?limit=100&sort=createdAt"));
            java.util.Collections.reverse(up);
            assertThat(up).isEqualTo(down);
            assertThat(order.get(129)).isBetween("2024-04-27", "2024-05-10");
        }
    }

    @Test
    void whatIsAskedOfConversationsIsChecked() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with().conversations(60).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            String cursor = encoded(client.get(TALKS).after());
            for (String wrong : List.of(
                    "?cursorAfter=" + cursor + "&cursorBefore=" + cursor,
                    "?cursorAfter=bogus",
                    "?cursorAfter="
                            + encoded(Base64.getEncoder().encodeToString("x_y".getBytes(StandardCharsets.US_ASCII))),
                    "?limit=0",
                    "?limit=ten",
                    "?sort=colour")) {
                Answer answer = client.get(TALKS + wrong);
                assertThat(answer.status()).as(wrong).isEqualTo(400);
                assertThat(answer.message()).as(wrong).isNotEmpty();
            }
            assertThat(client.get(TALKS + "?limit=1000").data().path("limit").asInt())
                    .isEqualTo(100);
            Answer narrow = client.get(TALKS + "?fields=" + encoded("_id createdAt state.read"));
            Set<String> names = new TreeSet<>();
            narrow.data().path("conversations").path(0).properties().forEach(one -> names.add(one.getKey()));
            assertThat(names).containsExactly("_id", "createdAt", "state");
            assertThat(narrow.after()).isNotEmpty();
            assertThat(client.get(TALKS + "?fields=_id").after()).isEmpty();
            assertThat(client.get(TALKS + "?sort=-modifiedAt").after()).isEmpty();
            assertThat(client.conversations("?sort=-modifiedAt&fields=modifiedAt"))
                    .hasSize(60)
                    .isSortedAccordingTo((a, b) -> text(b, "modifiedAt").compareTo(text(a, "modifiedAt")));
            assertThat(client.get(TALKS + "/nosuch").message()).isEqualTo("Conversations not found");
            assertThat(client.get(TALKS + "/nosuch/posts").message()).isEqualTo("Posts not found");
            assertThat(client.get(TALKS + "/messages?limit=5").status()).isEqualTo(404);
            assertThat(client.get("/v1/nosuch").status()).isEqualTo(404);
        }
    }

    @Test
    void quirksOfPagesCanBeSwitched() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with()
                .conversations(60)
                .and(
                        GuestyQuirk.LIMIT_REFUSED,
                        GuestyQuirk.BAD_CURSOR_IGNORED,
                        GuestyQuirk.NEGATIVE_COUNT,
                        GuestyQuirk.CURSOR_REPEATS,
                        GuestyQuirk.PLAIN_ERRORS)
                .start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            Answer refused = client.get(TALKS + "?limit=101");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(text(refused.json(), "message")).contains("limit");
            assertThat(client.get(TALKS + "?cursorAfter=bogus").data())
                    .isEqualTo(client.get(TALKS).data());
            assertThat(client.get(TALKS).data().path("count").asInt()).isNegative();
            String cursor = client.get(TALKS + "?limit=50").after();
            String again = TALKS + "?limit=50&cursorAfter=" + encoded(cursor);
            assertThat(client.get(again).after()).isEqualTo(cursor);
            assertThat(client.get(again).data().path("conversations")).hasSize(10);
        }
        try (GuestyHours hours = new GuestyHours(
                GuestySimulator.with().cursorsLast(Duration.ofMinutes(10)).and(GuestyQuirk.WRONG_COUNT))) {
            GuestyClient client = GuestyClient.authorized(hours.guesty);
            Answer first = client.get(TALKS);
            assertThat(first.data().path("count").asInt()).isBetween(1, 200);
            String next = TALKS + "?cursorAfter=" + encoded(first.after());
            hours.pass(Duration.ofMinutes(9));
            assertThat(client.get(next).status()).isEqualTo(200);
            hours.pass(Duration.ofMinutes(2));
            assertThat(client.get(next).status()).isEqualTo(400);
        }
    }

    /** The conversation with the most posts. */
    private static String longest(GuestyClient client) throws Exception {
        Map<String, Integer> messages = new TreeMap<>();
        client.truth("").values().forEach(row -> messages.merge(text(row, "conversation_id"), 1, Integer::sum));
        return messages.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    @Test
    void postsArePagedAndTheirLastPageDoesNotSaySo() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with().start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            String path = TALKS + "/" + longest(client) + "/posts";
            Answer first = client.get(path);
            assertThat(first.data().path("posts")).hasSize(25);
            int count = first.data().path("count").asInt();
            assertThat(count).isGreaterThan(30);
            Answer whole = client.get(path + "?limit=" + count);
            assertThat(whole.data().path("posts")).hasSize(count);
            assertThat(whole.after()).isNotEmpty();
            Answer empty = client.get(path + "?limit=" + count + "&cursorAfter=" + encoded(whole.after()));
            assertThat(empty.data().path("posts")).isEmpty();
            assertThat(empty.after()).isEmpty();
            assertThat(empty.data().path("count").asInt()).isEqualTo(count);
            List<JsonNode> posts = client.posts(longest(client), "?limit=7");
            assertThat(posts).hasSize(count).doesNotHaveDuplicates();
            List<JsonNode> up = new ArrayList<>(client.posts(longest(client), "?sort=createdAt"));
            java.util.Collections.reverse(up);
            assertThat(up).isEqualTo(posts);
            guesty.postIn(longest(client));
            assertThat(client.posts(longest(client), "").subList(1, count + 1)).isEqualTo(posts);
        }
        try (GuestySimulator guesty = GuestySimulator.with()
                .and(GuestyQuirk.POSTS_LIMIT_IGNORED, GuestyQuirk.POSTS_END_TOLD)
                .start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            String path = TALKS + "/" + longest(client) + "/posts";
            Answer first = client.get(path + "?limit=100");
            assertThat(first.data().path("posts")).hasSize(25);
            int count = first.data().path("count").asInt();
            assertThat(client.posts(longest(client), "?limit=5")).hasSize(count);
            Answer answer = first;
            while (!answer.after().isEmpty()) {
                answer = client.get(path + "?cursorAfter=" + encoded(answer.after()));
            }
            assertThat(answer.data().path("posts")).isNotEmpty();
        }
        try (GuestySimulator guesty =
                GuestySimulator.with().and(GuestyQuirk.CURSOR_REPEATS).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            String path = TALKS + "/" + longest(client) + "/posts?limit=100";
            String cursor = client.get(path).after();
            assertThat(client.get(path + "&cursorAfter=" + encoded(cursor)).after())
                    .isEqualTo(cursor);
        }
    }

    /** What a strict reader makes of the posts of all conversations. */
    private static Map<String, String> read(GuestyClient client, List<JsonNode> odd) throws Exception {
        Map<String, String> rows = new TreeMap<>();
        for (JsonNode conversation : client.conversations("?limit=100")) {
            for (JsonNode post : client.posts(text(conversation, "_id"), "?limit=100")) {
                if (!GuestyClient.message(post) || !post.has("_id")) {
                    odd.add(post);
                    continue;
                }
                JsonNode guest = conversation.path("meta").path("guest").path("fullName");
                JsonNode reservation =
                        conversation.path("meta").path("reservations").path(0).path("_id");
                rows.put(
                        text(post, "_id"),
                        String.join(
                                "|",
                                text(conversation, "_id"),
                                reservation.asString("-"),
                                guest.asString("-"),
                                text(post, "body"),
                                String.valueOf(GuestyTimes.read(post.path("createdAt"))),
                                String.valueOf(GuestyTimes.raw(post.path("createdAt"))),
                                post.path("sentBy").asString("-")));
            }
        }
        return rows;
    }

    private static Map<String, String> rows(Map<String, JsonNode> truth) {
        Map<String, String> rows = new TreeMap<>();
        truth.forEach((id, row) -> rows.put(
                id,
                String.join(
                        "|",
                        text(row, "conversation_id"),
                        row.path("reservation_id").asString("-"),
                        row.path("guest_name").asString("-"),
                        text(row, "body"),
                        row.path("created_at").asString("null"),
                        row.path("created_at_raw").asString("null"),
                        row.path("sent_by").asString("-"))));
        return rows;
    }

    @Test
    void theTruthIsWhatAPatientAndStrictReaderFinds() throws Exception {
        try (GuestySimulator guesty =
                GuestySimulator.with().and(GuestyQuirk.POSTS_WITHOUT_ID).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            List<JsonNode> odd = new ArrayList<>();
            Map<String, String> rows = read(client, odd);
            assertThat(rows).hasSizeGreaterThan(1_500).isEqualTo(rows(client.truth("")));
            assertThat(odd).anyMatch(post -> !post.has("_id"));
            assertThat(odd.stream()
                            .map(post -> text(post.path("module"), "type"))
                            .distinct())
                    .contains("log", "note");
            assertThat(client.lines("/__truth").get(0)).startsWith("{\"message_id\":\"");
        }
    }

    @Test
    void theDataHasEveryTrap() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with().start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            Set<String> seen = new TreeSet<>();
            List<JsonNode> talks = client.conversations("?limit=100");
            for (JsonNode talk : talks) {
                JsonNode guest = talk.path("meta").path("guest");
                seen.add(guest.isMissingNode() ? "no guest" : guest.has("fullName") ? "named" : "unnamed");
                seen.add(
                        "reservations " + talk.path("meta").path("reservations").size());
                seen.add(talk.path("meta").has("reservations") ? "list" : "no list");
                List<JsonNode> posts = client.posts(text(talk, "_id"), "?limit=100");
                seen.add(posts.isEmpty() ? "silent" : posts.size() > 40 ? "long" : "usual");
                for (JsonNode post : posts) {
                    assertThat(post.has("_id")).isTrue();
                    JsonNode time = post.path("createdAt");
                    seen.add("time " + (time.isString() ? GuestyTimes.shape(time.asString()) : time.getNodeType()));
                    seen.add(post.has("sentBy") ? "sentBy" : "no sentBy");
                    seen.add(post.has("from") ? "from" : "no from");
                    seen.add("module " + text(post.path("module"), "type"));
                    JsonNode body = post.path("body");
                    seen.add(body.isMissingNode() ? "no body" : body.isNull() ? "null body" : "body");
                    seen.add(text(post, "body").startsWith("<div>") ? "html" : "text");
                    seen.add(
                            "body".equals(body.asString("body"))
                                    ? ""
                                    : body.asString().isEmpty() ? "empty" : "full");
                    if (text(post, "sentBy").equals("guest")
                            && text(post.path("from"), "type").equals("employee")) {
                        seen.add("contradiction");
                    }
                }
                List<String> times =
                        posts.stream().map(post -> text(post, "createdAt")).toList();
                seen.add(new HashSet<>(times).size() < times.size() ? "ties" : "no ties");
            }
            assertThat(seen)
                    .contains("no guest", "unnamed", "reservations 0", "reservations 2", "no list", "silent", "long")
                    .contains("no sentBy", "no from", "module ", "module pigeonPost", "module log", "module note")
                    .contains("no body", "null body", "empty", "html", "contradiction", "ties")
                    .contains(
                            "time 9-9-9T9:9:9Z",
                            "time 9-9-9T9:9:9.3Z",
                            "time 9-9-9T9:9:9.6Z",
                            "time 9-9-9T9:9:9.9Z",
                            "time 9-9-9T9:9:9.3+9:9",
                            "time 9-9-9T9:9:9.3+9",
                            "time 9-9-9T9:9:9.3",
                            "time 9-9-9",
                            "time Invalid date",
                            "time ",
                            "time NUMBER",
                            "time NULL",
                            "time MISSING",
                            "time BOOLEAN",
                            "time OBJECT");
        }
        try (GuestySimulator guesty = GuestySimulator.with()
                .without(GuestyQuirk.STANDARD.toArray(GuestyQuirk[]::new))
                .oddTimes(0)
                .start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            for (JsonNode talk : client.conversations("?limit=100")) {
                assertThat(talk.path("meta").path("guest").has("fullName")).isTrue();
                for (JsonNode post : client.posts(text(talk, "_id"), "?limit=100")) {
                    assertThat(GuestyClient.message(post)).isTrue();
                    assertThat(GuestyTimes.shape(text(post, "createdAt"))).isEqualTo("9-9-9T9:9:9.3Z");
                    assertThat(text(post, "body")).contains("number");
                }
            }
        }
    }

    @Test
    void theTruthSinceADayKeepsWhatDoesNotTellItsTime() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with().now(NOW).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            Map<String, JsonNode> all = client.truth("");
            Map<String, JsonNode> late = client.truth("?since=2025-05-02T00:00:00Z");
            Map<String, JsonNode> expected = new TreeMap<>(all);
            expected.values()
                    .removeIf(row -> row.path("created_at").isString()
                            && text(row, "created_at").compareTo("2025-05-02") < 0);
            assertThat(late).isEqualTo(expected);
            assertThat(late.values()).anyMatch(row -> row.path("created_at").isNull());
            assertThat(late.size()).isBetween(100, all.size() / 2);
        }
    }
}

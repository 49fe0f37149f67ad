package dev.backfill.simulators;

import static dev.backfill.simulators.GuestyClient.TALKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.RateLimiter.Limit;
import dev.backfill.simulators.GuestyClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What happens in a simulated Guesty, and to those who call it too often. */
class GuestyLifeTest {

    private static String text(JsonNode json, String name) {
        return json.path(name).asString("");
    }

    @Test
    void guestsWriteWhenToldAndItIsNoCall() throws Exception {
        try (GuestyHours hours = new GuestyHours(GuestySimulator.with().conversations(50))) {
            GuestyClient client = GuestyClient.authorized(hours.guesty);
            Map<String, JsonNode> before = client.truth("");
            Answer written = client.call("POST", "/__post?messages=5", "", "");
            assertThat(written.status()).isEqualTo(200);
            Set<String> ids = new TreeSet<>();
            written.json().path("ids").forEach(id -> ids.add(id.asString()));
            Map<String, JsonNode> after = client.truth("");
            Set<String> fresh = new TreeSet<>(after.keySet());
            fresh.removeAll(before.keySet());
            assertThat(ids).hasSize(5).isEqualTo(fresh);
            assertThat(after.get(ids.iterator().next()).path("created_at").asString())
                    .isEqualTo("2025-06-01T08:00:00.000Z");
            assertThat(after.keySet()).containsAll(before.keySet());
            for (String wrong : List.of("", "?messages=0", "?messages=x")) {
                assertThat(client.call("POST", "/__post" + wrong, "", "").status())
                        .isEqualTo(400);
            }
            assertThat(client.get("/__post?messages=5").status()).isEqualTo(400);
            assertThat(client.lines("/__log")).hasSize(1);
            assertThat(hours.guesty.post(2)).hasSize(2);
            assertThat(client.truth("")).hasSize(after.size() + 2);
        }
    }

    @Test
    void anEmptyAccountIsSoundAndComesToLife() throws Exception {
        try (GuestySimulator guesty =
                GuestySimulator.with().conversations(0).flatMessages().start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            Answer none = client.get(TALKS);
            assertThat(none.status()).isEqualTo(200);
            assertThat(none.data().path("conversations")).isEmpty();
            assertThat(none.after()).isEmpty();
            for (String path :
                    List.of(TALKS + "/messages", "/v1/reservations", "/v1/listings", "/v1/guests-crud?columns=_id")) {
                assertThat(client.get(path).json().path("results").isEmpty())
                        .as(path)
                        .isTrue();
            }
            assertThat(client.truth("")).isEmpty();
            guesty.post(3);
            assertThat(client.truth("")).hasSize(3);
            assertThat(client.conversations("")).hasSize(1);
        }
    }

    @Test
    void everyKindOfChangeHappens() throws Exception {
        for (GuestyChange change : GuestyChange.values()) {
            try (GuestySimulator guesty =
                    GuestySimulator.with().people(10, change).start(0)) {
                GuestyClient client = GuestyClient.authorized(guesty);
                Map<String, JsonNode> before = client.truth("");
                JsonNode first = client.get(TALKS + "?limit=100").data();
                JsonNode second = client.get(TALKS + "?limit=100").data();
                Map<String, JsonNode> after = client.truth("");
                int more = second.path("count").asInt() - first.path("count").asInt();
                switch (change) {
                    case POST -> assertThat(after).hasSize(before.size() + 20);
                    case CONVERSATION -> {
                        assertThat(more).isEqualTo(10);
                        assertThat(second.path("conversations").path(10))
                                .isEqualTo(first.path("conversations").path(0));
                    }
                    case EDIT -> {
                        assertThat(after.keySet()).isEqualTo(before.keySet());
                        assertThat(after).isNotEqualTo(before);
                    }
                    case REMOVE_POST -> assertThat(before.size() - after.size()).isBetween(5, 20);
                    case REMOVE_CONVERSATION -> {
                        assertThat(more).isEqualTo(-10);
                        assertThat(before.keySet()).containsAll(after.keySet());
                        assertThat(after.size()).isLessThan(before.size());
                    }
                    case READ -> {
                        assertThat(after).isEqualTo(before);
                        assertThat(second).isNotEqualTo(first);
                    }
                }
            }
        }
    }

    @Test
    void aMessageIsChangedAndVanishesByHand() throws Exception {
        try (GuestySimulator guesty = GuestySimulator.with().conversations(20).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            Map<String, JsonNode> truth = new TreeMap<>(client.truth(""));
            List<String> ids = new ArrayList<>(truth.keySet());
            guesty.edit(ids.get(0), "changed");
            assertThat(text(client.truth("").get(ids.get(0)), "body")).isEqualTo("changed");
            guesty.remove(ids.get(1));
            assertThat(client.truth("")).hasSize(truth.size() - 1).doesNotContainKey(ids.get(1));
            assertThatThrownBy(() -> guesty.remove(ids.get(1))).hasMessageContaining(ids.get(1));
            String talk = text(truth.get(ids.get(2)), "conversation_id");
            String fresh = guesty.postIn(talk);
            assertThat(text(client.posts(talk, "").get(0), "_id")).isEqualTo(fresh);
            guesty.removeConversation(talk);
            assertThat(client.get(TALKS + "/" + talk + "/posts").status()).isEqualTo(404);
            assertThat(client.get(TALKS + "/" + talk).message()).isEqualTo("Conversations not found");
            assertThat(client.truth("").values())
                    .noneMatch(row -> text(row, "conversation_id").equals(talk));
            assertThat(client.conversations("")).hasSize(19);
        }
    }

    @Test
    void limitsHoldForAllTokensTogetherAndAreToldInSixHeaders() throws Exception {
        try (GuestyHours hours = new GuestyHours(GuestySimulator.with().documentedLimits())) {
            GuestyClient client = GuestyClient.authorized(hours.guesty);
            GuestyClient other = GuestyClient.authorized(hours.guesty);
            int sent = 0;
            for (int i = 0; i < 15; i++, sent++) {
                Answer answer = (i % 2 == 0 ? client : other).get(TALKS + "?limit=1");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.header("X-RateLimit-Limit-Second")).isEqualTo("15");
                assertThat(answer.header("X-RateLimit-Limit-Minute")).isEqualTo("120");
                assertThat(answer.header("X-RateLimit-Limit-Hour")).isEqualTo("5000");
                assertThat(answer.header("X-RateLimit-Remaining-Second")).isEqualTo(String.valueOf(14 - i));
                assertThat(answer.header("X-RateLimit-Remaining-Minute")).isEqualTo(String.valueOf(119 - i));
                assertThat(answer.header("X-RateLimit-Remaining-Hour")).isEqualTo(String.valueOf(4_999 - i));
            }
            Answer refused = other.get(TALKS);
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(text(refused.json(), "message")).isEqualTo("API rate limit exceeded");
            assertThat(client.token().status())
                    .as("tokens have a limit of their own")
                    .isEqualTo(200);
            hours.pass(Duration.ofSeconds(1));
            while (sent < 120) {
                hours.pass(Duration.ofMillis(67));
                assertThat(client.get(TALKS + "?limit=1").status()).isEqualTo(200);
                sent++;
            }
            hours.pass(Duration.ofSeconds(1));
            assertThat(Integer.parseInt(client.get(TALKS).header("Retry-After")))
                    .isBetween(50, 52);
            hours.pass(Duration.ofMinutes(1));
            assertThat(client.get(TALKS).header("X-RateLimit-Remaining-Hour")).isEqualTo("4879");
        }
    }

    @Test
    void refusalsHaveAllShapes() throws Exception {
        for (GuestyQuirk quirk :
                List.of(GuestyQuirk.LIMIT_EMPTY, GuestyQuirk.LIMIT_HTML, GuestyQuirk.LIMIT_WITHOUT_RETRY_AFTER)) {
            try (GuestySimulator guesty = GuestySimulator.with()
                    .limit(new Limit(1, Duration.ofMinutes(10)))
                    .and(quirk)
                    .start(0)) {
                GuestyClient client = GuestyClient.authorized(guesty);
                client.get(TALKS);
                Answer refused = client.get(TALKS);
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.response().body().isEmpty()).isEqualTo(quirk == GuestyQuirk.LIMIT_EMPTY);
                assertThat(refused.response().body().startsWith("<html>")).isEqualTo(quirk == GuestyQuirk.LIMIT_HTML);
                assertThat(refused.header("Retry-After").isEmpty())
                        .isEqualTo(quirk == GuestyQuirk.LIMIT_WITHOUT_RETRY_AFTER);
            }
        }
    }

    @Test
    void fifteenCallsMayBeInTheAirAndNoMore() throws Exception {
        for (int together : new int[] {15, 40}) {
            try (GuestyHours hours = new GuestyHours(GuestySimulator.with()
                    .limit(new Limit(1_000, Duration.ofMinutes(1)))
                    .latency(Duration.ofMillis(1), Duration.ZERO))) {
                GuestyClient client = GuestyClient.authorized(hours.guesty);
                hours.meet(together);
                ExecutorService threads = Executors.newFixedThreadPool(together);
                List<Callable<Answer>> calls =
                        java.util.Collections.nCopies(together, () -> client.get(TALKS + "?limit=1"));
                Map<Integer, Integer> statuses = new TreeMap<>();
                for (Future<Answer> call : threads.invokeAll(calls)) {
                    statuses.merge(call.get().status(), 1, Integer::sum);
                    assertThat(call.get().header("Retry-After"))
                            .isEqualTo(call.get().status() == 429 ? "1" : "");
                }
                threads.shutdown();
                assertThat(statuses).isEqualTo(together == 15 ? Map.of(200, 15) : Map.of(200, 15, 429, 25));
            }
        }
    }

    @Test
    void tokensAreGivenWhateverGoesWrongElsewhere() throws Exception {
        try (GuestySimulator guesty =
                GuestySimulator.with().faults(100, Fault.ERROR).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            assertThat(client.token).isNotEmpty();
            Set<Integer> statuses = new TreeSet<>();
            for (int i = 0; i < 60; i++) {
                statuses.add(client.get(TALKS + "?limit=" + (1 + i % 20)).status());
            }
            assertThat(statuses).contains(500, 502, 503, 504);
            assertThat(client.token().status()).isEqualTo(200);
        }
    }

    @Test
    void theSameSeedIsTheSameGuesty() throws Exception {
        List<List<String>> truths = new ArrayList<>();
        for (long seed : new long[] {3, 3, 4}) {
            try (GuestyHours hours =
                    new GuestyHours(GuestySimulator.with().conversations(40).seed(seed))) {
                truths.add(new GuestyClient(hours.guesty).lines("/__truth"));
            }
        }
        assertThat(truths.get(0)).isNotEmpty().isEqualTo(truths.get(1)).isNotEqualTo(truths.get(2));
    }

    @Test
    void aGreatAccountIsServedAtOnce() throws Exception {
        try (GuestySimulator guesty =
                GuestySimulator.with().conversations(40_000).start(0)) {
            GuestyClient client = GuestyClient.authorized(guesty);
            List<JsonNode> page = client.get(TALKS + "?limit=100")
                    .data()
                    .path("conversations")
                    .valueStream()
                    .toList();
            assertThat(page).hasSize(100);
            int posts = 0;
            for (JsonNode talk : page) {
                posts += client.get(TALKS + "/" + text(talk, "_id") + "/posts?limit=100")
                        .data()
                        .path("count")
                        .asInt();
            }
            assertThat(posts).isBetween(400, 1_600);
            assertThat(client.conversations("?limit=100")).hasSize(40_000);
        }
    }
}

package dev.backfill.http;

import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.TransientException;
import java.math.BigDecimal;
import java.net.ServerSocket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTest {

    private final WireMockServer server =
            new WireMockServer(options().bindAddress("127.0.0.1").dynamicPort());

    record Order(long id, BigDecimal total, Instant at) {}

    record Orders(List<Order> items, String next) {}

    @BeforeEach
    void start() {
        server.start();
        server.stubFor(any(anyUrl()).willReturn(okJson("{}")));
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private Http api() {
        return Http.to("http://127.0.0.1:" + server.port());
    }

    private LoggedRequest only() {
        List<LoggedRequest> all = server.findAll(WireMock.anyRequestedFor(anyUrl()));
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    @Test
    void aSourceIsThreeLines() throws Exception {
        server.stubFor(WireMock.get("/orders")
                .willReturn(okJson("{\"items\":[{\"id\":1,\"total\":1.10,\"at\":\"2026-01-01T00:00:00Z\",\"more\":{}}],"
                        + "\"next\":\"a&b=c d\"}")));
        server.stubFor(WireMock.get("/orders?cursor=a%26b%3Dc%20d").willReturn(okJson("{\"items\":[],\"next\":null}")));
        Http api = api();
        Source<Order> orders = from -> {
            var answer =
                    api.get("/orders").query("cursor", from.as(String.class)).as(Orders.class);
            return Page.until(answer.items(), answer.next());
        };
        Page<Order> first = orders.read(Cursor.START);
        assertThat(first.items())
                .containsExactly(new Order(1, new BigDecimal("1.10"), Instant.parse("2026-01-01T00:00:00Z")));
        assertThat(orders.read(first.next().orElseThrow()).next()).isEmpty();
    }

    @Test
    void rowsAreReadFromTheirFieldAndTheRestIsKept() throws Exception {
        server.stubFor(any(anyUrl())
                .willReturn(okJson(
                        "{\"skip\":0,\"values\":[{\"id\":1},{\"id\":2}],\"total\":840,\"has_more\":true,\"next\":\"n\","
                                + "\"none\":null,\"deep\":{\"a\":[1.5]}}")));
        Rows<Order> rows = api().get("/x").rows("values", Order.class);
        assertThat(rows.items()).extracting(Order::id).containsExactly(1L, 2L);
        assertThat(rows.number("total")).hasValue(840);
        assertThat(rows.flag("has_more")).contains(true);
        assertThat(rows.text("next")).contains("n");
        assertThat(rows.text("none")).isEmpty();
        assertThat(rows.number("absent")).isEmpty();
        assertThat(rows.rest().get("deep")).isEqualTo(Map.of("a", List.of(new BigDecimal("1.5"))));
        assertThat(api().get("/x").rows("none", Order.class).items()).isEmpty();
    }

    @Test
    @SuppressWarnings("unchecked")
    void rowsWithoutARecordAreMaps() throws Exception {
        server.stubFor(any(anyUrl()).willReturn(okJson("[{\"id\":1,\"price\":0.10,\"gone\":null}]")));
        List<Map<String, Object>> rows =
                (List<Map<String, Object>>) (List<?>) api().get("/x").list(Map.class);
        assertThat(rows.get(0)).containsEntry("price", new BigDecimal("0.10")).containsEntry("gone", null);
    }

    @Test
    void anyTextArrivesUnchangedAsAParameterAndAsASegment() throws Exception {
        String wild = "a b+c%20&d=e#f?g/h\\i{}é😀\r\n\u0000'\"<>;:@,()*!~";
        try (RawServer raw = RawServer.saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
            Http.to(raw.url())
                    .get("/orders/{}/lines", wild)
                    .query("päram", wild)
                    .send();
            String[] parts = raw.heads().get(0).split("[/?= ]", -1);
            assertThat(parts).startsWith("GET", "", "orders").contains("lines", "HTTP");
            assertThat(decoded(parts[3])).isEqualTo(wild);
            assertThat(decoded(parts[5])).isEqualTo("päram");
            assertThat(decoded(parts[6])).isEqualTo(wild);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Test
    void absentParametersAreLeftOut() throws Exception {
        api().get("/x?a=1")
                .query("b", null)
                .query("c", Optional.empty())
                .query("d", Optional.of(2))
                .as(Map.class);
        assertThat(only().getUrl()).isEqualTo("/x?a=1&d=2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", ".."})
    void aSegmentThatWouldChangeThePathIsRefused(String segment) {
        assertThatThrownBy(() -> api().get("/a/{}", segment)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void halfASurrogatePairIsRefused() {
        assertThatThrownBy(() -> api().get("/a").query("q", "\ud83d")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//evil/x",
                "http://evil/x",
                "https://127.0.0.1/x",
                "http://127.0.0.1:1/x",
                "http://127.0.0.1.evil.com/x",
                "http://127.0.0.1@evil.com/x",
                "http://user@127.0.0.1/x",
                "file:///etc/passwd",
                "jar:file:/x!/y",
                "http:\\\\evil",
                "/\\evil",
                "orders",
                "",
                "?a=b",
                "http://127.0.0.1\u3002evil/x",
                "/a b",
                "http://169.254.169.254/latest"
            })
    void aLinkToElsewhereIsRefusedWithoutACall(String link) {
        Http api = api().bearer(Secret.of("KEY", "S3CR3T"));
        assertThatThrownBy(() -> api.get(link).as(Map.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("evil");
        assertThat(server.findAll(WireMock.anyRequestedFor(anyUrl()))).isEmpty();
    }

    @Test
    void aLinkToTheSameServiceIsFollowed() throws Exception {
        api().get("HTTP://127.0.0.1:" + server.port() + "/next?cursor=a%2Fb#x")
                .query("limit", 5)
                .as(Map.class);
        assertThat(only().getUrl()).isEqualTo("/next?cursor=a%2Fb&limit=5");
    }

    @Test
    void anAddressThatIsNotEncryptedIsRefusedUnlessItIsLocalOrAllowed() {
        assertThatThrownBy(() -> Http.to("http://api.example.com").get("/x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allowPlainHttp");
        Http.to("http://api.example.com").allowPlainHttp().get("/x");
        Http.to("http://localhost:8080").get("/x");
        Http.to("http://[::1]:8080/api").get("/x");
        assertThatThrownBy(() -> Http.to("http://127.0.0.1.example.com").get("/x"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "api.example.com",
                "ftp://api.example.com",
                "https://",
                "https://u:S3CR3T@h",
                "https://h?key=S3CR3T",
                "https://h#S3CR3T"
            })
    void anAddressOfAnotherKindIsRefused(String address) {
        assertThatThrownBy(() -> Http.to(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("S3CR3T");
    }

    @ParameterizedTest
    @ValueSource(strings = {"S3CR3T\n", "S3CR3T\rX: y", "S3CR3T\u0000", "S3CR3T-é"})
    void aValueThatCannotBeAHeaderIsRefusedWithoutBeingShown(String value) {
        assertThatThrownBy(() -> api().header("X-Key", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("X-Key")
                .satisfies(e -> assertThat(stack(e)).doesNotContain("S3CR3T"));
        assertThatThrownBy(() -> api().header("X Key\n", "v")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String stack(Throwable e) {
        java.io.StringWriter text = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }

    @Test
    void credentialsAreSentAndNeverPrinted() throws Exception {
        Http api = api().bearer(Secret.of("KEY", "S3CR3T"))
                .header("X-Api-Key", Secret.of("OTHER", "S3CR3T-2"))
                .header("x-version", "1")
                .header("X-Version", "2");
        Request request = api.get("/x").query("token", "S3CR3T");
        assertThat(api.toString() + request).doesNotContain("S3CR3T");
        request.as(Map.class);
        assertThat(only().getHeader("Authorization")).isEqualTo("Bearer S3CR3T");
        assertThat(only().getHeader("X-Api-Key")).isEqualTo("S3CR3T-2");
        assertThat(only().header("X-Version").values()).containsExactly("2");
        assertThat(only().getHeader("Accept-Encoding")).isEqualTo("gzip");
    }

    @Test
    void tellsWhatStandsAboveADroppedAnswer() throws Exception {
        server.stubFor(any(anyUrl())
                .willReturn(WireMock.aResponse()
                        .withStatus(201)
                        .withHeader("Content-Range", "*/7")
                        .withBody("dropped")));

        Answer answer = api().post("/x").json(Map.of("a", 1)).send();

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("content-range")).contains("*/7");
        assertThat(answer.header("retry-after")).isEmpty();
    }

    @Test
    void bodiesAreSentAsJsonLinesOrBytes() throws Exception {
        api().post("/x").json(Map.of("a", List.of(1))).send();
        api().patch("/x").jsonLines(List.of(Map.of("a", 1), Map.of("a", 2))).send();
        api().put("/x").bytes("text/csv", new byte[] {65, 10}).send();
        assertThat(server.getAllServeEvents())
                .extracting(event -> event.getRequest().getMethod() + " "
                        + event.getRequest().getHeader("Content-Type") + " "
                        + event.getRequest().getBodyAsString())
                .containsExactlyInAnyOrder(
                        "POST application/json {\"a\":[1]}",
                        "PATCH application/x-ndjson {\"a\":1}\n{\"a\":2}\n",
                        "PUT text/csv A\n");
    }

    @Test
    void anAnswerCanBeReadInAnotherWay() throws Exception {
        server.stubFor(any(anyUrl()).willReturn(WireMock.ok("a\nb\n")));
        List<String> lines = api().get("/x")
                .reading(body -> new String(body.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList());
        assertThat(lines).containsExactly("a", "b");
    }

    /** Writes down what a limiter is told. */
    private static final class Told implements RateLimiter {
        private final List<String> words = new ArrayList<>();

        @Override
        public Call acquire() {
            words.add("acquire");
            return new Call() {
                @Override
                public void close() {
                    words.add("close");
                }

                @Override
                public void unsent() {
                    words.add("unsent");
                }
            };
        }

        @Override
        public void quiet(Duration length) {
            words.add("quiet " + length);
        }

        @Override
        public void remaining(long calls, Duration until) {
            words.add("remaining " + calls + " " + until);
        }
    }

    @Test
    void theLimiterIsAskedBeforeAndToldAfterEachCall() throws Exception {
        Told limiter = new Told();
        server.stubFor(any(anyUrl()).willReturn(okJson("{}").withHeader("RateLimit", "\"default\";r=5;t=30")));
        api().limitedBy(limiter).get("/x").as(Map.class);
        assertThat(limiter.words).containsExactly("acquire", "close", "remaining 5 PT30S");
    }

    @Test
    void a429QuietsTheWholeLimiter() {
        Told limiter = new Told();
        server.stubFor(any(anyUrl())
                .willReturn(
                        WireMock.status(429).withHeader("Retry-After", "120").withBody("slow down")));
        assertThatThrownBy(() -> api().limitedBy(limiter).get("/x").as(Map.class))
                .isInstanceOf(TransientException.class);
        assertThat(limiter.words).containsExactly("acquire", "quiet PT2M", "close");
    }

    @Test
    void aCallThatNeverLeftGivesItsPermitBack() throws Exception {
        int unused;
        try (ServerSocket socket = new ServerSocket(0)) {
            unused = socket.getLocalPort();
        }
        Told limiter = new Told();
        assertThatThrownBy(() -> Http.to("http://127.0.0.1:" + unused)
                        .limitedBy(limiter)
                        .get("/x")
                        .as(Map.class))
                .isInstanceOf(TransientException.class);
        assertThat(limiter.words).containsExactly("acquire", "unsent");
    }

    @Test
    void aCallThatFailedOnItsWayIsCounted() {
        Told limiter = new Told();
        server.stubFor(any(anyUrl())
                .willReturn(WireMock.aResponse()
                        .withFault(com.github.tomakehurst.wiremock.http.Fault.CONNECTION_RESET_BY_PEER)));
        assertThatThrownBy(() -> api().limitedBy(limiter).get("/x").as(Map.class))
                .isInstanceOf(TransientException.class);
        assertThat(limiter.words).containsExactly("acquire", "close");
    }

    @Test
    void aLogLineCannotBeForgedByAnAnswer() {
        server.stubFor(
                any(anyUrl()).willReturn(WireMock.status(404).withBody("a\r\n2026-01-01 ERROR fake\u001b[2J\u202eb")));
        assertThatThrownBy(() -> api().get("/x").as(Map.class))
                .hasMessageEndingWith("a\\u000d\\u000a2026-01-01 ERROR fake\\u001b[2J\\u202eb");
    }
}

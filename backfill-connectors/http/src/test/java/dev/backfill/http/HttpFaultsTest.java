package dev.backfill.http;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong between here and a service (F001 to F006, F032 to F046 of an API source). */
class HttpFaultsTest {

    private final WireMockServer server =
            new WireMockServer(options().bindAddress("127.0.0.1").dynamicPort());

    record Order(long id) {}

    record Orders(List<Order> items, String next) {}

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private Http api() {
        return Http.to("http://127.0.0.1:" + server.port());
    }

    private void answers(ResponseDefinitionBuilder answer) {
        server.stubFor(any(anyUrl()).willReturn(answer));
    }

    private static ResponseDefinitionBuilder json(int status, String body) {
        return aResponse()
                .withStatus(status)
                .withHeader("Content-Type", "application/json")
                .withBody(body);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aBrokenConnectionIsWorthAnotherAttempt(Fault fault) {
        answers(aResponse().withHeader("Content-Type", "application/json").withFault(fault));
        assertThatThrownBy(() -> api().get("/orders").rows("items", Order.class))
                .isInstanceOf(TransientException.class)
                .hasMessageStartingWith("GET " + api().origin() + "/orders failed: ");
    }

    @Test
    void aRefusedConnectionIsWorthAnotherAttempt() throws IOException {
        int unused;
        try (ServerSocket socket = new ServerSocket(0)) {
            unused = socket.getLocalPort();
        }
        assertThatThrownBy(() -> Http.to("http://127.0.0.1:" + unused).get("/").as(Order.class))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("ConnectException");
    }

    @Test
    void anUnknownHostIsWorthAnotherAttempt() {
        assertThatThrownBy(
                        () -> Http.to("https://no-such-host.invalid").get("/").as(Order.class))
                .isInstanceOf(TransientException.class)
                .hasMessageStartingWith("GET https://no-such-host.invalid/ failed");
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 529})
    void statusesThatPassAreWorthAnotherAttempt(int status) {
        answers(aResponse().withStatus(status).withBody("<html>busy</html>"));
        assertThatThrownBy(() -> api().get("/orders").as(Orders.class))
                .isInstanceOfSatisfying(
                        TransientException.class, e -> assertThat(e.after()).isEmpty())
                .hasMessageContaining("answered " + status)
                .hasMessageContaining("<html>busy</html>");
    }

    @Test
    void retryAfterIsPassedOn() {
        answers(aResponse().withStatus(503).withHeader("Retry-After", "90"));
        assertThatThrownBy(() -> api().get("/orders").as(Orders.class))
                .isInstanceOfSatisfying(
                        TransientException.class, e -> assertThat(e.after()).contains(Duration.ofSeconds(90)));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 402, 404, 405, 409, 410, 413, 422, 501})
    void otherStatusesAreNotTriedAgain(int status) {
        answers(json(
                status, "{\"error\":\"Invalid argument\",\"message\":\"no such thing\",\"status\":" + status + "}"));
        HttpException e =
                catchThrowableOfType(HttpException.class, () -> api().get("/x").as(Orders.class));
        assertThat(e.status()).isEqualTo(status);
        assertThat(e.error()).containsEntry("message", "no such thing");
        assertThat(e).hasMessageContaining("no such thing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"error\":",
                "<html><body>down</body></html>",
                "[1]",
                "null",
                "\"text\"",
                "\u0000\u0001"
            })
    void anyErrorBodyIsSurvived(String body) {
        answers(json(400, body));
        HttpException e =
                catchThrowableOfType(HttpException.class, () -> api().get("/x").as(Orders.class));
        assertThat(e.status()).isEqualTo(400);
        assertThat(e.error()).isEmpty();
        assertThat(e.getMessage()).doesNotContain("\u0000");
    }

    @Test
    void aHugeErrorBodyIsCutInTheMessage() {
        answers(json(400, "{\"message\":\"" + "ü".repeat(3 << 20) + "\"}"));
        HttpException e =
                catchThrowableOfType(HttpException.class, () -> api().get("/x").as(Orders.class));
        assertThat(String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(1024 + 100);
        assertThat(e.error()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void refusedCredentialsAreNamedAndNotShown(int status) {
        Secret key = Secret.of("EXAMPLE_KEY", "S3CR3T-key+/=");
        answers(json(status, "{\"message\":\"bad key S3CR3T-key+/= or S3CR3T-key%2B%2F%3D\"}"));
        assertThatThrownBy(() -> api().bearer(key).get("/x").as(Orders.class))
                .isInstanceOf(HttpException.class)
                .hasMessageContaining("answered " + status + " (check EXAMPLE_KEY")
                .hasMessageNotContaining("S3CR3T")
                .satisfies(e -> assertThat(((HttpException) e).error()).containsEntry("message", "bad key … or …"));
    }

    @Test
    void theMeaningOfAStatusCanBeAnother() {
        answers(json(409, "{\"code\":\"conflict_error\"}"));
        Http api = api().failing(e -> "conflict_error".equals(e.error().get("code")) ? e.passing() : e.usual());
        assertThatThrownBy(() -> api.get("/x").as(Orders.class)).isInstanceOf(TransientException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsRefusedAndTheOtherHostHearsNothing(int status) throws IOException {
        try (RawServer other = RawServer.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) {
            answers(aResponse().withStatus(status).withHeader("Location", other.url() + "/steal?token=abc"));
            Http api = api().bearer(Secret.of("KEY", "S3CR3T"));
            for (Request request : List.of(api.get("/x"), api.post("/x").json(Map.of("a", 1)))) {
                assertThatThrownBy(() -> request.as(Map.class))
                        .isInstanceOf(HttpException.class)
                        .hasMessageContaining("redirects are not followed")
                        .hasMessageNotContaining("abc");
            }
            assertThat(other.heads()).isEmpty();
        }
    }

    @Test
    void aPageInThePlaceOfJsonIsNoEmptyPage() {
        answers(aResponse().withHeader("Content-Type", "text/html").withBody("<html>Please log in</html>"));
        assertThatThrownBy(() -> api().get("/x").rows("items", Order.class))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("text/html in the place of JSON: <html>Please log in</html>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{\"error\":\"busy\"}",
                "{\"items\":[{\"id\":1},{\"id\":2}",
                "{\"items\":[{\"id\":1},{\"i",
                "{\"items\":[{\"id\":1}]",
                "{\"items\":[{\"id\":1}]}garbage",
                "{\"items\":{}}",
                "[]"
            })
    void aCutOrStrangeAnswerIsWorthAnotherAttemptAndNoEmptyPage(String body) {
        answers(json(200, body));
        assertThatThrownBy(() -> api().get("/x").rows("items", Order.class)).isInstanceOf(TransientException.class);
    }

    @Test
    void anAnswerOfNothingIsAnErrorUnlessItIsExpected() throws Exception {
        answers(aResponse().withStatus(204));
        assertThatThrownBy(() -> api().get("/x").as(Orders.class))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("204");
        api().delete("/x").send();
    }

    @Test
    void aBodyWithoutLengthThatIsCutIsNotTakenForWhole() throws IOException {
        try (RawServer raw =
                RawServer.saying("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[{\"id\":1},{\"id\":2}")) {
            assertThatThrownBy(() -> Http.to(raw.url()).get("/").list(Order.class))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("cut or broken");
        }
    }

    @Test
    void aBodyShorterThanItsLengthIsNotTakenForWhole() throws IOException {
        try (RawServer raw = RawServer.saying(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[{\"id\":1}]")) {
            assertThatThrownBy(() -> Http.to(raw.url()).get("/").list(Order.class))
                    .isInstanceOf(TransientException.class);
        }
    }

    @Test
    void theTimeOfACallIncludesSilenceInsideTheBody() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        try (RawServer raw = new RawServer((out, in) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n["
                    .getBytes(StandardCharsets.UTF_8));
            over.await();
        })) {
            assertThatThrownBy(() -> Http.to(raw.url())
                            .timeout(Duration.ofMillis(300))
                            .get("/")
                            .list(Order.class))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("not answered in full within 0.3 s");
        } finally {
            over.countDown();
        }
    }

    @Test
    void theTimeOfACallIncludesATricklingBody() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        try (RawServer raw = new RawServer((out, in) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[".getBytes(StandardCharsets.UTF_8));
            while (!over.await(5, TimeUnit.MILLISECONDS)) {
                out.write("1,".getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        })) {
            assertThatThrownBy(() -> Http.to(raw.url())
                            .timeout(Duration.ofMillis(300))
                            .get("/")
                            .list(Long.class))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("not answered in full within 0.3 s");
        } finally {
            over.countDown();
        }
    }

    @Test
    void theTimeOfACallIncludesSilenceBeforeTheHeaders() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        try (RawServer raw = new RawServer((out, in) -> over.await())) {
            assertThatThrownBy(() -> Http.to(raw.url())
                            .timeout(Duration.ofMillis(300))
                            .get("/")
                            .list(Order.class))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("not answered in full within 0.3 s");
        } finally {
            over.countDown();
        }
    }

    @Test
    void anInterruptionEndsAReadingOfTheBody() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        try (RawServer raw = new RawServer((out, in) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[1,2".getBytes(StandardCharsets.UTF_8));
            out.flush();
            over.await();
        })) {
            AtomicReference<Throwable> seen = new AtomicReference<>();
            Thread reader = new Thread(() -> {
                try {
                    Http.to(raw.url()).get("/").reading(body -> {
                        body.read();
                        begun.countDown();
                        return body.readAllBytes();
                    });
                } catch (Throwable e) {
                    seen.set(e);
                }
            });
            reader.start();
            begun.await();
            reader.interrupt();
            reader.join();
            assertThat(seen.get()).isInstanceOf(InterruptedException.class);
        } finally {
            over.countDown();
        }
    }

    private static byte[] packed(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return packed.toByteArray();
    }

    private static ResponseDefinitionBuilder gzip(byte[] packed) {
        return aResponse()
                .withHeader("Content-Type", "application/json")
                .withHeader("Content-Encoding", "gzip")
                .withBody(packed);
    }

    @Test
    void aPackedAnswerIsUnpackedAlsoIfItWasNotAskedFor() throws Exception {
        answers(gzip(packed("[{\"id\":7}]".getBytes(StandardCharsets.UTF_8))));
        assertThat(api().get("/x").list(Order.class)).containsExactly(new Order(7));
        assertThat(api().header("Accept-Encoding", "identity").get("/x").list(Order.class))
                .hasSize(1);
    }

    @Test
    void aPackedErrorIsUnpackedToo() {
        answers(gzip(packed("{\"message\":\"no\"}".getBytes(StandardCharsets.UTF_8)))
                .withStatus(404));
        assertThatThrownBy(() -> api().get("/x").list(Order.class)).hasMessageContaining("{\"message\":\"no\"}");
    }

    @Test
    void aBombIsNotUnpacked() {
        answers(gzip(packed(("[\"" + " ".repeat(20 << 20) + "\"]").getBytes(StandardCharsets.UTF_8))));
        assertThatThrownBy(() -> api().get("/x").reading(body -> body.readAllBytes().length))
                .isInstanceOf(HttpException.class)
                .hasMessageContaining("100 times");
    }

    @Test
    void brokenAndCutPackingIsWorthAnotherAttempt() {
        byte[] whole = packed("[{\"id\":7}]".getBytes(StandardCharsets.UTF_8));
        for (byte[] bad :
                List.of("plain".getBytes(StandardCharsets.UTF_8), java.util.Arrays.copyOf(whole, whole.length - 9))) {
            answers(gzip(bad));
            assertThatThrownBy(() -> api().get("/x").list(Order.class)).isInstanceOf(TransientException.class);
        }
        answers(json(200, "[]").withHeader("Content-Encoding", "br"));
        assertThatThrownBy(() -> api().get("/x").list(Order.class)).isInstanceOf(TransientException.class);
    }

    @Test
    void anAnswerLargerThanAllowedIsRefusedWhileItIsRead() {
        server.stubFor(get(anyUrl()).willReturn(okJson("[" + "1,".repeat(1000) + "1]")));
        assertThatThrownBy(() -> api().maxBody(1000).get("/x").list(Long.class))
                .isInstanceOf(HttpException.class)
                .hasMessageContaining("larger than 1000 bytes");
    }

    @Test
    void anEndlessBodyIsRefused() throws IOException {
        try (RawServer raw = new RawServer((out, in) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .getBytes(StandardCharsets.UTF_8));
            byte[] chunk = ("1000\r\n" + " ".repeat(4096) + "\r\n").getBytes(StandardCharsets.UTF_8);
            while (true) {
                out.write(chunk);
            }
        })) {
            assertThatThrownBy(() -> Http.to(raw.url()).get("/").list(Long.class))
                    .isInstanceOf(HttpException.class)
                    .hasMessageMatching("(?s).*(larger than|beyond the limits).*");
        }
    }

    @Test
    void headersWithoutEndAreRefused() throws IOException {
        try (RawServer raw = new RawServer((out, in) -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.UTF_8));
            while (true) {
                out.write("X-More: and more and more\r\n".getBytes(StandardCharsets.UTF_8));
            }
        })) {
            assertThatThrownBy(() -> Http.to(raw.url()).get("/").list(Long.class))
                    .isInstanceOf(TransientException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1e999999999999]",
                "[{\"id\":\"text\"}]",
                "[{\"id\":{\"deep\":1}}]",
                "[null]",
            })
    void jsonThatDoesNotFitIsNamedByPlaceAndNotTriedAgain(String body) {
        answers(json(200, body));
        assertThatThrownBy(() -> api().get("/x").list(Order.class))
                .isInstanceOf(HttpException.class)
                .hasMessageContaining("[0]")
                .hasMessageNotContaining("text");
    }

    @Test
    void jsonBeyondTheLimitsIsRefusedWithoutAStackOverflow() {
        for (String body :
                List.of("[".repeat(100_000), "[\"" + "x".repeat(10 << 20) + "\"]", "[" + "9".repeat(500) + "]")) {
            answers(json(200, body));
            assertThatThrownBy(() -> api().get("/x").list(Object.class)).isInstanceOf(HttpException.class);
        }
    }

    @Test
    void aByteOrderMarkAndOtherCharsetsAreRead() throws Exception {
        answers(json(200, "\ufeff[\"é\"]"));
        assertThat(api().get("/x").list(String.class)).containsExactly("é");
        answers(aResponse()
                .withHeader("Content-Type", "application/json; charset=ISO-8859-1")
                .withBody("[\"é\"]".getBytes(StandardCharsets.ISO_8859_1)));
        assertThat(api().get("/x").list(String.class)).containsExactly("é");
    }
}

package dev.backfill.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Page;
import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers as no honest server gives them, and what a job makes of them. */
class WireFaultsTest {

    record Order(long id) {}

    record Orders(@Nullable List<Order> items, @Nullable String next) {}

    private static String answer(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }

    private static RawServer answering(String body) {
        return RawServer.saying(answer(body));
    }

    // ---- on the way

    @Test
    void aConnectionThatIsNeverMadeEndsWithTheTimeOfTheCall() throws IOException {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            boolean dropped = false;
            while (!dropped
                    && waiting.size() < 50) { // once its queue is full, the system drops what asks for a connection
                Socket socket = new Socket();
                waiting.add(socket);
                try {
                    socket.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()), 100);
                } catch (SocketTimeoutException e) {
                    dropped = true;
                }
            }
            assertThat(dropped).isTrue();
            assertThatThrownBy(() -> Http.to("http://127.0.0.1:" + full.getLocalPort())
                            .bearer(Secret.of("KEY", "S3CR3T"))
                            .timeout(Duration.ofMillis(300))
                            .get("/orders")
                            .list(Order.class))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("/orders failed")
                    .hasMessageNotContaining("S3CR3T");
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @Test
    void nothingOfABodyThatIsCutReachesTheSink() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        String whole = "{\"items\":[{\"id\":1},{\"id\":2},{\"id\":3}],\"next\":null}";
        try (RawServer raw = new RawServer((out, in) -> {
            String said = answer(whole);
            int length = calls.incrementAndGet() == 1 ? said.length() - 20 : said.length();
            out.write(said.substring(0, length).getBytes(StandardCharsets.UTF_8));
        })) {
            Http api = Http.to(raw.url());
            List<List<Long>> batches = new ArrayList<>();
            Source<Order> source = from -> {
                Rows<Order> rows = api.get("/orders").rows("items", Order.class);
                return Page.until(rows.items(), rows.text("next"));
            };
            var report = Backfill.named("orders")
                    .from(source)
                    .into(batch -> {
                        batches.add(batch.stream().map(Order::id).toList());
                    })
                    .checkpoint(new MemoryCheckpoint())
                    .run();
            assertThat(report.complete()).isTrue();
            assertThat(calls).hasValue(2);
            assertThat(batches).containsExactly(List.of(1L, 2L, 3L));
        }
    }

    /** Writes down for how long a limiter is told to rest. */
    private static final class Told implements RateLimiter {
        private final List<Duration> rests = new ArrayList<>();

        @Override
        public Call acquire() {
            return () -> {};
        }

        @Override
        public void quiet(Duration length) {
            rests.add(length);
        }
    }

    @Test
    void a429WithoutAWordLetsAllThatShareTheLimiterRest() throws IOException {
        Told limiter = new Told();
        try (RawServer raw = RawServer.saying("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")) {
            assertThatThrownBy(() ->
                            Http.to(raw.url()).limitedBy(limiter).get("/x").list(Order.class))
                    .isInstanceOfSatisfying(
                            TransientException.class, e -> assertThat(e.after()).isEmpty());
        }
        assertThat(limiter.rests).containsExactly(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Location: http://127.0.0.1/plain\r\n",
                "Location: /orders\r\n",
                "Location: file:///etc/passwd\r\n",
                "Location: //elsewhere.example\r\n",
                "Location: \r\n"
            })
    void aRedirectIsNotFollowedWhereverItLeads(String location) throws IOException {
        try (RawServer raw = RawServer.saying("HTTP/1.1 302 Found\r\n" + location + "Content-Length: 0\r\n\r\n")) {
            assertThatThrownBy(() -> Http.to(raw.url()).get("/orders").list(Order.class))
                    .isInstanceOf(HttpException.class)
                    .hasMessageContaining("answered 302 (redirects are not followed");
            assertThat(raw.heads()).as("one call, and no second").hasSize(1);
        }
    }

    // ---- in the body

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ["a\\u0000b"]             | 3
            ["\\ud83d"]               | 1
            ["\\ud83d\\ude00"]        | 2
            [ "\\u00e9" ]             | 1
            [1e400]                   | 5
            [0.10]                    | 4
            [{"id":1,"id":2}]         | 6
            """)
    void legalJsonIsTakenHoweverOdd(String body, int length) throws Exception {
        try (RawServer raw = answering(body)) {
            List<Object> list = Http.to(raw.url()).get("/x").list(Object.class);
            assertThat(list)
                    .singleElement()
                    .satisfies(value -> assertThat(value.toString().replace("1E+400", "1e400"))
                            .hasSize(length));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[NaN]",
                "[Infinity]",
                "[+1]",
                "[01]",
                "[.5]",
                "['a']",
                "[\"a\u0001b\"]",
                "[\"\\x\"]",
                "[\"\\ud8\"]",
                "[1,]",
                "[1] [2]",
                "[1] // x",
                "[\"tab\there\"]"
            })
    void jsonThatIsNoneIsRefusedWithItsPlace(String body) throws IOException {
        try (RawServer raw = answering(body)) {
            assertThatThrownBy(() -> Http.to(raw.url()).get("/x").list(Object.class))
                    .isInstanceOf(TransientException.class)
                    .hasMessageMatching("(?s).*(at line 1, column \\d+|something follows).*");
        }
    }

    @Test
    void bytesThatAreNoUtf8AreRefusedAndNotGuessed() throws IOException {
        byte[] body = "[\"?\"]".getBytes(StandardCharsets.ISO_8859_1);
        body[2] = (byte) 0xe9;
        try (RawServer raw = new RawServer((out, in) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
        })) {
            assertThatThrownBy(() -> Http.to(raw.url()).get("/x").list(Object.class))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("cut or broken at line 1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"error\":\"busy\"}", "{}", "{\"items\":null,\"next\":null}"})
    void anErrorInThePlaceOfAPageIsNoEndWithoutRecords(String body) throws IOException {
        try (RawServer raw = answering(body)) {
            Http api = Http.to(raw.url());
            Source<Order> source = from -> {
                Orders answer = api.get("/orders").as(Orders.class);
                return Page.until(answer.items(), answer.next());
            };
            assertThatThrownBy(() -> Backfill.named("orders")
                            .from(source)
                            .into(batch -> {})
                            .checkpoint(new MemoryCheckpoint())
                            .run())
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("null in the place of its records");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "has_more":"false"  | has_more | a text
            "has_more":"true"   | has_more | a text
            "has_more":1        | has_more | a number
            "next":2            | next     | a number
            "next":{"a":1}      | next     | a list or an object
            "total":"250"       | total    | a text
            "total":2.5         | total    | a number
            """)
    void aFieldOfAnotherKindIsNamedAndNotTakenForTheEnd(String field, String name, String kind) throws Exception {
        try (RawServer raw = answering("{\"items\":[{\"id\":1}]," + field + "}")) {
            Rows<Order> rows = Http.to(raw.url()).get("/x").rows("items", Order.class);
            Throwable refused = catchThrowable(() -> {
                switch (name) {
                    case "has_more" -> rows.flag(name);
                    case "next" -> rows.text(name);
                    default -> rows.number(name);
                }
            });
            assertThat(refused)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the field '" + name + "' of the answer is " + kind);
            assertThat(rows.rest()).containsKey(name);
        }
    }

    @Test
    void aListThatStandsTwiceIsNotReadAsItsSecondOnly() throws IOException {
        try (RawServer raw = answering("{\"items\":[{\"id\":1}],\"items\":[]}")) {
            assertThatThrownBy(() -> Http.to(raw.url()).get("/x").rows("items", Order.class))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("the field 'items' twice");
        }
    }

    @Test
    void fieldsThatAreNewAreSkippedAndThoseThatAreMissingAreNull() throws Exception {
        try (RawServer raw = answering("[{\"id\":1,\"more\":{\"a\":[1]}},{\"other\":2}]")) {
            record Named(@Nullable Long id) {}
            assertThat(Http.to(raw.url()).get("/x").list(Named.class)).containsExactly(new Named(1L), new Named(null));
            assertThat(Http.to(raw.url()).get("/x").list(Map.class)).hasSize(2);
        }
    }
}

package dev.backfill.guides;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.backfill.Backfill;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.http.Http;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/guides/custom-source-and-sink.md, run against a little service. */
class CustomPartsTest {

    record Order(String id, String text) {}

    record Orders(List<Order> items, @Nullable String next) {}

    @TempDir
    Path folder;

    private final HttpServer service = service();

    private static HttpServer service() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/orders", exchange -> {
                String query = String.valueOf(exchange.getRequestURI().getQuery());
                int page = query.startsWith("cursor=page-") ? Integer.parseInt(query.substring(12)) : 0;
                String items = IntStream.range(page * 3, page * 3 + 3)
                        .mapToObj(i -> "{\"id\":\"order-" + i + "\",\"text\":\"text " + i + "\"}")
                        .collect(Collectors.joining(","));
                String next = page == 4 ? "null" : "\"page-" + (page + 1) + "\"";
                byte[] body = ("{\"items\":[" + items + "],\"next\":" + next + "}").getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            return server;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void begins() {
        service.start();
    }

    @AfterEach
    void ends() {
        service.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + service.getAddress().getPort();
    }

    private static Source<Order> orders(Http api) {
        Source<Order> orders = from -> {
            var answer =
                    api.get("/orders").query("cursor", from.as(String.class)).as(Orders.class);
            return Page.until(answer.items(), answer.next());
        };
        return orders;
    }

    private Sink<Order> files() {
        Sink<Order> files = batch -> {
            for (Order order : batch) {
                Files.writeString(folder.resolve(order.id() + ".txt"), order.text());
            }
        };
        return files;
    }

    @Test
    void aSourceAndASinkOfAFewLines() throws Exception {
        Http api = Http.to(url());
        Report report = Backfill.named("orders")
                .from(orders(api))
                .into(files().keyedBy(Order::id))
                .checkpoint(FileCheckpoint.in(folder.resolve("progress")))
                .run();
        assertThat(report.complete()).isTrue();
        assertThat(report.counts().read()).isEqualTo(15);
        for (int i = 0; i < 15; i++) {
            assertThat(folder.resolve("order-" + i + ".txt")).hasContent("text " + i);
        }
    }

    @Test
    void bothAreTriedWithoutARunner() throws Exception {
        Source<Order> orders = orders(Http.to(url()));
        Page<Order> page = orders.read(Cursor.of("page-4"));
        assertThat(page.items()).hasSize(3);
        assertThat(page.next()).isEmpty();
    }
}

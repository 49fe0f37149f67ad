package dev.backfill.supabase;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.backfill.supabase.servers.Keys;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** An API whose answers a test writes itself, so that other versions than the one at hand can be played. */
final class Scripted implements AutoCloseable {

    /** A call as it arrived. */
    record Asked(String method, String path, String query, Map<String, List<String>> headers, String body) {

        String header(String name) {
            return headers.entrySet().stream()
                    .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                    .flatMap(entry -> entry.getValue().stream())
                    .findFirst()
                    .orElse("");
        }

        /** How many rows it brings. */
        int rows() {
            return body.equals("[]") ? 0 : body.split("\n", -1).length;
        }
    }

    /** An answer; status 0 is none at all. */
    record Given(int status, Map<String, String> headers, String body) {

        static Given json(int status, String body) {
            return new Given(status, Map.of("Content-Type", "application/json; charset=utf-8"), body);
        }

        static Given error(int status, String code, String message) {
            return json(
                    status,
                    "{\"code\":\"" + code
                            + "\",\"details\":\"Failing row contains (P3RS0NAL).\",\"hint\":null,\"message\":\""
                            + message + "\"}");
        }

        static Given html(int status) {
            return new Given(
                    status, Map.of("Content-Type", "text/html"), "<html><body>Error " + status + "</body></html>");
        }

        /** So many rows were written, all of which are new. */
        static Given applied(Asked asked, int rows) {
            return new Given(
                    201, Map.of("Content-Range", "*/" + rows, "Preference-Applied", asked.header("Prefer")), "");
        }
    }

    private final HttpServer server;
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    Scripted(Function<Asked, Given> answers) {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(Executors.newCachedThreadPool(body -> {
            Thread thread = new Thread(body, "scripted");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", exchange -> answer(exchange, answers));
        server.start();
    }

    private void answer(HttpExchange exchange, Function<Asked, Given> answers) throws IOException {
        String query = exchange.getRequestURI().getRawQuery();
        Asked call = new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                query == null ? "" : URLDecoder.decode(query, StandardCharsets.UTF_8),
                Map.copyOf(exchange.getRequestHeaders()),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        asked.add(call);
        Given given = answers.apply(call);
        if (given.status() > 0) {
            byte[] bytes = given.body().getBytes(StandardCharsets.UTF_8);
            given.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(given.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    Supabase project() {
        return Supabase.rest(url(), Keys.SECRET);
    }

    List<Asked> asked() {
        return asked;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

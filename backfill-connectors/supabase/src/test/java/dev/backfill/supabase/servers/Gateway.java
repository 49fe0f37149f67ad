package dev.backfill.supabase.servers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;

/** What stands before the API of a project: looks at keys, and fails as it is told to. */
public final class Gateway {

    /** What becomes of a call that writes. */
    public enum Fault {
        /** Not passed on; 429 with seconds. */
        LIMITED_SECONDS,
        /** Not passed on; 429 with a date. */
        LIMITED_DATE,
        /** Not passed on; the project is paused. */
        PAUSED,
        /** Not passed on; a page of the network before. */
        BAD_GATEWAY,
        /** Applied; the answer is a page of the network before. */
        APPLIED_UNKNOWN,
        /** Applied; the gateway has waited too long for it. */
        APPLIED_TIMEOUT,
        /** Applied; the connection is cut in the place of an answer. */
        APPLIED_CUT,
        /** Not passed on; the connection is cut. */
        CUT,
        /** Passed on. */
        NONE
    }

    private static final Set<String> NOT_PASSED_ON =
            Set.of("connection", "content-length", "host", "apikey", "transfer-encoding");

    private final int behind;
    private final HttpServer server;
    private volatile HttpClient client = client();
    private final BlockingDeque<Fault> faults = new LinkedBlockingDeque<>();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final Map<String, String> tokens = new TreeMap<>();

    Gateway(int behind) throws IOException {
        this.behind = behind;
        tokens.put(Keys.SECRET.reveal(), Keys.role("service_role").reveal());
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(Executors.newCachedThreadPool(body -> {
            Thread thread = new Thread(body, "gateway");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/", this::pass);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The next writing calls meet these, one each. */
    public void next(Fault... some) {
        faults.addAll(List.of(some));
    }

    private static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    void calm() {
        // PostgREST closes what was idle for half a minute, maybe just when a later test would use it
        client = client();
        faults.clear();
        calls.clear();
    }

    /** The writing calls since {@link #calm}: method and status of the API, or the fault that kept it from there. */
    public List<String> calls() {
        return calls;
    }

    private void pass(HttpExchange exchange) throws IOException {
        try {
            String path = exchange.getRequestURI().getRawPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            String refusal = refusal(exchange);
            if (!refusal.isEmpty()) {
                answer(
                        exchange,
                        401,
                        "application/json",
                        "{\"message\":\"" + refusal + "\",\"hint\":\"see the docs\"}");
            } else if (!path.startsWith("/rest/v1/")) {
                answer(exchange, 404, "application/json", "{\"message\":\"no Route matched with those values\"}");
            } else {
                boolean writes = !exchange.getRequestMethod().equals("GET");
                Fault fault = writes ? faults.poll() : null;
                carry(exchange, body, fault == null ? Fault.NONE : fault, writes);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    /** What the gateway has against the key; a secret key is no token, and nothing for browsers. */
    private String refusal(HttpExchange exchange) {
        String key = String.valueOf(exchange.getRequestHeaders().getFirst("apikey"));
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (key.equals("null")) {
            return "No API key found in request";
        }
        if (key.startsWith("sb_")) {
            boolean browser = String.valueOf(exchange.getRequestHeaders().getFirst("User-Agent"))
                    .startsWith("Mozilla");
            return !tokens.containsKey(key)
                    ? "Invalid API key"
                    : authorization != null || browser ? "Forbidden use of secret API key" : "";
        }
        return ("Bearer " + key).equals(authorization) ? "" : "Invalid API key";
    }

    private void carry(HttpExchange exchange, byte[] body, Fault fault, boolean writes)
            throws IOException, InterruptedException {
        switch (fault) {
            case LIMITED_SECONDS, LIMITED_DATE -> {
                String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(7));
                exchange.getResponseHeaders().set("Retry-After", fault == Fault.LIMITED_SECONDS ? "7" : date);
                calls.add(fault.name());
                answer(exchange, 429, "application/json", "{\"message\":\"API rate limit exceeded\"}");
            }
            case PAUSED -> {
                calls.add(fault.name());
                answer(exchange, 540, "application/json", "{\"message\":\"Project paused\"}");
            }
            case BAD_GATEWAY -> {
                calls.add(fault.name());
                answer(exchange, 502, "text/html", "<html><body>502 Bad Gateway</body></html>");
            }
            case CUT -> calls.add(fault.name());
            default -> {
                HttpResponse<byte[]> given = forward(exchange, body);
                if (writes) {
                    calls.add(exchange.getRequestMethod() + " " + given.statusCode());
                }
                if (fault == Fault.APPLIED_TIMEOUT) {
                    answer(exchange, 544, "text/html", "<html>Database Timeout</html>");
                } else if (fault == Fault.APPLIED_UNKNOWN) {
                    answer(exchange, 520, "text/html", "<html>Web server is returning an unknown error</html>");
                } else if (fault == Fault.NONE) {
                    given.headers().map().forEach((name, values) -> {
                        if (!name.startsWith(":") && !NOT_PASSED_ON.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                            exchange.getResponseHeaders().put(name, values);
                        }
                    });
                    exchange.sendResponseHeaders(
                            given.statusCode(), given.body().length == 0 ? -1 : given.body().length);
                    exchange.getResponseBody().write(given.body());
                }
            }
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
        String query = exchange.getRequestURI().getRawQuery();
        URI uri = URI.create("http://127.0.0.1:" + behind
                + exchange.getRequestURI().getRawPath().substring("/rest/v1".length())
                + (query == null ? "" : "?" + query));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (!NOT_PASSED_ON.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        String token = tokens.get(exchange.getRequestHeaders().getFirst("apikey"));
        if (token != null) {
            request.setHeader("Authorization", "Bearer " + token);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    String version() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + behind + "/"))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding())
                .headers()
                .firstValue("server")
                .orElse("?")
                .replace("postgrest/", "");
    }
}

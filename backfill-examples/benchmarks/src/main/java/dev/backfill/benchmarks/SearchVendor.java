package dev.backfill.benchmarks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What of Typesense the import of documents needs, in a process of its own: it keeps of each document that it came, and nothing else, so
 * that it is never what the others wait for.
 */
final class SearchVendor {

    private static final byte[] SUCCESS = "{\"success\":true}\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] MADE = "\"created_at\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DELETED = "\"deleted_at\":0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ID = "\"id\":\"".getBytes(StandardCharsets.US_ASCII);

    private final BitSet ids = new BitSet(); // guarded by itself, as the sums are
    private long again;
    private long made;
    private final AtomicLong calls = new AtomicLong();

    private SearchVendor() {}

    /** Runs it. */
    public static void main(String[] arguments) throws IOException {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 1_000);
        server.setExecutor(Executors.newCachedThreadPool());
        SearchVendor vendor = new SearchVendor();
        server.createContext("/", vendor::serve);
        server.start();
        StandIn.listens(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] answer = switch (exchange.getRequestURI().getPath()) {
                case "/__counts" -> counts().getBytes(StandardCharsets.US_ASCII);
                case "/__reset" -> reset();
                case "/health" -> "{\"ok\":true}".getBytes(StandardCharsets.US_ASCII);
                case "/stats.json" -> "{\"pending_write_batches\":0}".getBytes(StandardCharsets.US_ASCII);
                default -> imported(body);
            };
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    /** A line for each of the body. */
    private byte[] imported(byte[] body) {
        calls.incrementAndGet();
        int lines = 0;
        int from = 0;
        synchronized (ids) {
            while (from < body.length) {
                int to = from;
                while (to < body.length && body[to] != '\n') {
                    to++;
                }
                if (to > from) {
                    take(body, from, to);
                    lines++;
                }
                from = to + 1;
            }
        }
        byte[] answer = new byte[lines * SUCCESS.length];
        for (int i = 0; i < lines; i++) {
            System.arraycopy(SUCCESS, 0, answer, i * SUCCESS.length, SUCCESS.length);
        }
        return answer;
    }

    private void take(byte[] body, int from, int to) {
        int id = (int) number(body, find(body, from, to, ID), to);
        again += ids.get(id) ? 1 : 0;
        ids.set(id);
        made += number(body, find(body, from, to, MADE), to);
        find(body, from, to, DELETED);
    }

    /** Where it ends. */
    private static int find(byte[] body, int from, int to, byte[] what) {
        for (int i = from; i + what.length <= to; i++) {
            int same = 0;
            while (same < what.length && body[i + same] == what[same]) {
                same++;
            }
            if (same == what.length) {
                return i + same;
            }
        }
        throw new IllegalArgumentException("a document lacks " + new String(what, StandardCharsets.US_ASCII));
    }

    private static long number(byte[] body, int from, int to) {
        long number = 0;
        for (int i = from; i < to && body[i] >= '0' && body[i] <= '9'; i++) {
            number = number * 10 + body[i] - '0';
        }
        return number;
    }

    private String counts() {
        synchronized (ids) {
            return ids.cardinality() + " " + again + " " + made + " " + calls.get();
        }
    }

    private byte[] reset() {
        synchronized (ids) {
            ids.clear();
            again = 0;
            made = 0;
            return SUCCESS;
        }
    }
}

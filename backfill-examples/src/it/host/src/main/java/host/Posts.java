package host;

import com.sun.net.httpserver.HttpServer;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.http.Http;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A source of the host: 45 posts of an API, ten in a page. */
public final class Posts implements Source<Post>, AutoCloseable {

    private final HttpServer server;
    private final Http api;

    /** Begins to serve. */
    public Posts() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/posts", exchange -> {
            int after = Integer.parseInt(exchange.getRequestURI().getQuery().split("=")[1]);
            StringBuilder json = new StringBuilder("[");
            for (int id = after + 1; id <= Math.min(45, after + 10); id++) {
                json.append(id == after + 1 ? "" : ",").append("{\"id\":" + id + ",\"title\":\"Post " + id + "\"}");
            }
            byte[] body = json.append("]").toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        api = Http.to("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public Page<Post> read(Cursor from) throws InterruptedException {
        return read(from, Post.class, Post::id);
    }

    /** The same as records of another type. */
    public <T> Page<T> read(Cursor from, Class<T> type, java.util.function.ToIntFunction<T> id) throws InterruptedException {
        List<T> found = api.get("/posts").query("after", from.orElse(0)).list(type);
        return found.isEmpty() ? Page.last(found) : Page.of(found, id.applyAsInt(found.get(found.size() - 1)));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

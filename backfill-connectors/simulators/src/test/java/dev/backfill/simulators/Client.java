package dev.backfill.simulators;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client without manners: it sends what it is told and gives what it gets. */
final class Client {

    static final JsonMapper JSON = new JsonMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;
    private final Map<String, String> headers = new LinkedHashMap<>();

    private Client(URI url) {
        this.url = url;
    }

    static Client of(BlazeSimulator blaze) {
        return new Client(blaze.url())
                .header("partner_key", blaze.partnerKey().reveal())
                .header("Authorization", blaze.dispensaryKey().reveal());
    }

    static Client bare(BlazeSimulator blaze) {
        return new Client(blaze.url());
    }

    static Client of(ListingsSimulator site) {
        return new Client(site.url());
    }

    Client header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    HttpResponse<byte[]> send(String path) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url.resolve(path));
        headers.forEach(request::header);
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    int status(String path) throws IOException, InterruptedException {
        return send(path).statusCode();
    }

    String text(String path) throws IOException, InterruptedException {
        return new String(send(path).body(), java.nio.charset.StandardCharsets.UTF_8);
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(send(path).body());
    }

    JsonNode window(String start, String end, String more) throws IOException, InterruptedException {
        return json("/api/v1/partner/transactions?startDate=" + start + "&endDate=" + end + more);
    }

    /** Pages through a window by the rows received. */
    List<JsonNode> all(String start, String end) throws IOException, InterruptedException {
        List<JsonNode> rows = new ArrayList<>();
        int before;
        do {
            before = rows.size();
            window(start, end, "&limit=100&skip=" + before).get("values").forEach(rows::add);
        } while (rows.size() > before);
        return rows;
    }

    List<JsonNode> truth(String query) throws IOException, InterruptedException {
        return text("/__truth" + query).lines().map(JSON::readTree).toList();
    }

    /** The log, when all calls in it have ended: an answer is read a moment before its end is noted. */
    List<String> log() throws IOException, InterruptedException {
        List<String> lines = text("/__log").lines().toList();
        while (lines.stream().anyMatch(line -> line.contains(" 0 /"))) {
            Thread.onSpinWait();
            lines = text("/__log").lines().toList();
        }
        return lines;
    }
}

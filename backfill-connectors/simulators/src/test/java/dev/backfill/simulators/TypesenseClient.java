package dev.backfill.simulators;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** A client of Typesense without manners. */
final class TypesenseClient {

    static final String DOCUMENTS = "/collections/products_search/documents";
    static final String CREATED_AT = "{\"fields\":[{\"name\":\"created_at\",\"type\":\"int64\",\"optional\":true}]}";

    record Answer(int status, String text) {

        JsonNode json() {
            return Client.JSON.readTree(text);
        }

        String message() {
            return json().path("message").asString("");
        }

        List<String> lines() {
            return text.isEmpty() ? List.of() : List.of(text.split("\n", -1));
        }
    }

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;
    String key;

    TypesenseClient(TypesenseSimulator typesense) {
        this(typesense, typesense.url());
    }

    TypesenseClient(TypesenseSimulator typesense, URI url) {
        this.url = url;
        key = typesense.key().reveal();
    }

    private HttpRequest request(String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofMinutes(1)) // rather than for ever, if it is wrong
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!key.isEmpty()) {
            request.header("X-TYPESENSE-API-KEY", key);
        }
        return request.build();
    }

    Answer call(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request(method, path, body), HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }

    /** Gives what came until the end, with the status -1 if the connection ended before the answer did. */
    Answer torn(String method, String path, String body) throws IOException, InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int status;
        try {
            HttpResponse<InputStream> response =
                    http.send(request(method, path, body), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                in.transferTo(bytes);
            }
            status = response.statusCode();
        } catch (IOException e) {
            status = -1; // what came before is kept
        }
        return new Answer(status, bytes.toString(StandardCharsets.UTF_8));
    }

    CompletableFuture<Answer> later(String method, String path, String body) {
        return http.sendAsync(request(method, path, body), HttpResponse.BodyHandlers.ofString())
                .thenApply(response -> new Answer(response.statusCode(), response.body()));
    }

    /** Goes away when there is no answer after so long. */
    void impatient(Duration patience, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(request("POST", path, body), (name, value) -> true)
                .timeout(patience)
                .build();
        http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    Answer get(String path) throws IOException, InterruptedException {
        return call("GET", path, "");
    }

    List<String> bring(String action, String... lines) throws IOException, InterruptedException {
        Answer answer = call("POST", DOCUMENTS + "/import?action=" + action, String.join("\n", lines));
        return answer.status() == 200 ? answer.lines() : List.of(answer.status() + " " + answer.message());
    }

    Answer alter(String body) throws IOException, InterruptedException {
        return call("PATCH", "/collections/products_search", body);
    }

    Answer search(String more) throws IOException, InterruptedException {
        return get(DOCUMENTS + "/search?q=*" + more);
    }

    /** The ids on a page of a search. */
    List<String> found(String more) throws IOException, InterruptedException {
        return search(more)
                .json()
                .path("hits")
                .valueStream()
                .map(hit -> hit.path("document").path("id").asString())
                .toList();
    }

    /** Waits until the statistics tell so many waiting units. */
    void untilWaiting(int units) throws IOException, InterruptedException {
        while (get("/stats.json").json().path("pending_write_batches").asInt() != units) {
            Thread.onSpinWait();
        }
    }
}

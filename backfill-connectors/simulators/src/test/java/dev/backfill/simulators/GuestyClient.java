package dev.backfill.simulators;

import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** A client of Guesty without manners. */
final class GuestyClient {

    static final String TALKS = "/v1/communication/conversations";
    static final String FORM = "application/x-www-form-urlencoded";

    record Answer(int status, JsonNode json, HttpResponse<String> response) {
        JsonNode data() {
            return json.path("data");
        }

        String after() {
            return data().path("cursor").path("after").asString();
        }

        String message() {
            return json.path("error").path("message").asString("");
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final GuestySimulator guesty;
    String token = "";

    GuestyClient(GuestySimulator guesty) {
        this.guesty = guesty;
    }

    static GuestyClient authorized(GuestySimulator guesty) throws Exception {
        GuestyClient client = new GuestyClient(guesty);
        client.token = client.token().json().path("access_token").asString();
        return client;
    }

    Answer call(String method, String path, String type, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(guesty.url().resolve(path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!type.isEmpty()) {
            request.header("Content-Type", type);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        boolean json = response.headers().firstValue("Content-Type").orElse("").equals("application/json")
                && !response.body().isEmpty();
        return new Answer(
                response.statusCode(),
                json ? Client.JSON.readTree(response.body()) : Client.JSON.createObjectNode(),
                response);
    }

    Answer token() throws Exception {
        return token(guesty.clientSecret().reveal());
    }

    Answer token(String secret) throws Exception {
        return call(
                "POST",
                "/oauth2/token",
                FORM,
                "grant_type=client_credentials&scope=open-api&client_id="
                        + guesty.clientId().reveal() + "&client_secret=" + secret);
    }

    Answer get(String path) throws Exception {
        return call("GET", path, "", "");
    }

    List<String> lines(String path) throws Exception {
        return get(path).response().body().lines().toList();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Pages by cursors until nothing comes, or the cursor is empty or the one before. */
    private List<JsonNode> all(String path, String rows) throws Exception {
        List<JsonNode> all = new ArrayList<>();
        String cursor = "";
        while (true) {
            Answer answer = get(path
                    + (path.contains("?") ? "" : "?")
                    + (cursor.isEmpty() ? "" : "&cursorAfter=" + encoded(cursor)));
            if (answer.status() != 200) {
                throw new IllegalStateException(
                        path + " gave " + answer.response().body());
            }
            answer.data().path(rows).forEach(all::add);
            if (answer.data().path(rows).isEmpty()
                    || answer.after().isEmpty()
                    || answer.after().equals(cursor)) {
                return all;
            }
            cursor = answer.after();
        }
    }

    List<JsonNode> conversations(String query) throws Exception {
        return all(TALKS + query, "conversations");
    }

    List<JsonNode> posts(String conversation, String query) throws Exception {
        return all(TALKS + "/" + conversation + "/posts" + query, "posts");
    }

    static boolean message(JsonNode post) {
        String type = post.path("module").path("type").asString("");
        return !type.equals("log") && !type.equals("note");
    }

    /** The rows that a table of the messages would have, by the id. */
    Map<String, JsonNode> truth(String query) throws Exception {
        Map<String, JsonNode> truth = new TreeMap<>();
        for (String line : lines("/__truth" + query)) {
            JsonNode row = Client.JSON.readTree(line);
            truth.put(row.path("message_id").asString(), row);
        }
        return truth;
    }
}

package dev.backfill.benchmarks.inventory;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** What everybody knows who writes this job by hand. */
public final class Products {

    /** The table. */
    public static final String TABLE = "products";

    static final String COLLECTION = "products_search";
    static final String KEY = "not-asked-for";

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final String SUCCESS = "{\"success\":true}";

    private Products() {}

    /**
     * Sends documents, a line each.
     *
     * @param lines how many they are, all of which must have been taken
     */
    static void send(String vendor, HttpRequest.BodyPublisher documents, int lines)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = CLIENT.send(
                HttpRequest.newBuilder(
                                URI.create(vendor + "/collections/" + COLLECTION + "/documents/import?action=update"))
                        .header("X-TYPESENSE-API-KEY", KEY)
                        .header("Content-Type", "text/plain")
                        .POST(documents)
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        String said = new String(answer.body(), StandardCharsets.UTF_8);
        int taken = 0;
        for (int at = said.indexOf(SUCCESS); at >= 0; at = said.indexOf(SUCCESS, at + SUCCESS.length())) {
            taken++;
        }
        if (answer.statusCode() != 200 || taken != lines) {
            throw new IOException("of " + lines + " documents " + taken + " were taken, with " + answer.statusCode());
        }
    }
}

package dev.backfill.benchmarks.blaze;

import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.SavedFile;
import dev.backfill.benchmarks.Work;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** As such scripts are written: a page, its rows, the place in a file, one after the other in one thread. */
final class ScriptBlaze implements Contender {

    private static final int BATCH = 500;

    private final HttpClient client = HttpClient.newHttpClient();
    private final ObjectMapper json = JsonMapper.builder()
            .enable(tools.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    @Override
    public void run(Work work) throws Exception {
        SavedFile saved = new SavedFile(work.folder().resolve("progress"));
        String[] place = saved.read("0 0").split(" ", 2);
        int first = Integer.parseInt(place[0]);
        List<LocalDate> windows = BlazeApi.windows();
        try (Connection connection = DriverManager.getConnection(work.database(), Work.USER, "")) {
            connection.setAutoCommit(false);
            for (int window = first; window < windows.size(); window++) {
                int skip = window == first ? Integer.parseInt(place[1]) : 0;
                int total = Integer.MAX_VALUE;
                List<@Nullable Object[]> rows = new ArrayList<>();
                while (skip < total) {
                    JsonNode page = json.readTree(get(work.vendor() + BlazeApi.path(windows.get(window), skip)));
                    total = page.path("total").asInt();
                    for (JsonNode transaction : page.path("values")) {
                        ItemTree.rows(transaction, rows::add);
                    }
                    while (rows.size() >= BATCH) {
                        upsert(connection, rows.subList(0, BATCH));
                        rows.subList(0, BATCH).clear();
                        saved.write(window + " " + skip); // what is left is of this page
                    }
                    skip += page.path("values").size();
                }
                if (!rows.isEmpty()) {
                    upsert(connection, rows);
                }
                saved.write((window + 1) + " 0");
            }
        }
    }

    private String get(String url) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(url))
                        .header("partner_key", BlazeApi.PARTNER_KEY)
                        .header("Authorization", BlazeApi.KEY)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("the answer is " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    private static void upsert(Connection connection, List<@Nullable Object[]> rows) throws SQLException {
        String row = "(" + String.join(", ", Collections.nCopies(Field.ALL.size(), "?")) + ")";
        String sql = "INSERT INTO " + BlazeApi.TABLE + " (" + Field.names() + ") VALUES "
                + String.join(", ", Collections.nCopies(rows.size(), row)) + Field.onConflict();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = 1;
            for (@Nullable Object[] values : rows) {
                for (Object value : values) {
                    statement.setObject(at++, value);
                }
            }
            statement.executeUpdate();
        }
        connection.commit();
    }
}

package dev.backfill.benchmarks.inventory;

import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.SavedFile;
import dev.backfill.benchmarks.Work;
import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** As such scripts are written: some rows, their documents, their rows, the place in a file, in one thread. */
final class ScriptInventory implements Contender {

    private static final int BATCH = 1_000;

    private final ObjectMapper json = JsonMapper.shared();

    private record Row(long id, @Nullable Timestamp created) {}

    @Override
    public void run(Work work) throws Exception {
        SavedFile saved = new SavedFile(work.folder().resolve("progress"));
        long last = Long.parseLong(saved.read("0"));
        try (Connection connection = DriverManager.getConnection(work.database(), Work.USER, "");
                PreparedStatement read = connection.prepareStatement("SELECT id, created_at FROM " + Products.TABLE
                        + " WHERE id > ? AND deleted_at IS NULL ORDER BY id LIMIT " + BATCH)) {
            connection.setAutoCommit(false);
            while (true) {
                List<Row> rows = rows(read, last);
                if (rows.isEmpty()) {
                    return;
                }
                StringBuilder lines = new StringBuilder();
                for (Row row : rows) {
                    Map<String, Object> document = new LinkedHashMap<>();
                    document.put("id", "" + row.id());
                    document.put(
                            "created_at",
                            row.created() == null ? 0 : row.created().getTime() / 1_000);
                    document.put("deleted_at", 0);
                    lines.append(json.writeValueAsString(document)).append('\n');
                }
                Products.send(work.vendor(), HttpRequest.BodyPublishers.ofString(lines.toString()), rows.size());
                update(connection, rows);
                connection.commit();
                last = rows.get(rows.size() - 1).id();
                saved.write("" + last);
            }
        }
    }

    private static List<Row> rows(PreparedStatement read, long last) throws SQLException {
        List<Row> rows = new ArrayList<>();
        read.setLong(1, last);
        try (ResultSet found = read.executeQuery()) {
            while (found.next()) {
                rows.add(new Row(found.getLong(1), found.getTimestamp(2)));
            }
        }
        return rows;
    }

    private static void update(Connection connection, List<Row> rows) throws SQLException {
        String places = String.join(", ", Collections.nCopies(rows.size(), "?"));
        try (PreparedStatement statement = connection.prepareStatement("UPDATE " + Products.TABLE
                + " SET deleted_at = 0 WHERE deleted_at IS NULL AND id IN (" + places + ")")) {
            for (int i = 0; i < rows.size(); i++) {
                statement.setLong(i + 1, rows.get(i).id());
            }
            statement.executeUpdate();
        }
    }
}

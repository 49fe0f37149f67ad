package dev.backfill.benchmarks.inventory;

import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.SideBySide;
import dev.backfill.benchmarks.Work;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * What a loop can do that is tuned by hand for this one job: three ranges side by side, so that two processors have work while one of them
 * waits for an answer; two thousand rows at once; documents written as bytes; one statement for all rows of a batch, with the place of the
 * range in the same transaction.
 */
final class LimitInventory implements Contender {

    private static final int WORKERS = 3;
    private static final int ROWS = 2_000;

    @Override
    public void run(Work work) throws Exception {
        try (Connection connection = connect(work);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS place (part integer PRIMARY KEY, id bigint NOT NULL)");
        }
        List<Callable<?>> tasks = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            int part = i;
            tasks.add(() -> range(work, part));
        }
        SideBySide.run(tasks);
    }

    private static Connection connect(Work work) throws SQLException {
        return DriverManager.getConnection(work.database() + "?prepareThreshold=1", Work.USER, "");
    }

    private static boolean range(Work work, int part) throws SQLException, IOException, InterruptedException {
        try (Connection connection = connect(work);
                Statement statement = connection.createStatement();
                PreparedStatement read = connection.prepareStatement(
                        "SELECT id, extract(epoch FROM created_at)::bigint FROM " + Products.TABLE
                                + " WHERE id > ? AND id <= ? AND deleted_at IS NULL ORDER BY id LIMIT " + ROWS);
                PreparedStatement write = connection.prepareStatement(
                        "UPDATE " + Products.TABLE + " SET deleted_at = 0 WHERE id = ANY (?) AND deleted_at IS NULL");
                PreparedStatement save = connection.prepareStatement(
                        "INSERT INTO place VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET id = excluded.id")) {
            long end;
            long last;
            try (ResultSet found =
                    statement.executeQuery("SELECT coalesce(max(id), 0), (SELECT id FROM place WHERE part = " + part
                            + ") FROM " + Products.TABLE)) {
                found.next();
                end = found.getLong(1) * (part + 1) / WORKERS;
                last = found.getLong(1) * part / WORKERS;
                long saved = found.getLong(2);
                last = found.wasNull() ? last : saved;
            }
            connection.setAutoCommit(false);
            long[] ids = new long[ROWS];
            byte[] lines = new byte[ROWS * 96];
            while (true) {
                int rows = 0;
                int size = 0;
                read.setLong(1, last);
                read.setLong(2, end);
                try (ResultSet found = read.executeQuery()) {
                    while (found.next()) {
                        ids[rows++] = found.getLong(1);
                        size = document(lines, size, found.getLong(1), found.getLong(2));
                    }
                }
                if (rows == 0) {
                    connection.commit();
                    return true;
                }
                Products.send(work.vendor(), HttpRequest.BodyPublishers.ofByteArray(lines, 0, size), rows);
                write.setArray(
                        1, connection.createArrayOf("int8", boxed(rows < ROWS ? Arrays.copyOf(ids, rows) : ids)));
                write.executeUpdate();
                last = ids[rows - 1];
                save.setInt(1, part);
                save.setLong(2, last);
                save.executeUpdate();
                connection.commit();
            }
        }
    }

    private static Object[] boxed(long[] ids) {
        return Arrays.stream(ids).boxed().toArray();
    }

    private static int document(byte[] lines, int at, long id, long created) {
        int end = text(lines, at, "{\"id\":\"");
        end = text(lines, end, Long.toString(id));
        end = text(lines, end, "\",\"created_at\":");
        end = text(lines, end, Long.toString(created));
        return text(lines, end, ",\"deleted_at\":0}\n");
    }

    private static int text(byte[] lines, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, lines, at, bytes.length);
        return at + bytes.length;
    }
}

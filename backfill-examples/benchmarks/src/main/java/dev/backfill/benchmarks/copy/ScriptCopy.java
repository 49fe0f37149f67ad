package dev.backfill.benchmarks.copy;

import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.SavedFile;
import dev.backfill.benchmarks.Work;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** As such scripts are written: some rows, then the same rows, then the place in a file, in one thread. */
final class ScriptCopy implements Contender {

    private static final int BATCH = 500;
    private static final int WIDTH = 5;

    @Override
    public void run(Work work) throws Exception {
        SavedFile saved = new SavedFile(work.folder().resolve("progress"));
        long last = Long.parseLong(saved.read("0"));
        try (Connection connection = DriverManager.getConnection(work.database(), Work.USER, "");
                PreparedStatement read = connection.prepareStatement("SELECT " + Copied.COLUMNS + " FROM " + Copied.FROM
                        + " WHERE id > ? ORDER BY id LIMIT " + BATCH)) {
            connection.setAutoCommit(false);
            while (true) {
                List<@Nullable Object[]> rows = rows(read, last);
                if (rows.isEmpty()) {
                    return;
                }
                upsert(connection, rows);
                connection.commit();
                last = (Long) rows.get(rows.size() - 1)[0];
                saved.write("" + last);
            }
        }
    }

    private static List<@Nullable Object[]> rows(PreparedStatement read, long last) throws SQLException {
        List<@Nullable Object[]> rows = new ArrayList<>();
        read.setLong(1, last);
        try (ResultSet found = read.executeQuery()) {
            while (found.next()) {
                @Nullable Object[] row = new @Nullable Object[WIDTH];
                for (int i = 0; i < WIDTH; i++) {
                    row[i] = found.getObject(i + 1);
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private static void upsert(Connection connection, List<@Nullable Object[]> rows) throws SQLException {
        String sql = "INSERT INTO " + Copied.TO + " (" + Copied.COLUMNS + ") VALUES "
                + String.join(", ", Collections.nCopies(rows.size(), "(?, ?, ?, ?, ?)")) + Copied.ON_CONFLICT;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = 1;
            for (@Nullable Object[] row : rows) {
                for (Object value : row) {
                    statement.setObject(at++, value);
                }
            }
            statement.executeUpdate();
        }
    }
}

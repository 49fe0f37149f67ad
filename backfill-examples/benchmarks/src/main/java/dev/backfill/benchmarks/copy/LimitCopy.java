package dev.backfill.benchmarks.copy;

import dev.backfill.benchmarks.BinaryRows;
import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.SideBySide;
import dev.backfill.benchmarks.Work;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * What a loop can do that is tuned by hand for this one job: two ranges side by side, ten thousand rows at once, copied into a table of
 * the session and from there by one statement, with the place of the range in the same transaction. Each row is seen as an object.
 */
final class LimitCopy implements Contender {

    private static final int WORKERS = 2;
    private static final int ROWS = 10_000;

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

    private static boolean range(Work work, int part) throws SQLException {
        try (Connection connection = connect(work);
                Statement statement = connection.createStatement();
                PreparedStatement read = connection.prepareStatement("SELECT " + Copied.COLUMNS + " FROM " + Copied.FROM
                        + " WHERE id > ? AND id <= ? ORDER BY id LIMIT " + ROWS);
                PreparedStatement write = connection.prepareStatement("INSERT INTO " + Copied.TO + " (" + Copied.COLUMNS
                        + ") SELECT " + Copied.COLUMNS + " FROM arrived" + Copied.ON_CONFLICT);
                PreparedStatement save = connection.prepareStatement(
                        "INSERT INTO place VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET id = excluded.id")) {
            long end;
            long last;
            try (ResultSet found =
                    statement.executeQuery("SELECT coalesce(max(id), 0), (SELECT id FROM place WHERE part = " + part
                            + ") FROM " + Copied.FROM)) {
                found.next();
                end = found.getLong(1) * (part + 1) / WORKERS;
                last = found.getLong(1) * part / WORKERS;
                long saved = found.getLong(2);
                last = found.wasNull() ? last : saved;
            }
            connection.setAutoCommit(false);
            statement.execute("CREATE TEMPORARY TABLE arrived (LIKE " + Copied.TO + ") ON COMMIT DELETE ROWS");
            connection.commit();
            BinaryRows rows = new BinaryRows(1 << 20);
            while (true) {
                List<Copied> page = read(read, last, end);
                if (page.isEmpty()) {
                    return true;
                }
                rows.clear();
                for (Copied row : page) {
                    rows.row(5)
                            .whole(row.id())
                            .text(row.name())
                            .small(row.quantity())
                            .decimal(row.price());
                    Instant changed = row.changedAt();
                    if (changed == null) {
                        rows.none();
                    } else {
                        rows.time(changed.getEpochSecond() * 1_000_000 + changed.getNano() / 1_000);
                    }
                }
                last = page.get(page.size() - 1).id();
                BinaryRows.copy(connection, "arrived", List.of(rows));
                write.executeUpdate();
                save.setInt(1, part);
                save.setLong(2, last);
                save.executeUpdate();
                connection.commit();
            }
        }
    }

    private static List<Copied> read(PreparedStatement read, long last, long end) throws SQLException {
        List<Copied> page = new ArrayList<>(ROWS);
        read.setLong(1, last);
        read.setLong(2, end);
        try (ResultSet found = read.executeQuery()) {
            while (found.next()) {
                Timestamp changed = found.getTimestamp(5);
                BigDecimal price = found.getBigDecimal(4);
                page.add(new Copied(
                        found.getLong(1),
                        found.getString(2),
                        found.getInt(3),
                        price,
                        changed == null ? null : changed.toInstant()));
            }
        }
        return page;
    }
}

package dev.backfill.benchmarks.blaze;

import dev.backfill.benchmarks.BinaryRows;
import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.SideBySide;
import dev.backfill.benchmarks.Work;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a loop can do that is tuned by hand for this one job: windows side by side, each page parsed while others are on their way and
 * written, pages joined to large transactions, and the place of each window saved in the transaction of its rows.
 */
final class LimitBlaze implements Contender {

    private static final int WRITERS = 2;
    private static final int WAITING = 12;
    private static final int ROWS = 5_000;

    private final Transport.Opening opening;

    LimitBlaze(Transport.Opening opening) {
        this.opening = opening;
    }

    /** @param next how many transactions of the window are read with this page; negative at its end */
    private record Read(LocalDate window, int next, BinaryRows items) {
        boolean end() {
            return window.equals(LocalDate.EPOCH);
        }
    }

    private static final Read END = new Read(LocalDate.EPOCH, 0, new BinaryRows(0));

    @Override
    public void run(Work work) throws Exception {
        Map<LocalDate, Integer> places = places(work);
        List<LocalDate> windows = BlazeApi.windows();
        Queue<LocalDate> open = new ConcurrentLinkedQueue<>(windows);
        List<BlockingQueue<Read>> queues = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            queues.add(new ArrayBlockingQueue<>(WAITING));
        }
        AtomicInteger fetching = new AtomicInteger(work.parallel());
        List<Callable<?>> tasks = new ArrayList<>();
        for (BlockingQueue<Read> queue : queues) {
            tasks.add(() -> write(work, queue));
        }
        for (int i = 0; i < work.parallel(); i++) {
            tasks.add(() -> {
                Transport transport = opening.open(work.vendor());
                ItemParser parser = new ItemParser();
                for (LocalDate window = open.poll(); window != null; window = open.poll()) {
                    // the pages of a window go to one writer, so that its place is never saved before rows in front of
                    // it
                    BlockingQueue<Read> queue = queues.get(windows.indexOf(window) % WRITERS);
                    for (int at = places.getOrDefault(window, 0); at >= 0; ) {
                        ItemParser.Page page = parser.parse(transport.get(BlazeApi.path(window, at)));
                        int behind = at + page.transactions();
                        at = behind >= page.total() || page.transactions() == 0 ? -1 : behind;
                        queue.put(new Read(window, at, page.items()));
                    }
                }
                if (fetching.decrementAndGet() == 0) {
                    for (BlockingQueue<Read> queue : queues) {
                        queue.put(END);
                    }
                }
                return true;
            });
        }
        SideBySide.run(tasks);
    }

    private static Map<LocalDate, Integer> places(Work work) throws SQLException {
        Map<LocalDate, Integer> places = new HashMap<>();
        try (Connection connection = connect(work);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS place (week date PRIMARY KEY, next integer NOT NULL)");
            try (ResultSet rows = statement.executeQuery("SELECT week, next FROM place")) {
                while (rows.next()) {
                    places.put(rows.getObject(1, LocalDate.class), rows.getInt(2));
                }
            }
        }
        return places;
    }

    private static Connection connect(Work work) throws SQLException {
        return DriverManager.getConnection(work.database(), Work.USER, "");
    }

    private static boolean write(Work work, BlockingQueue<Read> queue) throws SQLException, InterruptedException {
        String upsert = "INSERT INTO " + BlazeApi.TABLE + " (" + Field.names() + ") SELECT " + Field.names()
                + " FROM arrived" + Field.onConflict();
        String place = "INSERT INTO place VALUES (?, ?) ON CONFLICT (week) DO UPDATE SET next = excluded.next";
        try (Connection connection = connect(work);
                Statement statement = connection.createStatement();
                PreparedStatement write = connection.prepareStatement(upsert);
                PreparedStatement save = connection.prepareStatement(place)) {
            connection.setAutoCommit(false);
            statement.execute("CREATE TEMPORARY TABLE arrived (LIKE " + BlazeApi.TABLE + ") ON COMMIT DELETE ROWS");
            connection.commit();
            List<BinaryRows> pages = new ArrayList<>();
            Map<LocalDate, Integer> next = new LinkedHashMap<>();
            for (Read read = queue.take(); !read.end(); read = queue.take()) {
                Read last = read;
                int rows = 0;
                while (last != null && !last.end()) {
                    pages.add(last.items());
                    next.put(last.window(), last.next());
                    rows += last.items().rows();
                    last = rows < ROWS ? queue.poll() : null;
                }
                BinaryRows.copy(connection, "arrived", pages);
                write.executeUpdate();
                for (Map.Entry<LocalDate, Integer> window : next.entrySet()) {
                    save.setObject(1, window.getKey());
                    save.setInt(2, window.getValue());
                    save.addBatch();
                }
                save.executeBatch();
                connection.commit();
                pages.clear();
                next.clear();
                if (last != null && last.end()) {
                    return true;
                }
            }
        }
        return true;
    }
}

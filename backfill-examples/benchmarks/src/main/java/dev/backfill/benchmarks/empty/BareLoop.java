package dev.backfill.benchmarks.empty;

import dev.backfill.benchmarks.SavedFile;
import dev.backfill.benchmarks.Work;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The same by a loop in one thread. */
final class BareLoop {

    private static final List<Integer> RECORDS = Collections.nCopies(EmptyContenders.PAGE, 1);

    private BareLoop() {}

    /** Keeps the number of the page that comes next. */
    @FunctionalInterface
    private interface Saving {
        void save(int next) throws Exception;
    }

    static void inMemory(Work work) throws Exception {
        AtomicLong place = new AtomicLong();
        run(work, place::setRelease);
    }

    static void inAFile(Work work) throws Exception {
        try (FileChannel file = FileChannel.open(
                work.folder().resolve("progress"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            run(work, next -> file.write(ByteBuffer.wrap((next + "\n").getBytes(StandardCharsets.US_ASCII))));
        }
    }

    static void besideAndMoved(Work work) throws Exception {
        SavedFile file = new SavedFile(work.folder().resolve("progress"));
        run(work, next -> file.write("" + next));
    }

    /** Nothing but a statement for each page, which is on the disk when it is answered. */
    static void inADatabase(Work work) throws Exception {
        try (Connection connection = DriverManager.getConnection(work.database(), Work.USER, "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE place (part integer PRIMARY KEY, next integer NOT NULL)");
            statement.execute("INSERT INTO place VALUES (1, 0)");
            try (PreparedStatement save = connection.prepareStatement("UPDATE place SET next = ? WHERE part = 1")) {
                run(work, next -> {
                    save.setInt(1, next);
                    save.executeUpdate();
                });
            }
        }
    }

    private static void run(Work work, Saving saving) throws Exception {
        int pages = work.size() / EmptyContenders.PAGE;
        long sum = 0;
        for (int page = 0; page < pages; page++) {
            for (int record : RECORDS) {
                sum += record;
            }
            saving.save(page + 1);
        }
        if (sum != work.size()) {
            throw new IllegalStateException(sum + " records instead of " + work.size());
        }
    }
}

package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteDataSource;

/** What is done to the tables of progress behind a job's back. */
class TableProgressFaultsTest {

    record Item(int id, String name) {}

    private static final int PAGES = 6;

    @TempDir
    Path folder;

    private static Bookmark bookmark(String partition, int cursor) {
        return new Bookmark("j", "main", partition, 1, Cursor.of(cursor), false, Counts.ZERO);
    }

    private static Claim claim(Store store) throws Exception {
        return store.db().checkpoint().claim("j", Duration.ZERO);
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void noticesWhatWasDeletedByHand(Store.Kind kind) throws Exception {
        for (String deletion : List.of(
                "DELETE FROM backfill_bookmark WHERE part = 'q'",
                "DELETE FROM backfill_bookmark",
                "DROP TABLE backfill_bookmark")) {
            Store store = Store.of(kind, folder);
            try (Claim claim = claim(store)) {
                claim.begin("d", List.of(bookmark("p", 1)));
                claim.save(new dev.backfill.Save(List.of(bookmark("q", 1)), List.of()));
                assertThat(claim.load()).hasSize(2);
            }
            store.run(deletion);
            try (Claim claim = claim(store)) {
                assertThatThrownBy(claim::load)
                        .as(deletion)
                        .isInstanceOf(BackfillException.Damaged.class)
                        .hasMessageContaining("bookmarks, and there were 2")
                        .hasMessageContaining("startOver()");
                claim.begin("d", List.of());
                assertThat(claim.load()).isEmpty();
            }
        }
    }

    private static Source<Item> items() {
        return from -> {
            int page = from.orElse(0);
            List<Item> items = List.of(new Item(2 * page, "n"), new Item(2 * page + 1, "n"));
            return page == PAGES - 1 ? Page.last(items) : Page.of(items, page + 1);
        };
    }

    private static Backfill job(Db db) {
        return Backfill.named("items")
                .from(items())
                .into(db.table("item").createIfMissing(Item.class, "id").upsert("id"))
                .batch(2)
                .checkpoint(db.checkpoint());
    }

    /** Rows and progress go back together, as with a backup, or a fail-over to a server that was behind. */
    @Test
    void goesOnFromAnOlderStateOfRowsAndProgress() throws Exception {
        Store store = Store.of(Store.Kind.SQLITE, folder);
        Path backup = folder.resolve("backup.db");
        job(store.db()).stopAfterCalls(3).run();
        store.run("VACUUM INTO '" + backup + "'");
        assertThat(job(store.db()).run().complete()).isTrue();

        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + backup);
        Store older = new Store(Store.Kind.SQLITE, source, backup);
        assertThat(older.rows("SELECT count(*) FROM item")).containsExactly("6");
        Report report = job(older.db()).run();

        assertThat(report.complete()).isTrue();
        assertThat(report.counts().inserted()).isEqualTo(2 * PAGES);
        assertThat(older.rows("SELECT count(*) FROM item")).containsExactly("" + 2 * PAGES);
    }

    /** A journal that is hot, or a log that nobody has merged: what a kill leaves when half of a transaction is on the disk. */
    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void believesNoHalfTransactionOfAKilledProcess(String mode) throws Exception {
        Store store = Store.of(Store.Kind.SQLITE, folder);
        try (Claim claim = Db.of(store.source()).checkpoint().claim("j", Duration.ZERO)) {
            claim.begin("d", List.of(bookmark("p", 1)));
        }
        Path left = folder.resolve("left.db");
        try (Connection connection = store.source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = " + mode);
            byte[] before = Files.readAllBytes(store.file());
            statement.execute("PRAGMA cache_size = 1");
            statement.execute("BEGIN IMMEDIATE");
            statement.execute("UPDATE backfill_bookmark SET page = '99'");
            statement.execute("CREATE TABLE large (x blob)");
            statement.execute(
                    "INSERT INTO large WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
                            + " SELECT randomblob(5000) FROM n");
            for (String suffix : List.of("", "-journal", "-wal")) {
                Path file = Path.of(store.file() + suffix);
                if (Files.exists(file)) {
                    Files.copy(file, Path.of(left + suffix));
                }
            }
            boolean log = mode.equals("WAL");
            assertThat(Files.size(Path.of(left + (log ? "-wal" : "-journal")))).isPositive();
            if (!log) {
                assertThat(left)
                        .as("half of it is in the file")
                        .content(java.nio.charset.StandardCharsets.ISO_8859_1)
                        .isNotEqualTo(new String(before, java.nio.charset.StandardCharsets.ISO_8859_1));
            }
            statement.execute("ROLLBACK");
        }
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + left);
        try (Claim claim = claim(new Store(Store.Kind.SQLITE, source, left))) {
            assertThat(claim.load()).containsExactly(bookmark("p", 1));
        }
    }
}

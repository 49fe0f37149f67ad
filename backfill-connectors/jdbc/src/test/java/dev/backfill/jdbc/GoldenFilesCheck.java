package dev.backfill.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes the progress of a new version for {@link GoldenFilesTest}; see docs/CONTRIBUTING.md. Never for one that was released before. */
class GoldenFilesCheck {

    @TempDir
    Path folder;

    @Test
    void writesTheFilesOfAVersion() throws Exception {
        Path dump = GoldenFilesTest.GOLDEN
                .resolve(System.getProperty("backfill.golden"))
                .resolve("progress.sql");
        assertThat(dump).as("the files of a version never change").doesNotExist();
        Store store = Store.of(Store.Kind.SQLITE, folder);
        GoldenJob broken = new GoldenJob(true, 1, 3);
        assertThatThrownBy(() -> broken.in(store.db().checkpoint()).run()).hasMessageContaining("broken off");
        new GoldenJob(true, 1).in(store.db().checkpoint()).replay();
        store.run("UPDATE backfill_job SET process = NULL"); // which tells of this machine
        List<String> statements = new ArrayList<>(Progress.CREATE);
        for (String table : Progress.TABLES) {
            String columns = String.join(
                    " || ', ' || ",
                    store.rows("SELECT 'quote(' || name || ')' FROM pragma_table_info('" + table + "') ORDER BY cid"));
            store.rows("SELECT " + columns + " FROM " + table)
                    .forEach(row -> statements.add("INSERT INTO " + table + " VALUES (" + row + ")"));
        }
        Files.createDirectories(dump.getParent());
        Files.writeString(dump, String.join(GoldenFilesTest.BETWEEN, statements));
    }
}

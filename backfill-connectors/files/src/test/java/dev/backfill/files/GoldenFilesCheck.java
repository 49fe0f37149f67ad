package dev.backfill.files;

import static dev.backfill.files.Months.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Writes the files of a new version for {@link GoldenFilesTest}; see docs/CONTRIBUTING.md. Never for one that was released before. */
class GoldenFilesCheck {

    @Test
    void writesTheFilesOfAVersion() throws Exception {
        Path version = GoldenFilesTest.GOLDEN
                .resolve(System.getProperty("backfill.golden"))
                .toAbsolutePath();
        assertThat(version).as("the files of a version never change").doesNotExist();
        assertThatThrownBy(() -> GoldenFilesTest.job(
                                version,
                                rows(1, 4),
                                5,
                                from -> {
                                    if (from.orElse(11) == 14) {
                                        throw new IllegalStateException("broken off");
                                    }
                                    return rows(11, 19).read(from);
                                },
                                from -> {
                                    throw new IllegalStateException("broken off");
                                })
                        .run())
                .hasMessageContaining("broken off");
        Files.delete(version.resolve("data/.backfill/.gitignore"));
        Files.move(version.resolve("data/.backfill"), version.resolve("work"));
        Files.delete(version.resolve("progress/months.lock"));
        Files.delete(version.resolve("progress/months.lock.holder"));
    }
}

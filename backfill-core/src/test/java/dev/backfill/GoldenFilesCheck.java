package dev.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Writes what a limiter of a new version keeps, for {@link SpendTest}; see docs/CONTRIBUTING.md. */
class GoldenFilesCheck {

    @Test
    void writesTheFilesOfAVersion() throws Exception {
        Path folder =
                SpendTest.GOLDEN.resolve(System.getProperty("backfill.golden")).resolve("limits");
        assertThat(folder).as("the files of a version never change").doesNotExist();
        SpendTest.fill(folder.toAbsolutePath());
        Files.delete(folder.resolve("calls-api.lock"));
        Files.delete(folder.resolve("calls-api.lock.holder"));
    }
}

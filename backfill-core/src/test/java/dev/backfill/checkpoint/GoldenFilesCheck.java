package dev.backfill.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Claim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Writes the progress of a new version for {@link GoldenFilesTest}; see docs/CONTRIBUTING.md. Never for one that was released before. */
class GoldenFilesCheck {

    @Test
    void writesTheFilesOfAVersion() throws Exception {
        Path version = GoldenFilesTest.GOLDEN.resolve(System.getProperty("backfill.golden"));
        for (String kind : new String[] {"grown", "anew"}) {
            Path folder = version.resolve(kind);
            assertThat(folder).as("the files of a version never change").doesNotExist();
            FileCheckpoint checkpoint = FileCheckpoint.in(folder.toAbsolutePath());
            GoldenJob broken = new GoldenJob(true, 1, 3);
            assertThatThrownBy(() -> broken.in(checkpoint).run()).hasMessageContaining("broken off");
            new GoldenJob(true, 1).in(checkpoint).replay();
            try (Claim claim = checkpoint.claim("golden", Duration.ZERO)) {
                if (kind.equals("anew")) {
                    claim.redefine(claim.definition().orElseThrow());
                }
            }
            Files.delete(folder.resolve("golden.lock"));
            Files.delete(folder.resolve("golden.lock.holder"));
        }
    }
}

package dev.backfill.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Progress that earlier versions have written is read by this one, which goes on from there. */
class GoldenFilesTest {

    static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path temp;

    /** The folders with progress of each version: a journal that has grown, and one that was written anew. */
    private static List<Path> kept() throws IOException {
        try (Stream<Path> versions = Files.list(GOLDEN)) {
            List<Path> kept = versions.flatMap(version -> Stream.of(version.resolve("grown"), version.resolve("anew")))
                    .toList();
            assertThat(kept).isNotEmpty();
            return kept;
        }
    }

    @Test
    void goesOnWithTheProgressOfEachVersion() throws Exception {
        for (Path kept : kept()) {
            Path folder = Files.createTempDirectory(temp, "progress");
            Files.copy(kept.resolve("golden.journal"), folder.resolve("golden.journal"));
            Files.copy(kept.resolve("golden.journal.previous"), folder.resolve("golden.journal.previous"));
            FileCheckpoint checkpoint = FileCheckpoint.in(folder);
            try (Claim claim = checkpoint.claim("golden", Duration.ZERO)) {
                assertThat(claim.load()).as("%s", kept).containsExactlyElementsOf(GoldenJob.bookmarks());
                assertThat(claim.deadLetters()).as("%s", kept).containsExactly(GoldenJob.letter());
                assertThat(claim.run()).as("%s", kept).isEqualTo(4);
            }

            GoldenJob job = new GoldenJob(false);
            Report report = job.in(checkpoint).run();

            assertThat(report.complete()).isTrue();
            assertThat(job.written).as("%s", kept).containsExactly(104, 105, 200, 201, 202, 203, 204, 205);
            assertThat(report.counts()).isEqualTo(new Counts(18, 0, 0, 18, 18, 16, 0, 0, 2));
            assertThat(job.in(checkpoint).replay().deadLetters()).isZero();
            assertThat(job.written).as("%s", kept).hasSize(9).contains(1);
        }
    }

    /** The generation before was whole too, so that damage of the last one costs no more than what came since. */
    @Test
    void goesOnWithTheGenerationBeforeOfEachVersion() throws Exception {
        for (Path kept : kept()) {
            Path folder = Files.createTempDirectory(temp, "progress");
            Files.copy(kept.resolve("golden.journal.previous"), folder.resolve("golden.journal"));
            try (Claim claim = FileCheckpoint.in(folder).claim("golden", Duration.ZERO)) {
                assertThat(claim.definition()).as("%s", kept).isPresent();
                assertThat(claim.load()).as("%s", kept).isSubsetOf(GoldenJob.bookmarks());
            }
        }
    }
}

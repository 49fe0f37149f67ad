package dev.backfill.jdbc;

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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables of progress that earlier versions have written are read by this one, which goes on from there. */
class GoldenFilesTest {

    static final Path GOLDEN = Path.of("src/test/resources/golden");

    /** What stands between two statements of a dump. */
    static final String BETWEEN = "\n--\n";

    @TempDir
    Path folder;

    private static List<Path> dumps() throws IOException {
        try (Stream<Path> versions = Files.list(GOLDEN)) {
            List<Path> dumps =
                    versions.map(version -> version.resolve("progress.sql")).toList();
            assertThat(dumps).isNotEmpty();
            return dumps;
        }
    }

    @ParameterizedTest
    @EnumSource(Store.Kind.class)
    void goesOnWithTheProgressOfEachVersion(Store.Kind kind) throws Exception {
        for (Path dump : dumps()) {
            Store store = Store.of(kind, folder);
            store.run(Files.readString(dump).split(BETWEEN, -1));
            try (Claim claim = store.db().checkpoint().claim("golden", Duration.ZERO)) {
                assertThat(claim.load()).as("%s", dump).containsExactlyElementsOf(GoldenJob.bookmarks());
                assertThat(claim.deadLetters()).as("%s", dump).containsExactly(GoldenJob.letter());
                assertThat(claim.run()).as("%s", dump).isEqualTo(3);
            }

            GoldenJob job = new GoldenJob(false);
            Report report = job.in(store.db().checkpoint()).run();

            assertThat(report.complete()).isTrue();
            assertThat(job.written).as("%s", dump).containsExactly(104, 105, 200, 201, 202, 203, 204, 205);
            assertThat(report.counts()).isEqualTo(new Counts(18, 0, 0, 18, 18, 16, 0, 0, 2));
            assertThat(job.in(store.db().checkpoint()).replay().deadLetters()).isZero();
            assertThat(job.written).as("%s", dump).hasSize(9).contains(1);
        }
    }
}

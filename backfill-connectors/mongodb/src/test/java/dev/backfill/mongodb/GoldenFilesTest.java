package dev.backfill.mongodb;

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
import org.bson.BsonDocument;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents of progress that earlier versions have written are read by this one, which goes on from there. */
class GoldenFilesTest {

    static final Path GOLDEN = Path.of("src/test/resources/golden");

    private static List<Path> exports() throws IOException {
        try (Stream<Path> versions = Files.list(GOLDEN)) {
            List<Path> exports =
                    versions.map(version -> version.resolve("progress.jsonl")).toList();
            assertThat(exports).isNotEmpty();
            return exports;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.backfill.mongodb.Store$Kind#here")
    void goesOnWithTheProgressOfEachVersion(Store.Kind kind) throws Exception {
        for (Path export : exports()) {
            try (Store store = new Store(kind)) {
                for (String line : Files.readAllLines(export)) {
                    store.documents().insertOne(BsonDocument.parse(line));
                }
                try (Claim claim = store.checkpoint().claim("golden", Duration.ZERO)) {
                    assertThat(claim.load()).as("%s", export).containsExactlyElementsOf(GoldenJob.bookmarks());
                    assertThat(claim.deadLetters()).as("%s", export).containsExactly(GoldenJob.letter());
                    assertThat(claim.run()).as("%s", export).isEqualTo(3);
                }

                GoldenJob job = new GoldenJob(false);
                Report report = job.in(store.checkpoint()).run();

                assertThat(report.complete()).isTrue();
                assertThat(job.written).as("%s", export).containsExactly(104, 105, 200, 201, 202, 203, 204, 205);
                assertThat(report.counts()).isEqualTo(new Counts(18, 0, 0, 18, 18, 16, 0, 0, 2));
                assertThat(job.in(store.checkpoint()).replay().deadLetters()).isZero();
                assertThat(job.written).as("%s", export).hasSize(9).contains(1);
            }
        }
    }
}

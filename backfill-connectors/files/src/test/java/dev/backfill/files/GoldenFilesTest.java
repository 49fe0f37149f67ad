package dev.backfill.files;

import static dev.backfill.files.Months.csv;
import static dev.backfill.files.Months.manifest;
import static dev.backfill.files.Months.months;
import static dev.backfill.files.Months.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Cursor;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.files.Months.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files, manifests and work files that earlier versions have left are read by this one, which goes on from there. */
class GoldenFilesTest {

    static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path temp;

    /** A month that grows, one that breaks off, and one that nobody has begun. */
    static Backfill job(Path folder, Source<Row> first, int firstEnd, Source<Row> second, Source<Row> third) {
        Partitioned<Row> months = months(
                Partition.of("2020-01", first).endingAt(firstEnd),
                Partition.of("2020-02", second),
                Partition.of("2020-03", third));
        return Backfill.named("months")
                .from(months)
                .into(Csv.in(folder.resolve("data"), Row.class))
                .batch(3)
                .parallel(1)
                .patience(Duration.ZERO)
                .checkpoint(FileCheckpoint.in(folder.resolve("progress")));
    }

    /** Copies what is in a folder; the work folder has no dot where it is kept, for git leaves it alone with one. */
    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void goesOnWithTheFilesOfEachVersion() throws Exception {
        List<Path> versions;
        try (Stream<Path> all = Files.list(GOLDEN)) {
            versions = all.toList();
        }
        assertThat(versions).isNotEmpty();
        for (Path version : versions) {
            Path folder = temp.resolve(version.getFileName());
            copy(version.resolve("data"), folder.resolve("data"));
            copy(version.resolve("work"), folder.resolve("data/.backfill"));
            copy(version.resolve("progress"), folder.resolve("progress"));
            assertThat(Csv.in(folder.resolve("data"), Row.class).manifests()).hasSize(1);
            List<Cursor> read = Collections.synchronizedList(new ArrayList<>());

            job(
                            folder,
                            from -> {
                                read.add(from);
                                return rows(1, 9).read(from);
                            },
                            10,
                            from -> {
                                read.add(from);
                                return rows(11, 19).read(from);
                            },
                            rows(31, 33))
                    .run();

            assertThat(read).as("%s", version).startsWith(Cursor.of(5)).contains(Cursor.of(14));
            assertThat(read).as("%s", version).doesNotContain(Cursor.START, Cursor.of(1));
            Path data = folder.resolve("data");
            assertThat(data.resolve("2020-01.csv")).content().isEqualTo(csv(1, 9));
            assertThat(data.resolve("2020-02.csv")).content().isEqualTo(csv(11, 19));
            assertThat(data.resolve("2020-03.csv")).content().isEqualTo(csv(31, 33));
            assertThat(manifest(data.resolve("2020-01.csv")).path("rows").asLong())
                    .isEqualTo(9);
        }
    }
}

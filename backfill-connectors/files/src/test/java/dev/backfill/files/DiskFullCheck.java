package dev.backfill.files;

import static dev.backfill.files.Months.months;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.files.Months.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is really full, in the middle of a row.
 *
 * <p>Not a part of the ordinary build, since only root can mount: {@code ./mvnw verify -pl backfill-connectors/files -am -Dtest=DiskFullCheck
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class DiskFullCheck {

    @TempDir
    Path temporary = Path.of("");

    private Path small = Path.of("");
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        small = Files.createDirectory(temporary.resolve("small"));
        mounted = ran("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString());
        assumeTrue(mounted, "LEFT OUT: a small disk can only be mounted by root");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(ran("umount", small.toString())).isTrue();
        }
    }

    private static boolean ran(String... command) throws Exception {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean done = process.waitFor() == 0;
            if (!done) {
                System.err.println(String.join(" ", command) + ": " + said);
            }
            return done;
        } catch (IOException e) { // no such program
            return false;
        }
    }

    /** Rows of ten kilobytes that do not pack well. */
    private static Source<Row> rows(int first, int last) {
        return from -> {
            int number = from.orElse(first);
            StringBuilder text = new StringBuilder();
            SplittableRandom random = new SplittableRandom(number);
            while (text.length() < 10_000) {
                text.append(Long.toHexString(random.nextLong()));
            }
            List<Row> row = List.of(new Row(number, text.toString()));
            return number == last ? Page.last(row) : Page.of(row, number + 1);
        };
    }

    private Backfill job(Path folder, Path progress) {
        return Backfill.named("months")
                .from(months(Partition.of("2020-01", rows(1, 12)), Partition.of("2020-02", rows(13, 40))))
                .into(Csv.in(folder, Row.class))
                .checkpoint(FileCheckpoint.in(progress))
                .batch(1)
                .patience(Duration.ofMillis(10));
    }

    private static Map<String, String> contents(Path folder) throws IOException {
        Months.age(folder);
        return Months.seen(folder);
    }

    /** How much is left for the second month decides where it fails: in its work, in its file, or in the progress. */
    @Test
    void nothingThatIsFinishedIsHarmedAndFreedSpaceLetsTheJobGoOn() throws Exception {
        Path plenty = temporary.resolve("plenty");
        job(plenty.resolve("data"), plenty.resolve("progress")).run();
        Map<String, String> end = contents(plenty.resolve("data"));
        String firstMonth = Months.csv(1, 0); // the head, by which the file begins
        int failures = 0;
        for (int ballast = 0; ballast <= 800; ballast += 25) {
            Path data = small.resolve("data" + ballast);
            Path progress = small.resolve("progress" + ballast);
            Path filler = small.resolve("filler");
            Files.write(filler, new byte[ballast << 10]);
            boolean failed = false;
            try {
                job(data, progress).run();
            } catch (dev.backfill.BackfillException e) {
                failed = true;
                failures++;
                assertThat(e).hasMessageContaining("No space left on device");
            }
            for (Manifest manifest : Csv.in(data, Row.class).manifests()) {
                assertThat(Files.readString(data.resolve(manifest.file()))).startsWith(firstMonth);
                assertThat(Months.manifest(data.resolve(manifest.file()))
                                .path("rows")
                                .asLong())
                        .isEqualTo(manifest.partition().equals("2020-01") ? 12 : 28);
            }
            if (failed) {
                Path full = data;
                assertThatThrownBy(() -> job(full, progress).run()).hasMessageContaining("No space left on device");
            }

            Files.delete(filler);
            job(data, progress).run();

            assertThat(contents(data)).as("with %s KiB taken", ballast).isEqualTo(end);
            assertThat(ran("rm", "-r", data.toString(), progress.toString())).isTrue();
        }
        assertThat(failures).isGreaterThan(5);
    }
}

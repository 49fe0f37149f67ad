package dev.backfill.files;

import static dev.backfill.files.Months.csv;
import static dev.backfill.files.Months.job;
import static dev.backfill.files.Months.month;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.Months.Row;
import dev.backfill.internal.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work files and manifests that are damaged are found to be: no file is made of them, and none taken for whole. */
class WorkFileFaultsTest {

    private static final String FIRST = "1,row 1\n2,row 2\n";
    private static final String SECOND = "4,row 4\n5,row 5\n6,row 6\n";

    @TempDir
    Path temp;

    /** What two batches have left, which were read from 1 and from 4; the next is read from 7. */
    private Path gathered() throws IOException {
        Path file = temp.resolve("2020-01.csv.part");
        WorkFile work = work(file);
        work.begin(WorkFile.Title.gathering(WorkFile.Base.NONE, WorkFile.Base.NONE, List.of()), List.of());
        work.put(null, new WorkFile.Place("1", 0), 2, FIRST.getBytes(StandardCharsets.UTF_8));
        work.put(null, new WorkFile.Place("4", 0), 3, SECOND.getBytes(StandardCharsets.UTF_8));
        return file;
    }

    private static WorkFile work(Path file) {
        return new WorkFile(Ports.REAL.disk(), file);
    }

    /** What a file is made of when a partition goes on at 7 and is at its end there; empty if that is refused. */
    private static Optional<String> made(Path file) throws IOException {
        WorkFile work = work(file);
        try {
            assertThat(work.title()).isPresent();
            work.mend("7");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            work.copy(out, true);
            return Optional.of(out.toString(StandardCharsets.UTF_8));
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("is damaged at byte").hasMessageContaining("startOver()");
            return Optional.empty();
        }
    }

    @Test
    void findsEveryFlippedBit() throws IOException {
        Path file = gathered();
        byte[] whole = Files.readAllBytes(file);
        assertThat(made(file)).contains(FIRST + SECOND);
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(file, flipped);
            assertThat(made(file)).as("bit %s of byte %s", bit % 8, bit / 8).isEmpty();
        }
        System.out.printf("bit flips in a work file: %d of %d found%n", 8 * whole.length, 8 * whole.length);
    }

    /** But for one in the first letters of a batch, which a crash would leave too. */
    @Test
    void takesNoBatchThatWasCutOffForOneThatNeverCame() throws IOException {
        Path file = gathered();
        byte[] whole = Files.readAllBytes(file);
        int second = new String(whole, StandardCharsets.UTF_8).indexOf("{\"from\":\"4\"");
        for (int length = second + "{\"from\":\"4".length(); length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(made(file)).as("cut to %s", length).isEmpty();
        }
    }

    /** A crash in the middle of a batch, which comes again from the same place. */
    @Test
    void cutsOffWhatACrashHasLeft() throws IOException {
        Path file = gathered();
        byte[] before = Files.readAllBytes(file);
        work(file).put(null, new WorkFile.Place("7", 0), 1, "7,row 7\n".getBytes(StandardCharsets.UTF_8));
        byte[] whole = Files.readAllBytes(file);
        for (int length = before.length; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(made(file)).as("cut to %s", length).contains(FIRST + SECOND);
            assertThat(file).hasBinaryContent(before);
        }
    }

    /** A crash in the middle of a replay, whose letter is still kept, and then a run instead of another replay. */
    @Test
    void cutsOffWhatACutReplayHasLeft() throws IOException {
        Path file = gathered();
        byte[] before = Files.readAllBytes(file);
        work(file)
                .put(
                        null,
                        new WorkFile.Place(WorkFile.REPLAY + "0a1b", 0),
                        1,
                        "9,row 9\n".getBytes(StandardCharsets.UTF_8));
        byte[] whole = Files.readAllBytes(file);
        for (int length = before.length; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(made(file)).as("cut to %s", length).contains(FIRST + SECOND);
        }
    }

    /** The progress has gone back further than what was gathered, and the last batch is torn. */
    @Test
    void goesOnFromAnEarlierBatchAfterALossOfPower() throws IOException {
        Path file = gathered();
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 5));
        work(file).mend("4");
        assertThat(made(file)).contains(FIRST);
        Files.write(file, Arrays.copyOf(whole, whole.length - 5));
        work(file).mend("1");
        assertThat(made(file)).contains("");
    }

    @Test
    void takesNoFileForWholeWhoseManifestHasAFlippedBit() throws Exception {
        FileSink<Row> sink = Csv.in(temp, Row.class);
        job(new MemoryCheckpoint(), month(1, 4), sink).run();
        assertThat(temp.resolve("2020-01.csv")).content().isEqualTo(csv(1, 4));
        Path manifest = temp.resolve("2020-01.csv.manifest.json");
        byte[] whole = Files.readAllBytes(manifest);
        List<Manifest> before = sink.manifests();
        assertThat(before).hasSize(1);
        for (int bit = 0; bit < 8 * (whole.length - 1); bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Files.write(manifest, flipped);
            assertThat(sink.manifests())
                    .as("bit %s of byte %s", bit % 8, bit / 8)
                    .isEmpty();
        }
    }
}

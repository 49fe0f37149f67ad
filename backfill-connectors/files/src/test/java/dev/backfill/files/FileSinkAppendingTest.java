package dev.backfill.files;

import static dev.backfill.files.Months.csv;
import static dev.backfill.files.Months.job;
import static dev.backfill.files.Months.manifest;
import static dev.backfill.files.Months.month;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Page;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.Months.Row;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of others in front of this job's. */
class FileSinkAppendingTest {

    private static final String FOREIGN = "number,text\n-1,theirs\n-2,theirs too\n";
    private static final String OURS = csv(1, 8).substring("number,text\n".length());

    @TempDir
    Path folder = Path.of("");

    private final MemoryCheckpoint progress = new MemoryCheckpoint();
    private Path file = Path.of("");

    @BeforeEach
    void begin() throws Exception {
        file = folder.resolve("2020-01.csv");
        Files.writeString(file, FOREIGN);
    }

    private FileSink<Row> sink() {
        return Csv.in(folder, Row.class).appending();
    }

    @Test
    void theirRowsStayInFront() throws Exception {
        job(progress, month(1, 8), sink()).run();

        assertThat(file).content().isEqualTo(FOREIGN + OURS);
        assertThat(manifest(file).path("rows").asLong()).isEqualTo(10);
    }

    @Test
    void aNewPassReplacesItsOwnRowsOnly() throws Exception {
        job(progress, month(1, 8), sink()).run();
        job(progress, month(3, 9), sink()).again();
        job(progress, month(1, 8), sink()).again();
        assertThat(file).content().isEqualTo(FOREIGN + OURS);

        job(progress, month(from -> Page.last(List.of())), sink()).again();
        assertThat(file).content().isEqualTo(FOREIGN);
        assertThat(manifest(file).path("rows").asLong()).isEqualTo(2);
    }

    /** On another machine the manifest alone says which rows are theirs. */
    @Test
    void aNewPassOfAMachineThatKnowsNothingReplacesItsOwnRowsOnly() throws Exception {
        job(progress, month(1, 8), sink()).run();
        try (var files = Files.list(folder.resolve(".backfill"))) {
            for (Path work : files.toList()) {
                Files.delete(work);
            }
        }

        job(new MemoryCheckpoint(), month(1, 8), sink()).run();

        assertThat(file).content().isEqualTo(FOREIGN + OURS);
        assertThat(manifest(file).path("rows").asLong()).isEqualTo(10);
    }

    @Test
    void aSecondPassTouchesNothing() throws Exception {
        job(progress, month(1, 8), sink()).run();
        Months.age(folder);
        var before = Months.seen(folder);

        job(progress, month(1, 8), sink()).again();

        assertThat(Months.seen(folder)).isEqualTo(before);
    }

    @Test
    void aPackedFileIsAppendedToAlso() throws Exception {
        Path packed = folder.resolve("2020-01.csv.gz");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(FOREIGN.getBytes(StandardCharsets.UTF_8));
        }
        Files.write(packed, bytes.toByteArray());

        job(progress, month(1, 8), sink().gzip()).run();
        job(progress, month(1, 8), sink().gzip()).again();

        assertThat(Months.unpacked(packed)).isEqualTo(FOREIGN + OURS);
    }

    @Test
    void aFileOfOtherColumnsIsRefused() throws Exception {
        for (String other : List.of("", "number;text\n1;2\n", "text,number\n1,2\n", "\uFEFF" + FOREIGN)) {
            Files.writeString(file, other);

            assertThatThrownBy(() -> job(progress, month(1, 8), sink()).run())
                    .hasMessageContaining("does not begin as this sink's files do (number,text)")
                    .hasMessageContaining("replacing()");
            assertThat(file).content().isEqualTo(other);
        }
    }

    @Test
    void theirLastRowWithoutAnEndDoesNotRunIntoOurFirst() throws Exception {
        String cut = FOREIGN.substring(0, FOREIGN.length() - 1);
        Files.writeString(file, cut);

        assertThatThrownBy(() -> job(progress, month(1, 8), sink()).run())
                .hasMessageContaining(file.toString())
                .hasMessageContaining("its last line has no end");
        assertThat(file).content().isEqualTo(cut);
    }

    /** A failure that would not pass by itself must not be waited for. */
    @Test
    void aPackedFileThatIsNoneIsRefusedAtOnce() throws Exception {
        Path packed = folder.resolve("2020-01.csv.gz");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(FOREIGN.getBytes(StandardCharsets.UTF_8));
        }
        for (byte[] broken : List.of(
                "plain".getBytes(StandardCharsets.UTF_8),
                new byte[0],
                java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() - 9))) {
            Files.write(packed, broken);
            List<String> retried = new java.util.concurrent.CopyOnWriteArrayList<>();

            assertThatThrownBy(() -> job(progress, month(1, 8), sink().gzip())
                            .patience(java.time.Duration.ofSeconds(1))
                            .listen(event -> {
                                if (event instanceof dev.backfill.Event.Retrying retrying) {
                                    retried.add(retrying.toString());
                                }
                            })
                            .run())
                    .hasMessageContaining(packed + " is cut off, or not packed by gzip");
            assertThat(retried).isEmpty();
        }
    }
}

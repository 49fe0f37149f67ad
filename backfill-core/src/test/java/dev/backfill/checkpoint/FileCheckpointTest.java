package dev.backfill.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.Save;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCheckpointTest {

    @TempDir
    Path temp;

    private Path folder;
    private Path journal;

    @BeforeEach
    void keepsSomeProgress() throws Exception {
        folder = temp.resolve("progress");
        journal = folder.resolve("job.journal");
        try (Claim claim = claim()) {
            claim.begin("source a", List.of());
            for (int i = 1; i <= 5; i++) {
                claim.save(new Save(List.of(bookmark(claim, i)), List.of()));
            }
        }
    }

    private Claim claim() throws Exception {
        return FileCheckpoint.in(folder).claim("job", Duration.ZERO);
    }

    private static Bookmark bookmark(Claim claim, int cursor) {
        return new Bookmark(
                "job",
                "main",
                "all",
                claim.run(),
                Cursor.of(cursor),
                false,
                new Counts(cursor, 0, 0, cursor, 0, 0, 0, 0, 0));
    }

    private List<Bookmark> load() throws Exception {
        try (Claim claim = claim()) {
            return claim.load();
        }
    }

    @Test
    void neverFallsBackToThePassBeforeTheJobBeganAnew() throws Exception {
        try (Claim claim = claim()) {
            claim.begin("source a", List.of());
            claim.save(new Save(List.of(bookmark(claim, 1)), List.of()));
        }
        byte[] bytes = Files.readAllBytes(journal);
        bytes[20] ^= 1;
        Files.write(journal, bytes);
        assertThat(load())
                .as("the pass before had reached 5, and what it has written may be gone since")
                .noneMatch(bookmark -> bookmark.cursor().equals(Cursor.of(5)));
    }

    @Test
    void isInterruptedAndNotBrokenWhenItsThreadIsInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(this::claim).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void isReadableByAPerson() throws Exception {
        List<String> lines = Files.readAllLines(journal);
        assertThat(lines.get(0)).startsWith("{\"backfill\":\"journal\",\"format\":1,\"job\":\"job\"");
        assertThat(lines.get(lines.size() - 1))
                .contains("\"partition\":\"all\"")
                .contains("\"cursor\":5");
    }

    @Test
    void isForItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(journal)))
                .isEqualTo("rw-------");
    }

    @Test
    void leavesOutATornLastLine() throws Exception {
        byte[] whole = Files.readAllBytes(journal);
        int lastLine = new String(whole, StandardCharsets.UTF_8).lastIndexOf("{\"bookmark\"");
        for (int length = lastLine; length < whole.length - 1; length++) {
            Files.write(journal, Arrays.copyOf(whole, length));
            assertThat(load())
                    .as("cut to %s bytes", length)
                    .singleElement()
                    .satisfies(bookmark -> assertThat(bookmark.cursor()).isEqualTo(Cursor.of(4)));
        }
    }

    /** A bit that flips is found, or was in a line that the state does not need; never is another state believed. */
    @Test
    void noticesEveryFlippedBit() throws Exception {
        byte[] whole = Files.readAllBytes(journal);
        Path previous = folder.resolve("job.journal.previous");
        byte[] before = Files.readAllBytes(previous);
        for (int i = 0; i < whole.length; i++) {
            byte[] flipped = whole.clone();
            flipped[i] ^= (byte) (1 << (i % 8));
            Files.write(journal, flipped);
            Files.write(previous, before);
            List<Bookmark> loaded = load();
            boolean lastLine = i >= new String(whole, StandardCharsets.UTF_8).lastIndexOf("\n{");
            if (lastLine) { // looks like a torn end; without the line's beginning, the line before it is torn too
                assertThat(loaded).extracting(Bookmark::cursor).isSubsetOf(Cursor.of(3), Cursor.of(4));
                assertThat(loaded).hasSize(1);
            } else { // the generation before was the empty beginning
                assertThat(loaded).as("bit flipped in byte %s", i).isEmpty();
            }
            Files.deleteIfExists(folder.resolve("job.journal.damaged"));
        }
    }

    @Test
    void refusesDamageWithNothingBefore() throws Exception {
        byte[] whole = Files.readAllBytes(journal);
        whole[10] ^= 1;
        Files.write(journal, whole);
        Files.delete(folder.resolve("job.journal.previous"));
        assertThatThrownBy(this::claim)
                .isInstanceOf(BackfillException.Damaged.class)
                .hasMessageContaining("line 1")
                .hasMessageContaining("remove it to begin again");
        assertThat(Files.readAllBytes(journal)).as("is left as it was").isEqualTo(whole);
    }

    @Test
    void neverTakesAnEmptyFileForNoProgress() throws Exception {
        Files.write(journal, new byte[0]);
        Files.delete(folder.resolve("job.journal.previous"));
        assertThatThrownBy(this::claim)
                .isInstanceOf(BackfillException.Damaged.class)
                .hasMessageContaining("empty");
    }

    @Test
    void refusesAMissingFileWhoseGenerationBeforeIsThere() throws Exception {
        Files.delete(journal);
        assertThatThrownBy(this::claim)
                .isInstanceOf(BackfillException.Damaged.class)
                .hasMessageContaining("missing")
                .hasMessageContaining("job.journal.previous");
    }

    @Test
    void refusesANewerFormatAndAnotherJob() throws Exception {
        String newer = line("\"backfill\":\"journal\",\"format\":99,\"job\":\"job\",\"generation\":1,\"run\":1");
        Files.writeString(journal, newer);
        assertThatThrownBy(this::claim)
                .isInstanceOf(BackfillException.Damaged.class)
                .hasMessageContaining("format 99")
                .hasMessageContaining("use the version that wrote it");
        String other = line("\"backfill\":\"journal\",\"format\":1,\"job\":\"other\",\"generation\":1,\"run\":1");
        Files.writeString(journal, other);
        assertThatThrownBy(this::claim)
                .isInstanceOf(BackfillException.Damaged.class)
                .hasMessageContaining("'other'")
                .hasMessageContaining("'job'");
    }

    private static String line(String body) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        JournalLine.append(text, body, 0);
        return text.toString(StandardCharsets.UTF_8);
    }

    @Test
    void refusesALink() throws Exception {
        Path elsewhere = temp.resolve("elsewhere");
        Files.move(journal, elsewhere);
        Files.createSymbolicLink(journal, elsewhere);
        assertThatThrownBy(this::claim).isInstanceOf(BackfillException.class).hasMessageContaining("job.journal");
    }

    @Test
    void namesTheFolderThatCannotBeWritten() throws Exception {
        Path file = temp.resolve("file");
        Files.writeString(file, "not a folder");
        assertThatThrownBy(() -> FileCheckpoint.in(file.resolve("progress")).claim("job", Duration.ZERO))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("name a folder that can be written");
    }

    @Test
    void staysSmallHoweverOftenItIsSaved() throws Exception {
        try (Claim claim = claim()) {
            for (int i = 0; i < 50_000; i++) {
                claim.save(new Save(List.of(bookmark(claim, i)), List.of()));
            }
        }
        assertThat(Files.size(journal)).isLessThan(4_000_000);
        assertThat(load()).extracting(Bookmark::cursor).containsExactly(Cursor.of(49_999));
    }

    @Test
    void namesWhoHoldsTheJob() throws Exception {
        try (Claim held = claim()) {
            assertThat(held.run()).isEqualTo(2);
            assertThatThrownBy(this::claim)
                    .isInstanceOf(BackfillException.Held.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("host ")
                    .hasMessageContaining("since ");
        }
    }
}

package dev.backfill.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Claim;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal that is damaged in every way is found to be, or read as it once was; never as it never was, and never as none. */
class JournalFaultsTest {

    private static final int SAVES = 6;

    @TempDir
    Path temp;

    private Path journal;
    private Path previous;
    private byte[] whole;

    /** Bookmarks and dead letters, as they were after each save; the first is the beginning. */
    private final List<List<Object>> states = new ArrayList<>();

    @BeforeEach
    void keepsSomeProgress() throws Exception {
        journal = temp.resolve("job.journal");
        previous = temp.resolve("job.journal.previous");
        try (Claim claim = claim()) {
            claim.begin("source a", List.of(bookmark("b", 0)));
            states.add(state(claim));
            for (int i = 1; i <= SAVES; i++) {
                claim.save(new Save(List.of(bookmark("ü/\"", i)), i % 2 == 0 ? List.of(letter(i)) : List.of()));
                states.add(state(claim));
            }
        }
        whole = Files.readAllBytes(journal);
    }

    private Claim claim() throws Exception {
        return FileCheckpoint.in(temp).claim("job", Duration.ZERO);
    }

    private static List<Object> state(Claim claim) throws Exception {
        List<Object> state = new ArrayList<>(claim.load());
        state.addAll(claim.deadLetters());
        return state;
    }

    private static List<Object> state(JournalState journal) {
        List<Object> state = new ArrayList<>(journal.bookmarks());
        state.addAll(journal.letters());
        return state;
    }

    private static Bookmark bookmark(String partition, int cursor) {
        Counts counts = new Counts(cursor, 0, 0, cursor, cursor, cursor, 0, 0, 0);
        return new Bookmark("job", "main", partition, 1, Cursor.of(cursor), false, counts);
    }

    private static DeadLetter letter(int number) {
        return new DeadLetter("main", "ü/\"", Cursor.of(number), "key " + number, "why", 1, Optional.empty());
    }

    /**
     * What is believed of these bytes is what was once kept, at most without a dead letter's bookmark: the letter comes first.
     *
     * @return whether they are damaged, or else how many saves are believed
     */
    private Optional<Integer> believed(byte[] bytes, String how) {
        JournalState.Read read;
        try {
            read = JournalState.read("job", bytes);
        } catch (BackfillException.Damaged e) {
            return Optional.empty();
        }
        if (read.damage().isPresent()) {
            return Optional.empty();
        }
        assertThat(read.state().definition()).as(how).contains("source a");
        List<Bookmark> bookmarks = read.state().bookmarks();
        int saves = (int) bookmarks.get(bookmarks.size() - 1).counts().read();
        assertThat(state(read.state())).as(how).containsAll(states.get(saves));
        assertThat(states.get(Math.min(SAVES, saves + 1)))
                .as(how)
                .containsAll(read.state().letters());
        return Optional.of(saves);
    }

    @Test
    void findsEveryFlippedBit() {
        int found = 0;
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            Optional<Integer> saves = believed(flipped, "bit " + bit);
            // the end looks torn: one save less, or two if the line feed between them is gone
            assertThat(saves.orElse(SAVES - 1)).isBetween(SAVES - 2, SAVES - 1);
            found += saves.isEmpty() ? 1 : 0;
        }
        assertThat(found).isGreaterThan(4 * whole.length);
        System.out.printf("bit flips: %d of %d found, the others cost a save at the end%n", found, 8 * whole.length);
    }

    @Test
    void believesWhatStandsBeforeEveryCut() throws Exception {
        String text = new String(whole, StandardCharsets.UTF_8);
        int begun = text.indexOf('\n', text.indexOf('\n') + 1); // the header and a bookmark
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (length <= begun) {
                assertThat(believed(cut, "cut to " + length)).isEmpty();
            } else if (cut[length - 1] == '\n' || length % 31 == 0) {
                Files.write(journal, cut);
                try (Claim claim = claim()) {
                    assertThat(claim.definition()).as("cut to %s", length).isPresent();
                    assertThat(state(claim)).as("cut to %s", length).isSubsetOf(allStates());
                }
            }
        }
    }

    private List<Object> allStates() {
        return states.stream().flatMap(List::stream).toList();
    }

    /** What a loss of power may leave of what was not synced: holes, zeros, what was there before. */
    @Test
    void believesNothingBehindAHole() {
        for (int from = 0; from < whole.length; from += 7) {
            for (int to : new int[] {from + 1, from + 64, from + 512, whole.length}) {
                byte[] zeros = whole.clone();
                byte[] garbage = whole.clone();
                for (int i = from; i < Math.min(to, whole.length); i++) {
                    zeros[i] = 0;
                    garbage[i] = whole[(i + 77) % whole.length];
                }
                believed(zeros, "zeros from " + from + " to " + to);
                believed(garbage, "garbage from " + from + " to " + to);
                ByteArrayOutputStream hole = new ByteArrayOutputStream();
                hole.write(whole, 0, from);
                hole.write(whole, Math.min(to, whole.length), whole.length - Math.min(to, whole.length));
                believed(hole.toByteArray(), "without " + from + " to " + to);
            }
        }
    }

    @Test
    void goesOnFromTheGenerationBeforeAndKeepsWhatIsDamaged() throws Exception {
        byte[] damaged = whole.clone();
        Arrays.fill(damaged, 40, 60, (byte) 0);
        Files.write(journal, damaged);
        try (Claim claim = claim()) {
            assertThat(claim.definition()).contains("source a");
            assertThat(claim.load()).isEqualTo(states.get(0)); // the beginning was written twice
        }
        assertThat(temp.resolve("job.journal.damaged")).hasBinaryContent(damaged);
    }

    @Test
    void refusesTwoDamagedGenerationsAndLeavesThemAsTheyAre() throws Exception {
        byte[] damaged = whole.clone();
        damaged[3] ^= 1;
        Files.write(journal, damaged);
        Files.write(previous, damaged);
        assertThatThrownBy(this::claim)
                .isInstanceOf(BackfillException.Damaged.class)
                .hasMessageContaining("is damaged too")
                .hasMessageContaining("remove both to begin again");
        assertThat(journal).hasBinaryContent(damaged);
        assertThat(previous).hasBinaryContent(damaged);
    }

    @Test
    void namesAFolderInThePlaceOfItsFile() throws Exception {
        Files.delete(journal);
        Files.createDirectory(journal);
        assertThatThrownBy(this::claim)
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("cannot read or write the progress of 'job'");
        assertThat(journal).isEmptyDirectory();
    }

    // ---- lines that are whole, and say what no version of today says

    private void append(String body) throws Exception {
        long number = new String(whole, StandardCharsets.UTF_8).lines().count();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        JournalLine.append(line, body, number);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(whole);
        all.writeBytes(line.toByteArray());
        Files.write(journal, all.toByteArray());
    }

    @Test
    void refusesAKindOfLineThatItDoesNotKnowAndFallsBackToNothingOlder() throws Exception {
        append("\"epoch\":{\"phase\":\"main\"}");
        assertThatThrownBy(this::claim)
                .isInstanceOf(BackfillException.Damaged.class)
                .hasMessageContaining("line " + (Files.readAllLines(journal).size()))
                .hasMessageContaining("use the version that wrote it, or a newer one");
        assertThat(temp.resolve("job.journal.damaged")).doesNotExist();
    }

    private static String line(String partition, String cursor, String counts) {
        return "\"bookmark\":{\"phase\":\"main\",\"partition\":" + partition + ",\"run\":1,\"cursor\":" + cursor
                + ",\"done\":false," + counts + ",\"later\":[1,{}]}";
    }

    private static final String COUNTS =
            "\"filtered\":0,\"failed\":0,\"passed\":9,\"inserted\":9,\"updated\":0,\"unchanged\":0,\"dead\":0";

    @Test
    void readsOverAFieldThatItDoesNotKnow() throws Exception {
        append(line("\"b\"", "9", COUNTS));
        try (Claim claim = claim()) {
            assertThat(claim.load()).contains(bookmark("b", 9));
        }
    }

    @Test
    void namesTheFieldThatSomebodyHasWrittenByHand() throws Exception {
        String[][] wrong = {
            {line("\"b\"", "9", COUNTS.replace("\"passed\":9", "\"passed\":-9")), "a count is negative"},
            {line("\"b\"", "9", COUNTS.replace("\"dead\":0", "\"dead\":0.5")), "'dead' is not a whole number"},
            {line("\"b\"", "9", COUNTS.replace(",\"dead\":0", "")), "'dead' is missing"},
            {line("7", "9", COUNTS), "'partition' is not text"},
            {line("\"b\"", "9", COUNTS).replace("\"run\":1", "\"run\":0"), "a run number begins at 1, not 0"},
        };
        for (String[] one : wrong) {
            Files.delete(previous);
            append(one[0]);
            assertThat(catchThrowable(this::claim))
                    .isInstanceOf(BackfillException.Damaged.class)
                    .hasMessageContaining("line " + Files.readAllLines(journal).size() + ": " + one[1]);
            Files.write(previous, whole);
        }
    }
}

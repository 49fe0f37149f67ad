package dev.backfill.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Progress files that were cut, altered or made up are refused or partly believed, and never break the reader. */
class BadProgressTest {

    private static final int INPUTS = 10_000 * Integer.getInteger("backfill.bad", 1);

    /** What somebody may write in the place of a value. */
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "-1",
            "0",
            "1e999999999",
            "-1e99999999999",
            "99999999999999999999",
            "1.5",
            "\"\"",
            "\"main\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "[]",
            "{}",
            "[[[[[[]]]]]]",
            "[\"java.lang.ProcessBuilder\",{\"command\":[\"touch\",\"/tmp/x\"]}]",
            "{\"@class\":\"java.lang.ProcessBuilder\"}",
            "NaN",
            "'x'");

    private static final List<String> BODIES = List.copyOf(bodies());

    /** The lines of a journal, without their numbers and checksums. */
    private static List<String> bodies() {
        JournalState state = new JournalState("job");
        state.begin("source a\nsink b", List.of());
        Counts counts = new Counts(5, 1, 1, 3, 3, 1, 1, 0, 1);
        for (int i = 0; i < 3; i++) {
            Bookmark bookmark = new Bookmark("job", "main", "part " + i, 1, Cursor.of(i * 100), i == 2, counts);
            DeadLetter letter =
                    new DeadLetter("main", "part " + i, Cursor.of(i), "key " + i, "no", 2, Optional.of("text"));
            state.save(new Save(List.of(bookmark), List.of(letter)));
        }
        List<String> bodies = new ArrayList<>(state.all());
        bodies.addAll(state.runLine());
        return bodies;
    }

    private static byte[] journal(List<String> bodies) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        long number = 0;
        for (String body : bodies) {
            JournalLine.append(text, body, number++);
        }
        return text.toByteArray();
    }

    /** A body with something else in the place of one of its values or names, as an editor's hand may leave it. */
    private static String edited(String body, SplittableRandom random) {
        int from = random.nextInt(body.length() + 1);
        return switch (random.nextInt(4)) {
            case 0 -> body.replaceFirst("\\w+", random.nextBoolean() ? "bookmark" : "x");
            case 1 -> body.substring(0, from) + body.substring(Math.min(body.length(), from + random.nextInt(20)));
            default -> {
                String[] members = body.split("(?<=:)", -1);
                int which = 1 + random.nextInt(Math.max(1, members.length - 1));
                if (which < members.length) {
                    members[which] = members[which].replaceFirst("^(\"[^\"]*\"|[^,{}\\[\\]]+)", quoted(random));
                }
                yield String.join("", members);
            }
        };
    }

    private static String quoted(SplittableRandom random) {
        return java.util.regex.Matcher.quoteReplacement(VALUES.get(random.nextInt(VALUES.size())));
    }

    private static byte[] bad(SplittableRandom random) {
        List<String> bodies = new ArrayList<>(BODIES);
        if (random.nextBoolean()) { // with right checksums
            for (int i = random.nextInt(3); i >= 0; i--) {
                int line = random.nextInt(bodies.size());
                switch (random.nextInt(6)) {
                    case 0 -> bodies.add(line, bodies.get(random.nextInt(bodies.size())));
                    case 1 -> bodies.remove(Math.min(line, bodies.size() - 1));
                    case 2 -> bodies.set(line, "[".repeat(random.nextInt(20_000)));
                    default -> bodies.set(line, edited(bodies.get(line), random));
                }
                if (bodies.isEmpty()) {
                    bodies.add("");
                }
            }
            return journal(bodies);
        }
        byte[] bytes = journal(bodies);
        switch (random.nextInt(4)) {
            case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 1 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            case 2 -> {
                int from = random.nextInt(bytes.length);
                Arrays.fill(
                        bytes, from, Math.min(bytes.length, from + random.nextInt(600)), (byte) random.nextInt(256));
            }
            default -> {
                bytes = new byte[random.nextInt(300)];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) random.nextInt(256);
                }
            }
        }
        return bytes;
    }

    @Test
    void aDoneThatIsNeitherTrueNorFalseIsDamage() {
        for (String done : List.of("[\"java.lang.ProcessBuilder\",{}]", "{}", "1", "\"true\"", "null")) {
            List<String> bodies = bodies();
            bodies.replaceAll(body -> body.replace("\"done\":true", "\"done\":" + done));
            assertThat(JournalState.read("job", journal(bodies)).damage().orElseThrow())
                    .contains("'done' is neither true nor false");
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void badProgressIsRefusedOrLeftOutAndNeverBreaksTheReader() {
        int refused = 0;
        for (int seed = 0; seed < INPUTS; seed++) {
            byte[] bytes = bad(new SplittableRandom(seed));
            try {
                JournalState.Read read = JournalState.read("job", bytes);
                refused += read.damage().isPresent() ? 1 : 0;
                assertThat(read.state().bookmarks())
                        .as("seed %s", seed)
                        .allMatch(bookmark -> bookmark.counts().read() >= 0);
            } catch (BackfillException.Damaged e) {
                refused++;
                assertThat(e.getMessage()).as("seed %s", seed).contains("job");
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ": " + new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
        assertThat(refused).isGreaterThan(INPUTS / 3);
        System.out.println("bad inputs: " + INPUTS + ", 0 hangs, 0 uncaught (progress files)");
    }
}

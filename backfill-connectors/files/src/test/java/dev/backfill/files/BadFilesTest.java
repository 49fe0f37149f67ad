package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Partition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are cut, altered or made up are refused by file and record, or read, and never break the reader. */
class BadFilesTest {

    private static final int INPUTS = 1_500 * Integer.getInteger("backfill.bad", 1);

    private static final List<String> PIECES = List.of(
            "number",
            "text",
            "tags",
            ",",
            ",",
            "\n",
            "\n",
            "\r",
            "\"",
            "\"\"",
            ";",
            "1",
            "-2",
            "a",
            "[1]",
            "[",
            "{",
            "{}",
            "}",
            "]",
            ":",
            "null",
            "1e999999999",
            "99999999999999999999",
            "\u0000",
            "\uFEFF",
            "é",
            "😀",
            " ",
            "=1",
            "{\"number\":1,\"text\":\"b\"}",
            "{\"number\":1e999999999}",
            "{\"number\":-1e99999999999}",
            "1e99999999999",
            "\\ud800",
            "\\",
            "'",
            "#");

    record Row(int number, @Nullable String text, List<String> tags) {}

    @TempDir
    Path folder = Path.of("");

    private static byte[] bytes(SplittableRandom random, boolean csv) {
        StringBuilder text = new StringBuilder(
                switch (random.nextInt(3)) {
                    case 0 -> "";
                    case 1 -> csv ? "number,text,tags\n" : "{\"number\":1,\"text\":\"a\",\"tags\":[]}\n";
                    default ->
                        csv ? "number,text,tags\n1,a,[]\n2,\"b\n\"\"\",\"[\"\"x\"\"]\"\n" : "{\"number\":2}\n[]\n";
                });
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        if (random.nextInt(500) == 0) {
            text.append((random.nextBoolean() ? "[" : "\"").repeat(random.nextInt(200_000)));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && random.nextInt(3) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
    }

    private static <T> int read(FileSource<T> source) throws Exception {
        int records = 0;
        for (Partition<T> partition : source.partitions()) {
            Cursor at = Cursor.START;
            for (boolean more = true; more; ) {
                Page<T> page = partition.source().read(at);
                records += page.items().size();
                more = page.next().isPresent();
                at = page.next().orElse(at);
            }
        }
        return records;
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void badFilesAreRefusedByNameOrRead() throws Exception {
        int refused = 0;
        Path table = folder.resolve("x.csv");
        Path lines = folder.resolve("x.jsonl");
        List<FileSource<?>> sources = List.of(
                Csv.read(table, Row.class),
                Csv.read(table, Map.class),
                JsonLines.read(lines, Row.class),
                JsonLines.read(lines, Map.class));
        for (int seed = 0; seed < INPUTS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int which = random.nextInt(sources.size());
            Path file = which < 2 ? table : lines;
            byte[] bytes = bytes(random, which < 2);
            Files.write(file, bytes);
            try {
                assertThat(read(sources.get(which))).isNotNegative();
            } catch (IllegalArgumentException | IllegalStateException | IOException e) {
                refused++;
                assertThat(e.getMessage()).as("seed %s", seed).contains(file.toString());
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ": " + new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
        assertThat(refused).isGreaterThan(INPUTS / 4);
        System.out.println("bad inputs: " + INPUTS + ", 0 hangs, 0 uncaught (CSV and JSON lines)");
    }
}

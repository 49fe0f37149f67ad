package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whatever a partition is called, its file is in the folder and no other partition's, on any system. */
class FileNamesTest {

    private static final int NAMES = 200_000;
    private static final Path FOLDER = Path.of("/data/files");
    private static final Pattern RESERVED =
            Pattern.compile("(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])([ .].*)?", Pattern.CASE_INSENSITIVE);
    private static final List<String> PIECES = List.of(
            "a",
            "A",
            "ä",
            "a\u0308",
            "Ä",
            "A\u0308",
            "ﬁ",
            "fi",
            "İ",
            "i̇",
            "ı",
            "ß",
            "ss",
            "K",
            "\u212A",
            ".",
            "..",
            "-",
            "--",
            "/",
            "\\",
            "../",
            "\u0000",
            "\n",
            "\r",
            " ",
            "\t",
            "%",
            "%2e",
            "%-",
            "~",
            ":",
            "*",
            "?",
            "\"",
            "<",
            "|",
            "con",
            "CON",
            "nul",
            "aux",
            "prn",
            "com1",
            "COM¹",
            "lpt9",
            "com",
            "1",
            ".csv",
            ".part",
            ".manifest.json",
            ".gz",
            "月",
            "😀",
            "\uD83D",
            "\uDE00",
            "\uD800",
            "\u200B",
            "\u202E",
            "\uFEFF",
            "2020-01",
            "_",
            "`",
            "$(x)");

    private static String name(SplittableRandom random) {
        StringBuilder name = new StringBuilder();
        int pieces = random.nextInt(100) == 0 ? random.nextInt(40, 60) : random.nextInt(1, 6);
        for (int i = 0; i < pieces; i++) {
            name.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return name.substring(0, Math.min(200, name.length()));
    }

    private static String file(FileSink<?> sink, String partition) {
        Path file = sink.files(partition).get(0);
        assertThat(file.normalize().getParent()).as(partition).isEqualTo(FOLDER);
        return file.getFileName().toString();
    }

    @Test
    void hostileNamesGiveFilesOfTheirOwn() {
        String prefix = "P".repeat(80);
        FileSink<Map<String, Object>> longest = Csv.in(FOLDER, "a").gzip().prefix(prefix);
        FileSink<Object> bare = JsonLines.in(FOLDER);
        SplittableRandom random = new SplittableRandom(18);
        Set<String> partitions = new HashSet<>(PIECES);
        while (partitions.size() < NAMES) {
            partitions.add(name(random));
        }
        Set<String> seen = new HashSet<>();
        for (String partition : partitions) {
            String file = file(bare, partition);
            boolean plain = file.chars()
                    .allMatch(c -> c == '%'
                            || c == '.'
                            || c == '-'
                            || c == '_'
                            || (c >= '0' && c <= '9')
                            || (c >= 'a' && c <= 'z'));
            if (!plain
                    || file.startsWith(".")
                    || file.startsWith("-")
                    || RESERVED.matcher(file).matches()) {
                throw new AssertionError("'" + partition + "' gives " + file);
            }
            for (Path path : longest.files(partition)) {
                int bytes = (path.getFileName() + ".new").getBytes(StandardCharsets.UTF_8).length;
                if (bytes > 255) {
                    throw new AssertionError("'" + partition + "' gives " + bytes + " bytes: " + path);
                }
            }
            if (!seen.add(Normalizer.normalize(file.toLowerCase(Locale.ROOT), Normalizer.Form.NFKD))) {
                throw new AssertionError("'" + partition + "' has the file of another: " + file);
            }
        }
        assertThat(seen).hasSize(NAMES);
    }

    @Test
    void halvesOfSurrogatePairsAreToldApart() {
        Set<String> files = new HashSet<>();
        List<String> names = List.of("\uD800", "\uDC00", "?", "\uFFFD", "\uD83D\uDE00", "\uDE00\uD83D");
        names.forEach(name -> files.add(file(JsonLines.in(FOLDER), name)));
        assertThat(files).hasSize(names.size());

        String common = "x".repeat(150);
        assertThat(file(JsonLines.in(FOLDER), common + "\uD800"))
                .isNotEqualTo(file(JsonLines.in(FOLDER), common + "\uD801"));
    }

    /** Windows takes a file that is called so, with whatever behind a dot, for a device. */
    @Test
    void aPrefixMakesNoReservedName() {
        for (String[] pair : new String[][] {
            {"co", "n"},
            {"c", "on"},
            {"com", "1"},
            {"LPT", "9"},
            {"nu", "l.x"},
            {"CO", "n"},
            {"co", "n."},
            {"co", "n.a"}
        }) {
            String file = file(JsonLines.in(FOLDER).prefix(pair[0]), pair[1]);
            assertThat(RESERVED.matcher(file).matches()).as(file).isFalse();
        }
        assertThat(file(JsonLines.in(FOLDER).prefix("co"), "n"))
                .isNotEqualTo(file(JsonLines.in(FOLDER).prefix("co"), "%6e"));
        for (String prefix : List.of("con.", "NUL.x-", "com1.")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> JsonLines.in(FOLDER).prefix(prefix))
                    .withMessageContaining("reserved");
        }
        assertThat(file(JsonLines.in(FOLDER).prefix("con-"), "x")).isEqualTo("con-x.jsonl");
    }
}

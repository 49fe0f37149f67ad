package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.backfill.Backfill;
import dev.backfill.Batch;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read back as it was. */
class CsvTest {

    private static final List<String> PIECES = List.of(
            "", "a", " ", "\"", "\"\"", ",", ";", "\n", "\r", "\r\n", "\t", "\uFEFF", "=", "+1", "-", "@", "'", "#",
            "\u0000", "ä", "月", "😀", "e\u0301", "\u2028", "\u0085", "\\", "null", "[1]", "{", "0x", "\u200F", "%");

    @TempDir
    Path folder = Path.of("");

    enum Kind {
        NEW,
        SOLD_OUT
    }

    record Point(int x, @Nullable String soldAt) {}

    record Everything(
            int number,
            @Nullable Long count,
            double share,
            @Nullable BigDecimal price,
            boolean isNew,
            @Nullable String text,
            @Nullable Kind kind,
            @Nullable Instant soldOn,
            @Nullable LocalDate day,
            @Nullable UUID id,
            @Nullable URI link,
            Optional<String> maybe,
            List<String> tags,
            Map<String, Integer> amounts,
            @Nullable Point point,
            @Nullable Currency currency) {}

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    private static <X> @Nullable X orNull(SplittableRandom random, X value) {
        return random.nextInt(4) == 0 ? null : value;
    }

    private static Everything everything(SplittableRandom random) {
        return new Everything(
                random.nextInt(),
                orNull(random, random.nextLong()),
                random.nextDouble() * Math.pow(10, random.nextInt(-300, 300)),
                orNull(random, BigDecimal.valueOf(random.nextLong(), random.nextInt(-20, 40))),
                random.nextBoolean(),
                orNull(random, text(random)),
                orNull(random, Kind.values()[random.nextInt(2)]),
                orNull(random, Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000) * 1_000L)),
                orNull(random, LocalDate.ofEpochDay(random.nextInt(-100_000, 100_000))),
                orNull(random, new UUID(random.nextLong(), random.nextLong())),
                orNull(random, URI.create("https://x/" + random.nextInt())),
                Optional.ofNullable(orNull(random, text(random))),
                List.of(text(random), text(random)),
                Map.of(text(random), random.nextInt()),
                orNull(random, new Point(random.nextInt(), orNull(random, text(random)))),
                orNull(random, Currency.getInstance("EUR")));
    }

    private static <S> void write(Sink<S> sink, List<? extends S> records) throws Exception {
        Batch<S> batch = Batch.of(records);
        sink.write(batch);
        for (int i = 0; i < batch.size(); i++) {
            assertThat(batch.outcome(i)).as(batch.reason(i)).isEqualTo(Batch.Outcome.WRITTEN);
        }
        sink.end("all", false);
    }

    private static <T> List<T> read(FileSource<T> source) throws Exception {
        List<T> records = new ArrayList<>();
        for (Partition<T> partition : source.partitions()) {
            Source<T> rows = partition.source();
            Page<T> page = rows.read(dev.backfill.Cursor.START);
            records.addAll(page.items());
            while (page.next().isPresent()) {
                page = rows.read(page.next().get());
                records.addAll(page.items());
            }
        }
        return records;
    }

    @Test
    void recordsAreReadBackAsTheyWere() throws Exception {
        for (int seed = 1; seed <= 2; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Everything> records = new ArrayList<>();
            for (int i = 0; i < 1_500; i++) {
                records.add(everything(random));
            }
            Path csv = folder.resolve("csv" + seed);
            Path lines = folder.resolve("lines" + seed);

            write(seed % 2 == 0 ? Csv.in(csv, Everything.class).gzip() : Csv.in(csv, Everything.class), records);
            write(JsonLines.in(lines), records);

            assertThat(read(Csv.read(csv, Everything.class)))
                    .as("seed %s", seed)
                    .isEqualTo(records);
            assertThat(read(JsonLines.read(lines, Everything.class)))
                    .as("seed %s", seed)
                    .isEqualTo(records);
        }
    }

    @Test
    void mapsOfOneToThreeColumnsAreReadBackAsTheyWere() throws Exception {
        for (int columns = 1; columns <= 3; columns++) {
            SplittableRandom random = new SplittableRandom(columns);
            String[] names = List.of("a", "b,\"\n", "c").subList(0, columns).toArray(new String[0]);
            List<Map<String, Object>> maps = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                Map<String, Object> map = new HashMap<>();
                for (String name : names) {
                    map.put(name, orNull(random, text(random)));
                }
                maps.add(map);
            }
            Path place = folder.resolve("columns" + columns);

            write(Csv.in(place, names), maps);

            assertThat(read(Csv.read(place, Map.class))).isEqualTo(maps);
        }
    }

    @Test
    void hostileNamesOfColumnsAreReadBack() throws Exception {
        List<String> names =
                List.of("a,b", "\"", "two\nlines", "=1+1", " ", "\r", "a\u0000", "月", "../x", "'", "-rf", "\t.");
        String[] columns = names.stream().filter(name -> !name.isBlank()).toArray(String[]::new);
        Map<String, Object> map = new HashMap<>();
        for (String column : columns) {
            map.put(column, "of " + column);
        }

        write(Csv.in(folder, columns), List.of(map));

        assertThat(read(Csv.read(folder, Map.class))).isEqualTo(List.of(map));
    }

    @Test
    void columnsNeedNamesThatAFileCanHold() {
        for (String[] names : List.of(
                new String[] {"a", "b", "a"},
                new String[] {""},
                new String[] {"a", " \t"},
                new String[] {},
                new String[] {"\uFEFFa", "b"}, // would be read as a mark of byte order
                new String[] {"a", "\uD800"})) {
            assertThatIllegalArgumentException()
                    .as(String.join("|", names))
                    .isThrownBy(() -> Csv.in(folder, names))
                    .withMessageContaining("columns");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Csv.in(folder, String.class));
    }

    private String written(FileSink<Map<String, Object>> sink, Object value) throws Exception {
        sink = sink.replacing();
        write(sink, List.of(Map.of("a", value, "b", 1)));
        String text = Files.readString(sink.files("all").get(0));
        return text.substring("a,b\n".length(), text.length() - ",1\n".length());
    }

    /** The table of OWASP for "CSV injection", and the forms of East Asian text, which a spreadsheet takes for the same. */
    @Test
    void onlyForSpreadsheetsFormulasAreMadeText() throws Exception {
        FileSink<Map<String, Object>> exact = Csv.in(folder, "a", "b");
        FileSink<Map<String, Object>> safe = exact.forSpreadsheets();
        for (String begin : List.of("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) {
            String formula = begin + "1+cmd|' /C calc'!A0";
            String quoted = begin.equals("\r") || begin.equals("\n") ? "\"" : "";
            assertThat(written(safe, formula)).as(formula).isEqualTo(quoted + "'" + formula + quoted);
            assertThat(written(exact, formula)).as(formula).isEqualTo(quoted + formula + quoted);
        }
        assertThat(written(safe, "=1,2\"=3")).isEqualTo("\"'=1,2\"\"=3\"");
        assertThat(written(safe, "a=1")).isEqualTo("a=1");
        assertThat(written(safe, "")).isEqualTo("\"\"");
        assertThat(written(safe, -5)).as("a number is no formula").isEqualTo("-5");
        assertThat(exact.definition()).isNotEqualTo(safe.definition());
        assertThatIllegalStateException()
                .isThrownBy(() -> JsonLines.in(folder).forSpreadsheets())
                .withMessageContaining("only CSV");
    }

    record Picture(String name, byte[] bytes) {}

    /** Java's own text for an array is its address. */
    @Test
    void bytesAreWrittenAsBase64AndReadBack() throws Exception {
        byte[] bytes = {0, 1, -1, 10, 13, 34};

        write(Csv.in(folder, Picture.class), List.of(new Picture("a", bytes)));

        assertThat(folder.resolve("all.csv")).content().isEqualTo("name,bytes\na,AAH/Cg0i\n");
        assertThat(read(Csv.read(folder, Picture.class)).get(0).bytes()).isEqualTo(bytes);
        assertThat(written(Csv.in(folder.resolve("maps"), "a", "b"), bytes)).isEqualTo("AAH/Cg0i");
    }

    @Test
    void anExportIsAJobsInput() throws Exception {
        List<Point> points = List.of(new Point(1, "a"), new Point(2, null));
        write(Csv.in(folder.resolve("first"), Point.class), points);
        assertThat(folder.resolve("first/all.csv")).content().isEqualTo("x,sold_at\n1,a\n2,\n");

        Backfill.named("copy")
                .from(Csv.read(folder.resolve("first"), Point.class))
                .into(Csv.in(folder.resolve("second"), Point.class))
                .checkpoint(new MemoryCheckpoint())
                .run();

        assertThat(folder.resolve("second/all.csv.csv")).content().isEqualTo("x,sold_at\n1,a\n2,\n");
    }
}

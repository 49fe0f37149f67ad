package dev.backfill.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Sink;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.Months.Row;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that others have written, with the real disk. */
class FileSourceTest {

    /** What is read at once at first. */
    private static final int BLOCK = 1 << 20;

    @TempDir
    Path folder = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void begin() {
        file = folder.resolve("rows.csv");
    }

    private static <T> List<T> all(FileSource<T> source) throws Exception {
        List<T> records = new ArrayList<>();
        for (Partition<T> partition : source.partitions()) {
            Page<T> page = partition.source().read(Cursor.START);
            records.addAll(page.items());
            while (page.next().isPresent()) {
                page = partition.source().read(page.next().get());
                records.addAll(page.items());
            }
        }
        return records;
    }

    private List<Row> rows(String text) throws Exception {
        Files.writeString(file, text);
        return all(Csv.read(file, Row.class));
    }

    @Test
    void linesEndInAnyOfThreeWays() throws Exception {
        List<Row> two = List.of(new Row(1, "a"), new Row(2, "b"));
        for (String end : List.of("\n", "\r\n", "\r")) {
            assertThat(rows("number,text\n1,a\n2,b\n".replace("\n", end))).isEqualTo(two);
            assertThat(rows("number,text\n1,a\n2,b".replace("\n", end))).isEqualTo(two);
            assertThat(rows("\uFEFFnumber,text\n1,a\n2,b".replace("\n", end))).isEqualTo(two);
            assertThat(rows("\uFEFF\"number\",\"text\"\n\n1,a\n\n2,b\n\n".replace("\n", end)))
                    .isEqualTo(two);
            assertThat(rows("number,text" + end)).isEmpty();
        }
        assertThat(rows("number,text")).isEmpty();
        Path lines = Files.writeString(
                folder.resolve("x.jsonl"), "\uFEFF{\"number\":1,\"text\":\"a\"}\r\n\n{\"number\":2,\"text\":\"b\"}");
        assertThat(all(JsonLines.read(lines, Row.class))).isEqualTo(two);
    }

    @Test
    void columnsAreFoundByTheirNames() throws Exception {
        assertThat(rows("more,text,number\nx,a,1\n\"y\n\",,2\n"))
                .isEqualTo(Arrays.asList(new Row(1, "a"), new Row(2, null)));

        Map<String, Object> first = new HashMap<>(Map.of("more", "x", "text", "", "number", "01"));
        Files.writeString(file, "more,text,number\nx,\"\",01\n");
        assertThat(all(Csv.read(file, Map.class))).isEqualTo(List.of(first));
    }

    /** Of a record that has quoted line ends and letters of several bytes. */
    private static final String RECORD = "7,\"a\"\"\r\n月😀,\r\"\r\n";

    @Test
    void aRecordEndsOnlyAtItsEnd() {
        byte[] bytes = RECORD.getBytes(StandardCharsets.UTF_8);
        CsvReader<Row> reader = new CsvReader<>(Row.class);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(reader.end(Arrays.copyOf(bytes, length), 0, false))
                    .as("%s bytes", length)
                    .isEqualTo(-1);
        }
        assertThat(reader.end(bytes, 0, false)).isEqualTo(bytes.length);
    }

    /** The end of a block falls on the first byte, into a letter, between two quotes, and into the line end. */
    @Test
    void aBlockMayEndAnywhere() throws Exception {
        int length = RECORD.getBytes(StandardCharsets.UTF_8).length;
        Row row = new Row(7, "a\"\r\n月😀,\r");
        for (int inside : List.of(0, 5, 10, length - 1)) {
            String fill = "x".repeat(BLOCK - inside - 3);
            assertThat(rows("number,text\n1," + fill + "\n" + RECORD + RECORD))
                    .as("%s bytes", inside)
                    .isEqualTo(List.of(new Row(1, fill), row, row));
        }
    }

    @Test
    void aRecordLongerThanABlockIsRead() throws Exception {
        String text = "x,\n\"".repeat(BLOCK / 3);
        String cell = "\"" + text.replace("\"", "\"\"") + "\"";
        assertThat(rows("number,text\n1," + cell + "\n2,b\n")).isEqualTo(List.of(new Row(1, text), new Row(2, "b")));
    }

    private void refused(String text, String... words) throws Exception {
        Files.writeString(file, text);
        var thrown = assertThatThrownBy(() -> all(Csv.read(file, Row.class))).as(text);
        thrown.isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class)
                .hasMessageContaining(file.toString());
        for (String word : words) {
            thrown.hasMessageContaining(word);
        }
    }

    @Test
    void aHeadThatDoesNotFitIsRefused() throws Exception {
        refused("", "it is empty");
        refused("number\n1\n", "no text", "it has number");
        refused("number,text,number\n1,a,2\n", "twice");
        refused("number,text,\n1,a,2\n", "without a name");
        refused("1,a\n2,b\n", "is the head missing?");
        refused("number;text\n1;a\n", "number;text");
        refused("{\"number\":1}\n", "number, text");
    }

    @Test
    void aValueThatDoesNotFitIsToldWithFileAndRecord() throws Exception {
        StringBuilder many = new StringBuilder("number,text\n");
        for (int i = 1; i <= 2_500; i++) {
            many.append(i == 2_345 ? "many" : i).append(",\"a\nb\"\n");
        }
        refused(many.toString(), "record 2345", "int");
        refused("number,text\n1,a\n2\n", "record 2 has 1 fields, and the head has 2");
        refused("number,text\n1,a,b\n", "record 1 has 3 fields");
        refused("number,text\n1,a\n,b\n", "record 2");
        refused("number,text\n1,a\n2,\"b\n3,c\n", "record 2 ");

        Path lines = Files.writeString(folder.resolve("x.jsonl"), "{\"number\":1}\n{\"number\":\n");
        assertThatThrownBy(() -> all(JsonLines.read(lines, Row.class))).hasMessageContaining(lines + ": record 2");
    }

    /** Letters of another encoding would be lost without a word. */
    @Test
    void aFileOfAnotherEncodingIsRefused() throws Exception {
        for (var charset : List.of(StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16, StandardCharsets.UTF_16LE)) {
            Files.write(file, "number,text\n1,Käthe\n".getBytes(charset));
            assertThatThrownBy(() -> all(Csv.read(file, Row.class)))
                    .as(charset.name())
                    .hasMessageContaining(file.toString());
        }
        Files.write(file, "number,text\n1,a\n2,Käthe\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all(Csv.read(file, Map.class)))
                .withMessageContaining("at byte 19 is not UTF-8");
        Files.write(folder.resolve("x.jsonl"), "{\"text\":\"ä\"}\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all(JsonLines.read(folder.resolve("x.jsonl"), Map.class)))
                .withMessageContaining("is not UTF-8");
    }

    @Test
    void aFileThatChangesIsReadAgainFromItsStart() throws Exception {
        StringBuilder before = new StringBuilder("number,text\n");
        for (int i = 1; i <= 2_500; i++) {
            before.append(i).append(",a\n");
        }
        Files.writeString(file, before);
        Page<Row> first = Csv.read(file, Row.class).partitions().get(0).source().read(Cursor.START);
        String after = before.toString().replace(",a", ",bb");
        Files.writeString(file, after);
        assertThatThrownBy(() -> Csv.read(file, Row.class)
                        .partitions()
                        .get(0)
                        .source()
                        .read(first.next().orElseThrow()))
                .isInstanceOf(ExpiredCursorException.class)
                .hasMessageContaining("has changed");

        Files.writeString(file, before);
        AtomicBoolean changed = new AtomicBoolean();
        Map<Integer, Row> table = Collections.synchronizedMap(new HashMap<>());
        Sink<Row> sink = batch -> batch.forEach(row -> table.put(row.number(), row));
        Partition<Row> part = Csv.read(file, Row.class).partitions().get(0);
        Backfill.named("rows")
                .from((dev.backfill.Source<Row>) from -> {
                    if (!from.isStart() && changed.compareAndSet(false, true)) {
                        Files.writeString(file, after);
                    }
                    return part.source().read(from);
                })
                .into(sink)
                .checkpoint(new MemoryCheckpoint())
                .run();

        assertThat(table)
                .hasSize(2_500)
                .allSatisfy((number, row) -> assertThat(row.text()).isEqualTo("bb"));
    }

    @Test
    void aFileThatIsNotAsItsManifestSaysIsRefused() throws Exception {
        Months.job(new MemoryCheckpoint(), Months.month(1, 8), Csv.in(folder, Row.class))
                .run();
        Path whole = folder.resolve("2020-01.csv");
        assertThat(all(Csv.read(folder, Row.class))).hasSize(8);
        String text = Files.readString(whole);

        Files.writeString(whole, text.substring(0, text.length() - 6));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Csv.read(folder, Row.class).partitions())
                .withMessageContaining("cut off or changed")
                .withMessageContaining("2020-01.csv.manifest.json");
    }

    @Test
    void aFolderWithoutSuchFilesIsRefused() throws Exception {
        Files.writeString(folder.resolve("x.txt"), "1");
        Files.writeString(folder.resolve(".hidden.csv"), "1");
        Files.createDirectory(folder.resolve("inside.csv"));
        for (Path place : List.of(folder, folder.resolve("nowhere"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Csv.read(place, Row.class).partitions())
                    .withMessageContaining("there is no file *.csv in " + place);
        }
    }

    @Test
    void theFilesOfAFolderArePartitions() throws Exception {
        Files.writeString(folder.resolve("b.csv"), "number,text\n2,b\n");
        Files.writeString(folder.resolve("a.csv"), "number,text\n1,a\n");
        Files.write(folder.resolve("c.csv.gz"), packed("number,text\n3,c\n"));

        assertThat(Csv.read(folder, Row.class).partitions())
                .extracting(Partition::name)
                .containsExactly("a.csv", "b.csv", "c.csv.gz");
        assertThat(all(Csv.read(folder, Row.class))).extracting(Row::number).containsExactly(1, 2, 3);
    }

    private static byte[] packed(String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** It would not be better the next time, so it is not waited for. */
    @Test
    void aPackedFileThatIsCutOffIsRefusedAtOnce() throws Exception {
        byte[] whole = packed("number,text\n1,a\n");
        Path gz = folder.resolve("rows.csv.gz");
        for (int length : List.of(0, 5, whole.length - 9, whole.length - 1)) {
            Files.write(gz, Arrays.copyOf(whole, length));
            assertThatIllegalStateException()
                    .as("%s bytes", length)
                    .isThrownBy(() -> all(Csv.read(gz, Row.class)))
                    .withMessageContaining(gz + " is cut off");
        }
    }
}

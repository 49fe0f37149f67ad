package dev.backfill.files;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;

/** Months of numbered rows, jobs that write them, and what is then in a folder. */
final class Months {

    /** A time at which nothing here was written. */
    static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);

    private Months() {}

    record Row(int number, String text) {}

    static Row row(int number) {
        return new Row(number, "row " + number);
    }

    /** Numbers from one to another, three on a page; the end comes with the last row. */
    static Source<Row> rows(int first, int last) {
        return from -> {
            int start = from.orElse(first);
            int end = Math.min(last, start + 2);
            List<Row> items =
                    IntStream.rangeClosed(start, end).mapToObj(Months::row).toList();
            return end >= last ? Page.last(items) : Page.of(items, end + 1);
        };
    }

    static Partitioned<Row> month(int first, int last) {
        return month(rows(first, last));
    }

    static Partitioned<Row> month(Source<Row> rows) {
        return months(Partition.of("2020-01", rows));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    static Partitioned<Row> months(Partition<Row>... months) {
        List<Partition<Row>> all = List.of(months);
        return () -> all;
    }

    /** A job that takes one month after the other, and gives up at the first failure. */
    static Backfill job(MemoryCheckpoint progress, Partitioned<Row> months, Sink<? super Row> sink) {
        return Backfill.named("months")
                .from(months)
                .into(sink)
                .checkpoint(progress)
                .parallel(1)
                .patience(Duration.ZERO);
    }

    /** The file that such a job makes of these rows. */
    static String csv(int first, int last) {
        StringBuilder text = new StringBuilder("number,text\n");
        IntStream.rangeClosed(first, last)
                .forEach(i -> text.append(i).append(",row ").append(i).append('\n'));
        return text.toString();
    }

    /** All that can be seen in a folder, with the times of its files. */
    static Map<String, String> seen(Path folder) throws IOException {
        Map<String, String> seen = new TreeMap<>();
        for (String name : names(folder)) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                seen.put(
                        name,
                        Files.getLastModifiedTime(file)
                                + new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return seen;
    }

    /** Names of what is in a folder and is not hidden. */
    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    /** Gives all files of a folder a time long ago, so that one that is written again is found out. */
    static void age(Path folder) throws IOException {
        for (String name : names(folder)) {
            Files.setLastModifiedTime(folder.resolve(name), LONG_AGO);
        }
    }

    /** A manifest, and whether it is true; the hash is another's work. */
    static JsonNode manifest(Path file) throws Exception {
        JsonNode manifest = Json.tree(Files.readString(Path.of(file + ".manifest.json")));
        byte[] bytes = Files.readAllBytes(file);
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        if (manifest.path("bytes").asLong() != bytes.length
                || !manifest.path("sha256").asString().equals(hash)
                || !manifest.path("file").asString().equals(file.getFileName().toString())) {
            throw new AssertionError(manifest + " is not about " + file);
        }
        return manifest;
    }

    static String unpacked(Path file) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

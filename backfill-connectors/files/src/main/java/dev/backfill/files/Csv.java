package dev.backfill.files;

import java.nio.file.Path;
import java.util.Map;

/**
 * CSV files, in UTF-8, with a line of column names, separated by commas and lines ending with a line feed. What is written is exact: null
 * is nothing between two separators and empty text is two quotes, and both are read back as they were.
 */
public final class Csv {

    private Csv() {}

    /**
     * A sink of a file for each partition, with a column for each component of the records, in their order; {@code soldOn} becomes
     * {@code sold_on}. Points in time are written as ISO 8601 in microseconds, bytes as Base64, what is nested as JSON.
     *
     * @param folder made if it is not there; its files are named by their partitions
     */
    public static <T> FileSink<T> in(Path folder, Class<T> type) {
        return FileSink.of(folder, CsvFormat.of(type));
    }

    /** A sink for maps, with these columns. A map with another key is refused; one without a key has null there. */
    public static FileSink<Map<String, Object>> in(Path folder, String... columns) {
        return FileSink.of(folder, CsvFormat.of(columns));
    }

    /**
     * A source of such a file, or of all of them in a folder, packed by gzip or not. Columns are found by their names in the first line; one that
     * the records lack is left out, one that the file lacks is refused. A value that cannot be read as its component fails its partition, with the
     * file and the record named; read maps, and map them in a step, to have it as a dead letter.
     *
     * @param place a file or a folder
     * @param type a record, or {@code Map.class}, whose values are then strings or null
     */
    public static <T> FileSource<T> read(Path place, Class<T> type) {
        return new FileSource<>(place, new CsvReader<>(type));
    }
}

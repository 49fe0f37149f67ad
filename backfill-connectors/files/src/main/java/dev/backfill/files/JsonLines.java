package dev.backfill.files;

import java.nio.file.Path;

/** Files with a JSON value on each line, in UTF-8. Records have the names that they have in Java. */
public final class JsonLines {

    private JsonLines() {}

    /**
     * A sink of a file for each partition, for records of any kind.
     *
     * @param folder made if it is not there; its files are named by their partitions
     */
    public static FileSink<Object> in(Path folder) {
        return FileSink.of(folder, new JsonFormat<>());
    }

    /**
     * A source of such a file, or of all of them in a folder, packed by gzip or not. A line that cannot be read fails its partition, with the file
     * and the record named.
     *
     * @param place a file or a folder
     * @param type a record, or {@code Map.class}
     */
    public static <T> FileSource<T> read(Path place, Class<T> type) {
        return new FileSource<>(place, new JsonReader<>(type));
    }
}

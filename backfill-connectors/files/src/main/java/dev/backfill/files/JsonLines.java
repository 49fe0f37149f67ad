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
}

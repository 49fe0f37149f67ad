package dev.backfill.files;

import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Json;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A source of the records in a file, or in the files of a folder, each of which is a partition; made by {@link Csv#read} or
 * {@link JsonLines#read}.
 *
 * <p>A job that was killed goes on within a file. A file that changes while the job is at it is read again from its start. A file with a manifest beside
 * it, as a {@link FileSink} leaves it, is refused if it is not as its manifest says. What stands in hidden files, and in folders inside, is not read.
 *
 * @param <T> the type of the records
 */
public final class FileSource<T> implements Partitioned<T> {

    private static final String MANIFEST = ".manifest.json";

    private final Path place;
    private final Reader<T> reader;
    private final Disk disk = Ports.current().disk();

    FileSource(Path place, Reader<T> reader) {
        this.place = place.toAbsolutePath().normalize();
        this.reader = reader;
    }

    @Override
    public List<Partition<T>> partitions() throws IOException {
        List<String> names = new ArrayList<>();
        Path folder = place;
        try {
            for (String name : disk.list(place)) {
                if (isRead(name) && !isFolder(place.resolve(name))) {
                    names.add(name);
                }
            }
            names.sort(Comparator.naturalOrder());
        } catch (NotDirectoryException e) {
            folder = place.resolveSibling("").normalize();
            names.add(place.getFileName().toString());
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException("there is no file *." + reader.extension() + " in " + place);
        }
        List<Partition<T>> partitions = new ArrayList<>();
        for (String name : names) {
            check(folder, name);
            partitions.add(Partition.of(name, new FileRows<>(disk, folder.resolve(name), reader)));
        }
        return partitions;
    }

    private boolean isRead(String name) {
        return !name.startsWith(".")
                && (name.endsWith("." + reader.extension()) || name.endsWith("." + reader.extension() + ".gz"));
    }

    private boolean isFolder(Path path) throws IOException {
        try {
            disk.list(path);
            return true;
        } catch (NotDirectoryException e) {
            return false;
        }
    }

    /** A file that was cut off or changed since it was written is no input. */
    private void check(Path folder, String name) throws IOException {
        Path beside = folder.resolve(name + MANIFEST);
        if (disk.exists(beside)) {
            Manifest manifest = Json.read(new String(disk.read(beside), StandardCharsets.UTF_8), Manifest.class);
            if (!Outputs.is(disk, folder.resolve(name), manifest)) {
                throw new IllegalArgumentException(folder.resolve(name)
                        + " is not as its manifest says: it was cut off or changed. Bring it back, or remove "
                        + beside.getFileName());
            }
        }
    }

    @Override
    public Paging paging() {
        return Paging.KEYSET;
    }

    @Override
    public String definition() {
        return reader.definition();
    }

    @Override
    public String toString() {
        return place + ": " + definition();
    }
}

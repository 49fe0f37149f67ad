package dev.backfill.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A place in a file, as scripts keep it: written beside and moved over, without asking the disk. */
public final class SavedFile {

    private final Path file;
    private final Path beside;

    /** Kept in this file. */
    public SavedFile(Path file) {
        this.file = file;
        this.beside = file.resolveSibling(file.getFileName() + ".tmp");
    }

    /** What was written last. */
    public String read(String otherwise) throws IOException {
        return Files.exists(file) ? Files.readString(file) : otherwise;
    }

    /** Keeps it. */
    public void write(String place) throws IOException {
        Files.writeString(beside, place);
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}

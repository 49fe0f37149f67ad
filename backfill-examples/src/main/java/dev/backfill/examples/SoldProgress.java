package dev.backfill.examples;

import dev.backfill.files.FileSink;
import dev.backfill.files.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * The files {@code backfill_progress.json} and {@code backfill_summary.json} in the home, for people. They say what the manifests say, and no run
 * reads them; so they are not committed, where runs side by side would meet in them.
 */
final class SoldProgress {

    private final FileSink<?> files;
    private final Path home;
    private final ReentrantLock lock = new ReentrantLock();

    SoldProgress(FileSink<?> files, Path home) {
        this.files = files;
        this.home = home;
    }

    /** Writes both, and gives the manifests of the months that are whole. */
    List<Manifest> write() throws IOException {
        lock.lock();
        try {
            List<Manifest> whole = files.manifests();
            String completed = whole.stream()
                    .filter(manifest -> !manifest.open())
                    .map(manifest -> "\n    \"" + manifest.partition() + "\"")
                    .collect(Collectors.joining(","));
            replace(
                    "backfill_progress.json",
                    "{\n  \"completed\": [" + completed + "\n  ],\n  \"last_updated\": \"" + Instant.now() + "\"\n}\n");
            String months = whole.stream()
                    .map(manifest -> "\n    \"" + manifest.partition() + "\": " + manifest.rows())
                    .collect(Collectors.joining(","));
            replace(
                    "backfill_summary.json",
                    "{\n  \"months\": " + whole.size() + ",\n  \"total\": "
                            + whole.stream().mapToLong(Manifest::rows).sum() + ",\n  \"by_month\": {" + months
                            + "\n  }\n}\n");
            return whole;
        } finally {
            lock.unlock();
        }
    }

    private void replace(String name, String text) throws IOException {
        Path beside = home.resolve("." + name + ".new");
        Files.write(beside, text.getBytes(StandardCharsets.UTF_8));
        Files.move(beside, home.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

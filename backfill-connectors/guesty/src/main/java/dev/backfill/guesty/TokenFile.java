package dev.backfill.guesty;

import dev.backfill.internal.Disk;
import dev.backfill.internal.Hold;
import dev.backfill.internal.Json;
import dev.backfill.internal.Names;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/** The file in which a token is kept for all processes, readable by its owner only. */
final class TokenFile {

    private final Ports ports;
    private final Path folder;
    private final String name;

    TokenFile(Ports ports, Path folder, String account) {
        this.ports = ports;
        this.folder = folder;
        this.name = "guesty-" + Names.file(account);
    }

    private Path file() {
        return folder.resolve(name + ".json");
    }

    /**
     * The file for this process alone, until it is closed.
     *
     * @throws dev.backfill.BackfillException.Held if another process does not let go of it
     */
    Hold hold(Duration wait) throws IOException, InterruptedException {
        ports.disk().folder(folder);
        return Hold.take(ports, folder, name + ".lock", "the Guesty token in " + folder, wait);
    }

    /** What is kept. May be called without a hold, since the file is replaced as a whole. */
    Kept read() throws IOException {
        if (!ports.disk().exists(file())) {
            return Kept.NOTHING;
        }
        String text = new String(ports.disk().read(file()), StandardCharsets.UTF_8);
        try {
            return Json.read(text, Kept.class);
        } catch (IllegalArgumentException | NullPointerException e) {
            LoggerFactory.getLogger(Guesty.class)
                    .warn(
                            "{} is damaged, so it is not known how many tokens were asked for today; one is asked for anew",
                            file());
            return Kept.NOTHING;
        }
    }

    /** Replaces what is kept; done when it would survive a loss of power. Needs a hold. */
    void write(Kept kept) throws IOException {
        Disk disk = ports.disk();
        Path draft = folder.resolve(name + ".new");
        disk.delete(draft); // of a process that has died
        try (Disk.Writing writing = disk.create(draft)) {
            writing.write(Json.write(kept).getBytes(StandardCharsets.UTF_8));
            writing.sync();
        }
        disk.rename(draft, file());
        disk.sync(folder);
    }

    @Override
    public String toString() {
        return file().toString();
    }
}

package dev.backfill.internal;

import dev.backfill.BackfillException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** One process's hold on a file by the kernel's lock, with a note for others on who has it. */
public final class Hold implements AutoCloseable {

    private static final long POLL = Duration.ofMillis(100).toNanos();

    private final Disk.Lock lock;

    private Hold(Disk.Lock lock) {
        this.lock = lock;
    }

    /**
     * Takes the lock, waiting that long at most for another holder.
     *
     * @param name of the lock in the folder; a second file of this name and {@code .holder} has the note
     * @param what is held, for the message
     * @throws BackfillException.Held with the holder's note
     */
    public static Hold take(Ports ports, Path folder, String name, String what, Duration wait)
            throws IOException, InterruptedException {
        Path note = folder.resolve(name + ".holder");
        long begin = ports.time().nanos();
        while (true) {
            Optional<Disk.Lock> lock = ports.disk().lock(folder.resolve(name));
            if (lock.isPresent()) {
                Hold hold = new Hold(lock.get());
                try {
                    hold.write(ports, note);
                } catch (IOException | RuntimeException e) {
                    hold.close();
                    throw e;
                }
                return hold;
            }
            if (ports.time().nanos() - begin >= wait.toNanos()) {
                throw new BackfillException.Held(what + " is held by " + holder(ports, note));
            }
            ports.time().sleep(POLL);
        }
    }

    private void write(Ports ports, Path note) throws IOException {
        Disk disk = ports.disk();
        Path draft = note.resolveSibling(note.getFileName() + ".new");
        disk.delete(draft);
        try (Disk.Writing file = disk.create(draft)) {
            file.write((Machine.name() + " since " + ports.time().now()).getBytes(StandardCharsets.UTF_8));
        }
        disk.rename(draft, note);
    }

    private static String holder(Ports ports, Path note) {
        try {
            return new String(ports.disk().read(note), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "another process, which has not said who it is";
        }
    }

    /** Gives the lock back; the kernel does so too when the process ends. */
    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unlock", e);
        }
    }
}

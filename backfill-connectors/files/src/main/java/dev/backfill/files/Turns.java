package dev.backfill.files;

import dev.backfill.TransientException;
import dev.backfill.internal.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** One at a time on one repository: threads by a lock of theirs, processes of this library by a lock of the kernel. */
final class Turns {

    private static final String LOCK = "lock";

    private final ReentrantLock threads = new ReentrantLock(true);

    @FunctionalInterface
    interface Turn<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Waits for its turn, as long as one command of another may last, and takes away what the dead have left. */
    @SuppressWarnings("try") // held, not used
    <T> T take(GitCommands git, Turn<T> turn) throws IOException, InterruptedException {
        threads.lockInterruptibly();
        try {
            git.ports().disk().folder(git.own());
            try (Disk.Lock held = lock(git)) {
                clean(git);
                return turn.run();
            }
        } finally {
            threads.unlock();
        }
    }

    private static Disk.Lock lock(GitCommands git) throws IOException, InterruptedException {
        Path file = git.own().resolve(LOCK);
        long begin = git.ports().time().nanos();
        for (int attempt = 1; ; attempt++) {
            Optional<Disk.Lock> lock = git.ports().disk().lock(file);
            if (lock.isPresent()) {
                return lock.get();
            }
            if (git.ports().time().nanos() - begin > git.limit().toNanos()) {
                throw new TransientException("another process commits to " + git.workTree() + " since "
                        + git.limit().toSeconds() + " s, and holds " + file);
            }
            git.pause(attempt);
        }
    }

    private static void clean(GitCommands git) throws IOException {
        Disk disk = git.ports().disk();
        for (String name : disk.list(git.own())) {
            if (!name.equals(LOCK) && !name.equals(Rebase.NOTE)) {
                disk.delete(git.own().resolve(name));
            }
        }
    }
}

package dev.backfill.checkpoint;

import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Claim;
import dev.backfill.internal.Hold;
import dev.backfill.internal.Names;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Keeps progress in a folder: for each job a journal, one JSON line a save, that a person can read.
 *
 * <p>A save survives the death of the process at once, and a loss of power within a second; the end of a partition survives a loss of power
 * at once. Each line has a checksum. A torn last line is what a crash leaves and is cut off; damage elsewhere is never taken for
 * empty: the generation before is used, with a warning, or the claim is refused. One process at a time holds a job, by a lock
 * of the kernel that ends with the process. For one host and a local file system.
 */
public final class FileCheckpoint implements Checkpoint {

    private final Ports ports = Ports.current();
    private final Path folder;

    private FileCheckpoint(Path folder) {
        this.folder = folder;
    }

    /**
     * Progress in this folder, which is made when first needed, for its owner only.
     */
    public static FileCheckpoint in(Path folder) {
        return new FileCheckpoint(Objects.requireNonNull(folder, "folder").toAbsolutePath());
    }

    @Override
    public Claim claim(String job, Duration wait) throws InterruptedException {
        String name = Names.file(job);
        Hold hold;
        try {
            ports.disk().folder(folder);
            hold = Hold.take(ports, folder, name + ".lock", "the job '" + job + "' in " + folder, wait);
        } catch (ClosedByInterruptException e) {
            throw interrupted();
        } catch (IOException e) {
            throw new BackfillException(
                    "cannot keep progress in " + folder + " (" + e + "); name a folder that can be written", e);
        }
        try {
            return new FileClaim(ports, hold, job, Journal.open(ports, folder.resolve(name + ".journal"), job));
        } catch (ClosedByInterruptException e) {
            release(hold, e);
            throw interrupted();
        } catch (IOException e) {
            release(hold, e);
            throw new BackfillException(
                    "cannot read or write the progress of '" + job + "' in " + folder + ": " + e, e);
        } catch (RuntimeException | Error e) {
            release(hold, e);
            throw e;
        }
    }

    /** Files are closed under a thread that is interrupted; nothing is wrong with them. */
    private static InterruptedException interrupted() {
        boolean ignored = Thread.interrupted();
        return new InterruptedException("interrupted while claiming a job");
    }

    private static void release(Hold hold, Throwable cause) {
        try {
            hold.close();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public String toString() {
        return "files in " + folder;
    }
}

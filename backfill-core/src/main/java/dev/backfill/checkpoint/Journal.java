package dev.backfill.checkpoint;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.internal.Disk;
import dev.backfill.internal.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journal of one job on disk: appended at each save, written anew when it has grown, the generation before kept. */
final class Journal {

    private static final Logger LOG = LoggerFactory.getLogger(FileCheckpoint.class);
    private static final int LEAST_LINES = 10_000;

    private final Disk disk;
    private final Path folder;
    private final Path file;
    private final Path previous;
    private final JournalState state;

    private Disk.@Nullable Writing writing;
    private boolean keepPrevious;
    private boolean dirty;
    private long lines;

    private Journal(Disk disk, Path file, JournalState state) {
        this.disk = disk;
        this.folder = file.resolveSibling("").toAbsolutePath();
        this.file = file;
        this.previous = previous(file);
        this.state = state;
    }

    private static Path previous(Path file) {
        return file.resolveSibling(file.getFileName() + ".previous");
    }

    /** Reads what is there, and begins the next run. */
    static Journal open(Ports ports, Path file, String job) throws IOException {
        Disk disk = ports.disk();
        Path previous = previous(file);
        if (!disk.exists(file)) {
            if (disk.exists(previous)) {
                throw new BackfillException.Damaged("the progress of '" + job + "' is missing: " + file
                        + " is gone while the generation before it is there. Bring it back, or copy "
                        + previous.getFileName()
                        + " to its name to go on from there, or remove both to begin again");
            }
            Journal fresh = new Journal(disk, file, new JournalState(job));
            fresh.state.nextRun();
            fresh.rewrite();
            return fresh;
        }
        JournalState.Read read = JournalState.read(job, disk.read(file));
        if (read.damage().isEmpty()) {
            Journal journal = new Journal(disk, file, read.state());
            journal.state.nextRun();
            journal.writing = disk.append(file, read.length());
            journal.lines = read.lines();
            journal.append(journal.state.runLine());
            journal.sync();
            return journal;
        }
        return fallBack(disk, file, job, read.damage().get());
    }

    private static Journal fallBack(Disk disk, Path file, String job, String damage) throws IOException {
        Path previous = previous(file);
        String problem = "the progress of '" + job + "' in " + file + " is damaged: " + damage;
        if (!disk.exists(previous)) {
            throw new BackfillException.Damaged(
                    problem + ". There is no generation before it. Bring back a copy of the file, or"
                            + " remove it to begin again");
        }
        JournalState.Read before = JournalState.read(job, disk.read(previous));
        if (before.damage().isPresent()) {
            throw new BackfillException.Damaged(
                    problem + ". The generation before it, " + previous.getFileName() + ", is damaged too: "
                            + before.damage().get() + ". Bring back a copy of either, or remove both to begin again");
        }
        LOG.warn("{}. Going on from the generation before it; some records will be written again", problem);
        disk.rename(file, file.resolveSibling(file.getFileName() + ".damaged"));
        Journal journal = new Journal(disk, file, before.state());
        journal.keepPrevious = true;
        journal.state.nextRun();
        journal.rewrite();
        return journal;
    }

    long run() {
        return state.run();
    }

    Optional<String> definition() {
        return state.definition();
    }

    List<Bookmark> bookmarks() {
        return state.bookmarks();
    }

    List<DeadLetter> letters() {
        return state.letters();
    }

    void begin(String definition, List<Bookmark> bookmarks) throws IOException {
        state.begin(definition, bookmarks);
        rewrite();
        rewrite(); // the generation before must not be of the pass before: that has all of it done already
    }

    void redefine(String definition) throws IOException {
        state.redefine(definition);
        rewrite();
    }

    /** Appends; returns when it survives the process. */
    void append(Save save) throws IOException {
        append(state.save(save));
    }

    void forget(List<DeadLetter> letters) throws IOException {
        append(state.forget(letters));
    }

    private void append(List<String> bodies) throws IOException {
        dirty = true;
        if (writing == null || (lines > LEAST_LINES && lines > 4L * state.size())) {
            rewrite(); // the state holds what is to be saved already
            return;
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream(bodies.size() * 320);
        for (String body : bodies) {
            JournalLine.append(text, body, lines++);
        }
        try {
            writing.write(text.toByteArray());
        } catch (IOException e) {
            abandon();
            throw e;
        }
    }

    void sync() throws IOException {
        if (writing == null || !dirty) {
            return;
        }
        try {
            writing.sync();
            dirty = false;
        } catch (IOException e) {
            abandon();
            throw e;
        }
    }

    /** After a failed write or sync nobody knows what the file holds: the next save writes it anew. */
    private void abandon() {
        Disk.Writing broken = writing;
        writing = null;
        if (broken != null) {
            try {
                broken.close();
            } catch (IOException e) {
                LOG.debug("closing {} failed", file, e);
            }
        }
    }

    private void rewrite() throws IOException {
        abandon();
        state.nextGeneration();
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        disk.delete(draft);
        Disk.Writing next = disk.create(draft);
        try {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            long count = 0;
            for (String body : state.all()) {
                JournalLine.append(text, body, count++);
            }
            next.write(text.toByteArray());
            next.sync();
            if (disk.exists(file) && !keepPrevious) {
                Path link = file.resolveSibling(file.getFileName() + ".link");
                disk.delete(link);
                disk.link(file, link);
                disk.rename(link, previous);
            }
            disk.rename(draft, file);
            disk.sync(folder);
            lines = count;
            dirty = false;
            keepPrevious = false;
            writing = next;
        } finally {
            if (writing == null) {
                next.close();
            }
        }
    }

    void close() throws IOException {
        try {
            if (dirty && writing == null) {
                rewrite(); // a write or a sync has failed, and no save came after it
            }
            sync();
        } finally {
            abandon();
        }
    }
}

package dev.backfill.files;

import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.Sink;
import dev.backfill.TransientException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sink of files that commits to git what is whole, partition by partition; made by {@link FileSink#committedTo}.
 *
 * <p>A partition is done when its file is committed. A push that fails costs nothing but the push: a warning is logged, and the next commit, or
 * {@link #settle}, pushes all that is left.
 *
 * <p>An immutable value: each method gives another. Partitions take turns in committing.
 *
 * @param <T> the type of the records
 */
public final class CommittedSink<T> implements Sink<T> {

    private static final Logger LOG = LoggerFactory.getLogger(CommittedSink.class);

    private final FileSink<T> files;
    private final Git git;
    private final Function<? super String, String> message;
    private final Function<? super String, ? extends Collection<Path>> more;

    private CommittedSink(
            FileSink<T> files,
            Git git,
            Function<? super String, String> message,
            Function<? super String, ? extends Collection<Path>> more) {
        this.files = files;
        this.git = git;
        this.message = message;
        this.more = more;
    }

    static <T> CommittedSink<T> of(FileSink<T> files, Git git) {
        return new CommittedSink<>(files, git, partition -> "data: " + partition, partition -> List.of());
    }

    /** The message of a partition's commit, instead of {@code data: } and its name. */
    public CommittedSink<T> message(Function<? super String, String> words) {
        return new CommittedSink<>(files, git, Objects.requireNonNull(words, "words"), more);
    }

    /**
     * Further files that are committed with a partition's, such as a session that the site knows. The function is called before each commit and may
     * write them; several partitions may call it at once.
     */
    public CommittedSink<T> with(Function<? super String, ? extends Collection<Path>> files) {
        return new CommittedSink<>(this.files, git, message, Objects.requireNonNull(files, "files"));
    }

    @Override
    public void write(Batch<T> batch) throws Exception {
        files.write(batch);
        if (batch.replayed()) {
            commit(batch.partition()); // its file was whole before and is again
        }
    }

    @Override
    public void end(String partition, boolean open) throws Exception {
        files.end(partition, open);
        commit(partition);
    }

    private boolean commit(String partition) throws IOException, InterruptedException {
        List<Path> named = new ArrayList<>(files.files(partition));
        named.addAll(more.apply(partition));
        boolean committed = git.here().commit(message.apply(partition), named);
        if (git.pushes()) {
            try {
                git.push();
            } catch (IOException | TransientException | IllegalStateException e) {
                LOG.warn("{} is committed, and not pushed: {}", partition, e.getMessage());
            }
        }
        return committed;
    }

    /**
     * Commits the files that are whole and not committed, and pushes what is not pushed: for the end of a job, since an earlier run may not have
     * come to it. What {@link #with} names goes with the next partition.
     *
     * @return how many partitions were committed by this
     * @throws TransientException if the remote cannot be reached; what is committed stays so
     */
    public int settle() throws IOException, InterruptedException {
        int committed = 0;
        for (Manifest manifest : files.manifests()) {
            String partition = manifest.partition();
            committed += git.here().commit(message.apply(partition), files.files(partition)) ? 1 : 0;
        }
        if (git.pushes()) {
            git.push();
        }
        return committed;
    }

    @Override
    public void begin(String partition, Cursor from) throws IOException {
        files.begin(partition, from);
    }

    @Override
    public int batchSize() {
        return files.batchSize();
    }

    @Override
    public String definition() {
        return files.definition();
    }

    @Override
    public String toString() {
        return files + ", committed to " + git;
    }
}

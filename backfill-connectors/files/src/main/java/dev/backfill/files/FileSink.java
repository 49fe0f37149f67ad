package dev.backfill.files;

import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.Partitioned;
import dev.backfill.Sink;
import dev.backfill.internal.Names;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Text;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * A sink of a file for each partition; made by {@link Csv#in} or {@link JsonLines#in}.
 *
 * <p>A file is seen under its name only when its partition has been read to its end, and then it is whole. Until then what came is gathered in
 * the folder {@code .backfill} inside, batch by batch and durably, so a partition that was killed goes on where it was, and no record is in the file
 * twice. A file stands beside it, {@code ….manifest.json}, with the number of rows, the length and the hash: so a file that was cut off or changed is
 * told from one that is whole. Running again with the same data changes no byte.
 *
 * <p>A partition that stays open is read again from its start, by {@code openAt(Cursor.START)}: nobody could tell which of its rows come again if it
 * went on elsewhere, so that is refused.
 *
 * <p>A file that is there already, and is not as its manifest says or has none, is not touched: the partition fails and says so, unless
 * {@link #replacing} or {@link #appending} is said. A file that is as its manifest says is replaced by what a new pass brings, in one step.
 *
 * <p>An immutable value: each method gives another. Blocks for as long as the disk takes; safe for several partitions at once. Files are for
 * their owner only.
 *
 * @param <T> the type of the records
 */
public final class FileSink<T> implements Sink<T> {

    private enum Present {
        REFUSED,
        REPLACED,
        APPENDED
    }

    private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]{0,79})?");
    private static final int MOST_READABLE = 200;

    /** What a system says of a path that will be no better the next time. */
    private static final List<String> LASTING =
            List.of("Read-only", "Not a directory", "Is a directory", "File name too long");

    private static final WorkFile.Place NOWHERE = new WorkFile.Place("", -1);
    private static final WorkFile.Place START = new WorkFile.Place(Cursor.START.json(), 0);

    private final Format<T> format;
    private final Present present;
    private final Outputs outputs;

    /** Where this process has written last, for each partition at work. */
    private final Map<String, WorkFile.Position> positions = new ConcurrentHashMap<>();

    private FileSink(Format<T> format, Present present, Outputs outputs) {
        this.format = format;
        this.present = present;
        this.outputs = outputs;
    }

    static <T> FileSink<T> of(Path folder, Format<T> format) {
        return of(folder, format, Present.REFUSED, "", false);
    }

    private static <T> FileSink<T> of(Path folder, Format<T> format, Present present, String prefix, boolean gzip) {
        return new FileSink<>(
                format,
                present,
                new Outputs(
                        Ports.current().disk(),
                        folder.toAbsolutePath().normalize(),
                        prefix,
                        format.extension(),
                        gzip,
                        format.head()));
    }

    /** Names that begin with this: letters, digits, {@code _}, {@code .} and {@code -}. */
    public FileSink<T> prefix(String prefix) {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "a prefix has up to 80 letters, digits, '_', '.' and '-', and begins with none of"
                            + " the last two; not '" + prefix + "'");
        }
        if (prefix.contains(".") && Names.reserved(prefix)) {
            throw new IllegalArgumentException("names that begin with '" + prefix + "' are reserved on Windows");
        }
        return of(outputs.folder(), format, present, prefix, outputs.gzip());
    }

    /** Files packed by gzip. */
    public FileSink<T> gzip() {
        return of(outputs.folder(), format, present, outputs.prefix(), true);
    }

    /** Replaces a file that is there, whoever wrote it. */
    public FileSink<T> replacing() {
        return of(outputs.folder(), format, Present.REPLACED, outputs.prefix(), outputs.gzip());
    }

    /**
     * Keeps the rows of a file that was there before this job came, and writes behind them. A new pass replaces what this job has written, and
     * keeps those.
     */
    public FileSink<T> appending() {
        return of(outputs.folder(), format, Present.APPENDED, outputs.prefix(), outputs.gzip());
    }

    /**
     * For people who open the files with a spreadsheet: text that one would take for a formula, since it begins with {@code =}, {@code +},
     * {@code -}, {@code @}, a tab, a return or a line feed, gets an apostrophe in front. It is then not what the source gave any more. Only for CSV.
     */
    public FileSink<T> forSpreadsheets() {
        Format<T> safe = format.forSpreadsheets();
        if (safe == null) {
            throw new IllegalStateException("only CSV is opened by spreadsheets");
        }
        return of(outputs.folder(), safe, present, outputs.prefix(), outputs.gzip());
    }

    /** This sink, with a commit of the files of each partition that is finished. */
    public CommittedSink<T> committedTo(Git git) {
        return CommittedSink.of(this, git);
    }

    // ---- writing

    @Override
    public void write(Batch<T> batch) throws IOException {
        byte[] text = text(batch);
        long rows = 0;
        for (int i = 0; i < batch.size(); i++) {
            rows += batch.outcome(i) == Batch.Outcome.REFUSED ? 0 : 1;
        }
        try {
            if (batch.replayed()) {
                replay(batch, text, rows);
            } else {
                gather(batch, text, rows);
            }
        } catch (IOException e) {
            throw told(e);
        }
    }

    private byte[] text(Batch<T> batch) {
        CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
        ByteArrayOutputStream text = new ByteArrayOutputStream(256 * batch.size());
        for (int i = 0; i < batch.size(); i++) {
            try {
                ByteBuffer row = encoder.encode(CharBuffer.wrap(format.row(batch.get(i))));
                byte[] bytes = new byte[row.remaining()];
                row.get(bytes);
                text.writeBytes(bytes);
            } catch (CharacterCodingException e) {
                batch.refused(i, "it has half of a surrogate pair, which is no character");
            } catch (IllegalArgumentException e) {
                batch.refused(i, String.valueOf(e.getMessage()));
            } catch (StackOverflowError e) {
                batch.refused(i, "it is nested too deeply, or contains itself");
            }
        }
        return text.toByteArray();
    }

    @Override
    public void begin(String partition, Cursor from) throws IOException {
        positions.remove(partition); // an earlier run of this process may have left it
        if (from.isStart()) {
            try {
                outputs.make();
                WorkFile work = outputs.work(partition);
                WorkFile.Base kept = kept(partition, work.title());
                work.begin(WorkFile.Title.gathering(kept, kept, List.of()), List.of());
            } catch (IOException e) {
                throw told(e);
            }
        } else {
            WorkFile work = outputs.work(partition);
            if (work.title().filter(title -> !title.published()).isPresent()) {
                work.mend(readable(from.json()));
            }
        }
    }

    private void gather(Batch<T> batch, byte[] text, long rows) throws IOException {
        String partition = batch.partition();
        WorkFile work = outputs.work(partition);
        WorkFile.Place place = new WorkFile.Place(readable(batch.from().json()), batch.offset());
        WorkFile.Position known = positions.get(partition);
        if (known == null
                || (known.last().from().equals(place.from())
                        && place.offset() < known.last().offset())) {
            known = null; // pieces of a batch that come again from the first one are looked for
            prepare(partition, work, place);
        }
        positions.put(partition, work.put(known, place, rows, text));
    }

    /** Sees to it that the partition is being gathered. */
    private void prepare(String partition, WorkFile work, WorkFile.Place place) throws IOException {
        Optional<WorkFile.Title> title = work.title();
        if (title.isEmpty() && place.equals(START)) { // without a runner
            begin(partition, Cursor.START);
        } else if (title.isEmpty()) {
            throw lost(partition);
        } else if (title.get().published()) {
            reopen(partition, work, title.get(), place);
        }
    }

    private IllegalStateException lost(String partition) {
        return new IllegalStateException("what had come of the partition '" + partition
                + "' is not in " + outputs.folder() + " any more, though the progress says that it is written;"
                + " bring the folder back, or begin again with startOver()");
    }

    /** What to keep of the file that is there, when a partition begins at its start, perhaps not for the first time. */
    private WorkFile.Base kept(String partition, Optional<WorkFile.Title> title) throws IOException {
        Path file = outputs.file(partition);
        boolean gathering = title.isPresent() && !title.get().published();
        if (present == Present.REFUSED
                && !gathering
                && outputs.disk().exists(file)
                && outputs.whole(partition).isEmpty()) {
            throw new IllegalStateException(
                    file + " is there, and is not what a backfill has left: it has no manifest, or"
                            + " was cut off or changed since. Move it away, or say replacing() or appending()");
        }
        if (present != Present.APPENDED) {
            return WorkFile.Base.NONE;
        }
        return title.isPresent() ? title.get().kept() : outputs.kept(partition);
    }

    /** Goes on with a file that was finished: its last batches come again, or the partition has grown. */
    private void reopen(String partition, WorkFile work, WorkFile.Title title, WorkFile.Place place)
            throws IOException {
        Optional<Manifest> whole = outputs.whole(partition);
        if (whole.isEmpty()) {
            throw new IllegalStateException(outputs.file(partition)
                    + " was removed or changed since it was written; bring it back, or begin again with startOver()");
        }
        Optional<WorkFile.Base> before = work.before(title, place);
        if (before.isEmpty() && whole.get().open() && !place.equals(NOWHERE)) {
            throw new IllegalStateException(
                    "the partition '" + partition + "' is open and goes on at a place that is in no file: let it"
                            + " be read again from its start, by openAt(Cursor.START)");
        }
        WorkFile.Base base = before.isPresent() ? before.get() : work.all(title);
        work.begin(WorkFile.Title.gathering(title.kept(), base, title.replayed()), List.of());
    }

    /** A record that was a dead letter goes behind a file that is finished. */
    private void replay(Batch<T> batch, byte[] text, long rows) throws IOException {
        if (rows == 0) {
            return;
        }
        String partition = batch.partition();
        WorkFile work = outputs.work(partition);
        String hash = Text.digest(
                batch.from().json(), String.valueOf(batch.offset()), new String(text, StandardCharsets.UTF_8));
        WorkFile.Title title = work.title().orElse(null);
        boolean known = title != null && title.replayed().contains(hash);
        if (title != null && known && title.published()) {
            for (int i = 0; i < batch.size(); i++) {
                batch.unchanged(i);
            }
            return;
        }
        if (!known) { // else it was begun and cut off
            if (title == null || !title.published() || !batch.last()) {
                throw new IllegalStateException(
                        "the partition '" + partition + "' is not finished: run the job to its end, then replay");
            }
            List<String> replayed = new ArrayList<>(title.replayed());
            replayed.add(hash);
            WorkFile.Base all = work.all(title);
            work.begin(WorkFile.Title.gathering(title.kept(), all, replayed), List.of());
        }
        work.put(null, new WorkFile.Place(WorkFile.REPLAY + hash, 0), rows, text);
        boolean open = outputs.whole(partition).map(Manifest::open).orElse(false);
        outputs.publish(partition, work, work.title().orElseThrow(), open);
    }

    @Override
    public void end(String partition, boolean open) throws IOException {
        positions.remove(partition);
        try {
            WorkFile work = outputs.work(partition);
            Optional<WorkFile.Title> title = work.title();
            boolean gathering = title.isPresent() && !title.get().published();
            Optional<Manifest> whole = gathering ? Optional.empty() : outputs.whole(partition);
            if (whole.isPresent() && whole.get().open() == open) {
                return;
            }
            if (title.isPresent() && title.get().published()) {
                reopen(partition, work, title.get(), NOWHERE);
            } else if (title.isEmpty() && whole.isPresent()) { // only whether it is open has changed
                outputs.make();
                work.begin(
                        WorkFile.Title.gathering(outputs.kept(partition), outputs.all(partition), List.of()),
                        List.of());
            } else if (title.isEmpty() && outputs.disk().exists(outputs.file(partition))) {
                throw lost(partition);
            } else if (title.isEmpty()) {
                begin(partition, Cursor.START);
            }
            outputs.publish(partition, work, work.title().orElseThrow(), open);
        } catch (IOException e) {
            throw told(e);
        }
    }

    /** A cursor as a name: itself, or if it is long, its hash. */
    private static String readable(String json) {
        return json.length() <= MOST_READABLE ? json : Text.digest(json);
    }

    /** Says it at once where trying again would not help. */
    private IOException told(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof AccessDeniedException
                || e instanceof FileAlreadyExistsException
                || e instanceof DirectoryNotEmptyException
                || LASTING.stream().anyMatch(message::contains)) {
            throw new IllegalStateException(
                    "cannot write in the folder " + outputs.folder() + " ("
                            + e.getClass().getSimpleName() + ": " + message
                            + "); name one that can be written, and in which nothing is in the way",
                    e);
        }
        return e;
    }

    // ---- what is there

    /**
     * The parts of a source of which there is no whole file: for a job whose progress is elsewhere, or lost, such as on a machine that has only a
     * fresh clone of the repository with the files. Parts that this job's progress knows are given on. A part that still grew when its file
     * was written is not left out.
     */
    public <R> Partitioned<R> missing(Partitioned<R> source) {
        return new Missing<>(source, outputs);
    }

    /** The manifests of all files of this sink that are whole, in the order of their partitions. Reads the files. */
    public List<Manifest> manifests() throws IOException {
        return outputs.wholes();
    }

    /** The file of a partition, its manifest, and what {@link #partial} writes; whether they are there or not. */
    public List<Path> files(String partition) {
        return List.of(outputs.file(partition), outputs.manifestFile(partition), outputs.partialFile(partition));
    }

    /**
     * Writes what has come of a partition that is not finished beside its file, as {@code ….partial}, for people to look at. It is taken for
     * nothing, and gone when the partition is finished.
     *
     * @return the file; empty if nothing has come
     */
    public Optional<Path> partial(String partition) throws IOException {
        WorkFile work = outputs.work(partition);
        Optional<WorkFile.Title> title = work.title().filter(it -> !it.published());
        return title.isPresent() ? Optional.of(outputs.partial(partition, work, title.get())) : Optional.empty();
    }

    @Override
    public int batchSize() {
        return 1_000;
    }

    @Override
    public String definition() {
        return "files " + outputs.prefix() + "*, " + format.definition() + (outputs.gzip() ? ", gzip" : "")
                + (present == Present.APPENDED ? ", appending" : "");
    }

    @Override
    public String toString() {
        return outputs.folder() + ": " + definition();
    }
}

package dev.backfill.testkit;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.checkpoint.FileCheckpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** A little pipeline in a world, by what it is made of. */
class Pipeline implements CrashSweep.Scenario {

    /** A row of the little world. */
    record Row(String key, String value) {}

    final Map<String, Object> parts = new TreeMap<>();
    private final boolean transactional;
    private final boolean files;
    private final long mayRepeat;
    private final long mayReadAgain;

    private final BiFunction<Pipeline, World, Backfill> body;

    /**
     * A pipeline.
     *
     * @param place where progress is kept: in files, in a memory that is not the sink's, or in the sink's own database
     * @param body the job without its checkpoint
     */
    Pipeline(String place, long mayRepeat, long mayReadAgain, BiFunction<Pipeline, World, Backfill> body) {
        this.body = body;
        this.files = place.equals("files");
        this.transactional = place.equals("database");
        this.mayRepeat = transactional ? 0 : mayRepeat;
        this.mayReadAgain = mayReadAgain;
    }

    @SuppressWarnings("unchecked")
    <T> T part(String name, Supplier<T> first) {
        if (!parts.containsKey(name)) {
            parts.put(name, first.get());
        }
        return (T) parts.get(name);
    }

    Database database(World world) {
        return part("database", world::database);
    }

    Database.Table<Row> table(World world, String name) {
        return part(name, () -> database(world).table(Row::key));
    }

    Map<String, Row> rows(String name) {
        return part(name, () -> new TreeMap<>());
    }

    /** The database's own checkpoint; a memory that is not the sink's; or files. */
    Checkpoint checkpoint(World world) {
        if (files) {
            return FileCheckpoint.in(Path.of("/progress"));
        }
        return transactional
                ? database(world).checkpoint()
                : part("memory", () -> world.database().checkpoint());
    }

    @Override
    public Backfill job(World world) {
        return body.apply(this, world).checkpoint(checkpoint(world));
    }

    @Override
    public Object end(World world) {
        List<Object> end = new ArrayList<>();
        parts.forEach((name, part) -> {
            if (part instanceof Database.Table<?> table) {
                end.add(name + "=" + new TreeMap<>(table.rows()));
            } else if (part instanceof Map<?, ?> || part instanceof List<?>) {
                end.add(name + "=" + part);
            }
        });
        for (DeadLetter letter : job(world).deadLetters()) {
            end.add(letter.key() + " " + letter.reason() + " " + letter.page());
        }
        return end.stream().map(String::valueOf).sorted().toList();
    }

    @Override
    public long mayRepeat() {
        return mayRepeat;
    }

    @Override
    public long mayReadAgain() {
        return mayReadAgain;
    }

    // ---- what pipelines read

    /** Numbers from one to another, as pages. */
    static Source<Integer> numbers(int first, int last, int perPage) {
        return from -> {
            int start = from.orElse(first);
            int end = Math.min(last, start + perPage - 1);
            List<Integer> items = IntStream.rangeClosed(start, end).boxed().toList();
            return end == last ? Page.last(items) : Page.of(items, end + 1);
        };
    }

    static Row row(int number) {
        return new Row(String.valueOf(10_000 + number).substring(1), "row " + number);
    }

    /** A source that does something else the first time in the life of a world that it is asked for this place. */
    <T> Source<T> once(Object at, Source<T> source, Source<T> instead) {
        return from -> from.equals(at instanceof Cursor cursor ? cursor : Cursor.of(at))
                        && parts.putIfAbsent("once " + at, true) == null
                ? instead.read(from)
                : source.read(from);
    }

    /** Refuses its cursor once in the life of a world. */
    <T> Source<T> expiring(Source<T> source, int at) {
        return once(at, source, from -> {
            throw new ExpiredCursorException("the cursor " + at + " has expired");
        });
    }

    /** Asks to be left alone once in the life of a world. */
    <T> Source<T> busy(Source<T> source, int at) {
        return once(at, source, from -> {
            throw new TransientException("429", Duration.ofSeconds(7));
        });
    }
}

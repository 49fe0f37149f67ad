package dev.backfill.checkpoint;

import dev.backfill.BackfillException;
import dev.backfill.Bookmark;
import dev.backfill.Counts;
import dev.backfill.Cursor;
import dev.backfill.DeadLetter;
import dev.backfill.Save;
import dev.backfill.internal.CheckedLine;
import dev.backfill.internal.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a journal says: its lines made and understood. No I/O. */
final class JournalState {

    /** The format that this version writes; every later version reads it. */
    private static final int FORMAT = 1;

    /** What was read: the state, how long the good part is, and what is damaged if anything is. */
    record Read(JournalState state, long length, long lines, Optional<String> damage) {}

    private final String job;
    /** By phase and partition. */
    private final Map<List<String>, Bookmark> bookmarks = new LinkedHashMap<>();
    /** By phase, partition, page and key. */
    private final Map<List<String>, DeadLetter> letters = new LinkedHashMap<>();
    /** The beginnings of bookmarks' lines, which are the same each time. */
    private final Map<List<String>, String> places = new HashMap<>();

    private long generation;
    private long run;
    /** How many lines a generation that was read began with; they came in one step. */
    private long begun;

    private @Nullable String definition;

    JournalState(String job) {
        this.job = job;
    }

    long run() {
        return run;
    }

    Optional<String> definition() {
        return Optional.ofNullable(definition);
    }

    List<Bookmark> bookmarks() {
        return List.copyOf(bookmarks.values());
    }

    List<DeadLetter> letters() {
        return List.copyOf(letters.values());
    }

    int size() {
        return bookmarks.size() + letters.size() + 1;
    }

    void nextRun() {
        run++;
    }

    void nextGeneration() {
        generation++;
    }

    void begin(String text, List<Bookmark> marks) {
        definition = text;
        bookmarks.clear();
        letters.clear();
        marks.forEach(this::put);
    }

    void redefine(String text) {
        definition = text;
    }

    private void put(Bookmark bookmark) {
        bookmarks.put(List.of(bookmark.phase(), bookmark.partition()), bookmark);
    }

    private static List<String> key(DeadLetter letter) {
        return List.of(letter.phase(), letter.partition(), letter.page().json(), letter.key());
    }

    // ---- lines made

    List<String> save(Save save) {
        List<String> bodies =
                new ArrayList<>(save.bookmarks().size() + save.deadLetters().size());
        for (DeadLetter letter : save.deadLetters()) {
            letters.put(key(letter), letter);
            bodies.add(body(letter));
        }
        for (Bookmark bookmark : save.bookmarks()) {
            put(bookmark);
            bodies.add(body(bookmark));
        }
        return bodies;
    }

    List<String> forget(List<DeadLetter> gone) {
        List<String> bodies = new ArrayList<>(gone.size());
        for (DeadLetter letter : gone) {
            if (letters.remove(key(letter)) != null) {
                bodies.add("\"forgotten\":{" + place(letter) + "}");
            }
        }
        return bodies;
    }

    List<String> runLine() {
        return List.of("\"run\":" + run);
    }

    /** Everything, for a new generation. */
    List<String> all() {
        List<String> bodies = new ArrayList<>(size());
        bodies.add("\"backfill\":\"journal\",\"format\":" + FORMAT + ",\"job\":" + Json.write(job) + ",\"generation\":"
                + generation + ",\"lines\":" + size() + ",\"run\":" + run
                + (definition == null ? "" : ",\"definition\":" + Json.write(definition)));
        letters.values().forEach(letter -> bodies.add(body(letter)));
        bookmarks.values().forEach(bookmark -> bodies.add(body(bookmark)));
        return bodies;
    }

    private String body(Bookmark bookmark) {
        Counts counts = bookmark.counts();
        String place = places.computeIfAbsent(
                List.of(bookmark.phase(), bookmark.partition()),
                key -> "\"bookmark\":{\"phase\":" + Json.write(bookmark.phase()) + ",\"partition\":"
                        + Json.write(bookmark.partition()) + ",\"run\":");
        return place + bookmark.run() + ",\"cursor\":" + bookmark.cursor().json() + ",\"done\":" + bookmark.done()
                + ",\"filtered\":" + counts.filtered() + ",\"failed\":" + counts.failed() + ",\"passed\":"
                + counts.passed()
                + ",\"inserted\":" + counts.inserted() + ",\"updated\":" + counts.updated() + ",\"unchanged\":"
                + counts.unchanged()
                + ",\"dead\":" + counts.dead() + "}";
    }

    private static String body(DeadLetter letter) {
        return "\"letter\":{" + place(letter) + ",\"reason\":" + Json.write(letter.reason()) + ",\"attempts\":"
                + letter.attempts()
                + letter.payload()
                        .map(payload -> ",\"payload\":" + Json.write(payload))
                        .orElse("") + "}";
    }

    private static String place(DeadLetter letter) {
        return "\"phase\":" + Json.write(letter.phase()) + ",\"partition\":" + Json.write(letter.partition())
                + ",\"page\":" + letter.page().json() + ",\"key\":" + Json.write(letter.key());
    }

    // ---- lines understood

    /**
     * Reads a journal. A bad line with nothing whole behind it is what a crash leaves, and is left out; a bad line elsewhere is damage,
     * and so is one of those with which the generation began.
     */
    static Read read(String job, byte[] bytes) {
        JournalState state = new JournalState(job);
        long number = 0;
        int start = 0;
        while (start < bytes.length) {
            int end = endOfLine(bytes, start);
            Optional<JsonNode> node = end < bytes.length
                    ? JournalLine.parse(Arrays.copyOfRange(bytes, start, end), number)
                    : Optional.empty();
            if (node.isEmpty()) {
                boolean torn = number > 0 && number >= state.begun && nothingWhole(bytes, start);
                return new Read(state, start, number, torn ? Optional.empty() : Optional.of(missing(number)));
            }
            try {
                state.understand(node.get(), number);
            } catch (IllegalArgumentException e) {
                return new Read(state, start, number, Optional.of("line " + (number + 1) + ": " + e.getMessage()));
            }
            number++;
            start = end + 1;
        }
        if (number == 0) {
            return new Read(state, start, number, Optional.of("the file is empty"));
        }
        return new Read(state, start, number, number < state.begun ? Optional.of(missing(number)) : Optional.empty());
    }

    private static String missing(long number) {
        return "line " + (number + 1) + " is torn, altered or missing";
    }

    private static boolean nothingWhole(byte[] bytes, int from) {
        int start = from;
        while (start < bytes.length) {
            int end = endOfLine(bytes, start);
            if (end < bytes.length && CheckedLine.whole(Arrays.copyOfRange(bytes, start, end))) {
                return false;
            }
            start = end + 1;
        }
        return true;
    }

    private static int endOfLine(byte[] bytes, int start) {
        int end = start;
        while (end < bytes.length && bytes[end] != '\n') {
            end++;
        }
        return end;
    }

    private void understand(JsonNode line, long number) {
        if (number == 0) {
            header(line);
        } else if (line.has("bookmark")) {
            put(bookmark(line.get("bookmark")));
        } else if (line.has("letter")) {
            DeadLetter letter = letter(line.get("letter"));
            letters.put(key(letter), letter);
        } else if (line.has("forgotten")) {
            JsonNode place = line.get("forgotten");
            letters.remove(List.of(
                    text(place, "phase"),
                    text(place, "partition"),
                    cursor(place, "page").json(),
                    text(place, "key")));
        } else if (line.has("run")) {
            run = Math.max(run, whole(line, "run"));
        } else {
            throw new BackfillException.Damaged("the progress of '" + job + "' has in line " + (number + 1)
                    + " what this version does not know; use the version that wrote it, or a newer one");
        }
    }

    private void header(JsonNode line) {
        if (!text(line, "backfill").equals("journal")) {
            throw new IllegalArgumentException("this is not a journal");
        }
        long format = whole(line, "format");
        if (format > FORMAT) {
            throw new BackfillException.Damaged("the progress of '" + job + "' has format " + format
                    + ", and this version reads up to " + FORMAT + "; use the version that wrote it, or a newer one");
        }
        if (!text(line, "job").equals(job)) {
            throw new BackfillException.Damaged("this is the progress of the job '" + text(line, "job")
                    + "' and not of '" + job + "'; give each job a file of its own");
        }
        generation = whole(line, "generation");
        begun = whole(line, "lines");
        run = whole(line, "run");
        definition = line.has("definition") ? text(line, "definition") : null;
    }

    private Bookmark bookmark(JsonNode node) {
        long filtered = whole(node, "filtered");
        long failed = whole(node, "failed");
        long passed = whole(node, "passed");
        long inserted = whole(node, "inserted");
        long updated = whole(node, "updated");
        long unchanged = whole(node, "unchanged");
        long dead = whole(node, "dead");
        return new Bookmark(
                job,
                text(node, "phase"),
                text(node, "partition"),
                whole(node, "run"),
                cursor(node, "cursor"),
                flag(node, "done"),
                new Counts(
                        filtered + failed + passed,
                        filtered,
                        failed,
                        passed,
                        inserted + updated + unchanged + dead,
                        inserted,
                        updated,
                        unchanged,
                        dead));
    }

    private static DeadLetter letter(JsonNode node) {
        return new DeadLetter(
                text(node, "phase"),
                text(node, "partition"),
                cursor(node, "page"),
                text(node, "key"),
                text(node, "reason"),
                (int) whole(node, "attempts"),
                node.has("payload") ? Optional.of(text(node, "payload")) : Optional.empty());
    }

    private static JsonNode field(JsonNode node, String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw new IllegalArgumentException("'" + name + "' is missing");
        }
        return value;
    }

    private static String text(JsonNode node, String name) {
        JsonNode value = field(node, name);
        if (!value.isString()) {
            throw new IllegalArgumentException("'" + name + "' is not text");
        }
        return value.asString();
    }

    private static long whole(JsonNode node, String name) {
        JsonNode value = field(node, name);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException("'" + name + "' is not a whole number");
        }
        return value.asLong();
    }

    private static boolean flag(JsonNode node, String name) {
        JsonNode value = field(node, name);
        if (!value.isBoolean()) {
            throw new IllegalArgumentException("'" + name + "' is neither true nor false");
        }
        return value.asBoolean();
    }

    private static Cursor cursor(JsonNode node, String name) {
        return Cursor.parse(field(node, name).toString());
    }
}

package dev.backfill.simulators;

import dev.backfill.simulators.TypesenseCollection.Action;
import dev.backfill.simulators.TypesenseField.Dirty;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** One import: its lines are cut into units, which wait their turn in the queue whether or not the client does. */
final class TypesenseImport {

    /** So many bytes are one entry of the log, and one unit of the queue. */
    private static final int UNIT = 196_605;

    private static final int PACE = 100;

    private final TypesenseStore store;
    private final TypesenseCollection collection;
    private final Action action;
    private final Dirty dirty;
    private final boolean returnId;
    private final boolean returnDocument;
    private final boolean failedDocument;
    private final boolean failedId;
    private final byte[] body;
    private final TypesenseFaults.Choice choice;
    private final int applied;
    private final int sent;
    private int line;
    private boolean stopped;

    private TypesenseImport(TypesenseStore store, TypesenseCollection collection, Ask ask) throws TypesenseError {
        this.store = store;
        this.collection = collection;
        action = action(ask);
        if (!ask.parameter("batch_size").orElse("40").matches("[1-9][0-9]{0,8}")) {
            throw TypesenseError.invalid("Parameter `batch_size` must be a positive integer.");
        }
        dirty = Dirty.of(ask);
        returnId = ask.parameter("return_id").orElse("").equals("true");
        returnDocument = ask.parameter("return_doc").orElse("").equals("true");
        failedDocument = returnDocument
                || store.settings.major() < 28
                || store.settings.quirks.contains(TypesenseQuirk.DOCUMENT_ALWAYS);
        failedId = returnId
                && store.settings.major() > 26
                && !store.settings.quirks.contains(TypesenseQuirk.NO_ID_IN_FAILURES);
        body = ask.body().getBytes(StandardCharsets.UTF_8);
        choice = store.faults.next(ask.body());
        if (choice.fault() == TypesenseFaults.Import.CUT) {
            int lines = (int) ask.body().chars().filter(c -> c == '\n').count() + 1;
            applied = 1 + (int) (choice.dice() % lines);
            sent = (int) (choice.dice() / lines % (applied + 1));
        } else {
            applied = Integer.MAX_VALUE;
            sent = Integer.MAX_VALUE;
        }
    }

    /** What a write is to do, as it is asked for. */
    static Action action(Ask ask) throws TypesenseError {
        String asked = ask.parameter("action").orElse("create").toUpperCase(Locale.ROOT);
        for (Action action : Action.values()) {
            if (action.name().equals(asked)) {
                return action;
            }
        }
        throw TypesenseError.invalid("Parameter `action` must be a create|update|upsert.");
    }

    static Reply answer(TypesenseStore store, TypesenseCollection collection, Ask ask) throws TypesenseError {
        return new TypesenseImport(store, collection, ask).begin();
    }

    private Reply begin() {
        List<FutureTask<JsonBytes>> units = new ArrayList<>();
        int from = 0;
        for (int end = UNIT; from < body.length; end += UNIT) {
            int to = body.length;
            if (end < body.length) { // a unit has the lines that end in it
                to = end;
                while (to > from && body[to - 1] != '\n') {
                    to--;
                }
            }
            int begin = from;
            int stop = to;
            boolean first = units.isEmpty();
            units.add(collection.queue.add(() -> unit(begin, stop, first)));
            from = to;
        }
        return switch (choice.fault()) {
            case LOST -> Reply.lost(out -> results(units, new JsonBytes(0)));
            case EMPTY -> pieces(out -> results(units, new JsonBytes(0)));
            case CUT -> pieces(out -> cut(units, out));
            case CUT_LAST_LINE ->
                pieces(out -> {
                    JsonBytes all = new JsonBytes(1 << 12);
                    results(units, all);
                    all.cut(Math.max(0, all.size() - 1 - (int) (choice.dice() % 12)));
                    all.to(out);
                });
            default -> pieces(out -> stream(units, out));
        };
    }

    private static Reply pieces(Reply.Pieces pieces) {
        return Reply.pieces("text/plain; charset=utf-8", pieces);
    }

    private void stream(List<FutureTask<JsonBytes>> units, OutputStream out) throws IOException, InterruptedException {
        boolean any = false;
        String between = quirk(TypesenseQuirk.BLANK_RESULT_LINES) ? "\n\n" : "\n";
        for (FutureTask<JsonBytes> unit : units) {
            JsonBytes results = done(unit);
            if (results.size() > 0) {
                out.write((any ? between : "").getBytes(StandardCharsets.US_ASCII));
                results.to(out);
                out.flush();
                any = true;
            }
        }
        if (any && quirk(TypesenseQuirk.TRAILING_NEWLINE)) {
            out.write('\n');
        }
    }

    private boolean quirk(TypesenseQuirk quirk) {
        return store.settings.quirks.contains(quirk);
    }

    private static JsonBytes done(FutureTask<JsonBytes> unit) throws InterruptedException {
        try {
            return TypesenseQueue.done(unit);
        } catch (TypesenseError e) {
            throw new IllegalStateException("a unit answers for each of its lines", e);
        }
    }

    private static void results(List<FutureTask<JsonBytes>> units, JsonBytes into) throws InterruptedException {
        for (FutureTask<JsonBytes> unit : units) {
            JsonBytes results = done(unit);
            if (results.size() > 0) {
                into.raw(into.size() > 0 ? "\n" : "").append(results);
            }
        }
    }

    private void cut(List<FutureTask<JsonBytes>> units, OutputStream out) throws IOException, InterruptedException {
        JsonBytes all = new JsonBytes(1 << 12);
        results(units, all);
        byte[] bytes = all.copy();
        int end = 0;
        for (int lines = 0; lines < sent && end < bytes.length; lines++) {
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            end++;
        }
        out.write(bytes, 0, Math.min(end, bytes.length));
        out.flush();
        throw new Reply.BrokenOff();
    }

    private JsonBytes unit(int from, int to, boolean first) throws InterruptedException {
        if (first && choice.fault() == TypesenseFaults.Import.LATE) {
            collection.queue.pause(store.settings.lateness);
        }
        JsonBytes results = new JsonBytes((to - from) / 2);
        int written = 0;
        int begin = from;
        while (begin < to && !stopped) {
            int end = begin;
            while (end < to && body[end] != '\n') {
                end++;
            }
            if (end > begin && line++ < applied) {
                results.raw(results.size() > 0 ? "\n" : "");
                if (store.takeRoom(1)) {
                    result(new String(body, begin, end - begin, StandardCharsets.UTF_8), results);
                } else { // the tail of the answer is no result
                    stopped = true;
                    results.raw("{\"message\": ").text(store.noRoom().words()).raw("}");
                }
                if (++written % PACE == 0) {
                    collection.queue.wrote(PACE);
                }
            }
            begin = end + 1;
        }
        collection.queue.wrote(written % PACE);
        return results;
    }

    private void result(String text, JsonBytes into) {
        @Nullable Object id = null;
        try {
            SortedMap<String, @Nullable Object> document = parsed(text);
            id = document.get("id");
            if (id != null && store.faults.refuses(id)) {
                String field = collection.fields().isEmpty()
                        ? "id"
                        : collection.fields().get(0).name();
                throw TypesenseError.invalid(
                        "Field `" + field + "` has been declared in the schema, but is not found in the document.");
            }
            String written = collection.write(document, action, dirty);
            into.raw("{");
            if (returnDocument) {
                TypesenseJson.write(
                                into.raw("\"document\":"),
                                collection.document(written).orElse(document))
                        .raw(",");
            }
            if (returnId) {
                into.raw("\"id\":").text(written).raw(",");
            }
            into.raw("\"success\":true}");
        } catch (TypesenseError e) {
            into.raw("{\"code\":").number(e.status());
            if (failedDocument) {
                into.raw(",\"document\":").text(text);
            }
            into.raw(",\"error\":").text(e.words());
            if (failedId && id instanceof String known) {
                into.raw(",\"id\":").text(known);
            }
            into.raw(",\"success\":false}");
        }
    }

    private SortedMap<String, @Nullable Object> parsed(String text) throws TypesenseError {
        if (quirk(TypesenseQuirk.CARRIAGE_RETURN_REFUSED) && text.endsWith("\r")) {
            throw TypesenseError.invalid("Bad JSON: not a properly formed document.");
        }
        try {
            return TypesenseJson.object(text);
        } catch (TypesenseError e) {
            throw TypesenseError.invalid("Bad JSON: " + e.words());
        }
    }
}

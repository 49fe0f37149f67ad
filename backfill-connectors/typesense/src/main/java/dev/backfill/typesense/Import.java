package dev.backfill.typesense;

import dev.backfill.Batch;
import dev.backfill.TransientException;
import dev.backfill.http.Http;
import dev.backfill.http.UnsentException;
import dev.backfill.internal.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Sends the lines of one batch, and tells the batch what became of each. */
final class Import {

    private static final int MOST_BYTES = 1 << 20;

    /** An import that the client gives up is done all the same, so patience is cheaper than another attempt. */
    private static final Duration TIMEOUT = Duration.ofMinutes(15);

    /** How often a line is sent that is answered by a failure each time. */
    private static final int MOST_FAILURES = 6;

    /** How often documents without ids are tried, with waits that add up to a quarter of an hour. */
    private static final int MOST_WAITS = 36;

    private static final long FIRST_WAIT = Duration.ofMillis(500).toNanos();
    private static final long LONGEST_WAIT = Duration.ofSeconds(30).toNanos();

    private final Documents documents;
    private final DocumentSink.Action action;
    private final boolean once;
    private final Batch<?> batch;

    /** @param once whether a line without an id must not be sent again when its outcome is not known */
    Import(Documents documents, DocumentSink.Action action, boolean once, Batch<?> batch) {
        this.documents = documents;
        this.action = action;
        this.once = once;
        this.batch = batch;
    }

    /** Returns when it is known of all lines what became of them. */
    void send(List<Line> lines) throws InterruptedException {
        for (int at = 0; at < lines.size(); ) {
            int end = at;
            long bytes = 0;
            while (end < lines.size() && (end == at || bytes + lines.get(end).json().length < MOST_BYTES)) {
                bytes += lines.get(end).json().length + 1;
                end++;
            }
            settle(lines.subList(at, end));
            at = end;
        }
    }

    /**
     * Sends lines until it is known of each what became of it, at once while each attempt tells of some. After one that tells of none, the
     * runner sends the batch again; but not if documents without ids are in it, which must not be sent by two attempts, and not for
     * lines that are answered by a failure each time.
     */
    private void settle(List<Line> lines) throws InterruptedException {
        List<Line> open = lines;
        int fruitless = 0;
        while (!open.isEmpty()) {
            Results results = new Results(open);
            Optional<TransientException> failure = attempt(open, results);
            List<Line> unknown = results.untold();
            if (once && failure.filter(Import::undone).isEmpty()) {
                unknown.removeIf(line -> results.reason(line).isEmpty() && givenUp(line));
            }
            boolean answered =
                    unknown.stream().allMatch(line -> results.reason(line).isPresent());
            fruitless = unknown.size() == open.size() ? fruitless + 1 : 0;
            open = unknown;
            if (fruitless == 0) {
                continue;
            }
            if (!once && !answered) {
                throw failure.orElseGet(() -> new TransientException(
                        "Typesense has said nothing of " + unknown.size() + " documents of " + documents));
            }
            if (fruitless == (once ? MOST_WAITS : MOST_FAILURES)) {
                unknown.forEach(line -> batch.refused(
                        line.index(),
                        results.reason(line)
                                .or(() -> failure.map(e -> "not sent: " + e.getMessage()))
                                .orElse("Typesense has said nothing of it")));
                return;
            }
            documents.nodes().time().sleep(Math.min(LONGEST_WAIT, FIRST_WAIT << Math.min(fruitless - 1, 20)));
        }
    }

    /** Nothing of the import can have been done. */
    private static boolean undone(TransientException failure) {
        return failure instanceof UnsentException || failure instanceof Nodes.Unready;
    }

    private boolean givenUp(Line line) {
        if (line.id() != null) {
            return false;
        }
        batch.refused(
                line.index(),
                "it is not known whether it was written, and without an id it would be there twice if it were sent again");
        return true;
    }

    /** @return why it is not known of some, if there was a failure */
    private Optional<TransientException> attempt(List<Line> lines, Results results) throws InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Line line : lines) {
            body.writeBytes(line.json());
            body.write('\n');
        }
        byte[] bytes = body.toByteArray();
        try {
            return documents.importing(node -> {
                results.read = 0;
                return sent(node, bytes, results);
            });
        } catch (TransientException e) {
            return Optional.of(e);
        }
    }

    private Optional<TransientException> sent(Http node, byte[] bytes, Results results) throws InterruptedException {
        return node.timeout(TIMEOUT)
                .post("/collections/{}/documents/import", documents.name())
                .query("action", action.word())
                .bytes("text/plain", bytes)
                .reading(results::read);
    }

    /** The lines of the answer, each the result of the line of the import in the same place. */
    private final class Results {

        private static final byte[] SUCCESS = {
            '{', '"', 's', 'u', 'c', 'c', 'e', 's', 's', '"', ':', 't', 'r', 'u', 'e', '}'
        };

        private final List<Line> lines;
        private final BitSet told = new BitSet();
        private final Map<Line, String> failures = new HashMap<>();
        private int read;

        Results(List<Line> lines) {
            this.lines = lines;
        }

        /** The lines of which it is not known what became of them, or that may yet be written. */
        List<Line> untold() {
            List<Line> untold = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                if (!told.get(i)) {
                    untold.add(lines.get(i));
                }
            }
            return untold;
        }

        /** Why a line could not be written this time, if Typesense has said so. */
        Optional<String> reason(Line line) {
            return Optional.ofNullable(failures.get(line));
        }

        Optional<TransientException> read(InputStream body) throws IOException {
            LineReader reader = new LineReader(body);
            for (byte[] line = reader.next(); line != null; line = reader.next()) {
                if (line.length == 0) {
                    continue;
                }
                Optional<TransientException> end = take(line);
                if (end.isPresent()) {
                    return end;
                }
            }
            return Optional.empty();
        }

        /** @return what ended the import early, if this line says so */
        private Optional<TransientException> take(byte[] line) {
            if (java.util.Arrays.equals(line, SUCCESS)) {
                written(next());
                return Optional.empty();
            }
            JsonNode result;
            try {
                result = Json.mapper().readTree(line);
            } catch (tools.jackson.core.JacksonException e) {
                return Optional.of(new TransientException("the answer of Typesense to an import was cut off"));
            }
            if (!result.has("success")) {
                return Optional.of(ended(result.path("message").asString(result.toString())));
            }
            if (result.path("success").asBoolean(false)) {
                written(next());
            } else {
                failed(result.path("code").asInt(0), result.path("error").asString("no reason given"));
            }
            return Optional.empty();
        }

        private int next() {
            if (read >= lines.size()) {
                throw new IllegalStateException(
                        "Typesense has answered more lines than the import to " + documents + " had");
            }
            return read++;
        }

        private void written(int at) {
            told.set(at);
            if (action == DocumentSink.Action.UPDATE) {
                batch.updated(lines.get(at).index());
            }
        }

        private void failed(int code, String why) {
            if (Nodes.exhausted(why)) {
                throw exhausted(why);
            }
            int at = next();
            if (code == 408 || code == 429 || code >= 500) {
                failures.put(lines.get(at), why); // it may pass
                return;
            }
            told.set(at);
            if (code == 409 && action == DocumentSink.Action.CREATE) {
                batch.unchanged(lines.get(at).index());
            } else if (code == 404 && action == DocumentSink.Action.UPDATE) {
                batch.refused(lines.get(at).index(), "gone: " + why);
            } else {
                batch.refused(lines.get(at).index(), why);
            }
        }

        /** An error in the place of the remaining results. */
        private TransientException ended(String why) {
            if (Nodes.exhausted(why)) {
                throw exhausted(why);
            }
            return new TransientException("Typesense has ended an import: " + why);
        }

        private IllegalStateException exhausted(String why) {
            return new IllegalStateException("Typesense takes no more writes to " + documents + ": " + why
                    + ". Give the server more room, then run the job again");
        }
    }
}

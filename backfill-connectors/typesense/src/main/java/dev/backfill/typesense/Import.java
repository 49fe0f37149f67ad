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
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Sends the lines of one batch, and tells the batch what became of each. */
final class Import {

    private static final int MOST_BYTES = 1 << 20;

    /** An import that the client gives up is done all the same, so patience is cheaper than another attempt. */
    private static final Duration TIMEOUT = Duration.ofMinutes(15);

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

    /** Sends lines until each has an answer, as long as each attempt answers some. */
    private void settle(List<Line> lines) throws InterruptedException {
        List<Line> open = lines;
        while (!open.isEmpty()) {
            BitSet told = new BitSet();
            Optional<TransientException> failure = attempt(open, told);
            List<Line> unknown = new ArrayList<>();
            for (int i = 0; i < open.size(); i++) {
                if (!told.get(i)) {
                    unknown.add(open.get(i));
                }
            }
            if (once && failure.filter(Import::undone).isEmpty()) {
                unknown.removeIf(this::givenUp);
            }
            if (unknown.size() == open.size()) {
                throw failure.orElseGet(() -> new TransientException(
                        "Typesense has said nothing of " + unknown.size() + " documents of " + documents));
            }
            open = unknown;
        }
    }

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

    /**
     * @param told of which lines it is known what became of them
     * @return why it is not known of the others, if there was a failure
     */
    private Optional<TransientException> attempt(List<Line> lines, BitSet told) throws InterruptedException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Line line : lines) {
            body.writeBytes(line.json());
            body.write('\n');
        }
        byte[] bytes = body.toByteArray();
        Results results = new Results(lines, told);
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
        private final BitSet told;
        private int read;

        Results(List<Line> lines, BitSet told) {
            this.lines = lines;
            this.told = told;
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
                result = Json.MAPPER.readTree(line);
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
                return; // it may pass: sent again as if nothing had been said
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

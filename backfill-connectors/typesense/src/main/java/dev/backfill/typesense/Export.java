package dev.backfill.typesense;

import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.http.Http;
import dev.backfill.http.Request;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A source of all documents of a collection, in the order in which they were inserted; made by {@link Documents#export}.
 *
 * <p>Typesense gives an export as one answer, which cannot be asked for from the middle. So the first page takes as long as the whole export,
 * which goes into a file; from then on pages come from the file, and a job that was killed goes on in it. An export that was cut is noticed, by
 * its last line and by the number of its documents, and made again. If the file is gone, as on another machine, the export is made again.
 *
 * <p>The documents are those that were there when the export began. An immutable value: each method gives another.
 *
 * @param <T> the type of the records
 */
public final class Export<T> implements Source<T> {

    private static final int PAGE = 1_000;

    /** Of which the file is written in the time, too. */
    private static final Duration TIMEOUT = Duration.ofHours(2);

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final long MOST_BYTES = 1L << 40;

    private final Documents documents;
    private final Path file;
    private final Class<T> type;
    private final List<String> fields;
    private final @Nullable Filter filter;
    private final Spool spool;
    private final Ports ports;

    private Export(
            Documents documents, Path file, Class<T> type, List<String> fields, @Nullable Filter filter, Ports ports) {
        this.documents = documents;
        this.file = file;
        this.type = type;
        this.fields = fields;
        this.filter = filter;
        this.ports = ports;
        this.spool = new Spool(ports.disk(), ports.time(), file);
    }

    static <T> Export<T> of(Documents documents, Path file, Class<T> type) {
        return new Export<>(documents, file, type, List.of(), null, Ports.current());
    }

    /** Only these fields of the documents; {@code id} is always there. */
    public Export<T> fields(String... names) {
        return new Export<>(documents, file, type, Documents.fields(names), filter, ports);
    }

    /** Only the documents that match. */
    public Export<T> where(Filter condition) {
        return new Export<>(documents, file, type, fields, condition, ports);
    }

    /**
     * @param export which one it is
     * @param at where the next document is in the file
     * @param read how many documents stand before it
     * @param documents how many there are
     */
    record Spot(String export, long at, long read, long documents) {}

    @Override
    public Page<T> read(Cursor from) throws IOException, InterruptedException {
        @Nullable Spot spot = from.as(Spot.class).orElse(null);
        if (spot == null) {
            Spool.Written written = documents.nodes().call(this::export);
            spool.publish();
            spot = new Spot(written.export(), written.start(), 0, written.documents());
        }
        if (!spool.holds(spot.export())) { // another may be there at once: that of a runner that was taken over
            throw new ExpiredCursorException("the export of " + documents + " is not in " + file + " any more");
        }
        Spool.Lines lines = spool.read(spot.at(), PAGE);
        long read = spot.read() + lines.documents().size();
        if (lines.last() && read != spot.documents()) {
            throw new ExpiredCursorException("the export of " + documents + " had " + spot.documents()
                    + " documents, and " + file + " ends after " + read);
        }
        List<T> records = new ArrayList<>(lines.documents().size());
        for (byte[] document : lines.documents()) {
            records.add(documents.record(new String(document, StandardCharsets.UTF_8), type));
        }
        Page<T> page = lines.last()
                ? Page.last(records)
                : Page.of(records, new Spot(spot.export(), lines.next(), read, spot.documents()));
        return page.withTotal(spot.documents());
    }

    /** Gets an export of which all documents are there, by that node. */
    private Spool.Written export(Http node) throws InterruptedException {
        long before = expected(node);
        Request request = node.timeout(TIMEOUT)
                .maxBody(MOST_BYTES)
                .get("/collections/{}/documents/export", documents.name())
                .query("include_fields", fields.isEmpty() ? null : String.join(",", fields))
                .query("filter_by", filter == null ? null : filter.text());
        Spool.Written written = request.reading(body -> spool.write(documents.name(), body));
        // a plain export is of what there was when it began; one by a filter is of what there is when it comes to a
        // document
        long least = filter == null ? before : Math.min(before, expected(node));
        if (written.documents() < least) {
            throw new TransientException(
                    "the export of " + documents + " was cut, or documents were removed as it began: it has "
                            + written.documents() + " of " + before,
                    SOON);
        }
        return written;
    }

    private long expected(Http node) throws InterruptedException {
        return filter == null ? documents.count(node) : found(node, filter);
    }

    private long found(Http node, Filter condition) throws InterruptedException {
        JsonNode answer = node.post("/multi_search")
                .json(Map.of(
                        "searches",
                        List.of(Map.of(
                                "collection",
                                documents.name(),
                                "q",
                                "*",
                                "per_page",
                                0,
                                "filter_by",
                                condition.text()))))
                .as(JsonNode.class);
        return SearchPages.result(answer).path("found").asLong(0);
    }

    @Override
    public Paging paging() {
        return Paging.TOKEN;
    }

    @Override
    public String definition() {
        return documents + " export" + (fields.isEmpty() ? "" : " of " + String.join(", ", fields))
                + (filter == null ? "" : " where " + filter);
    }

    /** Into a file of its own, so that a job that is at work keeps its own. */
    @Override
    public Source<T> dryRun() {
        return new Export<>(documents, file.resolveSibling(file.getFileName() + ".dry"), type, fields, filter, ports);
    }

    @Override
    public String toString() {
        return definition();
    }
}

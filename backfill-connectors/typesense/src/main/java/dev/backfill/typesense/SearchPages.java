package dev.backfill.typesense;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.http.Http;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * A source of the documents of a collection by searching for all of them; made by {@link Documents#pages}.
 *
 * <p>The newest come first. Documents that are inserted meanwhile move the others back, so some come twice; when documents are removed
 * meanwhile, the source steps back by as many, so that none is passed over. Use {@link Documents#export} for a large collection.
 *
 * @param <T> the type of the records
 */
public final class SearchPages<T> implements Source<T> {

    private static final int PAGE = 250;

    private final Documents documents;
    private final Class<T> type;
    private final List<String> fields;
    private final @Nullable Filter filter;

    private SearchPages(Documents documents, Class<T> type, List<String> fields, @Nullable Filter filter) {
        this.documents = documents;
        this.type = type;
        this.fields = fields;
        this.filter = filter;
    }

    static <T> SearchPages<T> of(Documents documents, Class<T> type) {
        return new SearchPages<>(documents, type, List.of(), null);
    }

    /** Only these fields of the documents; {@code id} is always there. */
    public SearchPages<T> fields(String... names) {
        return new SearchPages<>(documents, type, Documents.fields(names), filter);
    }

    /**
     * Only the documents that match. The condition must not be on a field that the job itself changes: what it has changed would leave
     * the search, and others would be passed over.
     */
    public SearchPages<T> where(Filter condition) {
        return new SearchPages<>(documents, type, fields, condition);
    }

    /**
     * @param skip how many documents are skipped
     * @param found how many there were when this was decided
     */
    record Spot(long skip, long found) {}

    @Override
    public Page<T> read(Cursor from) throws InterruptedException {
        @Nullable Spot spot = from.as(Spot.class).orElse(null);
        if (spot == null) {
            documents.nodes().call(this::checkOrder);
        }
        long skipped = spot == null ? 0 : spot.skip();
        long known = spot == null ? 0 : spot.found();
        JsonNode answer = search(skipped);
        long found = answer.path("found").asLong(0);
        while (skipped > 0 && found < known) { // those that are gone may all have stood before this page
            skipped = Math.max(0, skipped - (known - found));
            known = found;
            answer = search(skipped);
            found = answer.path("found").asLong(0);
        }
        List<T> records = new ArrayList<>();
        for (JsonNode hit : answer.path("hits")) {
            records.add(documents.record(hit.path("document").toString(), type));
        }
        long reached = skipped + records.size();
        if (reached >= found) {
            return Page.last(records).withTotal(found);
        }
        if (records.isEmpty()) {
            throw new IllegalStateException("Typesense gives only " + reached + " of the " + found + " documents of "
                    + documents + " by searching (its limit_hits); read them by export(file) instead");
        }
        return Page.of(records, new Spot(reached, found)).withTotal(found);
    }

    /** Without a default sorting field the order is that of insertion, which no change moves. */
    private boolean checkOrder(Http node) throws InterruptedException {
        JsonNode collection = node.get("/collections/{}", documents.name()).as(JsonNode.class);
        String sorted = collection.path("default_sorting_field").asString("");
        if (!sorted.isEmpty()) {
            throw new IllegalStateException(documents + " is sorted by " + sorted
                    + ", so documents move between pages when it is changed; read them by export(file) instead");
        }
        LoggerFactory.getLogger(Typesense.class)
                .warn(
                        "{} is read by searching, at a cost that grows with each page; export(file) reads it at once",
                        documents);
        return true;
    }

    private JsonNode search(long skip) throws InterruptedException {
        return documents.nodes().call(node -> search(node, skip));
    }

    private JsonNode search(Http node, long skip) throws InterruptedException {
        Map<String, Object> search = new LinkedHashMap<>();
        search.put("collection", documents.name());
        search.put("q", "*");
        search.put("offset", skip);
        search.put("limit", PAGE);
        if (!fields.isEmpty()) {
            search.put("include_fields", String.join(",", fields));
        }
        if (filter != null) {
            search.put("filter_by", filter.text());
        }
        return result(node.post("/multi_search")
                .json(Map.of("searches", List.of(search)))
                .as(JsonNode.class));
    }

    /** The one result of several searches; its errors have status 200. */
    static JsonNode result(JsonNode answer) {
        JsonNode result = answer.path("results").path(0);
        if (!result.has("found")) {
            throw new IllegalStateException("Typesense has not searched: "
                    + result.path("error").asString("its answer has no result") + " ("
                    + result.path("code").asInt(0)
                    + ")");
        }
        if (result.path("search_cutoff").asBoolean(false)) {
            throw new TransientException("Typesense has cut a search off that took too long");
        }
        return result;
    }

    @Override
    public Paging paging() {
        return Paging.ANCHORED;
    }

    @Override
    public String definition() {
        return documents + " search" + (fields.isEmpty() ? "" : " of " + String.join(", ", fields))
                + (filter == null ? "" : " where " + filter);
    }

    @Override
    public String toString() {
        return definition();
    }
}

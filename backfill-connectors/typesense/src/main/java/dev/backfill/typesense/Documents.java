package dev.backfill.typesense;

import dev.backfill.http.Http;
import dev.backfill.internal.Json;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Tasks;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The documents of one collection, to be written by their ids or read.
 *
 * <p>A record or map is a document as Jackson writes it: a component is the field of its name, {@code @JsonProperty} says another. Its
 * {@code id} is text, as Typesense has it. Safe for several threads.
 */
public final class Documents {

    /** Typesense writes a collection by one thread: a second import on its way hides the network, a third only waits. */
    private static final int IN_FLIGHT = 2;

    private final Nodes nodes;
    private final String name;
    private final Pressure pressure;
    private final Tasks.Gate gate = Ports.current().tasks().gate();
    private int inFlight; // guarded by the gate

    Documents(Nodes nodes, String name) {
        this.nodes = nodes;
        this.name = name;
        this.pressure = new Pressure(nodes);
    }

    /** A sink that inserts a document, or puts it whole in the place of the one with its id: fields that it lacks are gone. */
    public DocumentSink upsert() {
        return new DocumentSink(this, DocumentSink.Action.UPSERT);
    }

    /**
     * A sink that inserts a document, or sets those fields that it has in the one with its id. A null takes a field away. One that is
     * inserted must be whole.
     */
    public DocumentSink emplace() {
        return new DocumentSink(this, DocumentSink.Action.EMPLACE);
    }

    /**
     * A sink that sets those fields that a record has in the document with its id, and makes none: a record without a document is
     * refused. A null takes a field away.
     */
    public DocumentSink update() {
        return new DocumentSink(this, DocumentSink.Action.UPDATE);
    }

    /** A sink that inserts a document unless there is one with its id; that one is left alone and counts as unchanged. */
    public DocumentSink create() {
        return new DocumentSink(this, DocumentSink.Action.CREATE);
    }

    /**
     * All documents, read from a file to which they are exported first; the way to read a large collection.
     *
     * @param spool the file, for this job alone; it needs room for the whole export, and stays there until it is removed
     * @param type of the records that are made of the documents
     */
    public <T> Export<T> export(Path spool, Class<T> type) {
        return Export.of(this, spool, type);
    }

    /** All documents as maps of their fields; see {@link #export(Path, Class)}. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // a map that Jackson makes of JSON has names and values
    public Export<Map<String, Object>> export(Path spool) {
        return (Export) Export.of(this, spool, Map.class);
    }

    /**
     * The documents page by page, 250 at a time, newest first, without a file. For small collections: each page costs the server as much as
     * all before it, and servers stop at a number of documents, at which this fails rather than end early.
     *
     * <p>Documents that come or go meanwhile are allowed for; a collection that has a default sorting field is refused, since its order
     * moves whenever a document is changed.
     */
    public <T> SearchPages<T> pages(Class<T> type) {
        return SearchPages.of(this, type);
    }

    /** The documents page by page as maps of their fields; see {@link #pages(Class)}. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // as above
    public SearchPages<Map<String, Object>> pages() {
        return (SearchPages) SearchPages.of(this, Map.class);
    }

    /**
     * Makes sure that the collection has a field, which documents may lack. Blocks until it is there: Typesense looks at every document
     * meanwhile, and keeps writers waiting. Called again, it does nothing.
     *
     * @param type in Typesense's words, such as int64, string or float[]; dates are int64
     * @return this
     * @throws IllegalStateException if the field is there with another type
     */
    public Documents ensure(String field, String type) throws InterruptedException {
        new Schema(this).ensure(field, type);
        return this;
    }

    /** How many documents there are now. Blocks. */
    public long count() throws InterruptedException {
        return nodes.call(this::count);
    }

    /** How many documents there are by that node. */
    long count(Http node) throws InterruptedException {
        JsonNode count = node.get("/collections/{}", name).as(JsonNode.class).path("num_documents");
        if (!count.isIntegralNumber()) {
            throw new IllegalStateException("the answer has no num_documents; is this a Typesense server?");
        }
        return count.asLong();
    }

    /** Fields by which a document is read: its id is always one. */
    static List<String> fields(String... names) {
        Set<String> all = new LinkedHashSet<>(List.of("id"));
        Arrays.stream(names).map(Filter::name).forEach(all::add);
        return List.copyOf(all);
    }

    /** A document as a record. */
    <T> T record(String document, Class<T> type) {
        try {
            return Json.read(document, type);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "a document of " + this + " cannot be read as " + type.getName() + ": " + e.getMessage(), e);
        }
    }

    Nodes nodes() {
        return nodes;
    }

    String name() {
        return name;
    }

    /** Imports, when the server has room and not too many are on their way. */
    <T> T importing(Nodes.Call<T> call) throws InterruptedException {
        gate.lock();
        try {
            while (inFlight >= IN_FLIGHT) {
                gate.await(Long.MAX_VALUE);
            }
            inFlight++;
        } finally {
            gate.unlock();
        }
        try {
            pressure.await();
            return nodes.call(call);
        } finally {
            gate.lock();
            try {
                inFlight--;
                gate.changed();
            } finally {
                gate.unlock();
            }
        }
    }

    @Override
    public String toString() {
        return "typesense collection " + name;
    }
}

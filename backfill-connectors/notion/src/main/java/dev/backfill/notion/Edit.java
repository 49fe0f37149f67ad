package dev.backfill.notion;

import dev.backfill.Batch;
import dev.backfill.RefusedException;
import dev.backfill.Sink;
import dev.backfill.TransientException;
import dev.backfill.http.HttpException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A sink that edits pages: sets or clears some of their properties, and leaves all others alone.
 *
 * <p>An immutable value: each method gives another. Each page is one call, whatever the number of its properties. Before the first edit the
 * values are compared with the database's properties, and a value that Notion would refuse stops the job there; the value of a
 * function that Notion would refuse makes a dead letter of its page. So does a page that has gone, is in the trash or is no longer shared. An
 * edit of which it is not known whether it was done is looked up before it is made again.
 *
 * @param <T> the pages
 */
public final class Edit<T extends NotionPage> implements Sink<T> {

    private final Wire wire;
    private final List<Change<T>> changes;
    private final boolean careful;

    /** Pages whose last edit may have been done although it failed; a few at most. */
    private final Set<String> unsure = ConcurrentHashMap.newKeySet();

    /** @param constant what is set, for the job's definition; empty if it differs from page to page */
    private record Change<T>(String property, Optional<String> constant, Function<? super T, ?> value) {}

    Edit(Wire wire) {
        this(wire, List.of(), false);
    }

    private Edit(Wire wire, List<Change<T>> changes, boolean careful) {
        this.wire = wire;
        this.changes = changes;
        this.careful = careful;
    }

    /**
     * Also sets this property to this value.
     *
     * <p>Select and multi-select take names, of which Notion makes those that it does not know; status takes a name that is
     * there; relation takes ids or {@link NotionPage}s; date takes a {@code LocalDate}, {@code Instant} or other point in time. A list
     * takes the place of the whole list that was there.
     */
    public Edit<T> set(String property, Object value) {
        Objects.requireNonNull(value, "value; use clear(property) to empty it");
        return with(new Change<>(property, Optional.of(String.valueOf(value)), page -> value));
    }

    /**
     * Also sets this property to a value that may differ from page to page.
     *
     * @param value gives the value; null, or an empty {@link Optional}, to clear the property
     */
    public Edit<T> set(String property, Function<? super T, ?> value) {
        return with(new Change<>(property, Optional.empty(), Objects.requireNonNull(value, "value")));
    }

    /** Also empties this property: a checkbox is then false, and a status the database's first. */
    public Edit<T> clear(String property) {
        return with(new Change<>(property, Optional.of(""), page -> null));
    }

    private Edit<T> with(Change<T> change) {
        Objects.requireNonNull(change.property(), "property");
        List<Change<T>> more = new ArrayList<>(changes);
        more.removeIf(one -> one.property().equals(change.property()));
        more.add(change);
        return new Edit<>(wire, List.copyOf(more), careful);
    }

    /**
     * Reads each page before it is edited, which is a call more. A page that has the values already, or that somebody else
     * has edited after it was read, is left alone and counts as unchanged. Edits by this same integration are nobody else's.
     *
     * <p>Notion tells the time of an edit to the minute, so an edit within the minute in which the page was last edited is not noticed.
     */
    public Edit<T> unlessEdited() {
        return new Edit<>(wire, changes, true);
    }

    @Override
    public void write(Batch<T> batch) throws InterruptedException {
        Map<Change<T>, Property> plan = plan();
        for (int i = 0; i < batch.size(); i++) {
            try {
                if (!edited(batch.get(i), plan)) {
                    batch.unchanged(i);
                } else {
                    batch.updated(i);
                }
            } catch (RefusedException e) {
                batch.refused(i, String.valueOf(e.getMessage()));
            }
        }
    }

    /** The properties of the changes. Fails if one is missing or would be refused. */
    private Map<Change<T>, Property> plan() throws InterruptedException {
        Container container = wire.container();
        Map<Change<T>, Property> plan = new LinkedHashMap<>();
        for (Change<T> change : changes) {
            plan.put(change, container.property(change.property()));
        }
        return plan;
    }

    private boolean edited(T page, Map<Change<T>, Property> plan) throws InterruptedException {
        if (!Ids.valid(page.id())) {
            throw new RefusedException("this is not the id of a Notion page");
        }
        String id = Ids.dashed(page.id());
        List<Payload> payloads = new ArrayList<>();
        plan.forEach((change, property) -> payloads.add(payload(change, property, page)));
        boolean again = unsure.contains(id);
        if (careful || again) {
            JsonNode now = found(id, () -> wire.page(id, List.copyOf(plan.values())));
            if (now.path("in_trash").asBoolean(now.path("archived").asBoolean(false))) {
                throw gone("is in the trash");
            }
            if (has(now, payloads)) {
                unsure.remove(id);
                return again;
            }
            if (careful && editedByOthers(now, page.lastEditedTime())) {
                unsure.remove(id);
                return false;
            }
        }
        JsonNode after = found(id, () -> edit(id, payloads));
        unsure.remove(id);
        for (Payload payload : payloads) {
            if (value(after, payload.property()) == null) {
                throw new IllegalStateException("Notion took the edit, but the page " + id + " has no property '"
                        + payload.property().name() + "'; was it removed from the database meanwhile?");
            }
        }
        return true;
    }

    private Payload payload(Change<T> change, Property property, T page) {
        try {
            return Payload.of(property, change.value().apply(page));
        } catch (IllegalArgumentException e) {
            if (change.constant().isPresent()) {
                throw new IllegalStateException(e.getMessage(), e); // it would be wrong for every page
            }
            throw new RefusedException(String.valueOf(e.getMessage()), e);
        }
    }

    private JsonNode edit(String id, List<Payload> payloads) throws InterruptedException {
        Map<String, Object> properties = new LinkedHashMap<>();
        payloads.forEach(payload -> properties.put(payload.property().sent(), payload.sent()));
        try {
            return wire.edit(id, properties);
        } catch (Wire.Undone e) {
            throw e;
        } catch (TransientException e) {
            unsure.add(id);
            throw e;
        }
    }

    private interface Call {
        JsonNode make() throws InterruptedException;
    }

    private JsonNode found(String id, Call call) throws InterruptedException {
        try {
            return call.make();
        } catch (HttpException e) {
            if (e.status() == 404 && Wire.code(e).equals("object_not_found")) {
                unsure.remove(id);
                throw gone("has gone, or is no longer shared with the integration");
            }
            if (e.status() == 400 && Wire.code(e).equals("validation_error")) {
                throw new RefusedException(String.valueOf(e.getMessage()), e);
            }
            throw e;
        }
    }

    private static RefusedException gone(String how) {
        return new RefusedException("gone: the page " + how);
    }

    private static boolean has(JsonNode page, List<Payload> payloads) {
        for (Payload payload : payloads) {
            JsonNode value = value(page, payload.property());
            if (value == null || !payload.same(value)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable JsonNode value(JsonNode page, Property property) {
        for (JsonNode value : page.path("properties")) {
            if (Property.decoded(value.path("id").asString("")).equals(property.id())) {
                return value;
            }
        }
        return null;
    }

    private boolean editedByOthers(JsonNode now, Instant read) throws InterruptedException {
        return Binding.head(now).lastEditedTime().isAfter(read)
                && !now.path("last_edited_by").path("id").asString("").equals(wire.me());
    }

    /** One: a page is a call, and when a call fails no other is made again. */
    @Override
    public int batchSize() {
        return 1;
    }

    @Override
    public String key(T page) {
        return page.id();
    }

    @Override
    public String definition() {
        StringBuilder definition = new StringBuilder("notion edits of " + wire);
        for (Change<T> change : changes) {
            definition
                    .append("\nnotion sets ")
                    .append(change.property())
                    .append(change.constant()
                            .map(value -> " to '" + value + "'")
                            .orElse(""));
        }
        return definition.toString();
    }

    /** A sink that edits nothing but refuses what would be refused, as far as that can be told without an edit. */
    @Override
    public Sink<T> dryRun() {
        Edit<T> edit = this;
        return new Sink<>() {
            @Override
            public void write(Batch<T> batch) throws InterruptedException {
                Map<Change<T>, Property> plan = edit.plan();
                for (int i = 0; i < batch.size(); i++) {
                    T page = batch.get(i);
                    try {
                        plan.forEach((change, property) -> edit.payload(change, property, page));
                    } catch (RefusedException e) {
                        batch.refused(i, String.valueOf(e.getMessage()));
                    }
                }
            }

            @Override
            public int batchSize() {
                return edit.batchSize();
            }

            @Override
            public String key(T page) {
                return edit.key(page);
            }

            @Override
            public String definition() {
                return edit.definition();
            }
        };
    }
}

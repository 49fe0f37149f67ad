package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Documents and their schema. Its lock is held for moments only; what takes time waits in the queue. */
final class TypesenseCollection {

    /** What a write does to a document that is there, or is not. */
    enum Action {
        CREATE,
        UPSERT,
        UPDATE,
        EMPLACE
    }

    /** A change of the schema that goes on: how many documents were looked at, and how many were indexed anew. */
    record Change(int validated, int altered) {}

    final String name;
    final long created;
    final String sortingField;
    final TypesenseQueue queue;
    final boolean notEqualNeedsField;
    final AtomicReference<@Nullable Change> change = new AtomicReference<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final TypesenseDocuments documents;
    private List<TypesenseField> fields;

    TypesenseCollection(
            String name,
            long created,
            String sortingField,
            List<TypesenseField> fields,
            TypesenseSeed seed,
            TypesenseQueue queue,
            boolean notEqualNeedsField) {
        this.name = name;
        this.created = created;
        this.sortingField = sortingField;
        this.fields = List.copyOf(fields);
        this.queue = queue;
        this.notEqualNeedsField = notEqualNeedsField;
        documents = new TypesenseDocuments(seed);
    }

    private <T> T locked(Supplier<T> body) {
        lock.lock();
        try {
            return body.get();
        } finally {
            lock.unlock();
        }
    }

    List<TypesenseField> fields() {
        return locked(() -> fields);
    }

    void fields(List<TypesenseField> changed) {
        locked(() -> fields = List.copyOf(changed));
    }

    Optional<TypesenseField> field(String field) {
        return fields().stream().filter(each -> each.name().equals(field)).findFirst();
    }

    int count() {
        return locked(documents::count);
    }

    /** How things are now. */
    TypesenseDocuments.View view() {
        return locked(documents::view);
    }

    /** The place of an id, or -1. */
    int place(String id) {
        return locked(() -> documents.place(id));
    }

    /** What is at a place now; empty if it is gone. */
    Optional<SortedMap<String, @Nullable Object>> at(int place) {
        return locked(() -> documents.gone(place) ? Optional.empty() : Optional.of(documents.document(place)));
    }

    Optional<SortedMap<String, @Nullable Object>> document(String id) {
        return locked(() -> {
            int place = documents.place(id);
            return place < 0 ? Optional.empty() : Optional.of(documents.document(place));
        });
    }

    /**
     * Does a write and gives the id.
     *
     * @param given may be changed
     */
    String write(SortedMap<String, @Nullable Object> given, Action action, TypesenseField.Dirty dirty)
            throws TypesenseError {
        lock.lock();
        try {
            Object key = given.get("id");
            if (key == null && !given.containsKey("id")) {
                if (action == Action.UPDATE) {
                    throw TypesenseError.invalid("For update, the `id` key must be provided.");
                }
                key = String.valueOf(documents.next());
                given.put("id", key);
            }
            if (!(key instanceof String id)) {
                throw TypesenseError.invalid("Document's `id` field should be a string.");
            }
            if (id.isEmpty()) {
                throw TypesenseError.invalid("The `id` should not be empty.");
            }
            int place = documents.place(id);
            if (place < 0 && action == Action.UPDATE) {
                throw TypesenseError.noDocument(id);
            }
            if (place >= 0 && action == Action.CREATE) {
                throw new TypesenseError(409, "A document with id " + id + " already exists.");
            }
            boolean merges = place >= 0 && (action == Action.UPDATE || action == Action.EMPLACE);
            for (TypesenseField field : fields) {
                field.check(given, dirty, !merges);
            }
            if (!sortingField.isEmpty() && !merges && given.get(sortingField) == null) {
                throw TypesenseError.invalid("Field `" + sortingField
                        + "` has been declared as a default sorting field, but is not found in the document.");
            }
            if (place < 0) {
                documents.insert(id, given);
            } else if (merges) {
                documents.merge(place, given);
            } else {
                documents.replace(place, given);
            }
            return id;
        } finally {
            lock.unlock();
        }
    }

    /** Gives what was there. */
    Optional<SortedMap<String, @Nullable Object>> remove(String id) {
        return locked(() -> {
            int place = documents.place(id);
            if (place < 0) {
                return Optional.empty();
            }
            SortedMap<String, @Nullable Object> document = documents.document(place);
            documents.remove(id, place);
            return Optional.of(document);
        });
    }

    SortedMap<String, @Nullable Object> summary(boolean withFields) {
        return locked(() -> {
            SortedMap<String, @Nullable Object> summary = new TreeMap<>(map(
                    "created_at", created,
                    "default_sorting_field", sortingField,
                    "enable_nested_fields", false,
                    "name", name,
                    "num_documents", documents.count(),
                    "symbols_to_index", List.of(),
                    "synonym_sets", List.of(),
                    "curation_sets", List.of(),
                    "token_separators", List.of()));
            if (withFields) {
                List<Map<String, @Nullable Object>> list = new ArrayList<>();
                fields.forEach(field -> list.add(field.json()));
                summary.put("fields", list);
            }
            return summary;
        });
    }
}

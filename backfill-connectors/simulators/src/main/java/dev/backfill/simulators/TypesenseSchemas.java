package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.simulators.TypesenseCollection.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Makes collections, and changes what is declared of them. A change of a schema waits its turn among the writes and then blocks them. */
final class TypesenseSchemas {

    private static final int STEPS = 20;
    private static final Set<String> CHANGEABLE = Set.of("metadata", "fields", "synonym_sets", "curation_sets");

    private final TypesenseStore store;

    TypesenseSchemas(TypesenseStore store) {
        this.store = store;
    }

    Map<String, @Nullable Object> create(Ask ask) throws TypesenseError {
        SortedMap<String, @Nullable Object> body = object(ask.body());
        if (!(body.get("name") instanceof String name) || name.isEmpty()) {
            throw TypesenseError.invalid("Parameter `name` is required.");
        }
        List<TypesenseField> fields = new ArrayList<>();
        for (Map<?, ?> each : list(body)) {
            fields.add(TypesenseField.of(each));
        }
        String sortingField = body.get("default_sorting_field") instanceof String field ? field : "";
        if (!sortingField.isEmpty()
                && fields.stream().noneMatch(field -> field.name().equals(sortingField) && field.numeric())) {
            throw TypesenseError.invalid(
                    "Default sorting field is defined as `" + sortingField + "` but is not found in the schema.");
        }
        return store.create(name, sortingField, fields).summary(true);
    }

    private static SortedMap<String, @Nullable Object> object(String body) throws TypesenseError {
        try {
            return TypesenseJson.object(body);
        } catch (TypesenseError e) {
            throw TypesenseError.invalid("Bad JSON.");
        }
    }

    private static List<Map<?, ?>> list(Map<String, @Nullable Object> body) throws TypesenseError {
        List<Map<?, ?>> list = new ArrayList<>();
        if (body.get("fields") instanceof List<?> fields && !fields.isEmpty()) {
            for (Object each : fields) {
                if (each instanceof Map<?, ?> field) {
                    list.add(field);
                }
            }
            if (list.size() == fields.size()) {
                return list;
            }
        }
        throw TypesenseError.invalid(
                "The `fields` value should be an array of objects containing the field name and type.");
    }

    Map<String, @Nullable Object> alter(Ask ask, TypesenseCollection collection)
            throws TypesenseError, InterruptedException {
        SortedMap<String, @Nullable Object> body = object(ask.body());
        if (body.isEmpty()) {
            throw TypesenseError.invalid("Alter payload is empty.");
        }
        if (!CHANGEABLE.containsAll(body.keySet())) {
            throw TypesenseError.invalid("Only `fields`, `metadata` and `synonym_sets` can be updated at the moment.");
        }
        List<Map<?, ?>> changes = list(body);
        if (!store.beginChange(collection)) {
            throw new TypesenseError(422, "Another collection update operation is in progress.");
        }
        return TypesenseQueue.done(collection.queue.add(() -> {
            try {
                return altered(collection, changes);
            } finally {
                store.endChange(collection);
            }
        }));
    }

    private Map<String, @Nullable Object> altered(TypesenseCollection collection, List<Map<?, ?>> changes)
            throws TypesenseError, InterruptedException {
        List<TypesenseField> fields = new ArrayList<>(collection.fields());
        List<Map<String, @Nullable Object>> told = new ArrayList<>();
        List<TypesenseField> added = new ArrayList<>();
        for (Map<?, ?> change : changes) {
            String name = String.valueOf(change.get("name"));
            if (name.equals("id")) {
                throw TypesenseError.invalid("Field `id` cannot be altered.");
            }
            boolean there = fields.stream().anyMatch(field -> field.name().equals(name));
            if (Boolean.TRUE.equals(change.get("drop"))) {
                if (!there) {
                    throw TypesenseError.invalid("Field `" + name + "` is not part of collection schema.");
                }
                fields.removeIf(field -> field.name().equals(name));
                told.add(map("drop", true, "name", name));
                continue;
            }
            TypesenseField field = TypesenseField.of(change);
            if (there) {
                throw TypesenseError.invalid("Field `" + name + "` is already part of the schema: To change this field,"
                        + " drop it first before adding it back to the schema.");
            }
            fields.add(field);
            added.add(field);
            told.add(field.json());
        }
        TypesenseDocuments.View view = collection.view();
        validate(view, added);
        take(collection, view.size());
        collection.fields(fields);
        return map("fields", told);
    }

    private static void validate(TypesenseDocuments.View view, List<TypesenseField> added) throws TypesenseError {
        for (int place = 0; place < view.size(); place++) {
            if (view.gone(place)) {
                continue;
            }
            if (view.asAtFirst(place)
                    && added.stream().allMatch(each -> each.optional() && !TypesenseSeed.original(each.name()))) {
                continue;
            }
            Map<String, @Nullable Object> document = view.document(place);
            for (TypesenseField field : added) {
                Object value = document.get(field.name());
                if (value == null && !field.optional()) {
                    throw TypesenseError.invalid("Field `" + field.name()
                            + "` has been declared in the schema, but is not found in the documents already present in"
                            + " the collection. If you still want to add this field, set it as `optional: true`.");
                }
                if (value != null && !field.takes(value)) {
                    throw TypesenseError.invalid(
                            "Schema change is incompatible with the type of documents already stored in this collection."
                                    + " Existing data for field `" + field.name() + "` cannot be coerced into  "
                                    + field.kind() + ".");
                }
            }
        }
    }

    /** All documents are looked at, and then indexed. */
    private void take(TypesenseCollection collection, int documents) throws InterruptedException {
        if (store.settings.schemaChangeTakes.isZero()) {
            return;
        }
        for (int step = 0; step < STEPS; step++) {
            long done = (long) documents * 2 * step / STEPS;
            collection.change.set(new Change((int) Math.min(done, documents), (int) Math.max(0, done - documents)));
            collection.queue.pause(store.settings.schemaChangeTakes.dividedBy(STEPS));
        }
    }

    /** The changes that go on. */
    List<Map<String, @Nullable Object>> changes() {
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        for (TypesenseCollection each : store.collections()) {
            Change change = each.change.get();
            if (change != null) {
                all.add(map(
                        "altered_docs",
                        change.altered(),
                        "collection",
                        each.name,
                        "validated_docs",
                        change.validated()));
            }
        }
        return all;
    }
}

package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.simulators.TypesenseCollection.Action;
import dev.backfill.simulators.TypesenseField.Dirty;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Writes that are no imports: of one document, or of all that pass a filter. */
final class TypesenseWrites {

    private final TypesenseStore store;

    TypesenseWrites(TypesenseStore store) {
        this.store = store;
    }

    private static <T> T inTurn(TypesenseCollection collection, Callable<T> work)
            throws TypesenseError, InterruptedException {
        return TypesenseQueue.done(collection.queue.add(work));
    }

    private static SortedMap<String, @Nullable Object> object(String body) throws TypesenseError {
        try {
            return TypesenseJson.object(body);
        } catch (TypesenseError e) {
            throw TypesenseError.invalid("Bad JSON: " + e.words());
        }
    }

    private SortedMap<String, @Nullable Object> write(
            TypesenseCollection collection, SortedMap<String, @Nullable Object> given, Action action, Dirty dirty)
            throws TypesenseError, InterruptedException {
        return inTurn(collection, () -> {
            if (!store.takeRoom(1)) {
                throw store.noRoom();
            }
            collection.queue.wrote(1);
            String id = collection.write(given, action, dirty);
            return collection.document(id).orElse(given);
        });
    }

    Map<String, @Nullable Object> post(Ask ask, TypesenseCollection collection)
            throws TypesenseError, InterruptedException {
        return write(collection, object(ask.body()), TypesenseImport.action(ask), Dirty.of(ask));
    }

    Map<String, @Nullable Object> patch(Ask ask, TypesenseCollection collection, String id)
            throws TypesenseError, InterruptedException {
        SortedMap<String, @Nullable Object> part = object(ask.body());
        part.put("id", id);
        Map<String, @Nullable Object> echo = new TreeMap<>(part);
        Map<String, @Nullable Object> merged = write(collection, part, Action.UPDATE, Dirty.of(ask));
        return store.settings.quirks.contains(TypesenseQuirk.PATCH_ECHOES_PART) ? echo : merged;
    }

    Map<String, @Nullable Object> delete(Ask ask, TypesenseCollection collection, String id)
            throws TypesenseError, InterruptedException {
        Optional<SortedMap<String, @Nullable Object>> removed = inTurn(collection, () -> {
            collection.queue.wrote(1);
            return collection.remove(id);
        });
        if (removed.isEmpty() && ask.parameter("ignore_not_found").orElse("").equals("true")) {
            return map("id", id);
        }
        return removed.orElseThrow(() -> TypesenseError.noDocument(id));
    }

    /** Changes all documents that pass the filter; what does not fit is left out of the count and not told. */
    Map<String, @Nullable Object> patchAll(Ask ask, TypesenseCollection collection)
            throws TypesenseError, InterruptedException {
        String filter = filter(ask);
        SortedMap<String, @Nullable Object> part = object(ask.body());
        part.remove("id");
        int changed = inTurn(collection, () -> {
            int count = 0;
            TypesenseDocuments.View view = collection.view();
            for (int place : places(filter, collection, view)) {
                SortedMap<String, @Nullable Object> one = new TreeMap<>(part);
                one.put("id", view.document(place).get("id"));
                try {
                    collection.write(one, Action.UPDATE, Dirty.of(ask));
                    count++;
                } catch (TypesenseError e) {
                    continue; // not counted, and nobody is told
                }
                collection.queue.wrote(1);
            }
            return count;
        });
        return map("num_updated", changed);
    }

    Map<String, @Nullable Object> deleteAll(Ask ask, TypesenseCollection collection)
            throws TypesenseError, InterruptedException {
        String filter = filter(ask);
        int removed = inTurn(collection, () -> {
            int count = 0;
            TypesenseDocuments.View view = collection.view();
            for (int place : places(filter, collection, view)) {
                count += collection
                                .remove(String.valueOf(view.document(place).get("id")))
                                .isPresent()
                        ? 1
                        : 0;
                collection.queue.wrote(1);
            }
            return count;
        });
        return map("num_deleted", removed);
    }

    private static String filter(Ask ask) throws TypesenseError {
        if (ask.parameters("filter_by").isEmpty()) {
            throw TypesenseError.invalid("Parameter `filter_by` must be provided.");
        }
        return ask.parameters("filter_by").get(0).strip();
    }

    private static int[] places(String filter, TypesenseCollection collection, TypesenseDocuments.View view)
            throws TypesenseError {
        if (filter.isEmpty()) {
            return new int[0];
        }
        return filter.equals("*")
                ? view.all()
                : TypesenseFilter.of(filter, collection).places(collection, view);
    }
}

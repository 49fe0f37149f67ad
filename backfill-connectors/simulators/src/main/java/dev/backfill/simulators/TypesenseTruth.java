package dev.backfill.simulators;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What every document is, read from the store itself and not through the API. */
final class TypesenseTruth {

    private static final List<String> FIRST = List.of("id", "created_at", "deleted_at");

    private TypesenseTruth() {}

    static void to(TypesenseCollection collection, OutputStream out) throws IOException {
        TypesenseDocuments.View view = collection.view();
        JsonBytes line = new JsonBytes(200);
        for (int place : view.all()) {
            line.cut(0);
            write(view.document(place), line);
            line.to(out);
        }
    }

    private static void write(Map<String, @Nullable Object> document, JsonBytes line) {
        String comma = "{";
        for (String name : FIRST) {
            if (document.containsKey(name)) {
                TypesenseJson.write(line.raw(comma).text(name).raw(":"), document.get(name));
                comma = ",";
            }
        }
        for (Map.Entry<String, @Nullable Object> each : document.entrySet()) {
            if (!FIRST.contains(each.getKey())) {
                TypesenseJson.write(line.raw(comma).text(each.getKey()).raw(":"), each.getValue());
                comma = ",";
            }
        }
        line.raw("}\n");
    }
}

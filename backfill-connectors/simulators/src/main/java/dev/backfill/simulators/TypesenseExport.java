package dev.backfill.simulators;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One export. Without a filter it gives everything as it was at its beginning; with one it knows at its beginning which documents it
 * will give, and reads each when its turn has come.
 */
final class TypesenseExport {

    private static final int CHUNK = 1 << 15;

    private final TypesenseStore store;
    private final TypesenseCollection collection;
    private final TypesenseShown shown;
    private final TypesenseDocuments.View view;
    private final int @Nullable [] places;
    private final int cut;
    private final long cutAt;

    private TypesenseExport(TypesenseStore store, TypesenseCollection collection, Ask ask) throws TypesenseError {
        this.store = store;
        this.collection = collection;
        if (!ask.parameter("batch_size").orElse("100").matches("[1-9][0-9]{0,8}")) {
            throw TypesenseError.invalid("Parameter `batch_size` must be a positive integer.");
        }
        shown = TypesenseShown.of(ask);
        Optional<String> filter = ask.parameter("filter_by");
        view = collection.view();
        places = filter.isPresent()
                ? TypesenseFilter.of(filter.get(), collection).places(collection, view)
                : null;
        cut = store.faults.exportToCut();
        long all = places == null ? collection.count() : places.length;
        cutAt = all * Mix.below(100, store.settings.seed, cut, 6_000) / 100;
    }

    static Reply answer(TypesenseStore store, TypesenseCollection collection, Ask ask) throws TypesenseError {
        return Reply.pieces("text/plain; charset=utf-8", new TypesenseExport(store, collection, ask)::to);
    }

    private void to(OutputStream out) throws IOException {
        JsonBytes buffer = new JsonBytes(CHUNK + 1_000);
        long given = 0;
        int end = places == null ? view.size() : places.length;
        for (int i = 0; i < end; i++) {
            Optional<SortedMap<String, @Nullable Object>> document =
                    places != null ? collection.at(places[i]) : view.at(i, shown);
            if (document.isEmpty()) {
                continue;
            }
            buffer.raw(given > 0 ? "\n" : "");
            int begin = buffer.size();
            write(buffer, document.get());
            if (cut > 0 && given == cutAt) {
                buffer.cut(begin + (buffer.size() - begin) / 2);
                buffer.to(out);
                out.flush();
                if (cut % 2 == 0) {
                    throw new Reply.BrokenOff();
                }
                return; // as a proxy does that has lost patience
            }
            given++;
            if (buffer.size() > CHUNK) {
                buffer.to(out);
                buffer.cut(0);
            }
        }
        if (given > 0 && store.settings.quirks.contains(TypesenseQuirk.TRAILING_NEWLINE)) {
            buffer.raw("\n");
        }
        buffer.to(out);
    }

    private void write(JsonBytes out, SortedMap<String, @Nullable Object> document) {
        out.raw("{");
        String comma = "";
        for (Map.Entry<String, @Nullable Object> entry : document.entrySet()) {
            if (shown.shows(entry.getKey())) {
                TypesenseJson.write(out.raw(comma).text(entry.getKey()).raw(":"), entry.getValue());
                comma = ",";
            }
        }
        out.raw("}");
    }
}

package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Finds documents: all of them that pass a filter, in an order, a page at a time. Words are not looked for. */
final class TypesenseSearch {

    private static final int PER_PAGE = 250;
    private static final int LONGEST = 4_000;
    private static final int MOST_SEARCHES = 50;

    private final TypesenseStore store;

    TypesenseSearch(TypesenseStore store) {
        this.store = store;
    }

    /** One that came as a query. */
    Map<String, @Nullable Object> one(Ask ask, String collection) throws TypesenseError {
        int length = 0;
        Map<String, String> parameters = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> each : ask.query().entrySet()) {
            parameters.put(each.getKey(), each.getValue().get(0));
            length += each.getKey().length() + each.getValue().get(0).length() + 2;
        }
        if (length > LONGEST) {
            throw TypesenseError.invalid("Query string exceeds max allowed length of " + LONGEST
                    + ". Use the /multi_search end-point for larger payloads.");
        }
        return search(collection, parameters);
    }

    /** Several at once; what is wrong with one of them is told in its place. */
    Map<String, @Nullable Object> several(Ask ask) throws TypesenseError {
        if (!(TypesenseJson.object(ask.body()).get("searches") instanceof List<?> searches)) {
            throw TypesenseError.invalid("Missing `searches` array.");
        }
        if (searches.size() > MOST_SEARCHES) {
            throw TypesenseError.invalid("Number of multi searches exceeds `limit_multi_searches` parameter.");
        }
        List<@Nullable Object> results = new ArrayList<>();
        for (Object each : searches) {
            Map<String, String> parameters = new LinkedHashMap<>();
            ask.query().forEach((name, values) -> parameters.put(name, values.get(0)));
            if (each instanceof Map<?, ?> own) {
                own.forEach((name, value) -> parameters.put(String.valueOf(name), String.valueOf(value)));
            }
            try {
                results.add(search(parameters.getOrDefault("collection", ""), parameters));
            } catch (TypesenseError e) {
                results.add(map("code", e.status(), "error", e.words()));
            }
        }
        return map("results", results);
    }

    private static long number(Map<String, String> parameters, String name, long otherwise) throws TypesenseError {
        String text = parameters.getOrDefault(name, "");
        if (text.isEmpty()) {
            return otherwise;
        }
        if (!text.matches("[0-9]{1,10}")) {
            throw TypesenseError.invalid("Parameter `" + name + "` must be an unsigned integer.");
        }
        return Long.parseLong(text);
    }

    private Map<String, @Nullable Object> search(String name, Map<String, String> parameters) throws TypesenseError {
        TypesenseCollection collection = store.collection(name, "Not found.");
        String words = parameters.getOrDefault("q", "");
        if (!words.equals("*")) {
            throw TypesenseError.invalid("The simulator knows no other `q` than `*`.");
        }
        long size = number(parameters, "per_page", number(parameters, "limit", 10));
        if (size > PER_PAGE) {
            throw new TypesenseError(422, "Only upto " + PER_PAGE + " hits can be fetched per page.");
        }
        long page = number(parameters, "page", 0);
        long offset = page > 0 ? (page - 1) * size : number(parameters, "offset", 0);
        long limit = store.settings.quirks.contains(TypesenseQuirk.LIMIT_HITS_FIXED)
                ? store.settings.limitHits()
                : number(parameters, "limit_hits", store.settings.limitHits());
        if (offset + size > limit && store.settings.major() < 27) {
            throw new TypesenseError(
                    422,
                    "Only upto " + limit
                            + " hits can be fetched. Ensure that `page` and `per_page` parameters are within this range.");
        }
        TypesenseDocuments.View view = collection.view();
        String filter = parameters.getOrDefault("filter_by", "");
        int[] places = filter.isEmpty()
                ? view.all()
                : TypesenseFilter.of(filter, collection).places(collection, view);
        long end = Math.min(Math.min(offset + size, limit), places.length);
        TypesenseShown shown = TypesenseShown.of(
                parameters.getOrDefault("include_fields", ""), parameters.getOrDefault("exclude_fields", ""));
        List<@Nullable Object> hits = new ArrayList<>();
        int[] order = order(parameters, collection, view, places, end);
        for (long i = offset; i < end; i++) {
            hits.add(map(
                    "document", shown.of(view.document(order[(int) i])), "highlight", map(), "highlights", List.of()));
        }
        return map(
                "facet_counts",
                List.of(),
                "found",
                places.length,
                "hits",
                hits,
                "out_of",
                collection.count(),
                "page",
                page > 0 || size == 0 ? Math.max(1, page) : offset / size + 1,
                "request_params",
                map("collection_name", collection.name, "first_q", words, "per_page", size, "q", words),
                "search_cutoff",
                false,
                "search_time_ms",
                1);
    }

    /**
     * A document among others.
     *
     * @param values what it is sorted by
     * @param place the youngest first among equals
     */
    private record Row(List<Double> values, int place) {}

    /** The first places in the wanted order. */
    private static int[] order(
            Map<String, String> parameters,
            TypesenseCollection collection,
            TypesenseDocuments.View view,
            int[] places,
            long wanted)
            throws TypesenseError {
        String text = parameters.getOrDefault("sort_by", "");
        if (text.isEmpty() && !collection.sortingField.isEmpty()) {
            text = collection.sortingField + ":desc";
        }
        if (text.isEmpty()) {
            int[] down = new int[(int) wanted];
            for (int i = 0; i < wanted; i++) {
                down[i] = places[places.length - 1 - i];
            }
            return down;
        }
        List<String> fields = new ArrayList<>();
        List<Integer> signs = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            int colon = part.indexOf(':');
            String field = part.substring(0, Math.max(0, colon)).strip();
            String way = part.substring(colon + 1).strip().toLowerCase(java.util.Locale.ROOT);
            if (!way.equals("asc") && !way.equals("desc")) {
                throw TypesenseError.invalid("Order for field` " + field + "` should be either ASC or DESC.");
            }
            if (collection.field(field).filter(TypesenseField::numeric).isEmpty()) {
                throw new TypesenseError(
                        404, "Could not find a field named `" + field + "` in the schema for sorting.");
            }
            fields.add(field);
            signs.add(way.equals("asc") ? 1 : -1);
        }
        Comparator<Row> first = (one, other) -> {
            for (int i = 0; i < one.values().size(); i++) {
                int compared =
                        Double.compare(one.values().get(i), other.values().get(i));
                if (compared != 0) {
                    return compared;
                }
            }
            return Integer.compare(other.place(), one.place());
        };
        PriorityQueue<Row> best = new PriorityQueue<>(first.reversed());
        for (int place : places) {
            Map<String, @Nullable Object> document = view.document(place);
            List<Double> values = new ArrayList<>(fields.size());
            for (int i = 0; i < fields.size(); i++) {
                values.add(
                        document.get(fields.get(i)) instanceof Number number
                                ? signs.get(i) * number.doubleValue()
                                : Double.POSITIVE_INFINITY); // what has none comes last
            }
            best.add(new Row(values, place));
            if (best.size() > wanted) {
                best.remove();
            }
        }
        return best.stream().sorted(first).mapToInt(Row::place).toArray();
    }
}

package dev.backfill.guesty;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.RateLimiter;
import dev.backfill.Source;
import dev.backfill.internal.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A list in the order of its ids, paged by skipping.
 *
 * @param path below {@code /v1/}
 * @param columns what is asked for; null where the list has no such parameter
 * @param type what a row is read into
 */
record Listing<T>(Wire wire, String path, @Nullable String columns, Class<T> type) implements Source<T> {

    @Override
    public Page<T> read(Cursor from) throws InterruptedException {
        Spot spot = from.orElse(Spot.FIRST);
        JsonNode answer = wire.get(http -> http.get("/v1/" + path)
                .query("limit", Spot.LIMIT)
                .query("skip", spot.at())
                .query("sort", "_id")
                .query("columns", columns));
        List<JsonNode> rows = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (JsonNode row : rows(answer, path)) {
            String id = Wire.text(row.path("_id"));
            if (id == null) {
                throw new IllegalStateException("a row of Guesty's list " + path
                        + " has no _id, without which it cannot be read safely while it changes");
            }
            rows.add(row);
            ids.add(id);
        }
        Spot.Taken taken = spot.take(ids);
        List<T> fresh = new ArrayList<>();
        for (int index : taken.fresh()) {
            fresh.add(bound(rows.get(index), ids.get(index)));
        }
        return Page.until(fresh, taken.next());
    }

    /**
     * The rows, wherever the answer has them: it is the list itself, or has it as {@code results} or {@code data}, or under the list's own
     * name, or as its only list. What it counts is not looked at.
     */
    static JsonNode rows(JsonNode answer, String path) {
        if (answer.isArray()) {
            return answer;
        }
        String plain = path.split("\\?", 2)[0];
        for (String name : List.of("results", "data", plain.substring(plain.lastIndexOf('/') + 1))) {
            JsonNode rows = answer.path(name);
            if (rows.isArray()) {
                return rows;
            }
            if (name.equals("data") && rows.isObject()) {
                return rows(rows, path);
            }
        }
        List<JsonNode> lists =
                answer.values().stream().filter(JsonNode::isArray).toList();
        if (lists.size() != 1) {
            throw new IllegalStateException("Guesty's answer to " + plain + " has "
                    + (lists.isEmpty() ? "no list" : "several lists") + " in it; is this the path of a list?");
        }
        return lists.get(0);
    }

    private T bound(JsonNode row, String id) {
        try {
            if (Map.class.isAssignableFrom(type)) {
                return Json.mapper().treeToValue(row, type);
            }
            ObjectNode named = (ObjectNode) row;
            if (!named.has("id")) {
                named = named.deepCopy().put("id", id);
            }
            return Json.mapper().treeToValue(named, type);
        } catch (JacksonException e) {
            if (Json.closed(e)) {
                throw new IllegalArgumentException(Json.explained(e, type), e);
            }
            String at = e.getPath().stream()
                    .map(JacksonException.Reference::getPropertyName)
                    .filter(name -> name != null)
                    .findFirst()
                    .orElse("");
            // neither shown nor kept as the cause, since the row may be personal
            throw new IllegalStateException("the row " + id + " of Guesty's list " + path + " does not fit "
                    + type.getSimpleName() + (at.isEmpty() ? "" : " at '" + at + "'")
                    + "; take another type for it, such as String, or one that may be null");
        }
    }

    @Override
    public Paging paging() {
        return Paging.ANCHORED;
    }

    @Override
    public String definition() {
        return "guesty " + path + (columns == null ? "" : " with " + columns) + " at " + wire;
    }

    @Override
    public Optional<RateLimiter> limiter() {
        return wire.limiter();
    }
}

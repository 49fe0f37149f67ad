package dev.backfill.notion;

import dev.backfill.ExpiredCursorException;
import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.TransientException;
import dev.backfill.http.Http;
import dev.backfill.http.HttpException;
import dev.backfill.http.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The calls of one database, and what is found out once about it. Safe for several threads. */
final class Wire {

    /** Notion gives up after a minute, and says so. */
    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    /** How long all calls rest when Notion wants rest and does not say how long: its window is a minute. */
    private static final Duration REST = Duration.ofSeconds(30);

    private final String database;
    private final Optional<String> choice;
    private final RateLimiter limiter;
    private final Http http;
    private final AtomicReference<@Nullable Container> container = new AtomicReference<>();
    private final AtomicReference<@Nullable String> me = new AtomicReference<>();

    Wire(String address, Secret token, String database, Optional<String> choice, RateLimiter limiter) {
        this.database = database;
        this.choice = choice;
        this.limiter = limiter;
        this.http = Http.to(address)
                .bearer(token)
                .limitedBy(limiter)
                .timeout(TIMEOUT)
                .failing(this::meaning);
    }

    /** A query took too long. */
    static final class TooSlow extends TransientException {
        private static final long serialVersionUID = 1;

        TooSlow(String message) {
            super(message);
        }
    }

    /** A call that had no effect, and may pass. */
    static final class Undone extends TransientException {
        private static final long serialVersionUID = 1;

        Undone(String message) {
            super(message);
        }

        Undone(String message, Duration after) {
            super(message, after);
        }
    }

    Http http() {
        return http;
    }

    private RuntimeException meaning(HttpException answer) {
        String message = String.valueOf(answer.getMessage());
        return switch (answer.status()) {
            case 400 ->
                message.contains("start_cursor") && message.contains("invalid")
                        ? new ExpiredCursorException(message)
                        : answer;
            case 409 -> new Undone(message);
            case 429, 529 -> tooMany(answer, message);
            case 504 -> new TooSlow(message);
            default -> answer.usual();
        };
    }

    /** A 529 is a 429 by another name. */
    private RuntimeException tooMany(HttpException answer, String message) {
        Map<?, ?> more = answer.error().get("additional_data") instanceof Map<?, ?> map ? map : Map.of();
        if ("public_api_request_blocked".equals(more.get("rate_limit_reason"))) {
            return answer.advising("Notion has blocked this integration; trying again does not help, ask its support");
        }
        Duration after =
                answer.after().or(() -> seconds(more.get("retry_after"))).orElse(REST);
        limiter.quiet(after);
        return new Undone(message, after);
    }

    private static Optional<Duration> seconds(@Nullable Object said) {
        return said instanceof String text && text.matches("[1-9]\\d{0,6}")
                ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
                : Optional.empty();
    }

    /** The code that Notion gives beside the status. */
    static String code(HttpException e) {
        return String.valueOf(e.error().get("code"));
    }

    // ---- what is found out once

    /** Where the pages are. Several threads at once may each find it out, which does no harm. */
    Container container() throws InterruptedException {
        Container known = container.get();
        if (known == null) {
            known = found();
            container.set(known);
        }
        return known;
    }

    /** The id of the user as whom this integration edits. */
    String me() throws InterruptedException {
        String known = me.get();
        if (known == null) {
            known = call(http.get("/v1/users/me"), container().version())
                    .path("id")
                    .asString("");
            me.set(known);
        }
        return known;
    }

    private static JsonNode call(Request request, String version) throws InterruptedException {
        return request.header("Notion-Version", version).as(JsonNode.class);
    }

    private Container found() throws InterruptedException {
        JsonNode json;
        try {
            json = call(http.get("/v1/databases/{}", database), Container.CURRENT);
        } catch (HttpException e) {
            if (e.status() == 404) {
                return elsewhere(e);
            }
            if (e.status() == 400 && !code(e).equals("invalid_json")) {
                return legacy(call(http.get("/v1/databases/{}", database), Container.LEGACY));
            }
            throw e;
        }
        if (!json.path("data_sources").isArray()) {
            return legacy(json);
        }
        if (json.path("in_trash").asBoolean(false)) {
            throw new IllegalStateException("the database " + database + " is in Notion's trash; restore it first");
        }
        return source(chosen(json.path("data_sources")));
    }

    private Container legacy(JsonNode json) {
        if (choice.isPresent()) {
            throw new IllegalStateException("this Notion has no data sources, so leave out dataSource(…)");
        }
        return new Container(Container.LEGACY, "databases", database, properties(json));
    }

    private Container source(String id) throws InterruptedException {
        JsonNode json = call(http.get("/v1/data_sources/{}", id), Container.CURRENT);
        return new Container(Container.CURRENT, "data_sources", id, properties(json));
    }

    private static List<Property> properties(JsonNode json) {
        List<Property> properties = new ArrayList<>();
        json.path("properties").properties().forEach(one -> properties.add(Property.of(one.getKey(), one.getValue())));
        if (properties.isEmpty()) {
            throw new IllegalStateException("Notion tells no properties of "
                    + json.path("id").asString("the database") + "; allow the integration to read content");
        }
        return List.copyOf(properties);
    }

    private String chosen(JsonNode sources) {
        List<String> names = new ArrayList<>();
        List<String> matching = new ArrayList<>();
        for (JsonNode source : sources) {
            String id = source.path("id").asString("");
            String name = source.path("name").asString("");
            names.add("'" + name + "' (" + id + ")");
            String wanted = choice.orElse("");
            if (choice.isEmpty()
                    || name.equals(wanted)
                    || (Ids.valid(wanted) && Ids.dashed(wanted).equals(id))) {
                matching.add(id);
            }
        }
        if (matching.size() == 1) {
            return matching.get(0);
        }
        throw new IllegalStateException(
                choice.isEmpty()
                        ? "the database " + database + " has " + names.size()
                                + " data sources; choose one by dataSource(…): " + String.join(", ", names)
                        : matching.size() + " data sources of the database " + database + " are called '" + choice.get()
                                + "'; take one by its id: " + String.join(", ", names));
    }

    /** The id is not a database's: perhaps a data source's, or a page's. */
    private Container elsewhere(HttpException missing) throws InterruptedException {
        try {
            return source(database);
        } catch (HttpException e) {
            if (e.status() != 404 && e.status() != 400) {
                throw e;
            }
        }
        boolean page;
        try {
            call(http.get("/v1/pages/{}", database), Container.CURRENT);
            page = true;
        } catch (HttpException e) {
            page = false;
        }
        throw new IllegalStateException(
                page
                        ? database + " is the id of a page and not of a database; open the database itself as a whole"
                                + " page, and take the id from there"
                        : "Notion shows no database " + database + " to this integration; check the id, and share the"
                                + " database with the integration (••• > Connections). " + missing.getMessage());
    }

    // ---- calls

    JsonNode query(List<Property> shown, Map<String, Object> body) throws InterruptedException {
        Container where = container();
        return call(
                with(http.post("/v1/" + where.path() + "/{}/query", where.id()), shown)
                        .json(body),
                where.version());
    }

    JsonNode page(String id, List<Property> shown) throws InterruptedException {
        return call(with(http.get("/v1/pages/{}", id), shown), container().version());
    }

    JsonNode edit(String id, Map<String, Object> properties) throws InterruptedException {
        return call(
                http.patch("/v1/pages/{}", id).json(Map.of("properties", properties)),
                container().version());
    }

    private static Request with(Request request, List<Property> shown) {
        Request with = request;
        for (Property property : shown) {
            with = with.query("filter_properties", property.id());
        }
        return with;
    }

    /** All of a property of which the page shows a part. */
    JsonNode whole(String page, Property property, JsonNode shown) throws InterruptedException {
        tools.jackson.databind.node.ObjectNode whole = ((tools.jackson.databind.node.ObjectNode) shown).deepCopy();
        tools.jackson.databind.node.ArrayNode parts = whole.arrayNode();
        String cursor = "";
        while (true) {
            JsonNode answer;
            try {
                answer = call(
                        http.get("/v1/pages/{}/properties/{}", page, property.id())
                                .query("page_size", Place.MOST)
                                .query("start_cursor", cursor.isEmpty() ? null : cursor),
                        container().version());
            } catch (HttpException e) {
                if (e.status() == 404) {
                    return shown; // the page has gone meanwhile
                }
                throw e;
            } catch (ExpiredCursorException e) {
                throw new TransientException(String.valueOf(e.getMessage()), e); // of the property, not of the pages
            }
            if (!answer.path("object").asString("").equals("list")) {
                return answer;
            }
            for (JsonNode item : answer.path("results")) {
                parts.add(property.type().equals("rollup") ? item : item.path(property.type()));
            }
            String next = answer.path("next_cursor").asString("");
            if (answer.path("has_more").asBoolean(false) && !next.isEmpty() && !next.equals(cursor)) {
                cursor = next;
                continue;
            }
            JsonNode sum = answer.path("property_item").path(property.type());
            if (property.type().equals("rollup")
                    && !sum.path("type").asString("").equals("array")) {
                whole.set("rollup", sum);
            } else if (property.type().equals("rollup")) {
                whole.set("rollup", whole.objectNode().put("type", "array").set("array", parts));
            } else {
                whole.set(property.type(), parts);
            }
            return whole;
        }
    }

    @Override
    public String toString() {
        return database + choice.map(name -> " " + name).orElse("") + " at " + http;
    }
}

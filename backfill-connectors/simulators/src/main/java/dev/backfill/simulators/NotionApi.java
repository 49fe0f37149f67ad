package dev.backfill.simulators;

import static dev.backfill.simulators.NotionQuirk.*;
import static dev.backfill.simulators.NotionValues.map;

import dev.backfill.internal.Json;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Time;
import dev.backfill.simulators.NotionPages.Page;
import dev.backfill.simulators.NotionSchema.Property;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Checks calls and answers them. */
final class NotionApi implements Api {

    private static final String LEGACY = "2022-06-28";
    private static final List<String> VERSIONS = List.of(LEGACY, "2025-09-03", "2026-03-11");

    private final NotionSettings settings;
    private final NotionPages pages;
    private final NotionValues values;
    private final NotionQuery query;
    private final NotionPatch patch;
    private final NotionTruth truth;
    private final Time time = Ports.current().time();
    private final AtomicLong calls = new AtomicLong();
    private final Map<String, Integer> inARow = new HashMap<>();
    private long spaceLimitUntil;

    NotionApi(NotionSettings settings, NotionPages pages) {
        this.settings = settings;
        this.pages = pages;
        values = new NotionValues(settings);
        query = new NotionQuery(settings, pages, values);
        patch = new NotionPatch(settings, pages, values);
        truth = new NotionTruth(pages, values);
    }

    String database() {
        return NotionPages.uuid(settings.seed, -1);
    }

    String dataSource(int number) {
        return NotionPages.uuid(settings.seed, -2 - number);
    }

    private boolean quirk(NotionQuirk quirk) {
        return settings.quirks.contains(quirk);
    }

    static boolean uuid(String text) {
        return text.matches("[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}");
    }

    @Override
    public Optional<String> credential(Ask ask) {
        return ask.header("Authorization")
                .filter(value -> value.startsWith("Bearer "))
                .map(value -> value.substring(7));
    }

    @Override
    public Reply refusal(int status, String message) {
        return new NotionError(status, "restricted_resource", message).reply();
    }

    @Override
    public Reply tooMany(long seconds) {
        return tooMany("public_api_request_rate_limit", seconds);
    }

    private Reply tooMany(String reason, long seconds) {
        return new NotionError(
                        429,
                        "rate_limited",
                        "You have been rate limited. Please try again later.",
                        Map.of("rate_limit_reason", reason, "retry_after", String.valueOf(seconds)))
                .reply();
    }

    @Override
    public void truth(Ask ask, OutputStream out) throws IOException {
        truth.to(out, ask.parameter("trash").isPresent());
    }

    @Override
    public Reply answer(Ask ask) {
        pages.lock.lock();
        try {
            long call = calls.incrementAndGet();
            Optional<Reply> limited = spaceLimit(call);
            if (limited.isPresent()) {
                return limited.get();
            }
            if (quirk(BLOCKED)) {
                return tooMany("public_api_request_blocked", 60);
            }
            if (quirk(OVERLOADS) && call % 50 == 0) {
                throw new NotionError(529, "service_overload", "Notion is overloaded, please try again later.");
            }
            String version = checked(ask);
            Map<String, @Nullable Object> body = route(ask, version);
            body.put("request_id", NotionPages.uuid(settings.seed, 1_000_000_000L + call));
            return Reply.json(new JsonBytes(1_000).whole(Json.write(body)));
        } catch (NotionError e) {
            return e.reply();
        } finally {
            pages.lock.unlock();
        }
    }

    private Optional<Reply> spaceLimit(long call) {
        long now = time.now().toEpochMilli();
        if (call == settings.spaceLimitAt) {
            spaceLimitUntil = now + settings.spaceLimit.toMillis();
        }
        if (now >= spaceLimitUntil) {
            return Optional.empty();
        }
        long seconds = (spaceLimitUntil - now + 999) / 1_000;
        Reply reply = tooMany("public_api_space_request_rate_limit", seconds);
        if (!quirk(RETRY_AFTER_IN_BODY_ONLY)) {
            reply.headers().put("Retry-After", String.valueOf(seconds));
        }
        return Optional.of(reply);
    }

    private String checked(Ask ask) throws NotionError {
        if (!credential(ask).filter(settings.token.reveal()::equals).isPresent()) {
            throw new NotionError(401, "unauthorized", "API token is invalid.");
        }
        String version = ask.header("Notion-Version").orElse("");
        if (version.isEmpty()) {
            throw new NotionError(
                    400,
                    "missing_version",
                    "Notion-Version header failed validation: Notion-Version header should be defined, instead was"
                            + " `undefined`.");
        }
        if (!VERSIONS.contains(version) || (quirk(LEGACY_ONLY) && !version.equals(LEGACY))) {
            throw NotionError.validation("Notion-Version header failed validation: Notion-Version header should be `"
                    + (quirk(LEGACY_ONLY) ? LEGACY : String.join("`, `", VERSIONS)) + "`, instead was `\"" + version
                    + "\"`.");
        }
        return version;
    }

    private static NotionError invalidUrl() {
        return new NotionError(400, "invalid_request_url", "Invalid request URL.");
    }

    private static NotionError notFound(String what, String id) {
        return new NotionError(
                404,
                "object_not_found",
                "Could not find " + what + " with ID: " + id
                        + ". Make sure the relevant pages and databases are shared with your integration \"Simulated\".");
    }

    private Map<String, @Nullable Object> route(Ask ask, String version) throws NotionError {
        boolean legacy = version.equals(LEGACY);
        List<String> path = List.of(ask.path().substring(1).split("/", -1));
        String route =
                ask.method() + " " + (path.size() > 1 ? path.get(1) : "") + (path.size() > 3 ? " " + path.get(3) : "");
        String id = path.size() > 2 ? path.get(2) : "";
        if (!path.get(0).equals("v1")
                || path.size() > 5
                || (legacy && path.get(1).equals("data_sources"))) {
            throw invalidUrl();
        }
        if (!route.startsWith("GET users") && !uuid(id)) {
            throw NotionError.validation(
                    "path failed validation: path.id should be a valid uuid, instead was `\"" + id + "\"`.");
        }
        return switch (route) {
            case "GET users" -> map("object", "user", "id", NotionPages.BOT, "type", "bot", "name", "Simulated");
            case "GET databases" -> database(id, legacy);
            case "POST databases query" -> legacyQuery(ask, id, legacy);
            case "GET data_sources" -> source(dataSource(source(id)), source(id));
            case "POST data_sources query" -> query(ask, source(id), false);
            case "GET pages" -> page(ask, found(id), legacy);
            case "PATCH pages" -> edit(ask, found(id), legacy);
            case "GET pages properties" -> property(ask, found(id), path.size() > 4 ? path.get(4) : "");
            default -> throw invalidUrl();
        };
    }

    private static boolean same(String id, String other) {
        return id.replace("-", "").equalsIgnoreCase(other.replace("-", ""));
    }

    private Page found(String id) throws NotionError {
        return pages.find(id).orElseThrow(() -> notFound("page", id));
    }

    private int source(String id) throws NotionError {
        for (int i = 0; i < settings.dataSources.size(); i++) {
            if (same(id, dataSource(i))) {
                return i;
            }
        }
        throw notFound("data source", id);
    }

    private Map<String, @Nullable Object> database(String id, boolean legacy) throws NotionError {
        if (!same(id, database())) {
            throw notFound("database", id);
        }
        Map<String, @Nullable Object> json =
                map("object", "database", "id", database(), "title", NotionValues.text("Simulated"), "in_trash", false);
        if (legacy) {
            json.put("properties", pages.schema.json());
            return json;
        }
        List<Object> sources = new ArrayList<>();
        for (int i = 0; i < settings.dataSources.size(); i++) {
            sources.add(map("id", dataSource(i), "name", settings.dataSources.get(i)));
        }
        json.put("data_sources", sources);
        return json;
    }

    private Map<String, @Nullable Object> source(String id, int number) {
        return map(
                "object",
                "data_source",
                "id",
                id,
                "parent",
                map("type", "database_id", "database_id", database()),
                "title",
                NotionValues.text(settings.dataSources.get(number)),
                "in_trash",
                false,
                "properties",
                pages.schema.json());
    }

    private Map<String, @Nullable Object> legacyQuery(Ask ask, String id, boolean legacy) throws NotionError {
        if (!legacy) {
            throw invalidUrl();
        }
        if (!same(id, database())) {
            throw notFound("database", id);
        }
        if (settings.dataSources.size() > 1) {
            List<String> children = new ArrayList<>();
            for (int i = 0; i < settings.dataSources.size(); i++) {
                children.add(dataSource(i));
            }
            throw new NotionError(
                    400,
                    "validation_error",
                    "Databases with multiple data sources are not supported in this API version.",
                    Map.of(
                            "error_type",
                            "multiple_data_sources_for_database",
                            "database_id",
                            database(),
                            "child_data_source_ids",
                            children,
                            "minimum_api_version",
                            "2025-09-03"));
        }
        return query(ask, 0, true);
    }

    private static Map<?, ?> body(Ask ask) throws NotionError {
        try {
            return ask.body().isEmpty() ? Map.of() : Json.read(ask.body(), Map.class);
        } catch (IllegalArgumentException e) {
            throw new NotionError(400, "invalid_json", "Error parsing JSON body.");
        }
    }

    private Map<String, @Nullable Object> query(Ask ask, int source, boolean legacy) throws NotionError {
        List<Property> shown = shown(ask);
        NotionQuery.Found found = source == 0 ? query.find(body(ask)) : new NotionQuery.Found(List.of(), null, false);
        List<Object> results = new ArrayList<>();
        for (Page page : found.pages()) {
            results.add(json(page, shown, legacy));
        }
        String type = legacy ? "page_or_database" : "page_or_data_source";
        Map<String, @Nullable Object> json = map(
                "object",
                "list",
                "results",
                results,
                "next_cursor",
                found.next(),
                "has_more",
                found.next() != null,
                "type",
                type,
                type,
                map());
        if (found.cut() && !quirk(CAP_UNTOLD)) {
            json.put("request_status", map("type", "incomplete", "incomplete_reason", "query_result_limit_reached"));
        }
        return json;
    }

    private List<Property> shown(Ask ask) throws NotionError {
        List<String> names = new ArrayList<>(ask.parameters("filter_properties"));
        names.addAll(ask.parameters("filter_properties[]"));
        List<Property> shown = new ArrayList<>();
        for (String name : names) {
            shown.add(pages.schema
                    .find(name)
                    .orElseThrow(() -> NotionError.validation("Could not find property with name or id: " + name)));
        }
        return names.isEmpty() ? pages.schema.properties() : shown;
    }

    private Map<String, @Nullable Object> json(Page page, List<Property> shown, boolean legacy) {
        if (quirk(PARTIAL_PAGES)) {
            return map("object", "page", "id", page.id);
        }
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        shown.forEach(property -> properties.put(property.name(), values.inline(page, property)));
        return map(
                "object",
                "page",
                "id",
                page.id,
                "created_time",
                NotionValues.time(page.created),
                "last_edited_time",
                NotionValues.time(page.edited),
                "created_by",
                map("object", "user", "id", NotionPages.HUMAN),
                "last_edited_by",
                map("object", "user", "id", page.editedBy),
                "cover",
                null,
                "icon",
                null,
                "parent",
                legacy
                        ? map("type", "database_id", "database_id", database())
                        : map(
                                "type", "data_source_id",
                                "data_source_id", dataSource(0),
                                "database_id", database()),
                "archived",
                page.trashed,
                "in_trash",
                page.trashed,
                "properties",
                properties,
                "url",
                "https://www.notion.so/" + page.id.replace("-", ""),
                "public_url",
                null);
    }

    private Map<String, @Nullable Object> page(Ask ask, Page page, boolean legacy) throws NotionError {
        return json(page, shown(ask), legacy);
    }

    private Map<String, @Nullable Object> edit(Ask ask, Page page, boolean legacy) throws NotionError {
        String write = page.id + ask.body();
        int before = inARow.getOrDefault(write, 0);
        double dice = Mix.below(100_000, settings.seed, write.hashCode(), 51 + before) / 1_000.0;
        boolean conflict = before < 2 && dice < settings.conflicts;
        boolean lost = before < 2 && !conflict && dice < settings.conflicts + settings.lostWrites;
        if (conflict || lost) {
            inARow.put(write, before + 1);
        } else {
            inARow.remove(write);
        }
        if (conflict) {
            throw new NotionError(409, "conflict_error", "Conflict occurred while saving. Please try again.");
        }
        patch.apply(page, body(ask));
        if (lost) {
            throw new NotionError(
                    503,
                    "service_unavailable",
                    "Notion is unavailable, please try again later.",
                    Map.of("retry_guidance", List.of("Read the object again", "Do not repeat the write")));
        }
        return json(page, pages.schema.properties(), legacy);
    }

    private Map<String, @Nullable Object> property(Ask ask, Page page, String name) throws NotionError {
        Property property = pages.schema
                .find(name)
                .orElseThrow(() -> NotionError.validation("Could not find property with name or id: " + name));
        Object value = values.value(page, property);
        if (property.type().equals("rollup")) {
            value = List.of();
        }
        if (!(value instanceof List<?> all)
                || !List.of("title", "rich_text", "relation", "people", "rollup")
                        .contains(property.type())) {
            Map<String, @Nullable Object> item = values.inline(page, property);
            item.put("object", "property_item");
            return item;
        }
        int size = NotionQuery.size(
                ask.parameter("page_size").map(Integer::valueOf).orElse(null));
        int start = ask.parameter("start_cursor").map(Integer::valueOf).orElse(0);
        int end = Math.min(all.size(), start + size);
        List<Object> results = new ArrayList<>();
        for (Object one : all.subList(start, end)) {
            results.add(map(
                    "object",
                    "property_item",
                    "id",
                    property.encoded(),
                    "type",
                    property.type(),
                    property.type(),
                    one));
        }
        boolean more = end < all.size();
        Map<String, @Nullable Object> whole = map("id", property.encoded(), "type", property.type(), "next_url", null);
        whole.put(
                property.type(),
                property.type().equals("rollup")
                        ? map("type", "number", "function", "sum", "number", page.index)
                        : map());
        return map(
                "object",
                "list",
                "type",
                "property_item",
                "results",
                results,
                "next_cursor",
                more ? String.valueOf(end) : null,
                "has_more",
                more,
                "property_item",
                whole);
    }
}

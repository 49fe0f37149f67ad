package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;
import static dev.backfill.simulators.TypesenseQuirk.*;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Checks the calls to one node and answers them. */
final class TypesenseApi implements Api {

    private static final String KEY = "x-typesense-api-key";

    private final TypesenseSettings settings;
    private final TypesenseStore store;
    private final TypesenseSchemas schemas;
    private final TypesenseWrites writes;
    private final TypesenseSearch search;
    private final BooleanSupplier leads;

    /** Whether this node says that it is well. */
    volatile boolean well = true;

    TypesenseApi(TypesenseStore store, BooleanSupplier leads) {
        this.store = store;
        this.leads = leads;
        settings = store.settings;
        schemas = new TypesenseSchemas(store);
        writes = new TypesenseWrites(store);
        search = new TypesenseSearch(store);
    }

    private boolean quirk(TypesenseQuirk quirk) {
        return settings.quirks.contains(quirk);
    }

    @Override
    public Optional<String> credential(Ask ask) {
        return ask.header(KEY).or(() -> ask.parameter(KEY));
    }

    @Override
    public Reply refusal(int status, String message) {
        return TypesenseError.reply(status, message, quirk(RAW_ERRORS));
    }

    @Override
    public Reply tooMany(long seconds) {
        return refusal(429, "Rate limit exceeded or blocked");
    }

    @Override
    public boolean metered(Ask ask) {
        return !ask.path().equals("/health");
    }

    private Optional<TypesenseRoute> route(Ask ask) {
        boolean unknown = settings.major() < 28 || quirk(SCHEMA_CHANGES_UNKNOWN);
        return TypesenseRoute.of(ask).filter(route -> !(unknown && route == TypesenseRoute.SCHEMA_CHANGES));
    }

    @Override
    public Optional<Reply> early(Ask ask) {
        Optional<TypesenseRoute> route = route(ask);
        if (route.isEmpty()) {
            return Optional.of(Reply.json(404, "{ \"message\": \"Not Found\"}"));
        }
        return route.get().always() || (well && !store.lags(route.get().writes()))
                ? Optional.empty()
                : Optional.of(Reply.json(503, "{ \"message\": \"Not Ready or Lagging\"}"));
    }

    @Override
    public Optional<Reply> own(Ask ask) {
        if (!ask.path().equals("/__lag")) {
            return Optional.empty();
        }
        String seconds = ask.parameter("seconds").orElse("");
        if (!ask.method().equals("POST") || !seconds.matches("[0-9]{1,5}")) {
            return Optional.of(refusal(400, "POST /__lag?seconds=60 has every call refused for a minute"));
        }
        store.lag(Duration.ofSeconds(Integer.parseInt(seconds)));
        return Optional.of(Reply.json(200, "{}"));
    }

    @Override
    public void truth(Ask ask, OutputStream out) throws IOException {
        try {
            TypesenseTruth.to(
                    store.collection(ask.parameter("collection").orElse(settings.name), "no such collection"), out);
        } catch (TypesenseError e) {
            throw new IOException(e.words());
        }
    }

    @Override
    public Reply answer(Ask ask) throws InterruptedException {
        try {
            TypesenseRoute route = route(ask).orElseThrow(() -> new TypesenseError(404, "Not Found"));
            if (route == TypesenseRoute.HEALTH) {
                return health();
            }
            if (credential(ask).filter(settings.key.reveal()::equals).isEmpty()) {
                throw new TypesenseError(401, "Forbidden - a valid `x-typesense-api-key` header must be sent.");
            }
            if (route.writes()) {
                if (store.faults.leaderless()) {
                    throw new TypesenseError(500, "Could not find a leader.");
                }
                if (store.full() && route != TypesenseRoute.DELETE && route != TypesenseRoute.DELETE_ALL) {
                    throw store.noRoom();
                }
            }
            return answer(ask, route);
        } catch (TypesenseError e) {
            return e.reply(quirk(RAW_ERRORS));
        }
    }

    private Reply health() {
        SortedMap<String, @Nullable Object> health = new TreeMap<>();
        boolean ok = well && (quirk(HEALTHY_WHILE_LAGGING) || !store.lags(true));
        health.put("ok", ok && !store.full());
        if (store.full()) {
            health.put("resource_error", settings.resource);
        }
        return TypesenseJson.reply(ok && !store.full() ? 200 : 503, health);
    }

    private Reply answer(Ask ask, TypesenseRoute route) throws TypesenseError, InterruptedException {
        return switch (route) {
            case DEBUG -> json(map("state", leads.getAsBoolean() ? 1 : 4, "version", settings.version));
            case STATS -> json(map("latency_ms", map(), "pending_write_batches", store.waiting()));
            case STATUS ->
                json(map(
                        "committed_index",
                        1,
                        "queued_writes",
                        store.waiting(),
                        "state",
                        leads.getAsBoolean() ? "LEADER" : "FOLLOWER"));
            case SCHEMA_CHANGES -> json(schemas.changes());
            case LIST -> json(list(ask));
            case MAKE -> TypesenseJson.reply(201, schemas.create(ask));
            case MULTI_SEARCH -> json(search.several(ask));
            default -> inside(ask, route, ask.parts());
        };
    }

    private static Reply json(Object body) {
        return TypesenseJson.reply(200, body);
    }

    private List<Map<String, @Nullable Object>> list(Ask ask) throws TypesenseError {
        boolean fields = TypesenseShown.of(ask).shows("fields");
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        store.collections().forEach(each -> all.add(each.summary(fields)));
        int from = Math.min(number(ask, "offset", 0), all.size());
        return all.subList(from, Math.min(all.size(), from + number(ask, "limit", all.size())));
    }

    private static int number(Ask ask, String name, int otherwise) throws TypesenseError {
        String text = ask.parameter(name).orElse(String.valueOf(otherwise));
        if (!text.matches("[0-9]{1,9}")) {
            throw TypesenseError.invalid("Parameter `" + name + "` must be an unsigned integer.");
        }
        return Integer.parseInt(text);
    }

    private Reply inside(Ask ask, TypesenseRoute route, List<String> parts)
            throws TypesenseError, InterruptedException {
        boolean plain = route == TypesenseRoute.ALTER || route == TypesenseRoute.IMPORT;
        TypesenseCollection collection = store.collection(parts.get(1), plain ? "Collection not found" : "Not Found");
        String id = parts.size() > 3 ? parts.get(3) : "";
        return switch (route) {
            case SHOW -> json(collection.summary(true));
            case ALTER -> json(schemas.alter(ask, collection));
            case DROP -> {
                SortedMap<String, @Nullable Object> summary = collection.summary(true);
                store.drop(collection);
                yield json(summary);
            }
            case IMPORT -> TypesenseImport.answer(store, collection, ask);
            case EXPORT -> TypesenseExport.answer(store, collection, ask);
            case SEARCH -> json(search.one(ask, collection.name));
            case POST -> TypesenseJson.reply(201, writes.post(ask, collection));
            case PATCH_ALL -> json(writes.patchAll(ask, collection));
            case DELETE_ALL -> json(writes.deleteAll(ask, collection));
            case READ ->
                json(TypesenseShown.of(ask)
                        .of(collection.document(id).orElseThrow(() -> TypesenseError.noDocument(id))));
            case PATCH -> json(writes.patch(ask, collection, id));
            case DELETE -> json(writes.delete(ask, collection, id));
            default -> throw new TypesenseError(404, "Not Found");
        };
    }
}

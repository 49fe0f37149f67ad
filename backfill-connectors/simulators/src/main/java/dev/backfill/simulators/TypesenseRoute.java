package dev.backfill.simulators;

import java.util.List;
import java.util.Optional;

/** An address of the API. */
enum TypesenseRoute {
    HEALTH("GET", "health"),
    DEBUG("GET", "debug"),
    STATS("GET", "stats.json"),
    STATUS("GET", "status"),
    SCHEMA_CHANGES("GET", "operations", "schema_changes"),
    LIST("GET", "collections"),
    MAKE("POST", "collections"),
    SHOW("GET", "collections", "*"),
    ALTER("PATCH", "collections", "*"),
    DROP("DELETE", "collections", "*"),
    IMPORT("POST", "collections", "*", "documents", "import"),
    EXPORT("GET", "collections", "*", "documents", "export"),
    SEARCH("GET", "collections", "*", "documents", "search"),
    POST("POST", "collections", "*", "documents"),
    PATCH_ALL("PATCH", "collections", "*", "documents"),
    DELETE_ALL("DELETE", "collections", "*", "documents"),
    READ("GET", "collections", "*", "documents", "*"),
    PATCH("PATCH", "collections", "*", "documents", "*"),
    DELETE("DELETE", "collections", "*", "documents", "*"),
    MULTI_SEARCH("POST", "multi_search");

    private final String method;
    private final String path;

    TypesenseRoute(String method, String... path) {
        this.method = method;
        this.path = String.join("/", path);
    }

    static Optional<TypesenseRoute> of(Ask ask) {
        List<String> parts = ask.parts();
        for (TypesenseRoute route : values()) {
            if (route.method.equals(ask.method()) && route.matches(parts)) {
                return Optional.of(route);
            }
        }
        return Optional.empty();
    }

    private boolean matches(List<String> parts) {
        List<String> wanted = List.of(path.split("/", -1));
        if (parts.size() != wanted.size()) {
            return false;
        }
        for (int i = 0; i < parts.size(); i++) {
            if (!wanted.get(i).equals("*") && !wanted.get(i).equals(parts.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is answered by a node that is not ready, too. */
    boolean always() {
        return !path.startsWith("collections") && this != MULTI_SEARCH;
    }

    boolean writes() {
        return !method.equals("GET") && this != MULTI_SEARCH;
    }
}

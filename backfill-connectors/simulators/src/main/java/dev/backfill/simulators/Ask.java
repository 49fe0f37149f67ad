package dev.backfill.simulators;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A call as it came in.
 *
 * @param path decoded
 * @param rawPath as it came
 * @param query decoded
 * @param body as text; empty if there is none
 */
record Ask(String method, String path, String rawPath, Map<String, List<String>> query, Headers headers, String body) {

    static Ask of(String method, URI uri, Headers headers, byte[] body) {
        String raw = uri.getRawQuery();
        Map<String, List<String>> query = raw == null ? new LinkedHashMap<>() : pairs(raw);
        return new Ask(
                method, uri.getPath(), uri.getRawPath(), query, headers, new String(body, StandardCharsets.UTF_8));
    }

    /**
     * The pairs of a query or of a form.
     *
     * @throws IllegalArgumentException if it is encoded wrongly
     */
    static Map<String, List<String>> pairs(String encoded) {
        Map<String, List<String>> pairs = new LinkedHashMap<>();
        for (String part : encoded.split("&", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            pairs.computeIfAbsent(decoded(name), key -> new ArrayList<>())
                    .add(equals < 0 ? "" : decoded(part.substring(equals + 1)));
        }
        return pairs;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** The parts of the path, each decoded by itself, so that a part may have a slash in it. */
    List<String> parts() {
        List<String> parts = new ArrayList<>();
        for (String part : rawPath.substring(1).split("/", -1)) {
            parts.add(decoded(part.replace("+", "%2B")));
        }
        return parts;
    }

    /** The first value of that name; empty if it is empty. */
    Optional<String> parameter(String name) {
        return parameters(name).stream()
                .limit(1)
                .filter(value -> !value.isEmpty())
                .findFirst();
    }

    List<String> parameters(String name) {
        return query.getOrDefault(name, List.of());
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.getFirst(name));
    }
}

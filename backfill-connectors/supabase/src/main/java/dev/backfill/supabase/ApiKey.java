package dev.backfill.supabase;

import dev.backfill.Secret;
import dev.backfill.http.Http;
import dev.backfill.internal.Json;
import dev.backfill.internal.Time;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** Where a project is and what proves who calls: finds most mistakes before the first call. */
final class ApiKey {

    private static final String PATH = "/rest/v1";

    private ApiKey() {}

    /** The address of the API, given what people have of a project. */
    static String address(String url) {
        URI uri;
        try {
            uri = new URI(url.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(wrongUrl(""));
        }
        String host = uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT);
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (scheme.startsWith("postgres") || scheme.equals("jdbc") || host.matches("db\\..*\\.supabase\\.co")) {
            throw new IllegalArgumentException(
                    wrongUrl("; this leads to the database: say Supabase.database(connection, password)"));
        }
        if (host.isEmpty() || host.equals("supabase.com") || host.equals("app.supabase.com")) {
            throw new IllegalArgumentException(wrongUrl(host.isEmpty() ? "" : "; this is the dashboard"));
        }
        String address = url.strip().replaceAll("/+$", "");
        return address.endsWith(PATH) ? address : address + PATH;
    }

    private static String wrongUrl(String more) {
        return "the address of a project looks like https://abc.supabase.co, as its API settings show it" + more;
    }

    /** With the headers that carry the key: a key of the new kind is no token, and is refused as one. */
    static Http signed(Http http, String address, Secret key, Time time) {
        String value = key.reveal();
        Http named =
                http.header("apikey", key).header("User-Agent", "backfill"); // a secret key is refused from browsers
        if (value.startsWith("sb_secret_") && value.length() > 20) {
            return named;
        }
        if (value.startsWith("sb_publishable_")) {
            throw wrong(key, "is a publishable key, which sees only what row level security shows it");
        }
        if (value.startsWith("sbp_")) {
            throw wrong(key, "is an access token of the dashboard, not a key of a project");
        }
        check(key, address, time);
        return named.bearer(key);
    }

    private static IllegalArgumentException wrong(Secret key, String what) {
        return new IllegalArgumentException(key.name() + " " + what
                + "; take a secret key (sb_secret_…), or the service_role key, from the project's API keys");
    }

    private static void check(Secret key, String address, Time time) {
        Map<?, ?> claims = claims(key);
        if (!(claims.get("role") instanceof String role)) {
            throw wrong(key, "names no role");
        }
        if (role.equals("anon")) {
            throw wrong(key, "is the anon key, which sees only what row level security shows it");
        }
        if (claims.get("exp") instanceof Number end
                && Instant.ofEpochSecond(end.longValue()).isBefore(time.now())) {
            throw wrong(key, "has expired at " + Instant.ofEpochSecond(end.longValue()));
        }
        String host = String.valueOf(URI.create(address).getHost());
        if (claims.get("ref") instanceof String ref && host.endsWith(".supabase.co") && !host.startsWith(ref + ".")) {
            throw wrong(key, "belongs to another project than " + host);
        }
        if (!role.equals("service_role")) {
            LoggerFactory.getLogger(Supabase.class)
                    .warn(
                            "{} has a role of its own: rows that row level security hides from it are missed without a word",
                            key.name());
        }
    }

    private static Map<?, ?> claims(Secret key) {
        String[] parts = key.reveal().split("\\.", -1);
        if (parts.length == 3) {
            try {
                byte[] json = Base64.getUrlDecoder().decode(parts[1]);
                return Json.read(new String(json, StandardCharsets.UTF_8), Map.class);
            } catch (IllegalArgumentException e) {
                // told below, without the text of the key
            }
        }
        throw wrong(key, "is malformed, perhaps cut");
    }
}

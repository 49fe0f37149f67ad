package dev.backfill.supabase;

import dev.backfill.Secret;
import dev.backfill.jdbc.Db;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the dashboard shows for a connection. Never printed whole, for people paste their passwords into it.
 *
 * @param server host and port
 * @param raw the password as it stands in the string, decoded; empty if there is none
 * @param properties the others, as the URL of the driver has them
 */
record ConnectionString(String server, String database, String user, String raw, List<String> properties) {

    private static final String FORM =
            "a connection string looks like postgresql://postgres.abc:[YOUR-PASSWORD]@HOST:5432/postgres, as the dashboard"
                    + " shows it under Connect";

    private static final String POOLER = ".pooler.supabase.com";

    /** What other libraries read from such a string, and nobody else. */
    private static final Set<String> NOT_OURS = Set.of("pgbouncer", "connection_limit", "pool_timeout");

    /** A string without its password. */
    static ConnectionString parse(String text) {
        ConnectionString found = read(text);
        if (!found.raw().isEmpty()) {
            throw new IllegalArgumentException(
                    "the connection string has a password in it; leave [YOUR-PASSWORD] in its"
                            + " place and give the password beside it, or give the whole string as a Secret");
        }
        return found;
    }

    static ConnectionString whole(Secret text) {
        return read(text.reveal());
    }

    Secret password(String name) {
        if (raw.isEmpty()) {
            throw new IllegalArgumentException(name + " has no password in it; put it in the place of [YOUR-PASSWORD],"
                    + " percent-encoded, or give it beside the string");
        }
        return Secret.of(name, raw);
    }

    private static ConnectionString read(String text) {
        String url = text.strip().startsWith("jdbc:") ? text.strip().substring(5) : text.strip();
        String lower = url.toLowerCase(Locale.ROOT);
        if (!lower.startsWith("postgresql://") && !lower.startsWith("postgres://")) {
            throw new IllegalArgumentException(FORM);
        }
        String rest = url.substring(url.indexOf("://") + 3);
        int at = rest.lastIndexOf('@');
        String who = at < 0 ? "" : rest.substring(0, at);
        String where = rest.substring(at + 1);
        int question = where.indexOf('?');
        String query = question < 0 ? "" : where.substring(question + 1);
        String place = question < 0 ? where : where.substring(0, question);
        int slash = place.indexOf('/');
        String server = slash < 0 ? place : place.substring(0, slash);
        String database = slash < 0 ? "" : place.substring(slash + 1);
        int colon = who.indexOf(':');
        String user = decoded(colon < 0 ? who : who.substring(0, colon));
        String password = colon < 0 ? "" : decoded(who.substring(colon + 1));
        List<String> properties = new ArrayList<>();
        for (String property : query.split("&", -1)) {
            String key = property.contains("=") ? property.substring(0, property.indexOf('=')) : property;
            String value = property.substring(Math.min(property.length(), key.length() + 1));
            switch (key.toLowerCase(Locale.ROOT)) {
                case "user" -> user = decoded(value);
                case "password" -> password = decoded(value);
                case "" -> {}
                default -> {
                    if (!NOT_OURS.contains(key)) {
                        properties.add(property);
                    }
                }
            }
        }
        boolean placeholder = password.startsWith("[") && password.endsWith("]");
        return new ConnectionString(
                server,
                database.isEmpty() ? "postgres" : decoded(database),
                user,
                placeholder ? "" : password,
                properties);
    }

    /** Checks what would otherwise end in an error that explains nothing. */
    ConnectionString {
        properties = List.copyOf(properties);
        if (server.isEmpty() || !server.matches("[A-Za-z0-9._-]+(:\\d{1,5})?|\\[[0-9A-Fa-f:.]+](:\\d{1,5})?")) {
            throw new IllegalArgumentException(FORM);
        }
        if (user.isEmpty()) {
            throw new IllegalArgumentException("the connection string names no user; " + FORM);
        }
        if (host(server).endsWith(POOLER) && !user.contains(".")) {
            throw new IllegalArgumentException("the pooler finds the project by the user's name: it must be like"
                    + " postgres.abc, with the project's id behind the point");
        }
    }

    private static String host(String server) {
        return server.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
    }

    private boolean local() {
        return host(server).matches("localhost|127\\.0\\.0\\.1|\\[::1]");
    }

    /** The driver's URL; what is not said of encryption is that there is some. */
    String url() {
        List<String> all = new ArrayList<>(properties);
        if (!local()
                && all.stream()
                        .noneMatch(property -> property.toLowerCase(Locale.ROOT).startsWith("sslmode="))) {
            all.add("sslmode=require");
        }
        return "jdbc:postgresql://" + server + "/" + URLEncoder.encode(database, StandardCharsets.UTF_8)
                + (all.isEmpty() ? "" : "?" + String.join("&", all));
    }

    Db open(Secret password) {
        return Db.connect(url(), user, password);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // neither shown nor kept as the cause: it may be a password
            throw new IllegalArgumentException(
                    "the connection string has a % that begins no code; a % in a name or password is written %25");
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return url();
    }
}

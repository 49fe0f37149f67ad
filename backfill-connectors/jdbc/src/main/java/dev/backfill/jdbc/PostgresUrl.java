package dev.backfill.jdbc;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * A URL of PostgreSQL, checked.
 *
 * @param url as the driver takes it
 * @param shown as messages may show it
 * @param hosts with their ports; empty if none is said
 * @param properties by their names in small letters
 */
record PostgresUrl(String url, String shown, List<String> hosts, Map<String, String> properties) {

    private static final String PREFIX = "jdbc:postgresql:";

    /** Properties of pgjdbc that name no class, no file to write and no secret. */
    private static final Set<String> TAKEN = Set.of(
            "applicationname",
            "assumeminserverversion",
            "binarytransfer",
            "channelbinding",
            "connecttimeout",
            "currentschema",
            "defaultrowfetchsize",
            "gssencmode",
            "hostrecheckseconds",
            "loadbalancehosts",
            "logintimeout",
            "options",
            "preferquerymode",
            "preparedstatementcachequeries",
            "preparethreshold",
            "rewritebatchedinserts",
            "sockettimeout",
            "ssl",
            "sslcert",
            "sslkey",
            "sslmode",
            "sslnegotiation",
            "sslrootcert",
            "targetservertype",
            "tcpkeepalive",
            "tcpnodelay");

    /** Where Supabase, and by its example others, have a pooler that gives a connection of the server to each transaction. */
    private static final String TRANSACTION_POOLER = ":6543";

    static PostgresUrl of(String url) {
        if (!url.startsWith(PREFIX)) {
            throw new IllegalArgumentException(
                    "the URL does not begin with " + PREFIX + "; for SQLite say Db.sqlite(file)");
        }
        String shown = shown(url);
        if (shown.contains("@")) {
            throw new IllegalArgumentException("the URL has a user or password in it; give them beside it");
        }
        Map<String, String> properties = new LinkedHashMap<>();
        for (String property :
                url.substring(Math.min(url.length(), shown.length() + 1)).split("&", -1)) {
            int equals = property.indexOf('=');
            String key = equals < 0 ? property : property.substring(0, equals);
            if (!key.isEmpty() && !TAKEN.contains(key.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("the URL's property '" + key
                        + "' is not taken; leave it out, or make a DataSource yourself and say Db.of(dataSource)");
            }
            properties.put(key.toLowerCase(Locale.ROOT), equals < 0 ? "" : property.substring(equals + 1));
        }
        String place = shown.substring(PREFIX.length());
        String hosts = place.startsWith("//") ? place.substring(2).split("/", 2)[0] : "";
        return new PostgresUrl(
                url, shown, hosts.isEmpty() ? List.of() : Arrays.asList(hosts.split(",", -1)), properties);
    }

    static String shown(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    /**
     * What the driver should do and would not by itself: see that the other side is gone, wait longer than any statement may take and not
     * for ever, and keep no prepared statement where the next transaction may have another connection of the server.
     */
    Properties settings() {
        Properties settings = new Properties();
        set(settings, "tcpKeepAlive", "true");
        set(settings, "socketTimeout", String.valueOf(Postgres.SOCKET_MILLIS / 1_000));
        set(settings, "ApplicationName", "backfill");
        if (hosts.stream().anyMatch(host -> host.endsWith(TRANSACTION_POOLER))) {
            set(settings, "prepareThreshold", "0");
        }
        return settings;
    }

    private void set(Properties settings, String name, String value) {
        if (!properties.containsKey(name.toLowerCase(Locale.ROOT))) {
            settings.setProperty(name, value);
        }
    }

    /** Says on the log if the password may go to somebody else. */
    void warn() {
        String weakness = weakness();
        if (!weakness.isEmpty()) {
            LoggerFactory.getLogger(Db.class).warn("{}", weakness);
        }
    }

    /** What is weak about the connection; empty if nothing is. */
    String weakness() {
        boolean local = hosts.stream().allMatch(host -> host.matches("(localhost|127(\\.\\d+){3}|\\[::1])(:\\d+)?"));
        String ssl = properties.getOrDefault("ssl", "false"); // alone, it means all that there is
        String mode = properties.getOrDefault(
                "sslmode", ssl.isEmpty() || ssl.equalsIgnoreCase("true") ? "verify-full" : "prefer");
        if (local || mode.equals("verify-full")) {
            return "";
        }
        String advice = ": say sslmode=verify-full, with the server's root certificate as sslrootcert if it is not a"
                + " well-known one (Supabase has it to download in the settings of the database)";
        return switch (mode) {
            case "verify-ca" ->
                shown + " is remote, and any server with a certificate of the same authority is believed" + advice;
            case "require" -> shown + " is remote and encrypted, but its server is not verified" + advice;
            default -> shown + " is remote, and the connection may not even be encrypted" + advice;
        };
    }
}

package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.Secret;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.slf4j.LoggerFactory;

/** Connections that this library opens by itself. */
final class Opened {

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

    private static final String POSTGRES = "jdbc:postgresql:";

    private Opened() {}

    static Connections.Opening sqlite(Path file, Ports ports) {
        Path absolute = file.toAbsolutePath();
        if (absolute.toString().contains("?")) {
            throw new IllegalArgumentException("the name of a SQLite file cannot have a question mark: " + file);
        }
        return () -> {
            make(absolute, ports);
            Properties settings = new Properties();
            settings.setProperty("journal_mode", "WAL");
            settings.setProperty("synchronous", "FULL");
            settings.setProperty("busy_timeout", "5000");
            settings.setProperty("foreign_keys", "true");
            return open("jdbc:sqlite:" + absolute, settings, "org.xerial:sqlite-jdbc");
        };
    }

    /** An empty file is an empty database; made here, it is its owner's alone. */
    private static void make(Path file, Ports ports) {
        try {
            if (!ports.disk().exists(file)) {
                Path folder = file.getParent();
                if (folder != null) {
                    ports.disk().folder(folder);
                }
                ports.disk().create(file).close();
            }
        } catch (java.nio.file.FileAlreadyExistsException e) {
            // another thread was first
        } catch (IOException e) {
            throw new BackfillException("cannot make the database " + file + " (" + e + "); name a place to write", e);
        }
    }

    static Connections.Opening url(String url, String user, Secret password) {
        check(url);
        return () -> {
            Properties settings = new Properties();
            settings.setProperty("user", user);
            settings.setProperty("password", password.reveal());
            if (!url.toLowerCase(Locale.ROOT).contains("tcpkeepalive=")) {
                settings.setProperty("tcpKeepAlive", "true");
            }
            return open(url, settings, "org.postgresql:postgresql");
        };
    }

    /** The URL as messages may show it. */
    static String shown(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    private static void check(String url) {
        if (!url.startsWith(POSTGRES)) {
            throw new IllegalArgumentException(
                    "the URL does not begin with " + POSTGRES + "; for SQLite say Db.sqlite(file)");
        }
        String shown = shown(url);
        if (shown.contains("@")) {
            throw new IllegalArgumentException("the URL has a user or password in it; give them beside it");
        }
        String mode = "";
        for (String property :
                url.substring(Math.min(url.length(), shown.length() + 1)).split("&", -1)) {
            String key = property.contains("=") ? property.substring(0, property.indexOf('=')) : property;
            if (!key.isEmpty() && !TAKEN.contains(key.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("the URL's property '" + key
                        + "' is not taken; leave it out, or make a DataSource yourself and say Db.of(dataSource)");
            }
            if (key.equalsIgnoreCase("sslmode")) {
                mode = property.substring(property.indexOf('=') + 1);
            }
        }
        boolean local = shown.matches("jdbc:postgresql:(//(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d+)?(/.*)?|[^/].*)");
        if (!local && !mode.equals("verify-full")) {
            LoggerFactory.getLogger(Db.class)
                    .warn("{} is remote and its server is not verified: say sslmode=verify-full", shown);
        }
    }

    private static Connection open(String url, Properties settings, String driver) throws SQLException {
        try {
            return DriverManager.getConnection(url, settings);
        } catch (SQLException e) {
            if (String.valueOf(e.getMessage()).startsWith("No suitable driver")) {
                throw new BackfillException("there is no driver for " + shown(url) + "; add " + driver, e);
            }
            throw e;
        }
    }
}

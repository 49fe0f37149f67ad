package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.Secret;
import dev.backfill.internal.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Connections that this library opens by itself. */
final class Opened {

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

    static Connections.Opening url(String text, String user, Secret password) {
        PostgresUrl url = PostgresUrl.of(text);
        url.warn();
        return () -> {
            Properties settings = url.settings();
            settings.setProperty("user", user);
            settings.setProperty("password", password.reveal());
            return open(text, settings, "org.postgresql:postgresql");
        };
    }

    private static Connection open(String url, Properties settings, String driver) throws SQLException {
        try {
            return DriverManager.getConnection(url, settings);
        } catch (SQLException e) {
            if (String.valueOf(e.getMessage()).startsWith("No suitable driver")) {
                throw new BackfillException("there is no driver for " + PostgresUrl.shown(url) + "; add " + driver, e);
            }
            throw e;
        }
    }
}

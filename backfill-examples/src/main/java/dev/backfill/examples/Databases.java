package dev.backfill.examples;

import dev.backfill.Secret;
import dev.backfill.jdbc.Db;
import dev.backfill.supabase.Supabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens the database or the project that the options name. */
final class Databases {

    private static final String SQLITE = "jdbc:sqlite:";
    private static final String SQLALCHEMY = "sqlite:///";
    private static final String POSTGRES = "jdbc:postgresql:";

    private Databases() {}

    /** @param name of what in the environment names the database, when no option does; as {@code sqlite:///data/x.db} too */
    static Db open(JobOptions options, Environment environment, String name) {
        if (options.database != null || !environment.has(name)) {
            return open(options, environment);
        }
        Secret url = environment.secret(name); // a password may be in it
        String text = url.reveal();
        if (text.startsWith(SQLALCHEMY) && text.length() > SQLALCHEMY.length()) {
            Path file = Path.of(text.substring(SQLALCHEMY.length())).toAbsolutePath();
            makeFolder(file.getParent(), name);
            return Db.sqlite(file);
        }
        try {
            return Supabase.database(url);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong(name + ": " + Exit.message(e) + "; or sqlite:///FILE");
        }
    }

    private static void makeFolder(@Nullable Path folder, String name) {
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new Exit.Wrong(name + ": the folder " + folder + " cannot be made (" + Exit.why(e) + ")");
        }
    }

    static Db open(JobOptions options, Environment environment) {
        String url = options.database;
        if (url == null) {
            return Db.sqlite(options.home.toAbsolutePath().resolve("data.db"));
        }
        if (url.startsWith(SQLITE) && url.length() > SQLITE.length()) {
            return Db.sqlite(Path.of(url.substring(SQLITE.length())).toAbsolutePath());
        }
        if (url.matches("postgres(ql)?://.*") || (url.startsWith(POSTGRES) && url.contains(".supabase."))) {
            return supabase(url, environment.secret("SUPABASE_DB_PASSWORD"));
        }
        if (url.startsWith(POSTGRES)) {
            return postgres(url, environment);
        }
        throw new Exit.Wrong("--database takes " + POSTGRES + "//host/name, postgresql://… or " + SQLITE + "FILE"
                + kind(url) + "; leave it out for DIR/data.db");
    }

    private static Db supabase(String connection, Secret password) {
        try {
            return Supabase.database(connection, password);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong("--database: " + Exit.message(e));
        }
    }

    /** The project by its REST API. */
    static Supabase project(String url, Environment environment) {
        Secret key = environment.secret("SUPABASE_KEY");
        try {
            return Supabase.rest(url, key);
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong("--supabase-url: " + Exit.message(e));
        }
    }

    private static Db postgres(String url, Environment environment) {
        String user = environment
                .value("DATABASE_USER")
                .orElseThrow(() -> new Exit.Wrong("DATABASE_USER is missing; set it beside DATABASE_PASSWORD"));
        try {
            return Db.connect(url, user, environment.secret("DATABASE_PASSWORD"));
        } catch (IllegalArgumentException e) {
            throw new Exit.Wrong("--database: " + Exit.message(e));
        }
    }

    /** The kind of database, without what may be a password behind it. */
    private static String kind(@Nullable String url) {
        if (url == null || !url.matches("jdbc:[a-zA-Z0-9]+:.*")) {
            return "";
        }
        return ", not " + url.substring(0, url.indexOf(':', 5));
    }
}

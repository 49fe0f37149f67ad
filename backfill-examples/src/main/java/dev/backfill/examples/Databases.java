package dev.backfill.examples;

import dev.backfill.jdbc.Db;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens the database that the options name. */
final class Databases {

    private static final String SQLITE = "jdbc:sqlite:";
    private static final String POSTGRES = "jdbc:postgresql:";

    private Databases() {}

    static Db open(JobOptions options, Environment environment) {
        String url = options.database;
        if (url == null) {
            return Db.sqlite(options.home.toAbsolutePath().resolve("data.db"));
        }
        if (url.startsWith(SQLITE) && url.length() > SQLITE.length()) {
            return Db.sqlite(Path.of(url.substring(SQLITE.length())).toAbsolutePath());
        }
        if (url.startsWith(POSTGRES)) {
            return postgres(url, environment);
        }
        throw new Exit.Wrong("--database takes " + POSTGRES + "//host/name or " + SQLITE + "FILE" + kind(url)
                + "; leave it out for DIR/data.db");
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

package dev.backfill.supabase;

import dev.backfill.Checkpoint;
import dev.backfill.RateLimiter;
import dev.backfill.Secret;
import dev.backfill.http.Http;
import dev.backfill.internal.Ports;
import dev.backfill.internal.Records;
import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Index;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A Supabase project, whose tables are sources and sinks by one of two roads: its database, or its REST API.
 *
 * <pre>{@code
 * var db = Supabase.database("postgresql://postgres.abc:[YOUR-PASSWORD]@…pooler.supabase.com:5432/postgres", password);
 * var db = Supabase.rest("https://abc.supabase.co", key);
 * Backfill.named("products")
 *     .from(products)
 *     .into(db.table("products").upsert("id"))
 * }</pre>
 *
 * <p>What follows after the first line is the same for both roads. The database is faster, keeps progress in one transaction with
 * the rows, and can do everything that {@link Db} can; take it where you can reach it. The REST API needs nothing but HTTPS and a key;
 * what it cannot do throws an {@link UnsupportedOperationException} that says so.
 *
 * <p>An object of this class is the REST road: an immutable value, safe for several threads. Its calls are those of PostgREST, as the
 * projects of Supabase have it at {@code /rest/v1}.
 */
public final class Supabase implements AutoCloseable {

    /** What the API allows a statement is a minute; the answer may come a little later. */
    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    private final Http http;
    private final Records records;

    private Supabase(Http http, Records records) {
        this.http = http;
        this.records = records;
    }

    /**
     * The REST road, as yet without any call.
     *
     * @param url of the project, such as {@code https://abc.supabase.co}, from its settings
     * @param key a secret key ({@code sb_secret_…}), or the older {@code service_role} key. Keys for browsers see only what row level
     *     security shows them, so rows would be missed without a word, and are refused
     * @throws IllegalArgumentException if this is not a project's address, or not such a key; does not show the key
     */
    public static Supabase rest(String url, Secret key) {
        Objects.requireNonNull(key, "key");
        String address = ApiKey.address(url);
        Http http =
                ApiKey.signed(Http.to(address), address, key, Ports.current().time());
        return new Supabase(http.timeout(TIMEOUT), new Records());
    }

    /**
     * The database road: the tables of {@link Db}, with progress in the same transaction.
     *
     * <p>The session pooler and the direct connection (port 5432) are the fastest; the transaction pooler (port 6543) works as well. The
     * direct connection needs IPv6.
     *
     * @param connection as the dashboard shows it, for URI or for JDBC:
     *     {@code postgresql://postgres.abc:[YOUR-PASSWORD]@aws-0-eu-west-1.pooler.supabase.com:5432/postgres}. The password is not in it
     * @param password of the database, which no message shows
     * @throws IllegalArgumentException if the string is of another form, or has a password in it; does not show the string
     */
    public static Db database(String connection, Secret password) {
        return ConnectionString.parse(connection).open(Objects.requireNonNull(password, "password"));
    }

    /**
     * The database road by a connection string that has its password in it, as from {@code SUPABASE_DB_URL}.
     *
     * @param connection see {@link #database(String, Secret)}; with the password, percent-encoded, in it
     * @throws IllegalArgumentException if the string is of another form, or has no password; does not show it
     */
    public static Db database(Secret connection) {
        ConnectionString whole = ConnectionString.whole(connection);
        return whole.open(whole.password(connection.name()));
    }

    /** With a limiter that is asked before every call. */
    public Supabase limitedBy(RateLimiter limiter) {
        return new Supabase(http.limitedBy(limiter), records);
    }

    /** A table or view of the schema that the API shows first, usually {@code public}; any name goes. */
    public RestTable table(String table) {
        return new RestTable(this, new Endpoint(http, null, Objects.requireNonNull(table, "table")));
    }

    /** A table or view of another schema, which must be among the exposed schemas in the API's settings. */
    public RestTable table(String schema, String table) {
        return new RestTable(
                this,
                new Endpoint(http, Objects.requireNonNull(schema, "schema"), Objects.requireNonNull(table, "table")));
    }

    /**
     * Not on this road, for a call cannot write rows and progress together.
     *
     * @throws UnsupportedOperationException always
     */
    public Checkpoint checkpoint() {
        return only("checkpoint()", "keep progress in FileCheckpoint.in(folder)");
    }

    /**
     * Not on this road.
     *
     * @throws UnsupportedOperationException always
     */
    public <T> Index<T> index(
            String name,
            Class<T> type,
            Function<? super T, String> key,
            Function<? super T, ? extends @Nullable Object> common) {
        return only("index(\"" + name + "\", …)", "keep the index in a file, Db.sqlite(file).index(…)");
    }

    /** Nothing has to be closed; here so that both roads can stand in the same {@code try}. */
    @Override
    public void close() {}

    /** The address; the key is not shown. */
    @Override
    public String toString() {
        return http.toString();
    }

    Records records() {
        return records;
    }

    Http http() {
        return http;
    }

    /** Says that only the other road can do this. */
    @SuppressWarnings({"DoNotCallSuggester", "TypeParameterUnusedInFormals"}) // stands where a value is to be returned
    static <T> T only(String what, @Nullable String instead) {
        throw new UnsupportedOperationException(what + " cannot be done by the REST API; take the database road,"
                + " Supabase.database(connection, password)" + (instead == null ? "" : ", or " + instead));
    }
}

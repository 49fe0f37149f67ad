package dev.backfill.supabase.servers;

import dev.backfill.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** A project as Supabase has them: a real PostgreSQL, a real PostgREST, and a gateway before it that the tests play. */
public final class Project {

    /** Where the program is, so that no test needs the network. */
    private static final String PROGRAM = "BACKFILL_POSTGREST";

    private static final List<String> SETUP = List.of(
            "CREATE ROLE anon NOLOGIN",
            "CREATE ROLE service_role NOLOGIN BYPASSRLS",
            "CREATE ROLE authenticator LOGIN NOINHERIT",
            "GRANT anon, service_role TO authenticator",
            "CREATE SCHEMA other",
            "GRANT USAGE ON SCHEMA public, other TO anon, service_role",
            """
            CREATE TABLE items (
              id bigint PRIMARY KEY, sku text UNIQUE, qty integer NOT NULL DEFAULT 7, price numeric, weight double precision,
              at timestamptz, day date, tags jsonb, words text[], mark uuid, small integer CHECK (small < 100), data bytea)""",
            "CREATE TABLE items_copy (LIKE items INCLUDING ALL)",
            "CREATE TABLE lines (tx text, line integer, note text, PRIMARY KEY (tx, line))",
            "CREATE TABLE keyless (a integer, b text)",
            "CREATE TABLE locked (id integer PRIMARY KEY)",
            "CREATE TABLE guarded (id integer PRIMARY KEY, note text)",
            "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
            "CREATE TABLE slow (id integer PRIMARY KEY)",
            """
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_sleep(0.003); RETURN NEW; END'""",
            "CREATE TRIGGER wait BEFORE INSERT ON slow FOR EACH ROW EXECUTE FUNCTION wait()",
            "CREATE TABLE strict (id integer PRIMARY KEY, must text NOT NULL, may text)",
            "CREATE TABLE frozen (id integer PRIMARY KEY)",
            """
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RAISE SQLSTATE ''25006'' USING MESSAGE = ''cannot execute INSERT in a read-only transaction''; END'""",
            "CREATE TRIGGER hold BEFORE INSERT ON frozen FOR EACH ROW EXECUTE FUNCTION hold()",
            "CREATE TABLE \"odd, \"\"named\"\" (t)\" (\"a.b\" text PRIMARY KEY, \"select\" text, \"c d\" text)",
            "CREATE TABLE other.items (id bigint PRIMARY KEY, sku text)",
            "GRANT ALL ON ALL TABLES IN SCHEMA public, other TO service_role",
            "GRANT ALL ON guarded, items TO anon",
            "REVOKE ALL ON locked FROM service_role",
            "ALTER ROLE service_role SET statement_timeout = '800ms'");

    private static final class Only {
        static final Project PROJECT = new Project();
    }

    private final EmbeddedPostgres postgres;
    private final Gateway gateway;

    /** The one of this process; its tables are the same for all tests, and empty after {@link #empty}. */
    public static Project running() {
        return Only.PROJECT;
    }

    private Project() {
        try {
            String program = System.getenv(PROGRAM);
            if (program == null || !Files.isExecutable(Path.of(program))) {
                throw new IllegalStateException(PROGRAM + " names no program; .ci/run shows how to get it");
            }
            postgres = EmbeddedPostgres.builder()
                    .setServerConfig("timezone", "Pacific/Auckland")
                    .start();
            run(SETUP.toArray(String[]::new));
            int port = freePort();
            Process server = start(program, port);
            Runtime.getRuntime().addShutdownHook(new Thread(server::destroy));
            gateway = new Gateway(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    private Process start(String program, int port) throws IOException {
        Path settings = Files.createTempFile("postgrest", ".conf");
        Files.writeString(settings, """
                db-uri = "postgres://authenticator@localhost:%d/postgres"
                db-schemas = "public, other"
                db-anon-role = "anon"
                jwt-secret = "%s"
                db-max-rows = 100
                server-host = "127.0.0.1"
                server-port = %d
                """.formatted(postgres.getPort(), Keys.SIGNED_WITH, port));
        settings.toFile().deleteOnExit();
        Process server = new ProcessBuilder(program, settings.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader said = server.inputReader(StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>();
        String line = said.readLine();
        while (line != null && !line.contains("Schema cache loaded")) {
            lines.add(line);
            line = said.readLine();
        }
        if (line == null) {
            throw new IOException(program + " has ended: " + String.join("\n", lines));
        }
        Thread rest = new Thread(() -> said.lines().forEach(ignored -> {}), "postgrest");
        rest.setDaemon(true);
        rest.start();
        return server;
    }

    /** The project as its dashboard names it. */
    public String url() {
        return gateway.url();
    }

    /** The database, as the driver names it. */
    public String databaseUrl() {
        return "postgresql://postgres@localhost:" + postgres.getPort() + "/postgres";
    }

    /** A secret key of the new kind. */
    public Secret key() {
        return Keys.SECRET;
    }

    /** What stands before the API. */
    public Gateway gateway() {
        return gateway;
    }

    /** Empties all tables and forgets what the gateway was told. */
    public void empty() {
        gateway.calm();
        run(
                "TRUNCATE items, items_copy, lines, keyless, locked, guarded, slow, strict, \"odd, \"\"named\"\" (t)\", other.items");
    }

    /** Runs statements as the owner of the tables. */
    public void run(String... statements) {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(String.join("; ", statements), e);
        }
    }

    /** A single value. */
    public String value(String sql) {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** What {@code COPY … TO} gives of a query. */
    public String copy(String query) {
        try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
            StringWriter text = new StringWriter();
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (" + query + ") TO STDOUT", text);
            return text.toString();
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(query, e);
        }
    }

    /** Both servers' versions, as they say themselves. */
    public String versions() throws IOException, InterruptedException {
        return "PostgreSQL " + value("SHOW server_version") + ", PostgREST " + gateway.version();
    }
}

package dev.backfill.examples;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A PostgreSQL with products and a simulated Typesense, in processes that outlive this one when it is killed: the next run of the same
 * home finds them again. Ended when a run ends by itself.
 *
 * @param said what the process has said of itself: where its database and its Typesense are
 */
record StartedInventory(ProcessHandle process, Map<String, String> said, Path file, boolean fresh) {

    private static final String READY = "ready";
    private static final Path SETSID = Path.of("/usr/bin/setsid");

    /** @param fresh whether they were started now: then nothing of an earlier run is in them */
    StartedInventory {
        said = Map.copyOf(said);
    }

    static StartedInventory in(Path home, String collection, int products, int typesenseOnly)
            throws IOException, InterruptedException {
        Path file = home.resolve("inventory.properties");
        if (Files.exists(file)) {
            Optional<StartedInventory> running = running(file, products, typesenseOnly);
            if (running.isPresent()) {
                return running.get();
            }
        }
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString()); // Ctrl-C in a terminal ends the job and not what it works on
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx3g",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "simulate",
                "inventory",
                "--home",
                home.toString(),
                "--collection",
                collection,
                "--products",
                "" + products,
                "--typesense-only",
                "" + typesenseOnly));
        Process process = new ProcessBuilder(command)
                .redirectError(home.resolve("inventory.log").toFile())
                .start();
        Map<String, String> said = new LinkedHashMap<>();
        said.put("PID", "" + process.pid());
        said.put("SINCE", since(process.toHandle()));
        said.put("PRODUCTS", products + " " + typesenseOnly);
        write(file, said); // before it is ready: if this process dies now, the next one finds that one
        boolean ready = false;
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null && !ready; line = ready ? line : out.readLine()) {
            List<String> parts = List.of(line.split("=", 2));
            if (parts.size() == 2) {
                said.put(parts.get(0), parts.get(1));
            }
            ready = line.equals(READY);
        }
        if (!ready) {
            process.destroy();
            process.waitFor();
            throw new IOException("they have ended at once; see " + home.resolve("inventory.log"));
        }
        said.put(READY, "");
        write(file, said);
        return new StartedInventory(process.toHandle(), said, file, true);
    }

    private static void write(Path file, Map<String, String> said) throws IOException {
        Properties properties = new Properties();
        properties.putAll(said);
        try (var writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
    }

    /** A number may be given to another process later, but not with the same time. */
    private static String since(ProcessHandle process) {
        return process.info().startInstant().map(Object::toString).orElse("");
    }

    private static Optional<StartedInventory> running(Path file, int products, int typesenseOnly)
            throws IOException, InterruptedException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> said = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(name -> said.put(name, properties.getProperty(name)));
        Optional<StartedInventory> running = ProcessHandle.of(Long.parseLong(said.getOrDefault("PID", "0")))
                .filter(ProcessHandle::isAlive)
                .filter(handle -> since(handle).equals(said.get("SINCE")))
                .map(handle -> new StartedInventory(handle, said, file, false));
        if (running.isPresent() && !said.containsKey(READY)) {
            running.get().end(); // its output has gone with the process that started it
            return Optional.empty();
        }
        if (running.isPresent() && !(products + " " + typesenseOnly).equals(said.get("PRODUCTS"))) {
            throw new Exit.Wrong("in this home systems are running with --products and --typesense-only "
                    + said.get("PRODUCTS") + "; say the same, or name another --home");
        }
        return running;
    }

    /** What both hold now, counted by a query and an export of their own. */
    String check(String collection) throws SQLException, IOException, InterruptedException {
        long with = 0;
        long without = 0;
        try (Connection connection = DriverManager.getConnection(said.getOrDefault("DATABASE", ""), "postgres", "");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT count(deleted_at), count(*) - count(deleted_at) FROM products")) {
            rows.next();
            with = rows.getLong(1);
            without = rows.getLong(2);
        }
        HttpRequest export = HttpRequest.newBuilder(URI.create(said.getOrDefault("TYPESENSE", "") + "/collections/"
                        + collection + "/documents/export?include_fields=id,created_at,deleted_at"))
                .header("X-TYPESENSE-API-KEY", said.getOrDefault("TYPESENSE_API_KEY", ""))
                .build();
        long[] both = {0, 0, 0};
        try (Stream<String> lines = HttpClient.newHttpClient()
                .send(export, HttpResponse.BodyHandlers.ofLines())
                .body()) {
            lines.forEach(line -> {
                both[line.contains("\"created_at\":") && line.contains("\"deleted_at\":") ? 0 : 1]++;
                both[2] += line.contains("\"created_at\":0,") || line.contains("\"created_at\":0}") ? 1 : 0;
            });
        }
        return String.format(
                Locale.ROOT,
                "check          %,d products with deleted_at, %,d without%n"
                        + "               %,d documents with both fields, %,d without; %,d have created_at = 0",
                with,
                without,
                both[0],
                both[1],
                both[2]);
    }

    /** Leaves them running, for the next run or for somebody who wants to look. */
    String left() {
        return "they are left running as process " + process.pid() + ": " + said.get("DATABASE") + ", and "
                + said.get("TYPESENSE") + " with the key " + said.get("TYPESENSE_API_KEY");
    }

    void end() throws InterruptedException {
        process.destroy();
        try {
            process.onExit().get(60, TimeUnit.SECONDS);
            Files.deleteIfExists(file);
        } catch (ExecutionException | TimeoutException | IOException e) {
            process.destroyForcibly();
        }
    }
}

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL with products and a simulated Typesense, in processes that outlive this one when it is killed: the next run of the same
 * home finds them again. Ended when a run ends by itself.
 *
 * @param said what the process has said of itself: where its database and its Typesense are
 */
record StartedInventory(ProcessHandle process, Map<String, String> said, Path file) {

    private static final String READY = "ready";

    static StartedInventory in(Path home, String collection, int products, int typesenseOnly)
            throws IOException, InterruptedException {
        Path file = home.resolve("inventory.properties");
        if (Files.exists(file)) {
            Optional<StartedInventory> running = running(file, products, typesenseOnly);
            if (running.isPresent()) {
                return running.get();
            }
        }
        Process process = new ProcessBuilder(
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
                        "" + typesenseOnly)
                .redirectError(home.resolve("inventory.log").toFile())
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        Map<String, String> said = new LinkedHashMap<>();
        for (String line = out.readLine(); line != null && !line.equals(READY); line = out.readLine()) {
            List<String> parts = List.of(line.split("=", 2));
            if (parts.size() == 2) {
                said.put(parts.get(0), parts.get(1));
            }
        }
        if (!process.isAlive() || said.size() < 3) {
            process.destroy();
            process.waitFor();
            throw new IOException("they have ended at once; see " + home.resolve("inventory.log"));
        }
        said.put("PID", "" + process.pid());
        said.put("PRODUCTS", products + " " + typesenseOnly);
        Properties properties = new Properties();
        properties.putAll(said);
        try (var writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
        return new StartedInventory(process.toHandle(), said, file);
    }

    private static Optional<StartedInventory> running(Path file, int products, int typesenseOnly) throws IOException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> said = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(name -> said.put(name, properties.getProperty(name)));
        Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(said.getOrDefault("PID", "0")))
                .filter(ProcessHandle::isAlive)
                .filter(handle -> handle.info().command().orElse("").endsWith("java"));
        if (process.isPresent() && !(products + " " + typesenseOnly).equals(said.get("PRODUCTS"))) {
            throw new Exit.Wrong("in this home systems are running with --products and --typesense-only "
                    + said.get("PRODUCTS") + "; say the same, or name another --home");
        }
        return process.map(handle -> new StartedInventory(handle, said, file));
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

    void end() {
        process.destroy();
        try {
            process.onExit().get(30, TimeUnit.SECONDS);
            Files.deleteIfExists(file);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            process.destroyForcibly();
        }
    }
}

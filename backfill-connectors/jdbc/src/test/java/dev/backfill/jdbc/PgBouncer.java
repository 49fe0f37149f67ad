package dev.backfill.jdbc;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real pooler in transaction mode, in front of the tests' server, on the port that poolers have for it. */
final class PgBouncer implements AutoCloseable {

    private final Process process;
    private final String host;

    private PgBouncer(Process process, String host) {
        this.process = process;
        this.host = host;
    }

    /**
     * @param connections how many connections of the server the clients share
     */
    static PgBouncer start(Path folder, int connections) throws IOException {
        long number = ProcessHandle.current().pid();
        String host = "127." + (number >> 16 & 0x7f) + "." + (number >> 8 & 0xff) + "." + (number & 0xff);
        Path settings =
                Files.writeString(folder.resolve("pgbouncer.ini"), """
                [databases]
                * = host=127.0.0.1 port=%d user=postgres
                [pgbouncer]
                listen_addr = %s
                listen_port = 6543
                unix_socket_dir =
                auth_type = any
                pool_mode = transaction
                default_pool_size = %d
                """.formatted(Store.port(), host, connections));
        List<String> command = new ArrayList<>(List.of(System.getenv("BACKFILL_PGBOUNCER")));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "nobody")); // it refuses to run as root
        }
        command.add(settings.toString());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        List<String> said = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.add(line);
            if (line.contains("process up")) {
                Thread reader = new Thread(() -> lines.lines().forEach(rest -> {}));
                reader.setDaemon(true);
                reader.start();
                return new PgBouncer(process, host);
            }
        }
        throw new IllegalStateException(command + " did not start: " + String.join("\n", said));
    }

    String url(String database) {
        return "jdbc:postgresql://" + host + ":6543/" + database;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}

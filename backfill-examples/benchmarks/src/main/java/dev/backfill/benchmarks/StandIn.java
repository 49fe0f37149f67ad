package dev.backfill.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The stand-in of a vendor, in a process of its own; it ends with this one. */
final class StandIn implements AutoCloseable {

    /** Begins the line in which it says where it listens. */
    static final String LISTENS = "listens ";

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Process process;
    private final String url;

    private StandIn(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    static StandIn start(Class<?> main, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(Java.command("-Xmx2g", "-XX:+UseParallelGC"));
        command.add(main.getName());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(LISTENS)) {
                return new StandIn(process, line.substring(LISTENS.length()));
            }
        }
        throw new IOException("the stand-in " + main.getSimpleName() + " has not started");
    }

    /** What the process of a stand-in does when it listens: it waits until the one that started it is gone. */
    static void listens(URI url) throws IOException {
        System.out.println(LISTENS + url);
        while (System.in.read() >= 0) {
            // nothing is ever said to it
        }
    }

    String url() {
        return url;
    }

    double cpuSeconds() throws IOException {
        return Machine.cpuSeconds(process.pid());
    }

    InputStream read(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = CLIENT.send(
                HttpRequest.newBuilder(URI.create(url + path)).build(), HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException(path + " was answered with " + answer.statusCode());
        }
        return answer.body();
    }

    @Override
    public void close() {
        process.destroy();
    }
}

package dev.backfill.typesense;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.TransientException;
import dev.backfill.internal.Json;
import dev.backfill.simulators.TypesenseSettings;
import dev.backfill.simulators.TypesenseSimulator;
import dev.backfill.testkit.JumpingTime;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** A simulated Typesense, in a time that jumps. */
final class Server implements AutoCloseable {

    static final String COLLECTION = "products_search";

    final JumpingTime time = new JumpingTime();
    final TypesenseSimulator simulator;

    Server(TypesenseSettings settings) throws Exception {
        simulator = time.run(() -> settings.start(0));
    }

    <T> T bound(Callable<T> body) throws Exception {
        return time.run(body);
    }

    /** The same, again and again while its failure may pass. */
    <T> T patiently(Callable<T> body) throws Exception {
        while (true) {
            try {
                return bound(body);
            } catch (TransientException e) {
                // the simulator is told to be like that
            }
        }
    }

    Documents documents() throws Exception {
        return documents(COLLECTION);
    }

    Documents documents(String collection) throws Exception {
        return bound(() ->
                Typesense.connect(simulator.key(), simulator.url().toString()).collection(collection));
    }

    /** Runs a job of one phase over these records. */
    <T> Report run(List<T> records, Sink<? super T> sink, Checkpoint checkpoint) throws Exception {
        return bound(() -> Backfill.named("documents")
                .from((Source<T>) from -> {
                    int at = from.orElse(0);
                    int end = Math.min(records.size(), at + 500);
                    return Page.until(records.subList(at, end), end == records.size() ? null : end);
                })
                .into(sink)
                .patience(Duration.ofHours(2))
                .tolerate(100_000, 1)
                .checkpoint(checkpoint)
                .run());
    }

    /** Everything that a source gives, read without a runner, each cursor as it would be stored. */
    static <T> List<T> all(Source<T> source) throws Exception {
        List<T> all = new ArrayList<>();
        Cursor at = Cursor.START;
        while (true) {
            Page<T> page = source.read(Cursor.parse(at.json()));
            all.addAll(page.items());
            if (page.next().isEmpty()) {
                return all;
            }
            at = page.next().get();
        }
    }

    /** What is there, by id. */
    @SuppressWarnings("unchecked")
    Map<String, Map<String, Object>> truth() throws Exception {
        Map<String, Map<String, Object>> truth = new LinkedHashMap<>();
        try (InputStream in = simulator.url().resolve("/__truth").toURL().openStream()) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                Map<String, Object> document = Json.read(line, Map.class);
                truth.put(String.valueOf(document.get("id")), document);
            }
        }
        return truth;
    }

    /** The calls of this path as they came: milliseconds, key, status, path. */
    List<String> calls(String path) throws Exception {
        try (InputStream in = simulator.url().resolve("/__log").toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains(path))
                    .toList();
        }
    }

    @Override
    public void close() {
        simulator.close();
    }
}

package dev.backfill.notion;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Event;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.internal.Json;
import dev.backfill.simulators.NotionSettings;
import dev.backfill.simulators.NotionSimulator;
import dev.backfill.testkit.JumpingTime;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** A simulated workspace with one database, in a time that jumps. */
final class Workspace implements AutoCloseable {

    final JumpingTime time;
    final NotionSimulator simulator;

    Workspace(NotionSettings settings) throws Exception {
        this(settings, new JumpingTime());
    }

    Workspace(NotionSettings settings, JumpingTime time) throws Exception {
        this.time = time;
        simulator = time.run(() -> settings.start(0));
    }

    <T> T bound(Callable<T> body) throws Exception {
        return time.run(body);
    }

    Notion notion() throws Exception {
        return bound(() -> Notion.connect(simulator.token(), simulator.database())
                .at(simulator.url().toString()));
    }

    /** Everything that a source gives, read without a runner. */
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

    /** Runs a job of one phase. */
    <T> Report run(Source<T> source, Sink<? super T> sink, Checkpoint checkpoint, Consumer<Event> listener)
            throws Exception {
        return bound(() -> Backfill.named("pages")
                .from(source)
                .into(sink)
                .patience(Duration.ofHours(2))
                .checkpoint(checkpoint)
                .listen(listener)
                .run());
    }

    private String text(String path) throws Exception {
        try (InputStream in = simulator.url().resolve(path).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What is there, by id. */
    Map<String, JsonNode> truth() throws Exception {
        Map<String, JsonNode> truth = new TreeMap<>();
        for (String line : text("/__truth").lines().toList()) {
            JsonNode page = Json.tree(line);
            truth.put(page.path("id").asString(), page);
        }
        return truth;
    }

    /** The flags that are there, by id. */
    Map<String, String> flags() throws Exception {
        Map<String, String> flags = new LinkedHashMap<>();
        truth().forEach((id, page) ->
                flags.put(id, page.path("properties").path("Flag").path("name").asString("")));
        return flags;
    }

    /** The ids of all pages with that flag. */
    Set<String> flagged(String flag) throws Exception {
        Set<String> ids = new HashSet<>();
        flags().forEach((id, is) -> {
            if (is.equals(flag)) {
                ids.add(id);
            }
        });
        return ids;
    }

    /** The calls as they came: milliseconds, token, status, path, method. */
    List<String> log() throws Exception {
        return text("/__log").lines().toList();
    }

    long calls(String part) throws Exception {
        return log().stream().filter(line -> line.contains(part)).count();
    }

    @Override
    public void close() {
        simulator.close();
    }
}

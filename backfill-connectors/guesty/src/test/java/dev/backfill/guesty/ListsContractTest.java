package dev.backfill.guesty;

import dev.backfill.Cursor;
import dev.backfill.Source;
import dev.backfill.internal.Json;
import dev.backfill.simulators.GuestyQuirk;
import dev.backfill.simulators.GuestySimulator;
import dev.backfill.testkit.SourceContract;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What every source must do, with a list of several pages. */
class ListsContractTest extends SourceContract<ListsTest.Person> {

    @TempDir
    private Path folder;

    private Account account;

    @BeforeEach
    void start() throws Exception {
        account = new Account(GuestySimulator.with().conversations(530).and(GuestyQuirk.WRONG_COUNT));
        source().read(Cursor.START); // what is expected is asked for with the token that this has fetched
    }

    @AfterEach
    void stop() {
        account.close();
    }

    @Override
    protected Source<ListsTest.Person> source() throws Exception {
        return account.guesty(guesty -> guesty.keptIn(folder)).guests(ListsTest.Person.class, "fullName");
    }

    @Override
    protected List<String> secrets() {
        return List.of(account.simulator.clientSecret().reveal());
    }

    /** By skipping whole pages, which is right while nothing changes. */
    @Override
    protected List<ListsTest.Person> expected() throws Exception {
        List<ListsTest.Person> people = new ArrayList<>();
        while (true) {
            JsonNode rows = page(people.size());
            if (rows.isEmpty()) {
                return people;
            }
            rows.forEach(row -> people.add(new ListsTest.Person(
                    row.path("_id").asString(), row.path("fullName").asString())));
        }
    }

    private JsonNode page(int skip) throws Exception {
        String path = "/v1/guests-crud?columns=_id%20fullName&sort=_id&limit=100&skip=" + skip;
        URI url = account.simulator.url().resolve(path);
        URLConnection connection = url.toURL().openConnection();
        connection.setRequestProperty("Authorization", "Bearer " + token());
        try (InputStream in = connection.getInputStream()) {
            return Json.tree(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .path("results");
        }
    }

    private String token() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            Path kept = files.filter(file -> file.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
            return Json.tree(Files.readString(kept)).path("token").asString();
        }
    }
}

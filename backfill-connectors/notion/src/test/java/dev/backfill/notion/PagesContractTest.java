package dev.backfill.notion;

import dev.backfill.Source;
import dev.backfill.simulators.NotionSimulator;
import dev.backfill.testkit.SourceContract;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import tools.jackson.databind.JsonNode;

/** What every source must do, with several windows, ties and cut pages. */
class PagesContractTest extends SourceContract<Company> {

    private Workspace workspace;

    @BeforeEach
    void start() throws Exception {
        workspace = new Workspace(NotionSimulator.with().pages(700).cap(150).imported(90));
    }

    @AfterEach
    void stop() {
        workspace.close();
    }

    @Override
    protected Source<Company> source() throws Exception {
        return workspace.notion().pages(Company.class);
    }

    @Override
    protected Source<Company> broken() throws Exception {
        return workspace.bound(() -> Notion.connect(workspace.simulator.token(), workspace.simulator.database())
                .at("http://127.0.0.1:1")
                .pages(Company.class));
    }

    @Override
    protected List<String> secrets() {
        return List.of(workspace.simulator.token().reveal());
    }

    @Override
    protected List<Company> expected() throws Exception {
        List<Company> expected = new ArrayList<>();
        for (JsonNode page : workspace.truth().values()) {
            JsonNode flag = page.path("properties").path("Flag").path("name");
            expected.add(new Company(
                    page.path("id").asString(),
                    Instant.ofEpochMilli(page.path("created").asLong()),
                    Instant.ofEpochMilli(page.path("edited").asLong()),
                    page.path("title").asString(),
                    flag.isString() ? flag.asString() : null));
        }
        return expected;
    }
}

package dev.backfill.notion;

import dev.backfill.Sink;
import dev.backfill.simulators.NotionSimulator;
import dev.backfill.testkit.SinkContract;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What every sink must do. */
class EditContractTest extends SinkContract<EditContractTest.Noted> {

    /** A page with what is to be noted of it. */
    record Noted(String id, Instant lastEditedTime, String note) implements NotionPage {}

    private Workspace workspace;
    private List<String> ids = List.of();

    @BeforeEach
    void start() throws Exception {
        workspace = new Workspace(NotionSimulator.with().pages(80));
        ids = List.copyOf(workspace.truth().keySet());
    }

    @AfterEach
    void stop() {
        workspace.close();
    }

    @Override
    protected Sink<Noted> sink() throws Exception {
        return workspace.notion().set("Email", Noted::note);
    }

    @Override
    protected Object content() throws Exception {
        Map<String, Object> emails = new TreeMap<>(); // without the time of the edit, which may move on by a minute
        Workspace.all(workspace.notion().pages("Email")).forEach(row -> emails.put(row.id(), row.properties()));
        return emails;
    }

    @Override
    protected Noted record(int number, int version) {
        return new Noted(ids.get(number), Instant.EPOCH, "note" + version + "@" + number + ".example");
    }

    @Override
    protected Sink<Noted> broken() throws Exception {
        return workspace.bound(() -> Notion.connect(workspace.simulator.token(), workspace.simulator.database())
                .at("http://127.0.0.1:1")
                .set("Email", Noted::note));
    }

    @Override
    protected List<String> secrets() {
        return List.of(workspace.simulator.token().reveal());
    }

    @Override
    protected boolean createsRecords() {
        return false;
    }
}

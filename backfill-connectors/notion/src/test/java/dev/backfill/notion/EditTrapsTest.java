package dev.backfill.notion;

import static dev.backfill.simulators.NotionQuirk.OVERLOADS;
import static dev.backfill.simulators.NotionQuirk.SAME_VALUE_UNEDITED;
import static dev.backfill.simulators.NotionQuirk.UNKNOWN_PROPERTY_IGNORED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.DeadLetter;
import dev.backfill.Page;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.simulators.Fault;
import dev.backfill.simulators.NotionSettings;
import dev.backfill.simulators.NotionSimulator;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The traps in editing Notion, each against a simulated database. */
class EditTrapsTest {

    private static NotionSettings database() {
        return NotionSimulator.with().pages(120);
    }

    /** All pages, in pages of ten, read once before. */
    private static Source<Company> read(Workspace workspace) throws Exception {
        List<Company> companies = Workspace.all(workspace.notion().pages(Company.class));
        return from -> {
            int start = from.orElse(0);
            int end = Math.min(companies.size(), start + 10);
            List<Company> page = companies.subList(start, end);
            return end == companies.size() ? Page.last(page) : Page.of(page, end);
        };
    }

    private static Report edit(Workspace workspace, Sink<? super Company> sink) throws Exception {
        return workspace.run(read(workspace), sink, new MemoryCheckpoint(), event -> {});
    }

    static List<NotionSettings> harmless() {
        return List.of(
                database(),
                database().conflicts(20),
                database().lostWrites(20),
                database().conflicts(10).lostWrites(10).and(SAME_VALUE_UNEDITED),
                database().and(OVERLOADS),
                database().and(UNKNOWN_PROPERTY_IGNORED),
                database().workspaceLimit(20, Duration.ofSeconds(631)));
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void everyPageIsEditedExactlyOnceHoweverTheServiceBehaves(NotionSettings settings) throws Exception {
        try (Workspace workspace = new Workspace(settings)) {
            Report report = edit(workspace, workspace.notion().set("Flag", "Duplicate"));
            assertThat(report.counts().updated()).isEqualTo(120);
            assertThat(workspace.flagged("Duplicate")).hasSize(120);
            assertThat(workspace.truth().values())
                    .allMatch(page -> page.path("writes").asInt() == 1);
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyPageIsEditedExactlyOnceWhenAnswersFail(Fault fault) throws Exception {
        try (Workspace workspace = new Workspace(database().faults(20, fault).slowness(Duration.ofMillis(50)))) {
            Report report = edit(workspace, workspace.notion().set("Flag", "Duplicate"));
            assertThat(report.counts().updated()).isEqualTo(120);
            assertThat(workspace.truth().values())
                    .allMatch(page -> page.path("writes").asInt() == 1);
            assertThat(workspace.flagged("Duplicate")).hasSize(120);
        }
    }

    @Test
    void everyTypeIsSetAndCleared() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(5))) {
            Notion notion = workspace.notion();
            String other = workspace.truth().keySet().iterator().next();
            Instant noon = Instant.parse("2025-03-01T12:00:00Z");
            String longText = "a😀".repeat(1_500);
            Edit<NotionPage> set = notion.set("Flag", "A new one")
                    .set("Stage", "Done")
                    .set("Tags", List.of("red", "new", "red"))
                    .set("Done", true)
                    .set("Website", "https://example.com")
                    .set("Email", "a@example.com")
                    .set("Phone", "1")
                    .set("Amount", 2.5)
                    .set("Due date", noon)
                    .set("Notes", longText)
                    .set("Name", "renamed")
                    .set("Related", List.of(other.replace("-", "")));
            edit(workspace, set);
            List<NotionRow> rows = Workspace.all(notion.pages(
                    "Flag",
                    "Stage",
                    "Tags",
                    "Done",
                    "Website",
                    "Email",
                    "Phone",
                    "Amount",
                    "Due date",
                    "Notes",
                    "Name",
                    "Related"));
            assertThat(rows).hasSize(5).allSatisfy(row -> {
                Map<String, Object> is = row.properties();
                assertThat(is)
                        .containsEntry("Flag", "A new one")
                        .containsEntry("Stage", "Done")
                        .containsEntry("Tags", List.of("red", "new"))
                        .containsEntry("Done", true)
                        .containsEntry("Website", "https://example.com")
                        .containsEntry("Email", "a@example.com")
                        .containsEntry("Phone", "1")
                        .containsEntry("Notes", longText)
                        .containsEntry("Name", "renamed")
                        .containsEntry("Related", List.of(other));
                assertThat(is.get("Amount")).hasToString("2.5");
                assertThat(is.get("Due date")).asString().contains("2025-03-01T12:00:00Z");
            });

            Report again = edit(workspace, set.unlessEdited());
            assertThat(again.counts().unchanged()).isEqualTo(5);

            Edit<NotionPage> clear = notion.clear("Flag")
                    .clear("Tags")
                    .clear("Done")
                    .clear("Website")
                    .clear("Amount")
                    .clear("Due date")
                    .clear("Notes")
                    .clear("Related");
            edit(workspace, clear);
            List<NotionRow> cleared = Workspace.all(
                    notion.pages("Flag", "Tags", "Done", "Website", "Amount", "Due date", "Notes", "Related"));
            assertThat(cleared).allSatisfy(row -> {
                assertThat(row.properties().get("Flag")).isNull();
                assertThat(row.properties().get("Due date")).isNull();
                assertThat(row.properties().get("Amount")).isNull();
                assertThat(row.properties())
                        .containsEntry("Tags", List.of())
                        .containsEntry("Done", false)
                        .containsEntry("Notes", "")
                        .containsEntry("Related", List.of());
            });
            assertThat(edit(workspace, clear.unlessEdited()).counts().unchanged())
                    .isEqualTo(5);
        }
    }

    record Wrong(String property, Object value, String message) {}

    static List<Wrong> wrong() {
        return List.of(
                new Wrong("Flag", "High, really", "without a comma"),
                new Wrong("Flag", 5, "takes a String"),
                new Wrong("Flag", " ", "1 to 100 characters"),
                new Wrong("Stage", "Nowhere", "[Not started, In progress, Done]"),
                new Wrong("Colour", "red", "there is no property 'Colour'; Notion has 'Name', 'Flag'"),
                new Wrong("Done", "yes", "takes a Boolean"),
                new Wrong("Amount", "5", "takes a Number"),
                new Wrong("Amount", Double.NaN, "finite"),
                new Wrong("Due date", "2022/01/02", "a day like 2025-03-01"),
                new Wrong("Due date", 5, "not a Integer"),
                new Wrong("Website", "", "1 to 2000"),
                new Wrong("Email", "x".repeat(201), "1 to 200"),
                new Wrong("Related", "nothing", "32 hexadecimal digits"),
                new Wrong("Related", many(101), "100 values at most"),
                new Wrong("Notes", "x".repeat(200_001), "200000"),
                new Wrong("Label", "x", "type formula, which cannot be set"),
                new Wrong("No", 5, "type unique_id, which cannot be set"),
                new Wrong("Where", "here", "type place, which cannot be set"));
    }

    private static List<String> many(int count) {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            many.add(String.format("%032x", i));
        }
        return many;
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aValueThatNotionWouldRefuseStopsTheJobBeforeTheFirstEdit(Wrong wrong) throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            assertThatThrownBy(() -> edit(workspace, workspace.notion().set(wrong.property(), wrong.value())))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining(wrong.message());
            assertThat(workspace.calls("PATCH")).isZero();
        }
    }

    @Test
    void aValueOfOnePageThatNotionWouldRefuseIsADeadLetterOfThatPage() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(20))) {
            Edit<Company> edit = workspace
                    .notion()
                    .set("Flag", (Company page) -> page.title().endsWith("7") ? "a, b" : page.title());
            MemoryCheckpoint checkpoint = new MemoryCheckpoint();
            workspace.bound(() -> dev.backfill.Backfill.named("pages")
                    .from(read(workspace))
                    .into(edit)
                    .tolerate(100, 1)
                    .checkpoint(checkpoint)
                    .run());
            long bad = workspace.truth().values().stream()
                    .map(page -> page.path("title").asString())
                    .filter(title -> title.isBlank() || title.endsWith("7"))
                    .count();
            assertThat(bad).isPositive();
            assertThat(workspace.calls("PATCH")).isEqualTo(20 - bad);
        }
    }

    @Test
    void pagesThatHaveGoneAreDeadLettersAndTheOthersAreEdited() throws Exception {
        for (boolean careful : List.of(false, true)) {
            try (Workspace workspace = new Workspace(database())) {
                Source<Company> pages = read(workspace);
                List<String> ids = List.copyOf(workspace.truth().keySet());
                workspace.simulator.trash(ids.get(3));
                workspace.simulator.remove(ids.get(70));
                Edit<NotionPage> edit = workspace.notion().set("Flag", "Duplicate");
                dev.backfill.Backfill job = workspace.bound(() -> dev.backfill.Backfill.named("pages")
                        .from(pages)
                        .into(careful ? edit.unlessEdited() : edit)
                        .checkpoint(new MemoryCheckpoint()));
                Report report = job.run();
                assertThat(report.deadLetters()).isEqualTo(2);
                assertThat(job.deadLetters())
                        .extracting(DeadLetter::key)
                        .containsExactlyInAnyOrder(ids.get(3), ids.get(70));
                assertThat(workspace.flagged("Duplicate")).hasSize(118);
            }
        }
    }

    @Test
    void aNewerEditBySomebodyElseIsNotOverwritten() throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            Source<Company> pages = read(workspace);
            List<String> ids = List.copyOf(workspace.truth().keySet());
            Set<String> kept = new TreeSet<>(ids.subList(10, 15));
            kept.forEach(id -> workspace.simulator.flag(id, "Keep"));
            Set<String> tagged = workspace.flagged("Duplicate");
            Report report = workspace.run(
                    pages,
                    workspace.notion().set("Flag", "Duplicate").unlessEdited(),
                    new MemoryCheckpoint(),
                    event -> {});
            assertThat(workspace.flagged("Keep")).isEqualTo(kept);
            assertThat(workspace.flagged("Duplicate")).hasSize(115);
            assertThat(report.counts().unchanged()).isEqualTo(5 + tagged.size());
            assertThat(workspace.calls("PATCH")).isEqualTo(115 - tagged.size());
        }
    }

    @Test
    void anEditByThisIntegrationItselfIsNobodyElses() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(30))) {
            Source<Company> pages = read(workspace);
            Notion notion = workspace.notion();
            workspace.run(pages, notion.set("Done", true).set("Email", "a@b.example"), new MemoryCheckpoint(), e -> {});
            workspace.run(pages, notion.set("Flag", "Duplicate").unlessEdited(), new MemoryCheckpoint(), event -> {});
            assertThat(workspace.flagged("Duplicate")).hasSize(30);
        }
    }

    @Test
    void aPropertyThatIsRenamedMeanwhileIsStillTheSame() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(20))) {
            Notion notion = workspace.notion();
            Edit<NotionPage> edit = notion.set("Flag", "Duplicate");
            List<Company> companies = Workspace.all(notion.pages(Company.class));
            edit.write(Batch.of(companies.subList(0, 10)));
            workspace.simulator.rename("Flag", "Marking");
            edit.write(Batch.of(companies.subList(10, 20)));
            assertThat(Workspace.all(notion.pages(Company.class)))
                    .hasSize(20)
                    .allMatch(company -> "Duplicate".equals(company.flag()));
        }
    }

    @Test
    void aPropertyThatIsRemovedMeanwhileIsNotTakenForSet() throws Exception {
        for (NotionSettings settings : List.of(database(), database().and(UNKNOWN_PROPERTY_IGNORED))) {
            try (Workspace workspace = new Workspace(settings)) {
                Notion notion = workspace.notion();
                Edit<NotionPage> edit = notion.set("Flag", "Duplicate");
                List<Company> companies = Workspace.all(notion.pages(Company.class));
                edit.write(Batch.of(companies.subList(0, 10)));
                workspace.simulator.drop("Flag");
                assertThatThrownBy(() ->
                                workspace.run(from -> Page.last(companies), edit, new MemoryCheckpoint(), event -> {}))
                        .isInstanceOf(BackfillException.class);
            }
        }
    }

    @Test
    void aDryRunEditsNothingAndFindsAWrongValue() throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            Source<Company> pages = read(workspace);
            Notion notion = workspace.notion();
            workspace.bound(() -> dev.backfill.Backfill.named("pages")
                    .from(pages)
                    .into(notion.set("Flag", "Duplicate"))
                    .checkpoint(new MemoryCheckpoint())
                    .dryRun());
            assertThatThrownBy(() -> workspace.bound(() -> dev.backfill.Backfill.named("pages")
                            .from(pages)
                            .into(notion.set("Stage", "Nowhere"))
                            .checkpoint(new MemoryCheckpoint())
                            .dryRun()))
                    .hasMessageContaining("without the option 'Nowhere'");
            assertThat(workspace.calls("PATCH")).isZero();
        }
    }

    @Test
    void whatIsNoPageIsADeadLetter() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(1))) {
            Batch<NotionPage> batch = Batch.of(List.of(new Company("x", Instant.EPOCH, Instant.EPOCH, "", null)));
            workspace.notion().clear("Flag").write(batch);
            assertThat(batch.reason(0)).contains("not the id of a Notion page");
        }
    }

    @Test
    void aDayIsSetAsADay() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(1))) {
            edit(workspace, workspace.notion().set("Due date", LocalDate.of(2025, 3, 1)));
            JsonNode page = workspace.truth().values().iterator().next();
            assertThat(page.path("properties").path("Due date").path("start").asString())
                    .isEqualTo("2025-03-01");
        }
    }
}

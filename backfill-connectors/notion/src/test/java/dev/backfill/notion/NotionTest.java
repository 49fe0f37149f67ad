package dev.backfill.notion;

import static dev.backfill.simulators.NotionQuirk.LEGACY_ONLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.backfill.Cursor;
import dev.backfill.RateLimiter;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.http.HttpException;
import dev.backfill.simulators.Limits;
import dev.backfill.simulators.NotionQuirk;
import dev.backfill.simulators.NotionSettings;
import dev.backfill.simulators.NotionSimulator;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Connecting, what a page is read into, filters, and limits. */
class NotionTest {

    private static NotionSettings database() {
        return NotionSimulator.with().pages(900);
    }

    private static Source<Company> companies(Notion notion) {
        return notion.pages(Company.class);
    }

    // ---- what is connected to

    @Test
    void aDatabaseIsFoundByItsIdInAnyForm() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(3))) {
            String id = workspace.simulator.database();
            String bare = id.replace("-", "");
            for (String form : List.of(
                    id,
                    bare,
                    bare.toUpperCase(java.util.Locale.ROOT),
                    "https://www.notion.so/team/My-companies-" + bare + "?v=00000000000000000000000000000000",
                    " https://www.notion.so/" + bare + "#block ")) {
                assertThat(Workspace.all(companies(workspace.notion().database(form))))
                        .as(form)
                        .hasSize(3);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "companies", "1234", "https://www.notion.so/", "12345678123412341234123456789abz"})
    void whatIsNoIdIsRefusedAtOnce(String id) {
        assertThatThrownBy(() -> Notion.connect(Secret.of("NOTION_TOKEN", "x"), id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32 hexadecimal digits");
    }

    @Test
    void theIdOfADataSourceWillDo() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(3))) {
            String source = workspace.simulator.dataSources().get(0);
            assertThat(Workspace.all(companies(workspace.notion().database(source))))
                    .hasSize(3);
        }
    }

    @Test
    void severalDataSourcesAreListedUntilOneIsChosen() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(3).dataSources("Companies", "People"))) {
            Notion notion = workspace.notion();
            List<String> ids = workspace.simulator.dataSources();
            assertThatThrownBy(() -> Workspace.all(companies(notion)))
                    .hasMessageContaining("2 data sources; choose one by dataSource(…)")
                    .hasMessageContaining("'Companies' (" + ids.get(0) + ")")
                    .hasMessageContaining("'People' (" + ids.get(1) + ")");
            assertThat(Workspace.all(companies(notion.dataSource("Companies")))).hasSize(3);
            assertThat(Workspace.all(companies(notion.dataSource(ids.get(0).replace("-", "")))))
                    .hasSize(3);
            assertThat(Workspace.all(companies(notion.dataSource("People")))).isEmpty();
            assertThatThrownBy(() -> Workspace.all(companies(notion.dataSource("Nobody"))))
                    .hasMessageContaining("'Companies'");
        }
    }

    @Test
    void aPageIsNoDatabase() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(3))) {
            String page = workspace.truth().keySet().iterator().next();
            assertThatThrownBy(() -> Workspace.all(companies(workspace.notion().database(page))))
                    .hasMessageContaining("the id of a page and not of a database");
            assertThatThrownBy(() ->
                            Workspace.all(companies(workspace.notion().database("00000000000000000000000000000000"))))
                    .hasMessageContaining("share the database with the integration");
        }
    }

    @Test
    void aWrongTokenEndsTheRunAfterOneCallAndIsNotShown() throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            Notion notion = workspace.bound(
                    () -> Notion.connect(Secret.of("NOTION_TOKEN", "S3CR3T-token"), workspace.simulator.database())
                            .at(workspace.simulator.url().toString()));
            assertThatThrownBy(() -> workspace.run(companies(notion), batch -> {}, new MemoryCheckpoint(), event -> {}))
                    .hasMessageContaining("NOTION_TOKEN")
                    .hasMessageNotContaining("S3CR3T");
            assertThat(workspace.log()).hasSize(1);
            assertThat(notion.toString()).doesNotContain("S3CR3T");
        }
    }

    // ---- what a page is read into

    /** One component of each kind. */
    record Everything(
            String id,
            Instant createdTime,
            Instant lastEditedTime,
            String pageUrl,
            String name,
            @Nullable String flag,
            String stage,
            Set<String> tags,
            boolean done,
            @Nullable String website,
            @Nullable BigDecimal amount,
            @JsonProperty("Due date") @Nullable LocalDate due,
            String notes,
            List<String> related,
            List<String> owner,
            List<Map<String, String>> files,
            String label,
            @JsonProperty("Double") @Nullable Double twice,
            @Nullable Integer sum,
            String no,
            Instant made,
            String madeBy,
            Map<String, Object> where) {}

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyTypeIsReadAsWhatItIsAndLongOnesAreWhole(boolean legacy) throws Exception {
        NotionSettings settings = legacy ? database().and(LEGACY_ONLY) : database();
        try (Workspace workspace = new Workspace(settings)) {
            Map<String, JsonNode> truth = workspace.truth();
            List<Everything> all = Workspace.all(workspace.notion().pages(Everything.class));
            assertThat(all).hasSize(900);
            int longNotes = 0;
            int longRelations = 0;
            for (Everything page : all) {
                JsonNode is = truth.get(page.id()).path("properties");
                assertThat(page.createdTime())
                        .isEqualTo(Instant.ofEpochMilli(
                                truth.get(page.id()).path("created").asLong()));
                assertThat(page.made()).isEqualTo(page.createdTime());
                assertThat(page.pageUrl()).endsWith(page.id().replace("-", ""));
                assertThat(page.name())
                        .isEqualTo(truth.get(page.id()).path("title").asString());
                assertThat(String.valueOf(page.flag()))
                        .isEqualTo(is.path("Flag").path("name").asString("null"));
                assertThat(page.stage()).isEqualTo(is.path("Stage").path("name").asString());
                assertThat(page.tags()).isEqualTo(new HashSet<>(texts(is.path("Tags"), "name")));
                assertThat(page.done()).isEqualTo(is.path("Done").asBoolean());
                assertThat(String.valueOf(page.website()))
                        .isEqualTo(is.path("Website").asString("null"));
                assertThat(page.amount() == null ? "null" : page.amount().toPlainString())
                        .isEqualTo(is.path("Amount").asString("null"));
                assertThat(page.due() == null ? "null" : page.due().toString())
                        .isEqualTo(is.path("Due date")
                                .path("start")
                                .asString("null")
                                .split("T", -1)[0]);
                assertThat(page.notes()).isEqualTo(String.join("", texts(is.path("Notes"), "plain_text")));
                assertThat(page.related()).isEqualTo(texts(is.path("Related"), "id"));
                assertThat(page.owner()).isEqualTo(texts(is.path("Owner"), "id"));
                assertThat(page.files()).hasSize(is.path("Files").size());
                assertThat(page.label()).startsWith("company ");
                assertThat(page.sum()).isNotNull();
                assertThat(page.no()).startsWith("CO-");
                assertThat(page.where()).containsEntry("name", "somewhere");
                longNotes += page.notes().contains("@40") ? 1 : 0;
                longRelations += page.related().size() > 100 ? 1 : 0;
            }
            assertThat(all).anyMatch(page -> page.twice() == null).anyMatch(page -> page.twice() != null);
            assertThat(longNotes).isPositive();
            assertThat(longRelations).isPositive();
        }
    }

    private static List<String> texts(JsonNode list, String field) {
        List<String> texts = new ArrayList<>();
        list.forEach(one -> texts.add(one.path(field).asString()));
        return texts;
    }

    @Test
    void onlyWhatIsWantedIsAskedFor() throws Exception {
        try (Workspace workspace = new Workspace(database().pages(3))) {
            Notion notion = workspace.notion();
            Workspace.all(companies(notion));
            assertThat(workspace.log())
                    .anyMatch(line -> line.contains("filter_properties=title")
                            && line.contains("filter_properties=q~Xz")
                            && !line.contains("aB"));
            Workspace.all(notion.pages("Website", "Done"));
            assertThat(workspace.log())
                    .anyMatch(line -> line.contains("filter_properties=aB%3Dc&filter_properties=d%25ne"));
            List<NotionRow> rows = Workspace.all(notion.pages());
            assertThat(rows.get(0).properties()).hasSize(22).containsKeys("Name", "Where", "Due date");
            assertThat(workspace.calls("filter_properties")).isEqualTo(2);
        }
    }

    record Missing(String id, String colour) {}

    record Misfit(String id, int flag) {}

    record Empty() {}

    @Test
    void aRecordThatDoesNotFitIsNamed() throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            Notion notion = workspace.notion();
            assertThatThrownBy(() -> notion.pages(Missing.class).read(Cursor.START))
                    .hasMessageContaining("there is no property 'colour'; Notion has 'Name', 'Flag'");
            assertThat(workspace.calls("/query")).isZero();
            assertThatThrownBy(() -> notion.pages(Misfit.class).read(Cursor.START))
                    .hasMessageContaining("does not fit Misfit at 'flag'");
            assertThatThrownBy(() -> notion.pages(Empty.class)).hasMessageContaining("take a record");
        }
    }

    // ---- filters

    private static List<String> ids(Pages<?> pages) throws Exception {
        List<String> ids = new ArrayList<>();
        for (Object page : Workspace.all(pages)) {
            ids.add(((NotionPage) page).id());
        }
        return ids;
    }

    @Test
    void filtersNarrowEveryWindow() throws Exception {
        try (Workspace workspace = new Workspace(database().cap(30).imported(25))) {
            Notion notion = workspace.notion();
            Set<String> flagged = workspace.flagged("Duplicate");
            Set<String> done = new HashSet<>();
            Set<String> rich = new HashSet<>();
            Map<String, String> stage = new HashMap<>();
            workspace.truth().forEach((id, page) -> {
                JsonNode is = page.path("properties");
                if (is.path("Done").asBoolean()) {
                    done.add(id);
                }
                if (is.path("Amount").asDouble(0) >= 500) {
                    rich.add(id);
                }
                stage.put(id, is.path("Stage").path("name").asString());
            });
            Pages<NotionRow> pages = notion.pages("Name");
            assertThat(ids(pages.where("Flag", "equals", "Duplicate"))).containsExactlyInAnyOrderElementsOf(flagged);
            assertThat(ids(pages.where("Flag", "is_empty", true))).hasSize(900 - flagged.size());
            Set<String> both = new HashSet<>(done);
            both.retainAll(rich);
            assertThat(ids(pages.where("Done", "equals", true).where("Amount", "greater_than_or_equal_to", 500)))
                    .containsExactlyInAnyOrderElementsOf(both);
            Set<String> either = new HashSet<>(flagged);
            either.addAll(both);
            assertThat(ids(pages.where(Filter.any(
                            Filter.on("Flag", "equals", "Duplicate"),
                            Filter.all(
                                    Filter.on("Done", "equals", true),
                                    Filter.on("Amount", "greater_than_or_equal_to", 500))))))
                    .containsExactlyInAnyOrderElementsOf(either);
            assertThat(ids(pages.where(Filter.any(
                            Filter.on("Stage", "equals", "Done"), Filter.on("Stage", "equals", "In progress")))))
                    .hasSize((int) stage.values().stream()
                            .filter(name -> !name.equals("Not started"))
                            .count());
            Instant july = Instant.parse("2024-07-01T00:00:00Z");
            assertThat(ids(pages.where("created_time", "before", july))).hasSize((int)
                    workspace.truth().values().stream()
                            .filter(page -> page.path("created").asLong() < july.toEpochMilli())
                            .count());
        }
    }

    @Test
    void aFilterThatNotionWouldRefuseSaysSo() throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            Pages<NotionRow> pages = workspace.notion().pages("Name");
            assertThatThrownBy(() -> Workspace.all(pages.where("Colour", "equals", "red")))
                    .hasMessageContaining("there is no property 'Colour'");
            assertThatThrownBy(() -> Workspace.all(pages.where("Label", "equals", "x")))
                    .hasMessageContaining("filter(…) in the job");
            assertThatThrownBy(() -> Workspace.all(pages.where("Due date", "before", "yesterday")))
                    .isInstanceOf(HttpException.class)
                    .hasMessageContaining("ISO 8601");
        }
    }

    @Test
    void theDefinitionTellsWhatIsReadAndNoSecret() throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            String definition = workspace
                    .notion()
                    .pages("Name")
                    .where("Flag", "equals", "Keep")
                    .ascending("Name")
                    .definition();
            assertThat(definition)
                    .contains(workspace.simulator.database(), "Flag equals Keep", "Name ascending")
                    .doesNotContain(workspace.simulator.token().reveal());
        }
    }

    // ---- limits

    @Test
    void theLimitHoldsOverSourcesAndSinksAndNoCallIsRefused() throws Exception {
        NotionSettings limited = NotionSimulator.with()
                .pages(400)
                .latency(Duration.ofMillis(20), Duration.ZERO)
                .limit(new Limit(180, Duration.ofMinutes(1)));
        try (Workspace workspace = new Workspace(limited)) {
            Notion notion = workspace.notion();
            workspace.run(companies(notion), notion.set("Flag", "Duplicate"), new MemoryCheckpoint(), event -> {});
            assertThat(workspace.flagged("Duplicate")).hasSize(400);
            assertThat(workspace.calls(" 429 ")).isZero();
            List<Long> times = workspace.log().stream()
                    .map(line -> Long.valueOf(line.split(" ", 2)[0]))
                    .toList();
            for (int i = 180; i < times.size(); i++) {
                assertThat(times.get(i) - times.get(i - 180)).isGreaterThanOrEqualTo(60_000L);
            }
            double ideal = (times.size() - 1) / 180 * 60_000.0 + 20 * 180;
            assertThat(times.get(times.size() - 1) - times.get(0)).isLessThanOrEqualTo((long) (1.03 * ideal) + 5_000);
        }
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.EnumSource(
            value = Limits.RetryAfter.class,
            names = {"HUGE"},
            mode = org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE)
    void aRefusedCallIsMadeAgainWhateverItSays(Limits.RetryAfter retryAfter) throws Exception {
        NotionSettings limited = database()
                .limits(Limits.of(new Limit(4, Duration.ofSeconds(20))).retryAfter(retryAfter));
        try (Workspace workspace = new Workspace(limited)) {
            List<String> ids = new ArrayList<>();
            workspace.run(
                    companies(workspace.notion()),
                    batch -> batch.forEach(page -> ids.add(page.id())),
                    new MemoryCheckpoint(),
                    event -> {});
            assertThat(ids).hasSize(900);
            assertThat(workspace.calls(" 429 ")).isPositive();
        }
    }

    @Test
    void theWorkspacesLimitIsWaitedForAndNothingIsAskedBefore() throws Exception {
        try (Workspace workspace = new Workspace(database().workspaceLimit(5, Duration.ofSeconds(631)))) {
            workspace.run(companies(workspace.notion()), batch -> {}, new MemoryCheckpoint(), event -> {});
            assertThat(workspace.calls(" 429 ")).isEqualTo(1);
            List<String> log = workspace.log();
            long refused = Long.parseLong(log.get(4).split(" ", 2)[0]);
            assertThat(Long.parseLong(log.get(5).split(" ", 2)[0]) - refused).isGreaterThanOrEqualTo(631_000L);
        }
    }

    @Test
    void aBlockedIntegrationIsNotAskedAgain() throws Exception {
        try (Workspace workspace = new Workspace(database().and(NotionQuirk.BLOCKED))) {
            assertThatThrownBy(() -> workspace.run(
                            companies(workspace.notion()), batch -> {}, new MemoryCheckpoint(), event -> {}))
                    .hasMessageContaining("Notion has blocked this integration");
            assertThat(workspace.log()).hasSize(1);
        }
    }

    @Test
    void severalDatabasesShareALimiter() throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            Notion notion = workspace.notion().limitedBy(RateLimiter.of(100, Duration.ofMinutes(1)));
            Notion other = notion.database(workspace.simulator.dataSources().get(0));
            Workspace.all(companies(notion));
            Workspace.all(companies(other));
            RateLimiter limiter = companies(notion).limiter().orElseThrow();
            assertThat(companies(other).limiter()).containsSame(limiter);
            assertThat(limiter.usage().calls()).isEqualTo(workspace.log().size());
        }
    }
}

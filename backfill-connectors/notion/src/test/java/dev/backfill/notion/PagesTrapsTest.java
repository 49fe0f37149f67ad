package dev.backfill.notion;

import static dev.backfill.simulators.NotionQuirk.CAP_TOLD_EARLY;
import static dev.backfill.simulators.NotionQuirk.CAP_UNTOLD;
import static dev.backfill.simulators.NotionQuirk.CURSOR_DIES_WITH_PAGE;
import static dev.backfill.simulators.NotionQuirk.EMPTY_PAGES;
import static dev.backfill.simulators.NotionQuirk.GZIP;
import static dev.backfill.simulators.NotionQuirk.LEGACY_ONLY;
import static dev.backfill.simulators.NotionQuirk.OVERLOADS;
import static dev.backfill.simulators.NotionQuirk.PARTIAL_PAGES;
import static dev.backfill.simulators.NotionQuirk.RESTLESS_ORDER;
import static dev.backfill.simulators.NotionQuirk.SHORT_PAGES;
import static dev.backfill.simulators.NotionQuirk.SHUFFLED_TIES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.BackfillException;
import dev.backfill.Event;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.simulators.Fault;
import dev.backfill.simulators.NotionChange;
import dev.backfill.simulators.NotionQuirk;
import dev.backfill.simulators.NotionSettings;
import dev.backfill.simulators.NotionSimulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The traps in reading Notion, each against a simulated database. */
class PagesTrapsTest {

    private static NotionSettings database() {
        return NotionSimulator.with().pages(900).cap(250);
    }

    /** Reads all pages and gives their ids as they came. */
    private static List<String> read(Workspace workspace) throws Exception {
        List<String> ids = new ArrayList<>();
        Sink<Company> sink = batch -> batch.forEach(page -> ids.add(page.id()));
        Report report =
                workspace.run(workspace.notion().pages(Company.class), sink, new MemoryCheckpoint(), event -> {});
        assertThat(report.complete()).isTrue();
        return ids;
    }

    static List<NotionSettings> harmless() {
        return List.of(
                database(),
                database().and(CAP_TOLD_EARLY),
                database().and(SHUFFLED_TIES),
                database().and(SHUFFLED_TIES).imported(200),
                database().and(RESTLESS_ORDER),
                database().and(SHORT_PAGES),
                database().and(EMPTY_PAGES),
                database().and(SHORT_PAGES, EMPTY_PAGES, SHUFFLED_TIES, CAP_TOLD_EARLY),
                database().and(LEGACY_ONLY),
                database().and(GZIP),
                database().and(OVERLOADS),
                database().cap(50),
                database().imported(240),
                database().cursorsLast(2),
                database().cursorsLast(1).and(SHUFFLED_TIES),
                database().heavyAbove(10),
                database().heavyAbove(30).cursorsLast(2),
                database().workspaceLimit(3, Duration.ofSeconds(631)),
                database().workspaceLimit(3, Duration.ofSeconds(631)).and(NotionQuirk.RETRY_AFTER_IN_BODY_ONLY));
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void everyPageComesOnceHoweverTheServiceBehaves(NotionSettings settings) throws Exception {
        try (Workspace workspace = new Workspace(settings)) {
            assertThat(read(workspace))
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(workspace.truth().keySet());
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyPageComesWhenAnswersFail(Fault fault) throws Exception {
        try (Workspace workspace = new Workspace(database().faults(20, fault).slowness(Duration.ofMillis(50)))) {
            assertThat(read(workspace))
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(workspace.truth().keySet());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tenThousandPagesAreNotTheEndEvenIfNotionDoesNotSaySo(boolean told) throws Exception {
        NotionSettings many = NotionSimulator.with().pages(23_000);
        try (Workspace workspace = new Workspace(told ? many : many.and(CAP_UNTOLD, LEGACY_ONLY))) {
            assertThat(read(workspace)).doesNotHaveDuplicates().hasSize(23_000);
            assertThat(workspace.calls("/query")).isLessThanOrEqualTo(230 + 3);
        }
    }

    @Test
    void aMinuteWithMorePagesThanAQueryGivesFailsLoudly() throws Exception {
        try (Workspace workspace = new Workspace(database().imported(260))) {
            assertThatThrownBy(() -> read(workspace))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("were made in the minute of 2024-")
                    .hasMessageContaining("where(…)");
        }
    }

    @Test
    void aMinuteThatACursorDoesNotOutliveFailsLoudlyAndDoesNotLoop() throws Exception {
        try (Workspace workspace = new Workspace(database().imported(240).cursorsLast(1))) {
            assertThatThrownBy(() -> read(workspace))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("start_cursor");
        }
    }

    @Test
    void aCursorThatDiesIsReplacedWithoutReadingFromTheStart() throws Exception {
        try (Workspace workspace =
                new Workspace(NotionSimulator.with().pages(3_000).cursorsLast(5))) {
            assertThat(read(workspace)).doesNotHaveDuplicates().hasSize(3_000);
            assertThat(workspace.calls(" 400 ")).isEqualTo(6);
            assertThat(workspace.calls("/query")).isLessThanOrEqualTo(30 + 2 * 6);
        }
    }

    @Test
    void aSlowQueryIsAskedForLessAndLaterForMoreAgain() throws Exception {
        try (Workspace workspace =
                new Workspace(NotionSimulator.with().pages(2_000).heavyAbove(12))) {
            List<Integer> sizes = new ArrayList<>();
            Sink<Company> sink = batch -> {};
            workspace.run(workspace.notion().pages(Company.class), sink, new MemoryCheckpoint(), event -> {
                if (event instanceof Event.PageRead page && page.records() > 0) {
                    sizes.add(page.records());
                }
            });
            assertThat(sizes).contains(100, 12).allMatch(size -> size <= 100);
            List<Integer> after = sizes.subList(sizes.indexOf(12), sizes.size());
            assertThat(after).anyMatch(size -> size > 20);
            assertThat(workspace.calls(" 504 ")).isBetween(5L, workspace.calls(" 200 ") / 3);
            assertThat(sizes.stream().mapToInt(size -> size).sum()).isEqualTo(2_000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    void peopleAtWorkCostNoPageThatStays(int changes) throws Exception {
        for (NotionQuirk quirk : List.of(CURSOR_DIES_WITH_PAGE, SHUFFLED_TIES, RESTLESS_ORDER)) {
            NotionSettings busy =
                    NotionSimulator.with().pages(3_000).cap(700).people(changes).and(quirk);
            try (Workspace workspace = new Workspace(busy)) {
                Set<String> stable = new HashSet<>(workspace.truth().keySet());
                List<String> ids = read(workspace);
                stable.retainAll(workspace.truth().keySet());
                assertThat(stable).hasSizeGreaterThan(2_000);
                assertThat(ids).doesNotHaveDuplicates().containsAll(stable);
            }
        }
    }

    @Test
    void pagesThatAreMadeMeanwhileDoNotKeepTheReadingFromEnding() throws Exception {
        NotionSettings busy = NotionSimulator.with().pages(500).people(50, NotionChange.INSERT);
        try (Workspace workspace = new Workspace(busy)) {
            assertThat(read(workspace)).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(500);
        }
    }

    @Test
    void anIntegrationThatMayNotReadIsToldSo() throws Exception {
        try (Workspace workspace = new Workspace(database().and(PARTIAL_PAGES))) {
            assertThatThrownBy(() -> read(workspace)).hasMessageContaining("allow the integration to read content");
        }
    }

    @Test
    void morePagesThanAQueryGivesFailInAnOrderOfOnesOwn() throws Exception {
        try (Workspace workspace = new Workspace(database())) {
            Pages<Company> byName = workspace.notion().pages(Company.class).ascending("Name");
            assertThatThrownBy(() -> Workspace.all(byName)).hasMessageContaining("leave out the order");
            try (Workspace small = new Workspace(database().pages(200))) {
                List<Company> companies = Workspace.all(small.notion()
                        .pages(Company.class)
                        .descending("created_time")
                        .ascending("Name"));
                assertThat(companies).hasSize(200);
                assertThat(companies).extracting(Company::createdTime).isSortedAccordingTo((a, b) -> b.compareTo(a));
            }
        }
    }
}

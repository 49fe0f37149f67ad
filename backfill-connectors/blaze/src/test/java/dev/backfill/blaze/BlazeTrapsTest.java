package dev.backfill.blaze;

import static dev.backfill.simulators.BlazeQuirk.API_KEY_HEADER_ONLY;
import static dev.backfill.simulators.BlazeQuirk.ECHOES_ASKED_LIMIT;
import static dev.backfill.simulators.BlazeQuirk.END_DATE_EXCLUSIVE;
import static dev.backfill.simulators.BlazeQuirk.FILTERS_BY_PROCESSED;
import static dev.backfill.simulators.BlazeQuirk.GZIP;
import static dev.backfill.simulators.BlazeQuirk.ITEMS_WITHOUT_ID;
import static dev.backfill.simulators.BlazeQuirk.LATE_COMPLETIONS;
import static dev.backfill.simulators.BlazeQuirk.LEGACY_ERRORS;
import static dev.backfill.simulators.BlazeQuirk.NEWEST_FIRST;
import static dev.backfill.simulators.BlazeQuirk.NULL_VALUES;
import static dev.backfill.simulators.BlazeQuirk.REFUNDS;
import static dev.backfill.simulators.BlazeQuirk.START_IS_PAGE;
import static dev.backfill.simulators.BlazeQuirk.STORE_KEY_403;
import static dev.backfill.simulators.BlazeQuirk.TODAY_GROWS;
import static dev.backfill.simulators.BlazeQuirk.TOTAL_DRIFTS;
import static dev.backfill.simulators.BlazeQuirk.VOIDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backfill.BackfillException;
import dev.backfill.Cursor;
import dev.backfill.ExpiredCursorException;
import dev.backfill.Page;
import dev.backfill.RateLimiter.Limit;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.http.HttpException;
import dev.backfill.simulators.BlazeQuirk;
import dev.backfill.simulators.BlazeSettings;
import dev.backfill.simulators.BlazeSimulator;
import dev.backfill.simulators.Fault;
import dev.backfill.simulators.Limits;
import dev.backfill.testkit.JumpingTime;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The traps of the Blaze API, each against a simulated shop with three weeks of some 300 transactions. */
class BlazeTrapsTest {

    private static final LocalDate FROM = LocalDate.of(2024, 3, 1); // a change of the clocks is inside
    private static final LocalDate LAST = LocalDate.of(2024, 3, 21);
    private static final LocalDate TO = LAST.plusDays(1);

    private static BlazeSettings shop() {
        return BlazeSimulator.with().transactions(900).between(FROM, LAST);
    }

    private static void survives(BlazeSettings settings) throws Exception {
        try (Shop shop = new Shop(settings)) {
            Report report = shop.run(shop.blaze(), FROM, TO, new MemoryCheckpoint(), 3, event -> {});
            assertThat(report.complete()).isTrue();
            assertThat(shop.rows()).hasSizeGreaterThan(3_000).isEqualTo(shop.truth(FROM, LAST));
        }
    }

    static List<BlazeSettings> harmless() {
        return List.of(
                shop(),
                shop().and(END_DATE_EXCLUSIVE),
                shop().and(FILTERS_BY_PROCESSED),
                shop().and(ECHOES_ASKED_LIMIT),
                shop().and(NEWEST_FIRST),
                shop().and(NULL_VALUES),
                shop().and(TOTAL_DRIFTS),
                shop().and(GZIP),
                shop().rowsPerPage(7),
                shop().rowsPerPage(1),
                shop().and(TOTAL_DRIFTS, NULL_VALUES).rowsPerPage(30));
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void everyItemArrivesOnceHoweverTheServiceReadsItsOwnRules(BlazeSettings settings) throws Exception {
        survives(settings);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void everyItemArrivesWhenAnswersFail(Fault fault) throws Exception {
        survives(shop().faults(20, fault).slowness(Duration.ofMillis(50)));
    }

    @Test
    void everyItemArrivesWhenAllAnswersFailInTheOlderWay() throws Exception {
        survives(shop().faults(30, Fault.ERROR, Fault.RESET, Fault.TRUNCATED).and(LEGACY_ERRORS));
    }

    @Test
    void sharedDaysAreReadTwiceAndWrittenOnce() throws Exception {
        try (Shop shop = new Shop(shop())) {
            AtomicInteger read = new AtomicInteger();
            shop.run(shop.blaze(), FROM, TO, new MemoryCheckpoint(), 1, event -> {
                if (event instanceof dev.backfill.Event.PageRead page) {
                    read.addAndGet(page.records());
                }
            });
            assertThat(read.get()).isGreaterThan(900);
            assertThat(shop.rows()).isEqualTo(shop.truth(FROM, LAST));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LATE_COMPLETIONS", "VOIDS", "REFUNDS"})
    void rowsThatChangeWhileTheyAreReadCostNoOthers(BlazeQuirk change) throws Exception {
        changing(change);
    }

    @Test
    void rowsThatChangeInAllWaysAtOnceCostNoOthers() throws Exception {
        changing(LATE_COMPLETIONS, VOIDS, REFUNDS);
        changing(LATE_COMPLETIONS, VOIDS, REFUNDS, NEWEST_FIRST);
    }

    /** Those that are there from beginning to end are promised, and nothing else. */
    private static void changing(BlazeQuirk... changes) throws Exception {
        try (Shop shop = new Shop(shop().and(changes))) {
            Set<String> stable = keys(shop.truth(FROM, LAST));
            shop.run(shop.blaze(), FROM, TO, new MemoryCheckpoint(), 3, event -> {});
            stable.retainAll(keys(shop.truth(FROM, LAST)));
            assertThat(stable).hasSizeGreaterThan(3_000);
            assertThat(keys(shop.rows())).containsAll(stable);
        }
    }

    @Test
    void rowsThatAppearBeforeThePlaceAreFoundByTheCountOfTheWindow() throws Exception {
        try (Shop shop = new Shop(shop().and(LATE_COMPLETIONS))) {
            int before = shop.truth(FROM, LAST).size();
            shop.run(shop.blaze(), FROM, TO, new MemoryCheckpoint(), 1, event -> {});
            assertThat(shop.rows()).hasSizeGreaterThan(before).isEqualTo(shop.truth(FROM, LAST));
        }
    }

    private static Set<String> keys(Set<String> lines) {
        Set<String> keys = new HashSet<>();
        lines.forEach(line -> keys.add(line.replaceFirst(".*?(item_id=\\S+).*(transaction_id=\\S+).*", "$2 $1")));
        return keys;
    }

    @Test
    void itemsWithoutIdBecomeDeadLettersAndDoNotVanish() throws Exception {
        try (Shop shop = new Shop(shop().and(ITEMS_WITHOUT_ID))) {
            Report report = shop.run(shop.blaze(), FROM, TO, new MemoryCheckpoint(), 1, event -> {});
            assertThat(report.deadLetters()).isPositive();
            assertThat(report.counts().produced())
                    .isEqualTo(report.counts().inserted()
                            + report.counts().updated()
                            + report.counts().unchanged()
                            + report.counts().dead());
            assertThat(shop.rows()).isEqualTo(shop.truth(FROM, LAST));
        }
    }

    @Test
    void aWindowThatFailsIsNotDoneAndTheNextRunTakesOnlyThat() throws Exception {
        try (Shop shop = new Shop(shop().deepestSkip(250))) {
            MemoryCheckpoint checkpoint = new MemoryCheckpoint();
            assertThatThrownBy(() -> shop.run(shop.blaze(), FROM, TO, checkpoint, 1, event -> {}))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContaining("windowsOf(1)");
            int calls = shop.log().size();
            assertThatThrownBy(() -> shop.run(shop.blaze(), FROM, TO, checkpoint, 1, event -> {}))
                    .isInstanceOf(BackfillException.class);
            assertThat(shop.log().size() - calls).isLessThanOrEqualTo(3);
            survivesWithSmallWindows(shop);
        }
    }

    private static void survivesWithSmallWindows(Shop shop) throws Exception {
        shop.run(shop.blaze().windowsOf(1), FROM, TO, new MemoryCheckpoint(), 2, event -> {});
        assertThat(shop.rows()).isEqualTo(shop.truth(FROM, LAST));
    }

    @Test
    void aFinishedWindowIsNotReadAgain() throws Exception {
        try (Shop shop = new Shop(shop())) {
            MemoryCheckpoint checkpoint = new MemoryCheckpoint();
            shop.run(shop.blaze(), FROM, TO, checkpoint, 2, event -> {});
            int calls = shop.log().size();
            shop.run(shop.blaze(), FROM, TO, checkpoint, 2, event -> {});
            assertThat(shop.log()).hasSize(calls);
        }
    }

    @Test
    void aFinishedWindowWhoseEndMovesIsReadOnFromItsOldEnd() throws Exception {
        try (Shop shop = new Shop(shop())) {
            MemoryCheckpoint checkpoint = new MemoryCheckpoint();
            shop.run(shop.blaze(), FROM, FROM.plusDays(10), checkpoint, 1, event -> {});
            int calls = shop.log().size();
            shop.run(shop.blaze(), FROM, TO, checkpoint, 1, event -> {});
            List<String> later = shop.log().subList(calls, shop.log().size());
            assertThat(later)
                    .noneMatch(line -> line.contains("03%2F01%2F2024&endDate") || line.contains("03/01/2024&endDate"));
            assertThat(later.get(0)).containsPattern("startDate=03(%2F|/)11(%2F|/)2024&endDate=03(%2F|/)15(%2F|/)2024");
            assertThat(shop.rows()).isEqualTo(shop.truth(FROM, LAST));
            // an end that moves back leaves nothing to do
            shop.run(shop.blaze(), FROM, FROM.plusDays(10), checkpoint, 1, event -> {});
        }
    }

    @Test
    void aWindowThatHasNotPassedIsReadAgainByTheNextRun() throws Exception {
        ZoneId zone = ZoneId.of("America/Los_Angeles");
        LocalDate today = LocalDate.ofInstant(new JumpingTime().now(), zone);
        BlazeSettings growing = BlazeSimulator.with()
                .transactions(200)
                .between(today.minusDays(9), today.minusDays(1))
                .and(TODAY_GROWS);
        try (Shop shop = new Shop(growing)) {
            MemoryCheckpoint checkpoint = new MemoryCheckpoint();
            Report first = shop.run(shop.blaze(), today.minusDays(9), today, checkpoint, 1, event -> {});
            int rows = shop.rows().size();
            assertThat(first.partitions())
                    .extracting(Report.Part::state)
                    .containsExactly(Report.State.DONE, Report.State.OPEN);
            int calls = shop.log().size();
            shop.run(shop.blaze(), today.minusDays(9), today, checkpoint, 1, event -> {});
            assertThat(shop.log().size()).isGreaterThan(calls);
            assertThat(shop.rows().size()).isGreaterThan(rows);
        }
    }

    @Test
    void theLimitHoldsAndNoCallIsRefused() throws Exception {
        try (Shop shop = new Shop(shop().rowsPerPage(10).limit(new Limit(50, Duration.ofMinutes(5))))) {
            Blaze blaze =
                    shop.bound(() -> shop.blaze().limitedBy(dev.backfill.RateLimiter.of(50, Duration.ofMinutes(5))));
            shop.run(blaze, FROM, TO, new MemoryCheckpoint(), 3, event -> {});
            assertThat(shop.log()).noneMatch(line -> line.contains(" 429 ")).hasSizeGreaterThan(100);
            assertThat(shop.rows()).isEqualTo(shop.truth(FROM, LAST));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Limits.RetryAfter.class,
            names = {"HUGE"},
            mode = EnumSource.Mode.EXCLUDE)
    void aRefusedCallIsMadeAgainWhateverItSays(Limits.RetryAfter retryAfter) throws Exception {
        survives(shop().limits(Limits.of(new Limit(8, Duration.ofSeconds(20)))
                .retryAfter(retryAfter)
                .inHtml()));
    }

    @Test
    void aRefusalForDaysEndsTheRunAndSaysSo() throws Exception {
        try (Shop shop = new Shop(
                shop().limits(Limits.of(new Limit(4, Duration.ofMinutes(5))).retryAfter(Limits.RetryAfter.HUGE)))) {
            Report[] report = new Report[1];
            try {
                report[0] = shop.run(shop.blaze(), FROM, TO, new MemoryCheckpoint(), 1, event -> {});
            } catch (BackfillException e) {
                report[0] = e.report().orElseThrow();
            }
            assertThat(report[0].complete()).isFalse();
            assertThat(report[0].comeBack().orElseThrow()).isGreaterThan(Duration.ofDays(10));
        }
    }

    @Test
    void wrongKeysStopAllWindowsAfterOneCallAndAreNotShown() throws Exception {
        for (BlazeSettings settings : List.of(shop(), shop().and(STORE_KEY_403, LEGACY_ERRORS))) {
            try (Shop shop = new Shop(settings)) {
                Blaze blaze = shop.bound(
                        () -> Blaze.connect(shop.simulator.partnerKey(), Secret.of("BLAZE_STORE_KEY", "S3CR3T-store"))
                                .at(shop.simulator.url().toString()));
                BackfillException e = catchThrowableOfType(
                        BackfillException.class,
                        () -> shop.run(blaze, FROM, TO, new MemoryCheckpoint(), 1, event -> {}));
                assertThat(String.valueOf(e.getMessage()) + e.report())
                        .contains("BLAZE_STORE_KEY")
                        .doesNotContain("S3CR3T");
                assertThat(shop.log()).hasSize(1);
            }
        }
    }

    @Test
    void thePartnerKeyCanGoIntoTheOtherHeader() throws Exception {
        try (Shop shop = new Shop(shop().and(API_KEY_HEADER_ONLY))) {
            Blaze blaze = shop.blaze().keyHeader(Blaze.KeyHeader.X_API_KEY);
            shop.run(blaze, FROM, TO, new MemoryCheckpoint(), 2, event -> {});
            assertThat(shop.rows()).isEqualTo(shop.truth(FROM, LAST));
        }
    }

    private static <T> List<T> all(Source<T> source) throws Exception {
        List<T> all = new ArrayList<>();
        Cursor at = Cursor.START;
        while (true) {
            Page<T> page = source.read(at);
            all.addAll(page.items());
            if (page.next().isEmpty()) {
                return all;
            }
            at = page.next().get();
        }
    }

    record Brand(String id, String name) {}

    @Test
    void theSmallerListsAreReadWhole() throws Exception {
        Instant from = Instant.parse("2024-01-01T00:00:00Z");
        try (Shop shop = new Shop(shop().transactions(5_000).rowsPerPage(50))) {
            Blaze blaze = shop.blaze();
            assertThat(all(blaze.members(from, from.plusSeconds(86_400))))
                    .hasSize(251)
                    .extracting(Member::id)
                    .doesNotHaveDuplicates();
            List<Product> products = all(blaze.products(FROM, TO));
            assertThat(products).hasSizeGreaterThan(100).extracting(Product::id).doesNotHaveDuplicates();
            assertThat(all(blaze.productsModified(from, from.plus(Duration.ofDays(3_000)))))
                    .hasSameElementsAs(products);
            assertThat(all(blaze.list("store/inventory/brands", "start", Brand.class, Brand::id)))
                    .hasSize(12);
        }
    }

    @Test
    void aListThatSkipsPagesInsteadOfRowsFailsAndDoesNotPassForRead() throws Exception {
        try (Shop shop = new Shop(shop().rowsPerPage(5).and(START_IS_PAGE))) {
            Source<Brand> brands = shop.blaze().list("store/inventory/brands", "start", Brand.class, Brand::id);
            assertThatThrownBy(() -> all(brands)).isInstanceOf(ExpiredCursorException.class);
        }
    }

    @Test
    void anUnknownListIsNamed() throws Exception {
        try (Shop shop = new Shop(shop())) {
            assertThatThrownBy(() -> all(shop.blaze().list("no/such", "skip", Brand.class, Brand::id)))
                    .isInstanceOf(HttpException.class)
                    .hasMessageContaining("/api/v1/partner/no/such answered 404");
        }
    }
}

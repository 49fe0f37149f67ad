package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Partition;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.Source;
import dev.backfill.Windows;
import dev.backfill.Windows.Window;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.internal.Ports;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Time in windows, runs that end in time, and pauses, in virtual time. */
class WindowsTest {

    private final World world = new World(3);
    private final Checkpoint checkpoint = new MemoryCheckpoint();
    private final List<String> read = new ArrayList<>();
    private final Set<String> broken = new HashSet<>();

    private <T> T in(World.Body<T> body) throws Exception {
        return world.run(body).orElseThrow();
    }

    private Source<String> source(Window window) {
        return from -> {
            if (broken.contains(window.name())) {
                throw new IllegalStateException("the site is broken");
            }
            read.add(window.name());
            return Page.last(List.of(window.name()));
        };
    }

    private Backfill job(Windows windows) {
        return Backfill.named("windows")
                .from(windows.each(this::source))
                .into(batch -> {})
                .checkpoint(checkpoint);
    }

    private static YearMonth thisMonth() {
        return YearMonth.from(Ports.current().time().now().atZone(ZoneOffset.UTC));
    }

    private static List<String> names(Windows windows) {
        return windows.list().stream().map(Window::name).toList();
    }

    private static List<String> lines(Windows windows, Map<String, Report.State> states) {
        return windows.stretches(states).stream().map(Object::toString).toList();
    }

    // ---- cutting

    @Test
    void monthsAndDaysAndCutsCoverTimeWithoutGap() {
        Windows months = Windows.months(YearMonth.of(2023, 11), YearMonth.of(2024, 2));
        assertThat(names(months)).containsExactly("2023-11", "2023-12", "2024-01", "2024-02");
        assertThat(months.list().get(3).to()).isEqualTo(LocalDate.of(2024, 3, 1));
        Windows days = Windows.days(LocalDate.of(2024, 2, 28), LocalDate.of(2024, 3, 1));
        assertThat(names(days)).containsExactly("2024-02-28", "2024-02-29", "2024-03-01");
        Windows weeks = Windows.days(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 1, 16), 7);
        assertThat(names(weeks)).containsExactly("2024-01-01", "2024-01-08", "2024-01-15");
        assertThat(weeks.list().get(2).to()).isEqualTo(LocalDate.of(2024, 1, 17));
        Windows cuts = Windows.cut(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 2, 15), LocalDate.of(2024, 3, 1));
        assertThat(names(cuts)).containsExactly("2024-01-01..2024-02-15", "2024-02-15..2024-03-01");
    }

    @Test
    void daysBeginInTheirZone() {
        ZoneId zone = ZoneId.of("Europe/Stockholm");
        Window march = Windows.months(YearMonth.of(2024, 3), YearMonth.of(2024, 3))
                .in(zone)
                .list()
                .get(0);
        assertThat(march.begin()).isEqualTo(Instant.parse("2024-02-29T23:00:00Z"));
        assertThat(march.end()).isEqualTo(Instant.parse("2024-03-31T22:00:00Z")); // summer time has begun
    }

    @Test
    void whatCannotBeIsTold() {
        assertThatThrownBy(() -> Windows.months(YearMonth.of(2024, 2), YearMonth.of(2024, 1)))
                .hasMessage("the windows end (2024-01-31) before they begin (2024-02-01)");
        assertThatThrownBy(() -> Windows.cut(LocalDate.of(2024, 2, 1), LocalDate.of(2024, 1, 1)))
                .hasMessageContaining("not in order");
        assertThatThrownBy(() -> Windows.cut(LocalDate.of(2024, 2, 1))).hasMessageContaining("at least two days");
        assertThatThrownBy(() -> Windows.days(LocalDate.EPOCH, LocalDate.EPOCH, 0))
                .hasMessageContaining("from 1 to");
        assertThatThrownBy(() ->
                        in(() -> job(Windows.months(thisMonth(), thisMonth().plusMonths(1)))
                                .run()))
                .hasMessageContaining("begins in the future");
    }

    // ---- the ledger

    @Test
    void anotherRangeExtendsTheLedgerAndTakesUpWhatFailed() throws Exception {
        broken.add("2020-02");
        assertThatThrownBy(() -> in(() -> job(Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 3)))
                        .run()))
                .isInstanceOf(BackfillException.class);
        assertThat(read).containsExactly("2020-01", "2020-03");
        read.clear();
        broken.clear();

        Windows later = Windows.months(YearMonth.of(2020, 6), YearMonth.of(2020, 7));
        Report report = in(() -> job(later).run());

        assertThat(report.complete()).isTrue();
        assertThat(read).containsExactlyInAnyOrder("2020-02", "2020-06", "2020-07");
        assertThat(lines(later, report.states()))
                .containsExactly("2020-01 to 2020-03 done", "2020-04 to 2020-05 missing", "2020-06 to 2020-07 done");
    }

    @Test
    void theLedgerTellsDoneFailedOpenAndMissing() {
        Windows months = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 6));
        Map<String, Report.State> states = new HashMap<>(Map.of(
                "2020-01", Report.State.DONE,
                "2020-02", Report.State.DONE,
                "2020-03", Report.State.FAILED,
                "2020-06", Report.State.OPEN,
                "something else", Report.State.DONE,
                "2020-01-01", Report.State.DONE));
        assertThat(lines(months, states))
                .containsExactly(
                        "2020-01 to 2020-02 done", "2020-03 failed", "2020-04 to 2020-05 missing", "2020-06 open");
    }

    @Test
    void aWindowThatTouchesNowIsNeverDone() throws Exception {
        World.Body<Report> run = () ->
                job(Windows.months(thisMonth().minusMonths(1), thisMonth())).run();
        Report first = in(run);
        in(run);
        String now = in(() -> thisMonth().toString());
        assertThat(first.states()).containsEntry(now, Report.State.OPEN);
        assertThat(read.stream().filter(now::equals)).hasSize(2);
        assertThat(read).hasSize(3);
    }

    @Test
    void aWindowStaysOpenWhileRecordsMayComeLate() throws Exception {
        World.Body<Report> run =
                () -> job(Windows.months(thisMonth().minusMonths(2), thisMonth().minusMonths(1))
                                .settling(Duration.ofDays(20)))
                        .run();
        in(run);
        assertThat(in(run).states()).containsValue(Report.State.OPEN).containsValue(Report.State.DONE);
        assertThat(read).hasSize(3);
    }

    @Test
    void aShorterLastWindowStaysOpenSinceItMayBecomeLonger() throws Exception {
        LocalDate first = LocalDate.of(2024, 1, 1);
        in(() -> job(Windows.days(first, first.plusDays(9), 7)).run());
        in(() -> job(Windows.days(first, first.plusDays(13), 7)).run());
        assertThat(read).containsExactly("2024-01-01", "2024-01-08", "2024-01-08");
    }

    @Test
    void aWindowThatIsDoneStaysDoneWhenAShorterRangeCutsIt() throws Exception {
        LocalDate first = LocalDate.of(2024, 1, 1);
        in(() -> job(Windows.days(first, first.plusDays(13), 7)).run());
        in(() -> job(Windows.days(first, first.plusDays(9), 7)).run());
        assertThat(read).containsExactly("2024-01-01", "2024-01-08");
    }

    /** Newest first: what comes while it is open stands on pages that were read before. */
    @Test
    void anOpenWindowThatWasStoppedIsReadFromItsStartWhenItIsOpenNoMore() throws Exception {
        List<Integer> pages = new ArrayList<>();
        Source<Integer> source = from -> {
            int page = from.orElse(1);
            pages.add(page);
            return page == 30 ? Page.last(List.of(page)) : Page.of(List.of(page), page + 1);
        };
        Backfill open = Backfill.named("open")
                .from(() -> List.of(Partition.of("now", source).openAt(Cursor.START)))
                .into(batch -> {})
                .checkpoint(checkpoint);
        in(() -> open.stopAfterCalls(10).run());
        Backfill closed = Backfill.named("open")
                .from(() -> List.of(Partition.of("now", source)))
                .into(batch -> {})
                .checkpoint(checkpoint);
        in(() -> closed.run());
        assertThat(pages.subList(10, pages.size()))
                .containsExactlyElementsOf(
                        java.util.stream.IntStream.rangeClosed(1, 30).boxed().toList());
    }

    @Test
    void cutElsewhereIsAnotherWindow() throws Exception {
        LocalDate day = LocalDate.of(2024, 1, 1);
        in(() -> job(Windows.cut(day, day.plusDays(5))).run());
        Report longer = in(() -> job(Windows.cut(day, day.plusDays(9))).run());
        assertThat(longer.states()).containsKeys("2024-01-01..2024-01-06", "2024-01-01..2024-01-10");
        assertThat(read).containsExactly("2024-01-01..2024-01-06", "2024-01-01..2024-01-10");
    }

    // ---- acceptance and time boxes

    @Test
    void mostWindowsAreEnoughIfThatIsAccepted() throws Exception {
        broken.add("2020-05");
        Windows ten = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 10));
        assertThatThrownBy(() -> in(() -> job(ten).accept(0.91).run())).hasMessageContaining("partial");
        Report accepted = in(() -> job(ten).accept(0.9).run());
        assertThat(accepted.status()).isEqualTo(Report.Status.PARTIAL);
        assertThat(lines(ten, accepted.states()))
                .containsExactly("2020-01 to 2020-04 done", "2020-05 failed", "2020-06 to 2020-10 done");
    }

    private static Source<Integer> slow(int last) {
        return from -> {
            int page = from.orElse(1);
            Ports.current().time().sleep(Duration.ofMinutes(1).toNanos());
            return page == last ? Page.last(List.of(page)) : Page.of(List.of(page), page + 1);
        };
    }

    private Backfill pages(Source<Integer> source, Set<Integer> written) {
        return Backfill.named("pages")
                .from(source)
                .into(batch -> written.addAll(batch))
                .checkpoint(checkpoint);
    }

    @Test
    void stopsCleanlyWhenItsTimeIsOverAndGoesOn() throws Exception {
        Set<Integer> written = new HashSet<>();
        Report first = in(() -> pages(bound(slow(100)), written)
                .stopAfter(Duration.ofMinutes(30))
                .run());
        assertThat(first.status()).isEqualTo(Report.Status.INTERRUPTED);
        assertThat(first.signal()).isEmpty();
        assertThat(first.notes()).anyMatch(note -> note.startsWith("stopped after 30m, as the job says"));
        assertThat(first.took()).isBetween(Duration.ofMinutes(30), Duration.ofMinutes(31));
        assertThat(written).isNotEmpty();
        int runs = 1;
        while (in(() -> pages(bound(slow(100)), written)
                                .stopAfter(Duration.ofMinutes(30))
                                .run())
                        .status()
                == Report.Status.INTERRUPTED) {
            runs++;
        }
        assertThat(written).hasSize(100);
        assertThat(runs).isBetween(3, 4);
    }

    /** A source that sleeps in the world although another thread reads it. */
    private static Source<Integer> bound(Source<Integer> source) {
        Ports ports = Ports.current();
        return from -> Ports.bound(ports, () -> source.read(from));
    }

    @Test
    void aRunThatEndsBeforeIsNotHeldByItsTimeBox() throws Exception {
        Report report = in(() -> pages(bound(slow(5)), new HashSet<>())
                .stopAfter(Duration.ofHours(5))
                .run());
        assertThat(report.complete()).isTrue();
        assertThat(report.took()).isLessThan(Duration.ofMinutes(6));
    }

    @Test
    void stopsCleanlyAfterSoManyCalls() throws Exception {
        Set<Integer> written = new HashSet<>();
        List<Integer> calls = new ArrayList<>();
        Source<Integer> counted = from -> {
            int page = from.orElse(1);
            calls.add(page);
            return page == 25 ? Page.last(List.of(page)) : Page.of(List.of(page), page + 1);
        };
        Report first = in(() -> pages(counted, written).stopAfterCalls(10).run());
        assertThat(first.status()).isEqualTo(Report.Status.INTERRUPTED);
        assertThat(calls).hasSize(10);
        assertThat(first.notes()).anyMatch(note -> note.startsWith("stopped after 10 calls"));
        in(() -> pages(counted, written).stopAfterCalls(10).run());
        assertThat(calls).hasSize(20);
        Report last = in(() -> pages(counted, written).stopAfterCalls(10).run());
        assertThat(last.complete()).isTrue();
        assertThat(written).hasSize(25);
    }

    // ---- pauses

    @Test
    void leavesAPauseOfVaryingLengthBetweenTwoCallsOfWhomever() throws Exception {
        List<Long> begins = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        in(() -> {
            RateLimiter spaced = RateLimiter.spaced(Duration.ofSeconds(5), Duration.ofSeconds(10));
            Ports ports = Ports.current();
            Source<Integer> source = from -> {
                begins.add(ports.time().nanos());
                ports.time().sleep(Duration.ofSeconds(1).toNanos());
                ends.add(ports.time().nanos());
                int page = from.orElse(1);
                return page == 10 ? Page.last(List.of(page)) : Page.of(List.of(page), page + 1);
            };
            return Backfill.named("polite")
                    .from(Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 3))
                            .each(window -> source.limitedBy(spaced)))
                    .into(batch -> {})
                    .parallel(3)
                    .checkpoint(checkpoint)
                    .run();
        });
        assertThat(begins).hasSize(30);
        Set<Long> pauses = new HashSet<>();
        for (int i = 1; i < begins.size(); i++) {
            long pause = begins.get(i) - ends.get(i - 1);
            assertThat(pause)
                    .isBetween(
                            Duration.ofSeconds(5).toNanos(),
                            Duration.ofSeconds(10).toNanos() + 1_000_000);
            pauses.add(pause / 100_000_000);
        }
        assertThat(pauses).hasSizeGreaterThan(10);
        assertThatThrownBy(() -> RateLimiter.spaced(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageContaining("the shortest named first");
    }
}

package dev.backfill.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Windows;
import dev.backfill.Windows.Window;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Windows leave no gap and share no instant, whatever the days, the zone and its changes of the clock. */
class WindowEdgesTest {

    private final SplittableRandom random = new SplittableRandom(11);

    private void cover(Windows windows, LocalDate first, LocalDate behind, ZoneId zone) {
        List<Window> list = windows.in(zone).list();
        assertThat(list.get(0).begin()).isEqualTo(first.atStartOfDay(zone).toInstant());
        assertThat(list.get(list.size() - 1).end())
                .isEqualTo(behind.atStartOfDay(zone).toInstant());
        for (int i = 1; i < list.size(); i++) {
            assertThat(list.get(i).begin())
                    .as("%s in %s", list.get(i), zone)
                    .isEqualTo(list.get(i - 1).end());
        }
        long begin = list.get(0).begin().getEpochSecond();
        long end = list.get(list.size() - 1).end().getEpochSecond();
        for (int i = 0; i < 20; i++) {
            Instant any = Instant.ofEpochSecond(random.nextLong(begin, end));
            assertThat(list.stream().filter(window -> !any.isBefore(window.begin()) && any.isBefore(window.end())))
                    .as("%s in %s", any, zone)
                    .hasSize(1);
        }
    }

    @Test
    void everyInstantIsInExactlyOneWindowInEveryZone() {
        for (String id : new TreeSet<>(ZoneId.getAvailableZoneIds())) {
            ZoneId zone = ZoneId.of(id);
            LocalDate first = LocalDate.of(1970, 1, 1).plusDays(random.nextInt(22_000));
            LocalDate last = first.plusDays(random.nextInt(100));
            cover(Windows.days(first, last, 1 + random.nextInt(10)), first, last.plusDays(1), zone);
            YearMonth from = YearMonth.from(first);
            YearMonth to = from.plusMonths(random.nextInt(30));
            cover(Windows.months(from, to), from.atDay(1), to.plusMonths(1).atDay(1), zone);
        }
    }

    @Test
    void aLeapDayAMonthEndAChangeOfTheClockAndADayThatNeverWasAreCovered() {
        for (String zone :
                List.of("UTC", "America/Sao_Paulo", "Europe/Stockholm", "Asia/Beirut", "Australia/Lord_Howe")) {
            for (int year : new int[] {2000, 2015, 2016, 2023, 2024, 2100}) {
                LocalDate first = LocalDate.of(year, 1, 31);
                LocalDate behind = LocalDate.of(year + 1, 3, 1);
                cover(Windows.days(first, behind.minusDays(1)), first, behind, ZoneId.of(zone));
            }
        }
        LocalDate first = LocalDate.of(2011, 12, 28);
        cover(Windows.days(first, first.plusDays(5)), first, first.plusDays(6), ZoneId.of("Pacific/Apia"));
        cover(
                Windows.cut(first, first.plusDays(2), first.plusDays(3), first.plusDays(9)),
                first,
                first.plusDays(9),
                ZoneId.of("Pacific/Apia"));
    }
}

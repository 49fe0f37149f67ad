package dev.backfill.blaze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Partition;
import dev.backfill.Partitioned;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.simulators.BlazeSimulator;
import dev.backfill.testkit.SourceContract;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class BlazeWindowsTest {

    private static final Blaze BLAZE = Blaze.connect(Secret.of("PARTNER", "S3CR3T-a"), Secret.of("STORE", "S3CR3T-b"));

    private static final LocalDate FROM = LocalDate.of(2024, 1, 1);

    @Test
    void windowsShareADayAndAreNamedByTheirStart() throws Exception {
        Partitioned<Transaction> year = BLAZE.transactions(FROM, LocalDate.of(2024, 12, 30));
        List<Partition<Transaction>> windows = year.partitions();
        assertThat(windows).hasSize(52);
        assertThat(windows)
                .extracting(Partition::name)
                .startsWith("2024-01-01", "2024-01-08")
                .endsWith("2024-12-23");
        assertThat(windows).noneMatch(Partition::open);
        assertThat(windows.get(0).end().orElseThrow().json()).contains("2024-01-08");
        assertThat(year.overlapping()).isTrue();
        assertThat(year.paging()).isEqualTo(Paging.ANCHORED);
    }

    @Test
    void aWindowThatTouchesTodayIsOpen() throws Exception {
        ZoneId zone = ZoneId.of("Pacific/Kiritimati");
        LocalDate today = LocalDate.ofInstant(JumpingPorts.ports().time().now(), zone);
        assertThat(BLAZE.zone(zone).transactions(today.minusDays(10), today).partitions())
                .extracting(Partition::open)
                .containsExactly(false, true);
    }

    @Test
    void theDefinitionHasWhatChangesTheRowsAndNoEndsAndNoKeys() {
        String definition = BLAZE.transactions(FROM, FROM.plusDays(9)).definition();
        assertThat(definition)
                .isEqualTo(BLAZE.transactions(FROM, FROM.plusDays(90)).definition())
                .contains("https://api.partners.blaze.me", "America/Los_Angeles", "7 days")
                .doesNotContain("S3CR3T");
        assertThat(BLAZE.windowsOf(1).transactions(FROM, FROM.plusDays(9)).definition())
                .isNotEqualTo(definition);
        assertThat(BLAZE.toString()).doesNotContain("S3CR3T");
    }

    @Test
    void daysThatEndBeforeTheyBeginAreRefused() {
        assertThatThrownBy(() -> BLAZE.transactions(FROM, FROM)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BLAZE.windowsOf(8)).isInstanceOf(IllegalArgumentException.class);
    }

    /** What every source must do. */
    @Nested
    class Contract extends SourceContract<String> {

        private final BlazeSimulator simulator;

        Contract() throws Exception {
            simulator = BlazeSimulator.with()
                    .transactions(450)
                    .between(FROM, FROM.plusDays(6))
                    .start(0);
        }

        @AfterEach
        void stop() {
            simulator.close();
        }

        private Blaze blaze() {
            return Blaze.connect(simulator.partnerKey(), simulator.dispensaryKey())
                    .at(simulator.url().toString());
        }

        @Override
        protected Source<String> source() throws Exception {
            Source<Transaction> window = blaze().transactions(FROM, FROM.plusDays(7))
                    .partitions()
                    .get(0)
                    .source();
            return from -> {
                var page = window.read(from);
                List<String> ids = page.items().stream()
                        .map(one -> String.valueOf(one.id()))
                        .toList();
                return new Page<>(ids, page.next(), page.total());
            };
        }

        @Override
        protected List<String> expected() throws Exception {
            List<String> ids = new ArrayList<>();
            Source<Id> days = blaze().list("transactions/days?startDate=01/01/2024&days=7", "skip", Id.class, Id::id);
            Cursor at = Cursor.START;
            while (true) {
                Page<Id> page = days.read(at);
                page.items().forEach(one -> ids.add(one.id()));
                if (page.next().isEmpty()) {
                    assertThat(ids).hasSize(450);
                    return ids;
                }
                at = page.next().get();
            }
        }
    }

    record Id(String id) {}
}

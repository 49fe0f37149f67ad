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
import dev.backfill.testkit.JumpingTime;
import dev.backfill.testkit.PartitionedContract;
import dev.backfill.testkit.SourceContract;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
        LocalDate today = LocalDate.ofInstant(new JumpingTime().now(), zone);
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
            return ids(blaze().transactions(FROM, FROM.plusDays(7))
                    .partitions()
                    .get(0)
                    .source());
        }

        @Override
        protected List<String> expected() throws Exception {
            List<String> ids = days(blaze(), "01/01/2024");
            assertThat(ids).hasSize(450);
            return ids;
        }
    }

    /** What every source in parts must do. */
    @Nested
    class Parts extends PartitionedContract<String> {

        private final BlazeSimulator simulator;

        Parts() throws Exception {
            simulator = BlazeSimulator.with()
                    .transactions(300)
                    .between(FROM, FROM.plusDays(20))
                    .start(0);
        }

        @AfterEach
        void stop() {
            simulator.close();
        }

        @Override
        protected Partitioned<String> source() throws Exception {
            return new Ids(blaze().transactions(FROM, FROM.plusDays(21)));
        }

        private Blaze blaze() {
            return Blaze.connect(simulator.partnerKey(), simulator.dispensaryKey())
                    .at(simulator.url().toString());
        }

        @Override
        protected List<String> expected() throws Exception {
            Set<String> ids = new HashSet<>();
            for (String monday : List.of("01/01/2024", "01/08/2024", "01/15/2024")) {
                ids.addAll(days(blaze(), monday));
            }
            assertThat(ids).hasSize(300);
            return List.copyOf(ids);
        }

        @Override
        protected List<String> secrets() {
            return List.of(
                    simulator.partnerKey().reveal(), simulator.dispensaryKey().reveal());
        }
    }

    /** The same windows, of ids, which can be compared. */
    private record Ids(Partitioned<Transaction> windows) implements Partitioned<String> {

        @Override
        public List<Partition<String>> partitions() throws Exception {
            return windows.partitions().stream()
                    .map(part -> new Partition<>(part.name(), ids(part.source()), part.end(), part.open()))
                    .toList();
        }

        @Override
        public boolean overlapping() {
            return windows.overlapping();
        }

        @Override
        public String definition() {
            return windows.definition();
        }

        @Override
        public String toString() {
            return windows.toString();
        }
    }

    private static Source<String> ids(Source<Transaction> window) {
        return from -> {
            var page = window.read(from);
            List<String> ids =
                    page.items().stream().map(one -> String.valueOf(one.id())).toList();
            return new Page<>(ids, page.next(), page.total());
        };
    }

    /** The ids of seven days by the call that skips, which is right while nothing changes. */
    private static List<String> days(Blaze blaze, String first) throws Exception {
        List<String> ids = new ArrayList<>();
        Source<Id> days = blaze.list("transactions/days?startDate=" + first + "&days=7", "skip", Id.class, Id::id);
        Cursor at = Cursor.START;
        while (true) {
            Page<Id> page = days.read(at);
            page.items().forEach(one -> ids.add(one.id()));
            if (page.next().isEmpty()) {
                return ids;
            }
            at = page.next().get();
        }
    }

    record Id(String id) {}
}

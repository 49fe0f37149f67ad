package dev.backfill.guides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.Backfill;
import dev.backfill.BackfillException;
import dev.backfill.Page;
import dev.backfill.Partitioned;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.Windows;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.files.CommittedSink;
import dev.backfill.files.Csv;
import dev.backfill.files.FileSink;
import dev.backfill.files.FileSource;
import dev.backfill.files.Git;
import dev.backfill.files.Manifest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/guides/windows.md and docs/guides/files-and-git.md, run against a site that is made up. */
class WindowsAndFilesTest {

    record Sale(String id, LocalDate soldOn, String address, long price) {}

    record Answer(List<Sale> sales, String cookie) {}

    /** Two pages of two sales in each month; who brings no cookie must solve a riddle first. */
    private static final class Web {
        private final List<String> asked = new ArrayList<>();
        private String broken = "";
        private int riddles;

        Answer page(String month, int page, String cookie) {
            asked.add(month + " " + page);
            if (month.equals(broken)) {
                throw new IllegalStateException("the site blocks us");
            }
            riddles += cookie.isEmpty() ? 1 : 0;
            List<Sale> sales = page > 2 ? List.of() : List.of(sale(month, page, 1), sale(month, page, 2));
            return new Answer(sales, "solved");
        }

        private static Sale sale(String month, int page, int number) {
            String id = month + "/" + page + "/" + number;
            return new Sale(id, LocalDate.parse(month + "-0" + page), "=1+1, \"Flat\" " + number, 2_500_000);
        }
    }

    private static final class Site {
        private final Web web;
        private final Session session;

        Site(Web web, Session session) {
            this.web = web;
            this.session = session;
        }

        Source<Sale> sold(Windows.Window month) {
            return from -> {
                int page = from.orElse(1);
                Answer answer = web.page(month.name(), page, session.cookie());
                session.keep(answer.cookie()); // before the next call is made
                return answer.sales().isEmpty() ? Page.last(answer.sales()) : Page.of(answer.sales(), page + 1);
            };
        }
    }

    static final class Session {
        private final ReentrantLock lock = new ReentrantLock();
        private final Path file;
        private String cookie;

        Session(Path file) throws IOException {
            this.file = file;
            cookie = Files.exists(file) ? Files.readString(file) : "";
        }

        String cookie() {
            lock.lock();
            try {
                return cookie;
            } finally {
                lock.unlock();
            }
        }

        void keep(String fresh) throws IOException {
            lock.lock();
            try {
                if (!fresh.equals(cookie)) {
                    Path beside = Files.createTempFile(file.resolveSibling(""), ".session", null); // for its owner only
                    try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                        channel.write(StandardCharsets.UTF_8.encode(fresh));
                        channel.force(true);
                    }
                    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                    cookie = fresh;
                }
            } finally {
                lock.unlock();
            }
        }
    }

    static int exitCode(Report report) {
        return switch (report.status()) {
            case COMPLETE -> 0;
            case FAILED -> 1;
            case PARTIAL, INTERRUPTED -> 3; // something is left: run again
        };
    }

    @TempDir
    Path folder = Path.of("");

    private final Web web = new Web();

    @SuppressWarnings("NullAway.Init")
    private Site site;

    @BeforeEach
    void open() throws IOException {
        site = new Site(web, new Session(folder.resolve("session.txt")));
    }

    private Backfill job(Windows months) {
        return job(months, batch -> {});
    }

    private Backfill job(Windows months, Sink<Sale> sink) {
        return Backfill.named("sold")
                .from(months.each(site::sold))
                .into(sink)
                .checkpoint(FileCheckpoint.in(folder.resolve("progress")));
    }

    private static List<String> told(Windows months, Report report) {
        return months.stretches(report.states()).stream()
                .map(Windows.Stretch::toString)
                .toList();
    }

    @Test
    void windowsAreALedgerThatARunExtends() {
        FileCheckpoint progress = FileCheckpoint.in(folder.resolve("progress"));
        FileSink<Sale> files = Csv.in(folder.resolve("data"), Sale.class);

        Windows months = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 3));

        Report report = Backfill.named("sold")
                .from(months.each(site::sold))
                .into(files)
                .checkpoint(progress)
                .run();

        List<Windows.Stretch> ledger = months.stretches(report.states());
        ledger.forEach(System.out::println);

        assertThat(ledger).hasToString("[2020-01 to 2020-03 done]");
        assertThat(report.counts().inserted()).isEqualTo(12);
        web.asked.clear();
        Windows others = Windows.months(YearMonth.of(2020, 5), YearMonth.of(2020, 5));
        assertThat(told(others, job(others, files).run()))
                .containsExactly("2020-01 to 2020-03 done", "2020-04 missing", "2020-05 done");
        assertThat(web.asked).containsExactly("2020-05 1", "2020-05 2", "2020-05 3");
    }

    @Test
    void daysBeginInAZoneAndStayOpenForAWhile() {
        Windows weeks = Windows.days(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 1, 31), 7)
                .in(ZoneId.of("Europe/Stockholm"))
                .settling(Duration.ofHours(36));

        assertThat(weeks.list()).extracting(Windows.Window::name).startsWith("2024-01-01", "2024-01-08");
        assertThat(weeks.list().get(0).begin()).isEqualTo(Instant.parse("2023-12-31T23:00:00Z"));
        Windows quarters = Windows.cut(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 4, 1), LocalDate.of(2024, 7, 1));
        assertThat(quarters.list())
                .extracting(Windows.Window::name)
                .containsExactly("2024-01-01..2024-04-01", "2024-04-01..2024-07-01");
    }

    @Test
    void onlyWhatFailedIsRunAgain() {
        Windows months = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 10));
        Backfill job = job(months);
        web.broken = "2020-04";
        assertThatThrownBy(job::run).isInstanceOf(BackfillException.class).hasMessageContaining("the site blocks us");

        Report report = job.accept(0.9).run();
        if (!report.complete()) {
            months.stretches(report.states()).forEach(System.out::println);
        }

        assertThat(exitCode(report)).isEqualTo(3);
        assertThat(told(months, report))
                .containsExactly("2020-01 to 2020-03 done", "2020-04 failed", "2020-05 to 2020-10 done");
        web.broken = "";
        web.asked.clear();
        assertThat(exitCode(job.run())).isZero();
        assertThat(web.asked).containsExactly("2020-04 1", "2020-04 2", "2020-04 3");
    }

    @Test
    void aRunThatIsStoppedInTimeIsGoneOnWith() {
        Windows months = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 3));
        Backfill job = job(months);

        Report stopped = job.parallel(1).stopAfterCalls(4).run();
        assertThat(stopped.status()).isEqualTo(Report.Status.INTERRUPTED);
        assertThat(exitCode(stopped)).isEqualTo(3);
        assertThat(told(months, stopped)).containsExactly("2020-01 done", "2020-02 to 2020-03 waiting");

        Report report = job.stopAfter(Duration.ofMinutes(330)).run();

        assertThat(exitCode(report)).isZero();
        assertThat(report.counts().inserted()).isEqualTo(12);
    }

    @Test
    void aPoliteSourceAsksOnePageAtATime() {
        Windows months = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 3));

        RateLimiter polite = RateLimiter.spaced(Duration.ofSeconds(5), Duration.ofSeconds(10));
        Partitioned<Sale> sold = months.each(month -> site.sold(month).limitedBy(polite));

        Report report = Backfill.named("polite")
                .from(sold)
                .into(batch -> {})
                .checkpoint(new MemoryCheckpoint())
                .stopAfterCalls(1)
                .run();
        assertThat(report.status()).isEqualTo(Report.Status.INTERRUPTED);
        assertThat(polite.usage().calls()).isEqualTo(1);
    }

    @Test
    void aRestartIsStillKnownToTheSite() throws Exception {
        Windows months = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 3));
        job(months).stopAfterCalls(1).run();
        open(); // as a new process does
        assertThat(job(months).run().complete()).isTrue();
        assertThat(web.riddles).isEqualTo(1);
    }

    @Test
    void eachMonthIsAFileAndACommit() throws Exception {
        Path repository = folder.resolve("repository");
        Path home = folder.resolve("home");
        Windows months = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 3));

        Git git = Git.init(repository).as("Backfill", "backfill@example.org");
        FileSink<Sale> csv = Csv.in(repository.resolve("data"), Sale.class).prefix("sold_");
        CommittedSink<Sale> committed = csv.committedTo(git).message(month -> "data: sold homes of " + month);

        Report report = Backfill.named("sold")
                .from(csv.missing(months.each(site::sold)))
                .into(committed)
                .checkpoint(FileCheckpoint.in(home))
                .run();
        committed.settle();

        assertThat(report.complete()).isTrue();
        assertThat(commits(repository))
                .containsExactlyInAnyOrder(
                        "data: sold homes of 2020-03", "data: sold homes of 2020-02", "data: sold homes of 2020-01");

        for (Manifest month : csv.manifests()) {
            System.out.println(month.file() + ": " + month.rows() + " rows");
        }

        assertThat(csv.manifests()).extracting(Manifest::rows).containsExactly(4L, 4L, 4L);
        web.asked.clear();
        Windows more = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 4));
        Report another = Backfill.named("sold")
                .from(csv.missing(more.each(site::sold)))
                .into(committed)
                .checkpoint(FileCheckpoint.in(folder.resolve("empty home")))
                .run();
        assertThat(another.complete()).isTrue();
        assertThat(web.asked).containsExactly("2020-04 1", "2020-04 2", "2020-04 3");
        assertThat(commits(repository)).hasSize(4);
        assertReadBack(repository.resolve("data"), 16);
    }

    private static void assertReadBack(Path data, int rows) {
        List<Sale> table = new ArrayList<>();

        FileSource<Sale> sold = Csv.read(data, Sale.class);
        Backfill.named("import")
                .from(sold)
                .into(table::addAll)
                .checkpoint(new MemoryCheckpoint())
                .run();

        assertThat(table).hasSize(rows).contains(Web.sale("2020-04", 2, 1)).doesNotHaveDuplicates();
    }

    @Test
    void whatIsWrittenIsExactUnlessItIsForSpreadsheets() throws Exception {
        Path data = folder.resolve("data");
        Windows month = Windows.months(YearMonth.of(2020, 1), YearMonth.of(2020, 1));
        job(month, Csv.in(data, Sale.class)).run();

        FileSink<Sale> forPeople =
                Csv.in(folder.resolve("for people"), Sale.class).forSpreadsheets();

        assertThat(Files.readAllLines(data.resolve("2020-01.csv")))
                .startsWith("id,sold_on,address,price", "2020-01/1/1,2020-01-01,\"=1+1, \"\"Flat\"\" 1\",2500000");
        Backfill.named("for-people")
                .from(Csv.read(data, Sale.class))
                .into(forPeople)
                .checkpoint(new MemoryCheckpoint())
                .run();
        assertThat(Files.readString(folder.resolve("for people").resolve("2020-01.csv.csv")))
                .contains("\"'=1+1, ");
    }

    private static List<String> commits(Path repository) throws IOException, InterruptedException {
        Process git = new ProcessBuilder("git", "log", "--format=%s")
                .directory(repository.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(git.waitFor()).as(said).isZero();
        return said.lines().toList();
    }
}

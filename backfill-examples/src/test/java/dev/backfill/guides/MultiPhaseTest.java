package dev.backfill.guides;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Counts;
import dev.backfill.RateLimiter;
import dev.backfill.Report;
import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Index;
import dev.backfill.notion.Notion;
import dev.backfill.notion.NotionPage;
import dev.backfill.simulators.NotionSimulator;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/guides/multi-phase-jobs.md, run against a simulated Notion. */
class MultiPhaseTest {

    record Company(
            String id,
            Instant lastEditedTime,
            String name,
            @Nullable String flag) implements NotionPage {}

    @TempDir
    Path folder = Path.of("");

    private static String title(String name) {
        return name.replace('\u00a0', ' ').strip().replaceAll(" +", " ").toLowerCase(Locale.ROOT);
    }

    private static Backfill duplicates(Notion notion, Db db) {
        Index<Company> companies = db.index("companies", Company.class, Company::id, company -> title(company.name()));

        Backfill job = Backfill.named("company-duplicates")
                .phase("fetch")
                .from(notion.pages(Company.class))
                .into(companies)
                .phase("clear wrong flags")
                .from(companies.singles())
                .filter(company -> "Duplicate".equals(company.flag()))
                .into(notion.clear("Flag"))
                .phase("flag duplicates")
                .from(companies.duplicates())
                .filter(company -> !"Duplicate".equals(company.flag()))
                .into(notion.set("Flag", "Duplicate"))
                .checkpoint(db.checkpoint());
        return job;
    }

    private static Report tried(Backfill job) {
        Report report = job.listen(event -> System.out.println(event)).dryRun();
        return report;
    }

    @Test
    void eachPhaseTakesWhatTheOneBeforeHasGathered() throws Exception {
        try (NotionSimulator simulator = NotionSimulator.with().pages(300).start(0);
                Db db = Db.sqlite(folder.resolve("companies.db"))) {
            Notion notion = Notion.connect(simulator.token(), simulator.database())
                    .at(simulator.url().toString())
                    .limitedBy(RateLimiter.of(100_000, Duration.ofSeconds(1)));
            Backfill job = duplicates(notion, db);
            long wouldFlag = tried(job).counts("flag duplicates").produced();

            Report report = job.run();
            Counts flagged = report.counts("flag duplicates");

            assertThat(report.complete()).isTrue();
            assertThat(flagged.produced()).isEqualTo(wouldFlag).isPositive();
            Report again = job.again();
            assertThat(again.counts("fetch").read()).isEqualTo(300);
            assertThat(again.counts("clear wrong flags").produced()).isZero();
            assertThat(again.counts("flag duplicates").produced()).isZero();
            assertThat(again.counts("flag duplicates").filtered()).isGreaterThanOrEqualTo(flagged.produced());
        }
    }
}

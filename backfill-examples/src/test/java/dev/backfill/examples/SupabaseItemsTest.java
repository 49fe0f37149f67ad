package dev.backfill.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.simulators.BlazeSimulator;
import dev.backfill.supabase.servers.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job of the README into a Supabase project, by both roads. */
@Tag("postgrest")
class SupabaseItemsTest {

    private static final String ROWS = "SELECT * FROM transaction_items_blaze ORDER BY transaction_id, item_id";

    @TempDir
    Path folder = Path.of("");

    private int run(BlazeSimulator blaze, String home, String... more) throws Exception {
        Path keys = folder.resolve("keys");
        Files.writeString(
                keys,
                "BLAZE_PARTNER_KEY=" + blaze.partnerKey().reveal() + "\nBLAZE_KEY="
                        + blaze.dispensaryKey().reveal() + "\nSUPABASE_DB_PASSWORD=any\nSUPABASE_KEY="
                        + Project.running().key().reveal() + "\n");
        List<String> arguments = new ArrayList<>(List.of(
                "blaze-items",
                "--home",
                folder.resolve(home).toString(),
                "--url",
                blaze.url().toString(),
                "--env-file",
                keys.toString(),
                "--to",
                "2024-01-31",
                "--quiet"));
        arguments.addAll(List.of(more));
        return Main.run(arguments.toArray(String[]::new));
    }

    @Test
    void bothRoadsBringTheSameItems() throws Exception {
        Project project = Project.running();
        project.run("DROP TABLE IF EXISTS transaction_items_blaze");
        try (BlazeSimulator blaze = BlazeSimulator.with()
                .transactions(600)
                .between(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 1, 31))
                .start(0)) {
            assertThat(run(blaze, "database", "--database", project.databaseUrl()))
                    .isZero();
            String byDatabase = project.copy(ROWS);

            // the page of the documentation, so that its statement is tried
            String page = Files.readString(Path.of("../docs/connectors/supabase.md"));
            String create =
                    page.substring(page.indexOf("CREATE TABLE"), page.indexOf(";\n```", page.indexOf("CREATE TABLE")));
            project.run(
                    "DROP TABLE transaction_items_blaze",
                    create,
                    "GRANT ALL ON transaction_items_blaze TO service_role",
                    "NOTIFY pgrst, 'reload schema'");
            assertThat(run(blaze, "rest", "--supabase-url", project.url())).isZero();

            assertThat(project.copy(ROWS)).isEqualTo(byDatabase);
            assertThat(byDatabase.lines().count()).isGreaterThan(600);
            assertThat(run(blaze, "rest", "--supabase-url", project.url()))
                    .as("nothing is left to do")
                    .isZero();
        }
    }
}

package dev.backfill.guides;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.Backfill;
import dev.backfill.Page;
import dev.backfill.Secret;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.checkpoint.MemoryCheckpoint;
import dev.backfill.supabase.Supabase;
import dev.backfill.supabase.servers.Project;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How fast rows are merged into a table, by each road and each way to say it.
 *
 * <p>Not a part of the ordinary build: {@code ./mvnw verify -Dtest=RoadsSpeedCheck -Dsurefire.failIfNoSpecifiedTests=false}, with
 * {@code BACKFILL_POSTGREST} in the environment.
 */
@Tag("postgrest")
class RoadsSpeedCheck {

    private static final int ROWS = Integer.getInteger("backfill.speed.rows", 1_000_000);
    private static final int PAGE = 5_000;

    record Line(
            long transactionId,
            int lineNo,
            String sku,
            String name,
            BigDecimal price,
            int quantity,
            Instant created,
            Instant modified) {}

    /** Lines in the order of their keys, of one version. */
    private static Source<Line> lines(int version) {
        Instant created = Instant.parse("2024-03-01T10:00:00Z");
        return from -> {
            int start = from.orElse(0);
            int end = Math.min(ROWS, start + PAGE);
            List<Line> page = new ArrayList<>(end - start);
            for (int i = start; i < end; i++) {
                page.add(new Line(
                        i / 5,
                        i % 5,
                        "SKU-" + i % 1_000,
                        "Blue Sample No. " + i % 1_000,
                        BigDecimal.valueOf(1_000 + i % 5_000, 2),
                        version,
                        created.plusSeconds(i),
                        created.plusSeconds(i + version)));
            }
            return end == ROWS ? Page.last(page) : Page.of(page, end);
        };
    }

    private static Sink<Line> batched(String url) {
        String sql =
                "INSERT INTO speed AS t VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (transaction_id, line_no) DO UPDATE SET"
                        + " sku = excluded.sku, name = excluded.name, price = excluded.price, quantity = excluded.quantity,"
                        + " created = excluded.created, modified = excluded.modified"
                        + " WHERE (t.sku, t.name, t.price, t.quantity, t.created, t.modified) IS DISTINCT FROM (excluded.sku,"
                        + " excluded.name, excluded.price, excluded.quantity, excluded.created, excluded.modified)";
        return batch -> {
            try (Connection connection = DriverManager.getConnection(url);
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                connection.setAutoCommit(false);
                for (int i = 0; i < batch.size(); i += 500) {
                    for (Line line : batch.subList(i, Math.min(batch.size(), i + 500))) {
                        statement.setLong(1, line.transactionId());
                        statement.setInt(2, line.lineNo());
                        statement.setString(3, line.sku());
                        statement.setString(4, line.name());
                        statement.setBigDecimal(5, line.price());
                        statement.setInt(6, line.quantity());
                        statement.setObject(7, line.created().atOffset(java.time.ZoneOffset.UTC));
                        statement.setObject(8, line.modified().atOffset(java.time.ZoneOffset.UTC));
                        statement.addBatch();
                    }
                    statement.executeBatch();
                    connection.commit();
                }
            }
        };
    }

    private record Way(String name, Sink<? super Line> sink, int batch) {}

    private static double rowsPerSecond(Way way, int version) {
        long begin = System.nanoTime();
        Sink<Line> sink = narrowed(way.sink());
        var report = Backfill.named("speed")
                .from(lines(version))
                .into(sink)
                .batch(way.batch())
                .checkpoint(new MemoryCheckpoint())
                .run();
        assertThat(report.complete()).isTrue();
        assertThat(report.deadLetters()).isZero();
        return ROWS / ((System.nanoTime() - begin) / 1e9);
    }

    @SuppressWarnings("unchecked") // a sink only takes records
    private static Sink<Line> narrowed(Sink<? super Line> sink) {
        return (Sink<Line>) sink;
    }

    @Test
    void rowsMergedInASecond() throws Exception {
        Project project = Project.running();
        project.run(
                "DROP TABLE IF EXISTS speed",
                "CREATE TABLE speed (transaction_id bigint, line_no integer, sku text, name text, price numeric, quantity"
                        + " integer, created timestamptz, modified timestamptz, PRIMARY KEY (transaction_id, line_no))",
                "GRANT ALL ON speed TO service_role",
                "NOTIFY pgrst, 'reload schema'");
        String jdbc =
                "jdbc:" + project.databaseUrl().replace("postgres@", "") + "?user=postgres&reWriteBatchedInserts=true";
        try (var database = Supabase.database(project.databaseUrl(), Secret.of("PASSWORD", "any"));
                var rest = Supabase.rest(project.url(), project.key())) {
            List<Way> ways = List.of(
                    new Way("database, upsert (unnest), 500", table(database), 500),
                    new Way("database, upsert (unnest), 2,000", table(database), 2_000),
                    new Way("database, upsert (unnest), 5,000", table(database), 5_000),
                    new Way("by hand: batches of 500, rewritten to multi-VALUES", batched(jdbc), PAGE),
                    new Way("REST, upsert, 500", rest.table("speed").upsert("transaction_id", "line_no"), 500));
            System.out.println("rows merged in a second, " + ROWS + " rows of 8 columns, " + project.versions());
            System.out.println("| way, rows at once | new rows | changed rows | ratio (changed) |");
            System.out.println("|---|---|---|---|");
            Map<String, Double> first = new LinkedHashMap<>();
            for (Way way : ways) {
                project.run("TRUNCATE speed", "CHECKPOINT");
                double made = rowsPerSecond(way, 1);
                double changed = rowsPerSecond(way, 2);
                assertThat(project.value("SELECT count(*) FROM speed WHERE quantity = 2"))
                        .isEqualTo("" + ROWS);
                first.putIfAbsent("base", changed);
                System.out.printf(
                        "| %s | %,.0f | %,.0f | %.2f |%n", way.name(), made, changed, changed / first.get("base"));
            }
        }
    }

    private static Sink<? super Line> table(dev.backfill.jdbc.Db database) {
        return database.table("speed").upsert("transaction_id", "line_no");
    }
}

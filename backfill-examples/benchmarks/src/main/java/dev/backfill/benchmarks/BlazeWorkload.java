package dev.backfill.benchmarks;

import dev.backfill.Secret;
import dev.backfill.benchmarks.blaze.BlazeApi;
import dev.backfill.blaze.Item;
import dev.backfill.jdbc.Db;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Workload 1: the items of all transactions of a shop, from windows of an API into a table. */
final class BlazeWorkload implements Workload {

    private final int transactions;
    private final int latency;
    private final int jitter;
    private @Nullable StandIn vendor;
    private Map<String, Checksum> expected = Map.of();

    BlazeWorkload(int transactions, int latency, int jitter) {
        this.transactions = transactions;
        this.latency = latency;
        this.jitter = jitter;
    }

    @Override
    public String kind() {
        return "w1";
    }

    @Override
    public String name() {
        return "w1-" + latency + "ms";
    }

    @Override
    public String title() {
        return "W1: Blaze to PostgreSQL, " + latency + (jitter == 0 ? "" : " to " + (latency + jitter)) + " ms a call";
    }

    @Override
    public String unit() {
        return "items";
    }

    @Override
    public int size() {
        return transactions;
    }

    @Override
    public long records() {
        return expected.isEmpty() ? 0 : expected.values().iterator().next().rows();
    }

    @Override
    public void prepare(Postgres postgres) throws IOException, InterruptedException {
        StandIn started = StandIn.start(BlazeVendor.class, List.of("" + transactions, "" + latency, "" + jitter));
        vendor = started;
        try (BufferedReader truth =
                new BufferedReader(new InputStreamReader(started.read("/__truth"), StandardCharsets.UTF_8), 1 << 16)) {
            expected = Checksum.ofLines(truth);
        }
        try (Db db = Db.connect(
                "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres",
                Work.USER,
                Secret.of("password", "not-asked-for"))) {
            db.table(BlazeApi.TABLE).createIfMissing(Item.class, "transaction_id", "item_id");
        }
    }

    String table() {
        return BlazeApi.TABLE;
    }

    @Override
    public Optional<StandIn> standIn() {
        return Optional.ofNullable(vendor);
    }

    @Override
    public void reset(Postgres postgres) throws SQLException {
        postgres.forgetAllBut(List.of(BlazeApi.TABLE));
        postgres.run("TRUNCATE " + BlazeApi.TABLE);
    }

    @Override
    public Optional<String> begun() {
        return Optional.of("SELECT 1 FROM " + BlazeApi.TABLE + " LIMIT 1");
    }

    @Override
    public Optional<String> wrong(Postgres postgres) throws SQLException {
        Map<String, Checksum> found = Checksum.ofTable(postgres, BlazeApi.TABLE);
        return found.equals(expected)
                ? Optional.empty()
                : Optional.of("the table has " + found + "\ninstead of " + expected);
    }

    @Override
    public long calls() throws IOException, InterruptedException {
        if (vendor == null) {
            return 0;
        }
        try (BufferedReader log =
                new BufferedReader(new InputStreamReader(vendor.read("/__log"), StandardCharsets.US_ASCII), 1 << 16)) {
            return log.lines().count();
        }
    }
}

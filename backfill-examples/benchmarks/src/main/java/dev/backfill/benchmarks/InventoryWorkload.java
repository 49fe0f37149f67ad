package dev.backfill.benchmarks;

import dev.backfill.benchmarks.inventory.Products;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Workload 2: products without a mark get one in the table and in a search engine. */
final class InventoryWorkload implements Workload {

    private static final String SEED = "seed";

    private final int products;
    private @Nullable StandIn search;
    private long made;

    InventoryWorkload(int products) {
        this.products = products;
    }

    @Override
    public String kind() {
        return "w2";
    }

    @Override
    public String name() {
        return "w2-" + products;
    }

    @Override
    public String title() {
        return String.format("W2: inventory, %,d products in PostgreSQL and Typesense", products);
    }

    @Override
    public String unit() {
        return "products";
    }

    @Override
    public long records() {
        return products;
    }

    @Override
    public int size() {
        return products;
    }

    /** About 250 bytes a row. */
    @Override
    public void prepare(Postgres postgres) throws IOException, SQLException {
        search = StandIn.start(SearchVendor.class, List.of());
        postgres.run(
                "CREATE TABLE " + SEED + " AS SELECT i::bigint AS id, 'Product number ' || i AS name,"
                        + " repeat(md5(i::text), 5) AS description, (i % 10000) / 100.0 AS price,"
                        + " timestamptz '2020-01-01 00:00:00Z' + i * interval '40 seconds' AS created_at,"
                        + " NULL::bigint AS deleted_at FROM generate_series(1, " + products + ") AS i",
                "VACUUM ANALYZE " + SEED);
        made = Long.parseLong(postgres.ask("SELECT sum(extract(epoch FROM created_at)::bigint) FROM " + SEED));
    }

    @Override
    public Optional<StandIn> standIn() {
        return Optional.ofNullable(search);
    }

    /** A table that was never changed, since one that was is slower to change again. */
    @Override
    public void reset(Postgres postgres) throws SQLException {
        postgres.forgetAllBut(List.of(SEED));
        postgres.run(
                "CREATE TABLE " + Products.TABLE + " (LIKE " + SEED + ")",
                "INSERT INTO " + Products.TABLE + " TABLE " + SEED + " ORDER BY id",
                "ALTER TABLE " + Products.TABLE + " ADD PRIMARY KEY (id)",
                "VACUUM ANALYZE " + Products.TABLE);
        try {
            said("/__reset");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All begin with this one. */
    @Override
    public Optional<String> begun() {
        return Optional.of("SELECT 1 FROM " + Products.TABLE + " WHERE id = 1 AND deleted_at = 0");
    }

    @Override
    public Optional<String> wrong(Postgres postgres) throws SQLException, IOException {
        String marked = postgres.ask(
                "SELECT count(*) FILTER (WHERE deleted_at = 0) || ' of ' || count(*) FROM " + Products.TABLE);
        String documents = said("/__counts");
        return marked.equals(products + " of " + products) && documents.startsWith(products + " 0 " + made + " ")
                ? Optional.empty()
                : Optional.of("marked: " + marked + "; documents, sent again, sum of times, calls: " + documents
                        + " instead of " + products + " 0 " + made);
    }

    @Override
    public long calls() throws IOException {
        return Long.parseLong(said("/__counts").split(" ", -1)[3]);
    }

    private String said(String path) throws IOException {
        if (search == null) {
            throw new IllegalStateException("not prepared");
        }
        try (InputStream said = search.read(path)) {
            return new String(said.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }
}

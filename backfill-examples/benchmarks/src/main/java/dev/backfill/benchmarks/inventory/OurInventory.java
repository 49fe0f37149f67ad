package dev.backfill.benchmarks.inventory;

import dev.backfill.Backfill;
import dev.backfill.Secret;
import dev.backfill.Sink;
import dev.backfill.benchmarks.Contender;
import dev.backfill.benchmarks.Work;
import dev.backfill.jdbc.Db;
import dev.backfill.typesense.Documents;
import dev.backfill.typesense.Typesense;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** This library, as the job {@code inventory-fields} of the examples uses it. */
final class OurInventory implements Contender {

    /** So that there is something to do side by side. */
    private static final int RANGES = 8;

    /** A row of the table. */
    record Product(
            long id, @Nullable Instant createdAt, @Nullable Long deletedAt) {}

    @Override
    public void run(Work work) {
        try (Db db = Db.connect(work.database(), Work.USER, Secret.of("password", "not-asked-for"))) {
            Documents documents = Typesense.connect(Secret.of("key", Products.KEY), work.vendor())
                    .collection(Products.COLLECTION);
            Sink<Product> search = documents.update().mapping(OurInventory::document);
            Sink<Product> database = db.table(Products.TABLE)
                    .update("id")
                    .fillNulls()
                    .mapping((Product product) -> Map.of("id", product.id(), "deleted_at", 0L));
            Backfill job = Backfill.named("inventory-fields")
                    .from(db.table(Products.TABLE)
                            .rows(Product.class)
                            .whereNull("deleted_at")
                            .ranges(RANGES))
                    .into(Sink.inOrder(search, database))
                    .checkpoint(db.checkpoint());
            work.sideBySide(job).run();
        }
    }

    private static Map<String, Object> document(Product product) {
        Instant created = product.createdAt();
        return Map.of(
                "id",
                String.valueOf(product.id()),
                "created_at",
                created == null ? 0L : created.getEpochSecond(),
                "deleted_at",
                0L);
    }
}

package dev.backfill.guides;

import dev.backfill.Backfill;
import dev.backfill.Secret;
import dev.backfill.jdbc.Db;
import dev.backfill.typesense.Documents;
import dev.backfill.typesense.Filter;
import dev.backfill.typesense.Typesense;
import java.nio.file.Path;
import java.util.List;

/** Code of docs/connectors/typesense.md that would call a real server: compiled and not run. */
final class RealSearch {

    private RealSearch() {}

    record Product(String id, String name) {}

    static void search(Db db) throws InterruptedException {
        Secret key = Secret.of("TYPESENSE_API_KEY", System.getenv("TYPESENSE_API_KEY"));
        Documents products =
                Typesense.connect(key, "https://search.example.com").collection("products");

        products.ensure("created_at", "int64");
        Backfill.named("search")
                .from(db.table("products").rows(Product.class, 8))
                .into(products.upsert())
                .checkpoint(db.checkpoint())
                .run();
    }

    private static List<Object> changedSince(List<Object> sent) {
        return sent.subList(0, 0);
    }

    static void documents(Documents products) {
        products.update().rereading(sent -> changedSince(sent));
        products.export(Path.of("products.jsonl"), Product.class);
        products.export(Path.of("products.jsonl")).fields("id", "created_at").where(Filter.atLeast("price", 10));
        products.pages(Product.class);
    }
}

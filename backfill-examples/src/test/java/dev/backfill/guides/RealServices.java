package dev.backfill.guides;

import dev.backfill.Backfill;
import dev.backfill.Checkpoint;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.blaze.Blaze;
import dev.backfill.blaze.Item;
import dev.backfill.blaze.Transaction;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.guesty.Guesty;
import dev.backfill.jdbc.Db;
import dev.backfill.jdbc.Table;
import dev.backfill.notion.Filter;
import dev.backfill.notion.Notion;
import dev.backfill.notion.NotionPage;
import dev.backfill.supabase.Supabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Code of the documentation that would call a real service, or only names what there is: compiled and not run. */
final class RealServices {

    private RealServices() {}

    record Product(String id, String name) {}

    record Message(String id, String body) {}

    static void readme(Secret partnerKey, Secret dispensaryKey, Db db, LocalDate today) {
        Blaze blaze = Blaze.connect(partnerKey, dispensaryKey);

        Backfill.named("blaze-items")
                .from(blaze.transactions(LocalDate.of(2024, 1, 1), today))
                .flatMap(Transaction::items)
                .into(db.table("transaction_items_blaze")
                        .upsert("transaction_id", "item_id")
                        .newestBy("modified"))
                .parallel(4)
                .checkpoint(db.checkpoint())
                .run();
    }

    static void blaze(Sink<Item> items, Checkpoint checkpoint) {
        Secret partnerKey = Secret.of("BLAZE_PARTNER_KEY", System.getenv("BLAZE_PARTNER_KEY"));
        Secret dispensaryKey = Secret.of("BLAZE_DISPENSARY_KEY", System.getenv("BLAZE_DISPENSARY_KEY"));

        Blaze blaze = Blaze.connect(partnerKey, dispensaryKey);
        LocalDate today = LocalDate.now(ZoneId.of("America/Los_Angeles"));

        Backfill.named("blaze-items")
                .from(blaze.transactions(LocalDate.of(2024, 1, 1), today))
                .flatMap(Transaction::items)
                .into(items)
                .parallel(4)
                .checkpoint(checkpoint)
                .run();
    }

    static Report table(Source<Item> items) {
        Db db = Db.sqlite(Path.of("copy.db"));

        Report report = Backfill.named("items")
                .from(items)
                .into(db.table("item").createIfMissing(Item.class, "id").upsert("id"))
                .checkpoint(db.checkpoint())
                .run();
        return report;
    }

    static void rows(Db db) {
        db.table("products").rows(Product.class);
        db.table("products").rows(Product.class, 8);
        db.table("products").rows();
        db.table("messages").rows(Message.class).by("created_at");
        db.table("products").rows().columns("id", "name");
        db.table("products").rows(Product.class).where("state", "new");
    }

    static void update(Db db) {
        db.table("products").upsert("id").fillNulls();
        db.table("products").update("id");
    }

    static void ranges(Db db) {
        Table products = db.table("products");

        Backfill.named("products-deleted_at")
                .from(products.keyRanges(2_000))
                .into(products.fill("deleted_at", 0))
                .checkpoint(db.checkpoint())
                .run();
    }

    static void lag(Db db) {
        db.table("messages").rows(Message.class).by("updated_at").lag(Duration.ofMinutes(5));
        db.table("messages")
                .rows(Message.class)
                .by("updated_at")
                .lag(Duration.ofMinutes(5))
                .following();
    }

    record Company(
            String id,
            Instant lastEditedTime,
            String name,
            @Nullable String flag) implements NotionPage {}

    static void notion(Checkpoint checkpoint) {
        Secret token = Secret.of("NOTION_TOKEN", System.getenv("NOTION_TOKEN"));

        Notion notion = Notion.connect(token, System.getenv("NOTION_DATABASE_ID"));

        Backfill.named("flags")
                .from(notion.pages(Company.class))
                .filter(company -> company.flag() == null)
                .into(notion.set("Flag", "Checked"))
                .checkpoint(checkpoint)
                .run();
    }

    static void pages(Notion notion) {
        notion.pages(Company.class).where("Flag", "equals", "Duplicate");
        notion.pages(Company.class)
                .where(Filter.any(
                        Filter.on("Stage", "equals", "Done"), Filter.on("Amount", "greater_than_or_equal_to", 500)));
        notion.pages("Name", "Flag");
        notion.pages();
    }

    static void edits(Notion notion) {
        notion.set("Flag", "Duplicate");
        notion.clear("Flag");
        notion.set("Checked", LocalDate.of(2025, 3, 1)).set("Done", true).clear("Notes");
        notion.set("Email", (Company company) -> company.name() + "@example.com");
        notion.set("Flag", "Duplicate").unlessEdited();
    }

    record Stay(String id, String status) {}

    record Home(String id, String title) {}

    record Person(String id, String fullName, @Nullable String email) {}

    static void guesty(Db db) {
        Secret secret = Secret.of("GUESTY_API_SECRET", System.getenv("GUESTY_API_SECRET"));

        Guesty guesty = Guesty.connect(System.getenv("GUESTY_API_KEY"), secret).keptIn(Path.of("progress"));

        Backfill.named("messages")
                .from(guesty.messages(Duration.ofDays(30)))
                .filter(message -> !message.internal())
                .into(db.table("messages").upsert("message_id").onInsert("is_processed", false))
                .checkpoint(db.checkpoint())
                .run();
    }

    static void lists(Guesty guesty) {
        guesty.flatMessages(Duration.ofDays(30));

        guesty.reservations(Stay.class);
        guesty.listings(Home.class);
        guesty.guests(Person.class, "fullName", "email");
        guesty.list("reservations-v3/search", Stay.class);
    }

    static void supabaseDatabase(Secret password) {
        var db = Supabase.database(
                "postgresql://postgres.abc:[YOUR-PASSWORD]@aws-0-eu-west-1.pooler.supabase.com:5432/postgres",
                password);
        db.close();
    }

    static void supabase(Secret key, Source<Product> products, Path folder) {
        var db = Supabase.rest("https://abc.supabase.co", key);

        Backfill.named("products")
                .from(products)
                .into(db.table("products").upsert("id"))
                .checkpoint(FileCheckpoint.in(folder))
                .run();

        db.table("products").rows(Product.class);
        db.table("products").rows(Product.class, 8);
        db.table("products").rows().columns("id", "price").whereNull("deleted_at");

        Backfill.named("not-deleted")
                .from(db.table("products").keyRanges(1_000))
                .into(db.table("products").fill("deleted_at", 0))
                .checkpoint(FileCheckpoint.in(folder))
                .run();
    }

    record Doc(String id) {}

    static void lookups(Table products, Backfill.Flow<Doc> documents) {
        products.find(Product.class, List.of("17", "18"));
        documents.batches(found -> products.absent(found, Doc::id));
    }

    static void files() {
        FileCheckpoint.in(Path.of("progress"));
    }

    static void together(Source<Item> items) {
        Db db = Db.sqlite(Path.of("copy.db"));
        Backfill.named("items")
                .from(items)
                .into(db.table("item").upsert("id"))
                .checkpoint(db.checkpoint())
                .run();
    }
}

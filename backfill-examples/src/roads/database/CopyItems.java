import dev.backfill.Backfill;
import dev.backfill.Report;
import dev.backfill.Secret;
import dev.backfill.Source;
import dev.backfill.checkpoint.FileCheckpoint;
import dev.backfill.supabase.Supabase;
import java.nio.file.Path;
import java.util.Map;

/** Writes items into a table of a Supabase project, marks some, fills a gap, and copies all to another table. */
public class CopyItems {

    public static Report run(Source<Map<String, Object>> items, String place, Secret proof, Path folder) {
        try (var db = Supabase.database(place, proof)) {
            return Backfill.named("copy-items")
                    .phase("write").from(items).into(db.table("items").upsert("id"))
                    .phase("absent").from(items).into(db.table("items").insertIfAbsent("id"))
                    .phase("mark").from(db.table("items").rows().columns("id").where("day", "2024-02-29"))
                    .map(CopyItems::marked).into(db.table("items").update("id"))
                    .phase("fill").from(db.table("items").keyRanges(300)).into(db.table("items").fill("small", 0))
                    .phase("copy").from(db.table("items").rows()).into(db.table("items_copy").upsert("id"))
                    .checkpoint(FileCheckpoint.in(folder))
                    .run();
        }
    }

    private static Map<String, Object> marked(Map<String, Object> item) {
        return Map.of("id", item.get("id"), "qty", 29);
    }
}

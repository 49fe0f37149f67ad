package dev.backfill.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;
import org.junit.jupiter.api.Test;

/** Writes the progress of a new version for {@link GoldenFilesTest}; see docs/CONTRIBUTING.md. Never for one that was released before. */
class GoldenFilesCheck {

    private static final JsonWriterSettings EXACTLY =
            JsonWriterSettings.builder().outputMode(JsonMode.EXTENDED).build();

    @Test
    void writesTheFilesOfAVersion() throws Exception {
        Path export = GoldenFilesTest.GOLDEN
                .resolve(System.getProperty("backfill.golden"))
                .resolve("progress.jsonl");
        assertThat(export).as("the files of a version never change").doesNotExist();
        try (Store store = new Store(Store.Kind.STAND_IN)) {
            GoldenJob broken = new GoldenJob(true, 1, 3);
            assertThatThrownBy(() -> broken.in(store.checkpoint()).run()).hasMessageContaining("broken off");
            new GoldenJob(true, 1).in(store.checkpoint()).replay();
            store.documents()
                    .updateOne(Filters.exists("process"), Updates.set("process", null)); // tells of this machine
            List<String> lines = new ArrayList<>();
            for (BsonDocument document : store.documents().find()) {
                lines.add(document.toJson(EXACTLY));
            }
            Files.createDirectories(export.getParent());
            Files.write(export, lines);
        }
    }
}

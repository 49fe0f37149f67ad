package dev.backfill.typesense;

import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.Secret;
import dev.backfill.testkit.HttpContract;
import dev.backfill.testkit.JumpingTime;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** What everything must do that speaks HTTP. */
class TypesenseHttpContractTest {

    private static Documents documents(String address, String token) {
        return Typesense.connect(Secret.of("TYPESENSE_KEY", token), address).collection("things");
    }

    @Nested
    class Export extends HttpContract {
        @TempDir
        private Path folder;

        @Override
        protected void call(String address, String token) throws Exception {
            new JumpingTime()
                    .run(() -> documents(address, token)
                            .export(folder.resolve("spool"), Map.class)
                            .read(Cursor.START));
        }
    }

    @Nested
    class Import extends HttpContract {
        @Override
        protected void call(String address, String token) throws Exception {
            new JumpingTime().run(() -> {
                documents(address, token).upsert().write(Batch.of(List.of(Map.of("id", "1"))));
                return true;
            });
        }
    }
}

package dev.backfill.supabase;

import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.jdbc.KeyRange;
import dev.backfill.supabase.servers.Project;
import dev.backfill.testkit.SinkContract;
import dev.backfill.testkit.SourceContract;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The REST road keeps what every sink and source must, on the real servers. */
@Tag("postgrest")
class ContractsTest {

    record Item(long id, String sku) {}

    abstract static class Written extends SinkContract<Object> {
        final Project project = Project.running();

        @BeforeEach
        void empty() {
            project.empty();
        }

        @Override
        protected Object content() {
            return project.copy("SELECT id, sku FROM items ORDER BY id");
        }

        @Override
        protected Object record(int number, int version) {
            return new Item(number, "sku " + number + "." + version);
        }

        @Override
        protected Object saying(int number, String text) {
            return new Item(number, text);
        }

        @Override
        protected List<String> secrets() {
            return List.of(project.key().reveal());
        }
    }

    @Nested
    class Upserted extends Written {
        @Override
        protected Sink<Object> sink() {
            return Supabase.rest(project.url(), project.key()).table("items").upsert("id");
        }
    }

    @Nested
    class InsertedIfAbsent extends Written {
        @Override
        protected Sink<Object> sink() {
            return Supabase.rest(project.url(), project.key()).table("items").insertIfAbsent("id");
        }

        @Override
        protected boolean laterWins() {
            return false;
        }
    }

    @Nested
    class Rows extends SourceContract<Item> {
        private final Project project = Project.running();

        @BeforeEach
        void fill() {
            project.empty();
            project.run("INSERT INTO items (id, sku) SELECT i, 'sku ' || i FROM generate_series(1, 230) i");
        }

        @Override
        protected Source<Item> source() {
            return Supabase.rest(project.url(), project.key()).table("items").rows(Item.class);
        }

        @Override
        protected List<Item> expected() {
            return LongStream.rangeClosed(1, 230)
                    .mapToObj(i -> new Item(i, "sku " + i))
                    .toList();
        }
    }

    @Nested
    class KeyRanges extends SourceContract<KeyRange> {
        private final Project project = Project.running();

        @BeforeEach
        void fill() {
            project.empty();
            project.run("INSERT INTO items (id, sku) SELECT i, 'sku ' || i FROM generate_series(1, 25) i");
        }

        @Override
        protected Source<KeyRange> source() {
            return Supabase.rest(project.url(), project.key()).table("items").keyRanges(10);
        }

        @Override
        protected List<KeyRange> expected() {
            return List.of(
                    new KeyRange(List.of(), List.of("10")),
                    new KeyRange(List.of("10"), List.of("20")),
                    new KeyRange(List.of("20"), List.of("25")));
        }
    }
}

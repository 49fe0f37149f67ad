package dev.backfill.jdbc;

import dev.backfill.Checkpoint;
import dev.backfill.Partitioned;
import dev.backfill.Secret;
import dev.backfill.Sink;
import dev.backfill.Source;
import dev.backfill.TransactionalSink;
import dev.backfill.testkit.CheckpointContract;
import dev.backfill.testkit.PartitionedContract;
import dev.backfill.testkit.SourceContract;
import dev.backfill.testkit.TransactionalSinkContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Tables keep what every sink, source and checkpoint must. */
class ContractsTest {

    private static final String PASSWORD = "S3CR3T-password";

    record Item(int id, String name) {}

    /** A database at an address where nobody listens. */
    private static Db nobody() {
        return Db.connect("jdbc:postgresql://127.0.0.1:1/postgres", "postgres", Secret.of("DB_PASSWORD", PASSWORD));
    }

    abstract static class Progress extends CheckpointContract {
        @TempDir
        Path folder;

        private final Store.Kind kind;
        private Store store;

        Progress(Store.Kind kind) {
            this.kind = kind;
        }

        @BeforeEach
        void make() throws Exception {
            store = Store.of(kind, folder);
        }

        @Override
        protected Checkpoint open() {
            return store.db().checkpoint();
        }
    }

    @Nested
    class ProgressInSqlite extends Progress {
        ProgressInSqlite() {
            super(Store.Kind.SQLITE);
        }
    }

    @Nested
    class ProgressInPostgres extends Progress {
        ProgressInPostgres() {
            super(Store.Kind.POSTGRES);
        }
    }

    abstract static class Written extends TransactionalSinkContract<Object> {
        @TempDir
        Path folder;

        private final Store.Kind kind;
        private final boolean ifAbsent;
        Store store;
        private Db db;

        Written(Store.Kind kind, boolean ifAbsent) {
            this.kind = kind;
            this.ifAbsent = ifAbsent;
        }

        @BeforeEach
        void make() throws Exception {
            store = Store.of(kind, folder);
            db = store.db();
            db.table("item").createIfMissing(Item.class, "id");
        }

        @Override
        protected TransactionalSink<Object> sink() {
            return ifAbsent
                    ? db.table("item").insertIfAbsent("id")
                    : db.table("item").upsert("id");
        }

        @Override
        protected Checkpoint checkpoint() {
            return db.checkpoint();
        }

        @Override
        protected Object content() {
            return store.rows("SELECT * FROM item ORDER BY id");
        }

        @Override
        protected Object record(int number, int version) {
            return new Item(number, "name " + number + "." + version);
        }

        @Override
        protected Object bad() {
            return Map.of("id", "not a number", "name", "bad");
        }

        @Override
        protected Object saying(int number, String text) {
            return new Item(number, text);
        }

        @Override
        protected boolean laterWins() {
            return !ifAbsent;
        }
    }

    @Nested
    class UpsertedInSqlite extends Written {
        UpsertedInSqlite() {
            super(Store.Kind.SQLITE, false);
        }
    }

    @Nested
    class UpsertedInPostgres extends Written {
        UpsertedInPostgres() {
            super(Store.Kind.POSTGRES, false);
        }

        @Override
        protected Sink<Object> broken() {
            return nobody().table("item").upsert("id");
        }

        @Override
        protected List<String> secrets() {
            return List.of(PASSWORD);
        }
    }

    @Nested
    class InsertedInSqlite extends Written {
        InsertedInSqlite() {
            super(Store.Kind.SQLITE, true);
        }
    }

    @Nested
    class InsertedInPostgres extends Written {
        InsertedInPostgres() {
            super(Store.Kind.POSTGRES, true);
        }
    }

    abstract static class Read extends SourceContract<Item> {
        @TempDir
        Path folder;

        private final Store.Kind kind;
        Store store;

        Read(Store.Kind kind) {
            this.kind = kind;
        }

        @BeforeEach
        void make() throws Exception {
            store = Store.of(kind, folder);
            try (Db db = store.db()) {
                db.table("item")
                        .createIfMissing(Item.class, "id")
                        .upsert("id")
                        .write(dev.backfill.Batch.of(expected()));
            }
        }

        @Override
        protected Source<Item> source() {
            return store.db().table("item").rows(Item.class).by("name").pagesOf(17);
        }

        @Override
        protected List<Item> expected() {
            return IntStream.range(0, 200)
                    .mapToObj(i -> new Item(i, "name " + i % 3))
                    .toList();
        }
    }

    /** Eight ranges of keys side by side. */
    abstract static class Ranges extends PartitionedContract<Item> {
        @TempDir
        Path folder;

        private final Store.Kind kind;
        private Store store;

        Ranges(Store.Kind kind) {
            this.kind = kind;
        }

        @BeforeEach
        void make() throws Exception {
            store = Store.of(kind, folder);
            try (Db db = store.db()) {
                db.table("item")
                        .createIfMissing(Item.class, "id")
                        .upsert("id")
                        .write(dev.backfill.Batch.of(expected()));
            }
        }

        @Override
        protected Partitioned<Item> source() {
            return store.db().table("item").rows(Item.class, 8);
        }

        @Override
        protected List<Item> expected() {
            return IntStream.range(0, 200)
                    .mapToObj(i -> new Item(i, "name " + i % 3))
                    .toList();
        }
    }

    @Nested
    class RangesInSqlite extends Ranges {
        RangesInSqlite() {
            super(Store.Kind.SQLITE);
        }
    }

    @Nested
    class RangesInPostgres extends Ranges {
        RangesInPostgres() {
            super(Store.Kind.POSTGRES);
        }
    }

    @Nested
    class ReadFromSqlite extends Read {
        ReadFromSqlite() {
            super(Store.Kind.SQLITE);
        }
    }

    @Nested
    class ReadFromPostgres extends Read {
        ReadFromPostgres() {
            super(Store.Kind.POSTGRES);
        }

        @Override
        protected Source<Item> broken() {
            return nobody().table("item").rows(Item.class);
        }

        @Override
        protected List<String> secrets() {
            return List.of(PASSWORD);
        }
    }
}

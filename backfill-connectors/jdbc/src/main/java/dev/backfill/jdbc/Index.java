package dev.backfill.jdbc;

import dev.backfill.Batch;
import dev.backfill.Checkpoint;
import dev.backfill.Cursor;
import dev.backfill.Page;
import dev.backfill.Paging;
import dev.backfill.Save;
import dev.backfill.Source;
import dev.backfill.TransactionalSink;
import dev.backfill.internal.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records that one phase gathers by key and the next ones read: those that stand alone, and those that have something in common with
 * another; made by {@link Db#index}.
 *
 * <p>As a sink it keeps each record once, however often it comes, so a page that is read twice never makes a record its own duplicate. With
 * the checkpoint of the same {@link Db} object the progress is part of the transaction. A phase that starts at its beginning empties it; a
 * dry run gathers in a table of its own. It takes no memory for what it holds, and is safe for several threads.
 *
 * @param <T> the type of the records
 */
public final class Index<T> implements TransactionalSink<T> {

    /** Records in a batch. */
    private static final int BATCH = 1_000;

    /** Few, for a phase that makes a call for each of them has a bookmark after each page; for others, pages are joined. */
    private static final int PAGE = 10;

    /** A longer text in common is kept as its digest: an index of the database has room for so much. */
    private static final int LONGEST = 200;

    private final Db db;
    private final String name;
    private final Class<T> type;
    private final Function<? super T, String> key;
    private final Function<? super T, ? extends @Nullable Object> common;
    private final TableName table;
    private final ReentrantLock making = new ReentrantLock();
    private volatile boolean made;

    Index(
            Db db,
            String name,
            Class<T> type,
            Function<? super T, String> key,
            Function<? super T, ? extends @Nullable Object> common) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("an index needs a name");
        }
        this.db = db;
        this.name = name;
        this.type = Objects.requireNonNull(type, "type");
        this.key = Objects.requireNonNull(key, "key");
        this.common = Objects.requireNonNull(common, "common");
        this.table = new TableName(null, "backfill_index_" + name);
    }

    /** The records with which no other has anything in common, in the order of their keys. */
    public Source<T> singles() {
        return new Members<>(this, false);
    }

    /** The records that have something in common with another, in the order of their keys. */
    public Source<T> duplicates() {
        return new Members<>(this, true);
    }

    /** The record of this key, if there is one. Blocks. */
    public Optional<T> find(String key) {
        return reading(tx ->
                tx.query("SELECT record FROM " + table.sql() + " WHERE id = ?", rows -> rows.getString(1), key).stream()
                        .findFirst()
                        .map(json -> Json.read(json, type)));
    }

    /** How many records there are. Blocks. */
    public long count() {
        return reading(tx -> tx.query("SELECT count(*) FROM " + table.sql(), rows -> rows.getLong(1))
                .get(0));
    }

    @Override
    public void beginAnew() {
        doing(tx -> tx.update("DELETE FROM " + table.sql()));
    }

    @Override
    public void write(Batch<T> batch) {
        doing(tx -> put(tx, batch));
    }

    @Override
    public boolean joins(Checkpoint checkpoint) {
        return checkpoint == db.checkpoint();
    }

    @Override
    public void write(Batch<T> batch, Supplier<Save> save) {
        doing(tx -> {
            put(tx, batch);
            db.tableCheckpoint().store(tx, save.get());
            return true;
        });
    }

    private boolean put(Tx tx, Batch<T> batch) throws SQLException {
        Map<String, Integer> places = new LinkedHashMap<>();
        List<@Nullable Object[]> rows = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            T record = batch.get(i);
            @Nullable Object[] row = null;
            try {
                row = row(record);
            } catch (RuntimeException e) { // the host's functions, or a record that is no JSON
                batch.refused(i, "cannot be kept: " + e.getMessage());
            }
            rows.add(row == null ? new @Nullable Object[0] : row);
            if (row != null) {
                Integer before = places.put((String) Objects.requireNonNull(row[0]), i);
                if (before != null) {
                    batch.unchanged(before);
                }
            }
        }
        List<Integer> kept = new ArrayList<>(places.values());
        int[] changed = tx.updates(
                "INSERT INTO " + table.sql() + " AS t (id, shared, record) VALUES (?, ?, ?)"
                        + " ON CONFLICT (id) DO UPDATE SET shared = excluded.shared, record = excluded.record"
                        + " WHERE t.record <> excluded.record OR t.shared IS DISTINCT FROM excluded.shared",
                kept.stream().map(rows::get).toList());
        for (int i = 0; i < changed.length; i++) {
            if (changed[i] == 0) {
                batch.unchanged(kept.get(i));
            }
        }
        return true;
    }

    private @Nullable Object[] row(T record) {
        String id = key.apply(record);
        if (id == null || id.isEmpty() || id.indexOf(0) >= 0) {
            throw new IllegalArgumentException("it has no key");
        }
        Object value = common.apply(record);
        String shared = value == null ? "" : value.toString();
        return new @Nullable Object[] {id, shared.isEmpty() ? null : kept(shared), Json.write(record)};
    }

    private static String kept(String shared) {
        if (shared.length() <= LONGEST && shared.indexOf(0) < 0) {
            return shared;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(shared.getBytes(StandardCharsets.UTF_8));
            return shared.substring(0, 40).replace('\0', ' ') + " "
                    + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every platform has it
        }
    }

    private <R> R doing(Db.Work<R> work) {
        make();
        return db.transaction("writing to the index " + name, work);
    }

    private <R> R reading(Db.Work<R> work) {
        make();
        return db.reading("reading the index " + name, work);
    }

    private void make() {
        making.lock();
        try {
            if (!made) {
                made = db.transaction("making the index " + name, tx -> {
                    table.check(tx.dialect());
                    tx.run("CREATE TABLE IF NOT EXISTS " + table.sql()
                            + " (id text NOT NULL PRIMARY KEY, shared text, record text NOT NULL)");
                    tx.run("CREATE INDEX IF NOT EXISTS " + Dialect.quote("backfill_shared_" + name) + " ON "
                            + table.sql() + " (shared)");
                    return true;
                });
            }
        } finally {
            making.unlock();
        }
    }

    @Override
    public int batchSize() {
        return BATCH;
    }

    @Override
    public String key(T record) {
        return key.apply(record);
    }

    @Override
    public String definition() {
        return "index " + name;
    }

    @Override
    public Index<T> dryRun() {
        return name.endsWith("_dry") ? this : new Index<>(db, name + "_dry", type, key, common);
    }

    @Override
    public String toString() {
        return definition();
    }

    /** Some of the records, by keyset. */
    private record Members<T>(Index<T> index, boolean several) implements Source<T> {

        private record Found<T>(String id, T record) {}

        @Override
        public Page<T> read(Cursor from) {
            String after = from.orElse("");
            String another = "EXISTS (SELECT 1 FROM " + index.table.sql() + " AS other WHERE other.shared = one.shared"
                    + " AND other.id <> one.id)";
            String sql = "SELECT one.id, one.record FROM " + index.table.sql() + " AS one WHERE one.id > ? AND "
                    + (several ? another : "NOT " + another) + " ORDER BY one.id LIMIT " + PAGE;
            List<Found<T>> found = index.reading(tx -> tx.query(
                    sql, rows -> new Found<>(rows.getString(1), Json.read(rows.getString(2), index.type)), after));
            List<T> records = found.stream().map(Found::record).toList();
            return found.size() < PAGE
                    ? Page.last(records)
                    : Page.of(records, found.get(found.size() - 1).id());
        }

        @Override
        public Paging paging() {
            return Paging.KEYSET;
        }

        @Override
        public String definition() {
            return index.definition() + (several ? " duplicates" : " singles");
        }

        @Override
        public Source<T> dryRun() {
            return new Members<>(index.dryRun(), several);
        }
    }
}

package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.Partitioned;
import dev.backfill.Source;
import dev.backfill.TransactionalSink;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A table, to be written by key or read in the order of its key.
 *
 * <p>A record's component {@code createdAt} is the column {@code created_at}; Jackson's {@code @JsonProperty} says another name. The
 * keys of a map are the names of columns as they are. Nested records, lists and maps are JSON, and what is nested keeps its names.
 */
public final class Table {

    private final Db db;
    private final TableName name;

    Table(Db db, TableName name) {
        this.db = db;
        this.name = name;
    }

    Db db() {
        return db;
    }

    TableName name() {
        return name;
    }

    /**
     * A sink that inserts a record, or changes the row that has its key. A row that would stay the same is not written.
     *
     * @param keys the columns of a primary key or unique index
     */
    public TableSink upsert(String... keys) {
        return new TableSink(this, Rule.of(Rule.Way.UPSERT, keys));
    }

    /**
     * A sink that inserts a record unless a row has its key; a row that is there is left alone.
     *
     * @param keys the columns of a primary key or unique index
     */
    public TableSink insertIfAbsent(String... keys) {
        return new TableSink(this, Rule.of(Rule.Way.INSERT_IF_ABSENT, keys));
    }

    /**
     * A sink that changes the row that has a record's key, and makes none: a record without a row is refused. It needs only the columns
     * that are to be changed, where an upsert needs all that a new row must have.
     *
     * @param keys the columns of a primary key or unique index
     */
    public TableSink update(String... keys) {
        return new TableSink(this, Rule.of(Rule.Way.UPDATE, keys));
    }

    /**
     * The ranges of the primary key, of so many rows each, one after the other; for {@link #set} and {@link #fill}.
     *
     * <p>The end of each range is found in the key's index when it is read, so no rows travel. Rows that others add behind the last are
     * not in any range.
     *
     * @param rows how many rows a range has; may change between two runs of a job
     */
    public Source<KeyRange> keyRanges(int rows) {
        return new KeyRanges(this, rows);
    }

    /**
     * A sink that sets a column in all rows of a range, each range by one statement. Rows that have the value already are not written; a
     * range without any other counts as unchanged.
     *
     * @param value any value that a record could have there, or null
     */
    public TransactionalSink<KeyRange> set(String column, @Nullable Object value) {
        return new RangeSink(this, column, value, false);
    }

    /**
     * A sink that sets a column in those rows of a range in which it is null, each range by one statement. A range without one counts as
     * unchanged.
     *
     * @param value any value that a record could have there
     */
    public TransactionalSink<KeyRange> fill(String column, Object value) {
        return new RangeSink(this, column, Objects.requireNonNull(value, "value"), true);
    }

    /** How many rows the table has now. Blocks, and reads the whole table or an index of it. */
    public long count() {
        return db.reading("counting the rows of the table " + name, tx -> {
            name.check(tx.dialect());
            return tx.query("SELECT count(*) FROM " + name.sql(), rows -> rows.getLong(1))
                    .get(0);
        });
    }

    /** The rows as records of this type, in the order of the primary key; only the columns of its components are read. */
    public <T> Rows<T> rows(Class<T> type) {
        return Rows.of(this, type);
    }

    /**
     * The rows in several ranges of the primary key, to be read side by side.
     *
     * @param ranges how many, more or less; planned by the rows that are there when the job begins
     */
    public <T> Partitioned<T> rows(Class<T> type, int ranges) {
        return Rows.of(this, type).ranges(ranges);
    }

    /** The rows as maps of column names to values, with all columns, in the order of the primary key. A null column is a null value. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // a map that Jackson makes of JSON has names and values
    public Rows<Map<String, Object>> rows() {
        return (Rows) Rows.of(this, Map.class);
    }

    /**
     * The rows that have one of these primary keys, as records of this type, in no particular order. Blocks; a thousand keys are one query.
     *
     * @param keys in any form whose text is that of the key: the number 17 and the text 17 are the same
     */
    public <T> List<T> find(Class<T> type, Collection<?> keys) {
        return db.reading(
                "looking rows up in the table " + name,
                tx -> Lookup.of(tx, this)
                        .rows(
                                tx,
                                Layout.of(tx, this, type, Selection.ALL),
                                keys.stream().map(String::valueOf).toList()));
    }

    /**
     * Those of these records of which the table has no row, such as documents that exist only elsewhere. Blocks; a thousand records are one
     * query, so it serves as a step: {@code .batches(found -> products.absent(found, Found::id))}.
     *
     * @param key the primary key that the row would have; see {@link #find}
     */
    public <R> List<R> absent(Collection<? extends R> records, Function<? super R, ?> key) {
        List<String> keys = new ArrayList<>();
        records.forEach(record -> keys.add(String.valueOf(Objects.requireNonNull(key.apply(record), "key"))));
        Set<String> present = db.reading(
                "looking rows up in the table " + name,
                tx -> Lookup.of(tx, this).present(tx, keys));
        List<R> absent = new ArrayList<>();
        int i = 0;
        for (R record : records) {
            if (!present.contains(keys.get(i++))) {
                absent.add(record);
            }
        }
        return absent;
    }

    /**
     * Makes the table for records of this type unless there is one of this name, whatever its columns are. Blocks.
     *
     * <p>Text, whole numbers, booleans, points in time, dates and UUIDs have the database's own types; an enum is text, a decimal
     * is {@code numeric} (in SQLite text, which keeps all digits), and what is nested is {@code jsonb} (in SQLite text).
     *
     * @param keys the columns of the primary key
     * @return this table
     */
    public Table createIfMissing(Class<?> type, String... keys) {
        Map<String, Class<?>> components = db.records().of(type).columns();
        Set<String> folded = new HashSet<>();
        for (String column : components.keySet()) {
            if (!folded.add(column.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException(
                        "two columns of " + type.getName() + " differ in case only: " + column);
            }
        }
        for (String key : keys) {
            if (!components.containsKey(key)) {
                throw new IllegalArgumentException(type.getName() + " has no column '" + key + "' for the key; it has "
                        + String.join(", ", components.keySet()));
            }
        }
        if (keys.length == 0) {
            throw new IllegalArgumentException("name the columns of the primary key");
        }
        return db.transaction("creating the table " + name, tx -> {
            create(tx, components, List.of(keys));
            return this;
        });
    }

    private void create(Tx tx, Map<String, Class<?>> components, List<String> keys) throws SQLException {
        name.check(tx.dialect());
        if (!tx.dialect().columns(tx, name).isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>();
        components.forEach((column, type) -> {
            tx.dialect().checkName("a column", column);
            lines.add(Dialect.quote(column) + " " + tx.dialect().columnType(type)
                    + (keys.contains(column) ? " NOT NULL" : ""));
        });
        lines.add("PRIMARY KEY ("
                + String.join(", ", keys.stream().map(Dialect::quote).toList()) + ")");
        tx.run("CREATE TABLE IF NOT EXISTS " + name.sql() + " (" + String.join(", ", lines) + ")");
    }

    /** The table's columns by name, in the order of the table. */
    Map<String, Column> columns(Tx tx) throws SQLException {
        name.check(tx.dialect());
        Map<String, Column> columns = new LinkedHashMap<>();
        for (Column column : tx.dialect().columns(tx, name)) {
            columns.put(column.name(), column);
        }
        if (columns.isEmpty()) {
            throw new BackfillException(
                    "there is no table '" + name + "' in " + db
                            + ", or this user cannot see it; create it (createIfMissing(type, keys) does), or name another."
                            + " A schema is named apart: table(schema, name)",
                    null);
        }
        return columns;
    }

    /** One of the table's columns. */
    Column find(Map<String, Column> all, String column) {
        Column found = all.get(column);
        if (found == null) {
            throw new BackfillException(
                    "the table " + name + " has no column '" + column + "' (it has " + String.join(", ", all.keySet())
                            + "); add the column to the table, or name another",
                    null);
        }
        return found;
    }

    @Override
    public String toString() {
        return "table " + name;
    }
}

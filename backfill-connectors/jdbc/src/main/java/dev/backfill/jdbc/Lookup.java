package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import dev.backfill.internal.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Rows by their primary key, many at a time, in one statement for each thousand. The database compares.
 *
 * <p>A key that the column cannot have has no row, and is not sent: PostgreSQL would refuse the whole statement.
 */
final class Lookup {

    private static final int MOST = 1_000;

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,100}(\\.[0-9]{1,100})?");
    private static final Pattern UUID = Pattern.compile("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** The largest value of each whole type of PostgreSQL. */
    private static final Map<String, Long> WHOLE = Map.of(
            "smallint", (long) Short.MAX_VALUE,
            "integer", (long) Integer.MAX_VALUE,
            "bigint", Long.MAX_VALUE);

    /** Types of PostgreSQL whose keys are sent as they are, beside whole numbers. */
    private static final Set<String> EXACT =
            Set.of("text", "character varying", "uuid", "numeric", "real", "double precision");

    private final Table table;
    private final Dialect dialect;
    private final Column column;

    private Lookup(Table table, Dialect dialect, Column column) {
        this.table = table;
        this.dialect = dialect;
        this.column = column;
    }

    static Lookup of(Tx tx, Table table) throws SQLException {
        KeyOrder order = KeyOrder.of(table, table.columns(tx), List.of());
        if (order.columns().size() != 1) {
            throw new BackfillException(
                    "the primary key of the table " + table.name() + " has "
                            + order.columns().size()
                            + " columns, and rows are looked up by one; read the table with rows(...)",
                    null);
        }
        return new Lookup(table, tx.dialect(), order.columns().get(0));
    }

    /** Which of these keys have a row. */
    Set<String> present(Tx tx, Collection<String> keys) throws SQLException {
        Set<String> present = new HashSet<>();
        for (List<String> some : parts(keys)) {
            String each = dialect instanceof Postgres
                    ? "unnest(" + list() + ") WITH ORDINALITY AS k (v, n)"
                    : "(SELECT value AS v, key + 1 AS n FROM json_each(?)) AS k";
            present.addAll(tx.query(
                    "SELECT k.n FROM " + each + " WHERE EXISTS (SELECT 1 FROM "
                            + table.name().sql() + " AS t WHERE " + own() + " = k.v)",
                    row -> some.get(row.getInt(1) - 1),
                    argument(some)));
        }
        return present;
    }

    /** The rows that have one of these keys. */
    <T> List<T> rows(Tx tx, Layout<T> layout, Collection<String> keys) throws SQLException {
        List<T> found = new ArrayList<>();
        for (List<String> some : parts(keys)) {
            String in = dialect instanceof Postgres ? " = ANY(" + list() + ")" : " IN (SELECT value FROM json_each(?))";
            found.addAll(layout.select(tx, own() + in, argument(some)));
        }
        return found;
    }

    private List<List<String>> parts(Collection<String> keys) {
        List<String> all = new TreeSet<>(keys).stream().filter(this::possible).toList();
        List<List<String>> parts = new ArrayList<>();
        for (int at = 0; at < all.size(); at += MOST) {
            parts.add(all.subList(at, Math.min(all.size(), at + MOST)));
        }
        return parts;
    }

    private String list() {
        return exact() ? "?::text::" + column.type() + "[]" : "?::text::text[]";
    }

    /** The key's column, as text if not every text can be made a value of it; then without the help of its index. */
    private String own() {
        return "t." + column.sql() + (!(dialect instanceof Postgres) || exact() ? "" : "::text");
    }

    private boolean exact() {
        return WHOLE.containsKey(column.type()) || EXACT.contains(column.type());
    }

    private String argument(List<String> keys) {
        String json = Json.write(keys);
        return dialect instanceof Postgres ? ArrayText.literal(json) : json;
    }

    private boolean possible(String key) {
        if (key.indexOf('\0') >= 0) {
            return false;
        }
        if (!(dialect instanceof Postgres)) {
            return true; // a column takes anything
        }
        Long most = WHOLE.get(column.type());
        if (most != null) {
            return NUMBER.matcher(key).matches()
                    && key.indexOf('.') < 0
                    && within(new BigDecimal(key).toBigInteger(), most);
        }
        if (exact() && column.kind() == Column.Kind.NUMBER) {
            return NUMBER.matcher(key).matches();
        }
        return !column.type().equals("uuid") || UUID.matcher(key).matches();
    }

    private static boolean within(BigInteger value, long most) {
        return value.compareTo(BigInteger.valueOf(most)) <= 0 && value.compareTo(BigInteger.valueOf(-most - 1)) >= 0;
    }
}

package dev.backfill.jdbc;

import dev.backfill.internal.PlainRecord;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows of PostgreSQL as plain records, value by value, where each column has exactly what its component takes. All other rows go through
 * Jackson, which knows what to make of a number for a text.
 */
final class PlainRows {

    /** A row that cannot be read so, for a reason that is found by reading it the other way. */
    static final class Misfit extends Exception {
        private static final long serialVersionUID = 1;

        Misfit() {
            super(null, null, false, false);
        }
    }

    private interface Value {
        @Nullable
        Object of(ResultSet row, int at) throws SQLException;
    }

    private final PlainRecord plain;
    private final Value[] values;

    private PlainRows(PlainRecord plain, List<Value> values) {
        this.plain = plain;
        this.values = values.toArray(Value[]::new);
    }

    /** @param columns one for each component */
    static Optional<PlainRows> of(PlainRecord plain, List<Column> columns) {
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            value(columns.get(i), plain.types().get(i)).ifPresent(values::add);
        }
        return values.size() == columns.size() ? Optional.of(new PlainRows(plain, values)) : Optional.empty();
    }

    private static Optional<Value> value(Column column, Class<?> type) {
        boolean small = column.type().equals("integer") || column.type().equals("smallint");
        if (type == String.class && column.kind() == Column.Kind.TEXT) {
            return Optional.of(ResultSet::getString);
        }
        if ((type == long.class || type == Long.class)
                && (small || column.type().equals("bigint"))) {
            return Optional.of(ResultSet::getLong);
        }
        if ((type == int.class || type == Integer.class) && small) {
            return Optional.of(ResultSet::getInt);
        }
        if ((type == double.class || type == Double.class) && column.type().equals("double precision")) {
            return Optional.of(ResultSet::getDouble);
        }
        if ((type == boolean.class || type == Boolean.class) && column.kind() == Column.Kind.BOOLEAN) {
            return Optional.of(ResultSet::getBoolean);
        }
        if (type == BigDecimal.class && column.type().equals("numeric")) {
            return Optional.of((row, at) -> row.getObject(at) instanceof BigDecimal number ? number : null);
        }
        if (type == Instant.class && column.kind() == Column.Kind.INSTANT) {
            return Optional.of(PlainRows::instant);
        }
        return Optional.empty();
    }

    private static @Nullable Instant instant(ResultSet row, int at) throws SQLException {
        OffsetDateTime time = row.getObject(at, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    Object record(ResultSet row) throws SQLException, Misfit {
        @Nullable Object[] found = new @Nullable Object[values.length];
        for (int i = 0; i < found.length; i++) {
            Object value = values[i].of(row, i + 1);
            boolean none = row.wasNull();
            if (none ? plain.types().get(i).isPrimitive() : value == null) { // the latter is a number that is none
                throw new Misfit();
            }
            found[i] = none ? null : value;
        }
        try {
            return plain.make(found);
        } catch (IllegalArgumentException e) {
            throw new Misfit();
        }
    }
}

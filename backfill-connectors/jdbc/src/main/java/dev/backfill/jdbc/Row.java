package dev.backfill.jdbc;

import dev.backfill.BackfillException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One record as the values of its columns. */
final class Row {

    private final int index;
    private final Shape shape;
    private final @Nullable Object[] cells;

    /**
     * @param index its place in the batch
     * @param cells strings, numbers, booleans, instants, local date-times, bytes, {@link Json} or null; in the order of the shape
     */
    Row(int index, Shape shape, @Nullable Object[] cells) {
        this.index = index;
        this.shape = shape;
        this.cells = cells;
    }

    int index() {
        return index;
    }

    Shape shape() {
        return shape;
    }

    @Nullable
    Object cell(int place) {
        return cells[place];
    }

    /** A nested value. */
    record Json(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    /** The values of the key columns. */
    List<@Nullable Object> key() {
        @Nullable Object[] key = new @Nullable Object[shape.keys().size()];
        for (int i = 0; i < key.length; i++) {
            key[i] = cells[shape.keys().get(i)];
        }
        return Arrays.asList(key);
    }

    /** Why an update cannot find this record's row. */
    String missing(Plan plan) {
        return "no row of the table " + plan.table() + " has the key " + shownKey() + "; to make it, say upsert(...)";
    }

    /** A key that is none. */
    BackfillException several(Plan plan) {
        return new BackfillException(
                "several rows of the table " + plan.table() + " have the key " + shownKey()
                        + "; name the columns of a primary key or unique index",
                null);
    }

    private String shownKey() {
        List<String> parts = new ArrayList<>();
        for (int place : shape.keys()) {
            parts.add(shape.columns().get(place).name() + " = " + cells[place]);
        }
        return String.join(", ", parts);
    }

    /** One order for all writers, whatever it is, so that they never wait for each other in a ring. */
    static int inOrder(Row one, Row other) {
        for (int i = 0; i < one.shape.keys().size(); i++) {
            int order = compare(
                    one.cells[one.shape.keys().get(i)],
                    other.cells[other.shape.keys().get(i)]);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static int compare(@Nullable Object one, @Nullable Object other) {
        if (one instanceof Long a && other instanceof Long b) {
            return Long.compare(a, b);
        }
        if (one instanceof Number && other instanceof Number) {
            return decimal(one).compareTo(decimal(other));
        }
        if (one instanceof Number
                || other
                        instanceof
                        Number) { // by its digits it could come before a text, and that before a lesser number
            return one instanceof Number ? -1 : 1;
        }
        return String.valueOf(one).compareTo(String.valueOf(other));
    }

    static BigDecimal decimal(Object number) {
        return number instanceof BigDecimal decimal
                ? decimal
                : number instanceof BigInteger whole ? new BigDecimal(whole) : new BigDecimal(number.toString());
    }
}

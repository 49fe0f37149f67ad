package dev.backfill.typesense;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Which documents are read: a condition on a field, or several of these. What stands in a value is never read as a part of the filter.
 *
 * @param text in Typesense's words, from one of the methods here
 */
public record Filter(String text) {

    /** Checks that there is something. */
    public Filter {
        if (text.isBlank()) {
            throw new IllegalArgumentException("a filter is blank");
        }
    }

    /**
     * The field has this value exactly.
     *
     * @param value a text, number or boolean
     */
    public static Filter is(String field, Object value) {
        return new Filter(name(field) + ":=" + value(value));
    }

    /** The field has one of these values exactly. */
    public static Filter in(String field, Object... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("in(…) needs a value at least");
        }
        return new Filter(name(field) + (field.equals("id") ? ":[" : ":=[")
                + Arrays.stream(values).map(Filter::value).collect(Collectors.joining(",")) + "]");
    }

    /** The field has this number or a larger one. */
    public static Filter atLeast(String field, Number value) {
        return new Filter(name(field) + ":>=" + value(value));
    }

    /** The field has a number below this one. */
    public static Filter below(String field, Number value) {
        return new Filter(name(field) + ":<" + value(value));
    }

    /** Both. */
    public Filter and(Filter other) {
        return new Filter("(" + text + ") && (" + other.text + ")");
    }

    /** A field's name can only be one that says nothing else. */
    static String name(String field) {
        if (!field.matches("[\\p{L}\\p{N}_.\\-*]+")) {
            throw new IllegalArgumentException(
                    "a field is named by letters, digits, '_', '-' and '.', not '" + field + "'");
        }
        return field;
    }

    private static String value(Object value) {
        Objects.requireNonNull(value, "value; a document that lacks a field cannot be found by a filter");
        if (value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof BigInteger
                || value instanceof Boolean) {
            return value.toString();
        }
        if (value instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        if (value instanceof Double || value instanceof Float) {
            return new BigDecimal(value.toString()).toPlainString();
        }
        String text = value.toString();
        if (text.indexOf('`') >= 0) {
            throw new IllegalArgumentException(
                    "a value with a backtick cannot be written in a filter of Typesense; filter in the job instead");
        }
        return "`" + text + "`";
    }

    @Override
    public String toString() {
        return text;
    }
}

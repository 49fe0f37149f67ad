package dev.backfill.simulators;

import static dev.backfill.simulators.NotionValues.map;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A declared field, and what may stand in it. */
record TypesenseField(String name, String type, boolean optional) {

    private static final Set<String> TYPES = Set.of(
            "string",
            "int32",
            "int64",
            "float",
            "bool",
            "geopoint",
            "object",
            "string*",
            "auto",
            "image",
            "string[]",
            "int32[]",
            "int64[]",
            "float[]",
            "bool[]",
            "geopoint[]",
            "object[]");
    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    /** What becomes of a value that has another type than its field. */
    enum Dirty {
        COERCE_OR_REJECT,
        COERCE_OR_DROP,
        DROP,
        REJECT;

        static Dirty of(Ask ask) {
            String asked = ask.parameter("dirty_values").orElse("").toUpperCase(Locale.ROOT);
            for (Dirty dirty : values()) {
                if (dirty.name().equals(asked)) {
                    return dirty;
                }
            }
            return COERCE_OR_REJECT;
        }
    }

    /** A field as {@code price:float} or, if it may be missing, {@code price:float?}. */
    static TypesenseField parse(String text) {
        int colon = text.indexOf(':');
        boolean optional = text.endsWith("?");
        String type = colon < 0 ? "" : text.substring(colon + 1, text.length() - (optional ? 1 : 0));
        if (colon <= 0 || !TYPES.contains(type)) {
            throw new IllegalArgumentException("a field is a name and a type, as price:float?, not " + text);
        }
        return new TypesenseField(text.substring(0, colon), type, optional);
    }

    /** A field as a schema declares it. */
    static TypesenseField of(Map<?, ?> json) throws TypesenseError {
        if (!(json.get("name") instanceof String name) || name.isEmpty()) {
            throw TypesenseError.invalid(
                    "Wrong format for `fields`. It should be an array of objects containing `name`, `type`,"
                            + " `optional` and `facet` properties.");
        }
        if (!(json.get("type") instanceof String type) || !TYPES.contains(type)) {
            throw TypesenseError.invalid("Field `" + name + "` has an invalid data type `" + json.get("type") + "`.");
        }
        return new TypesenseField(name, type, Boolean.TRUE.equals(json.get("optional")));
    }

    private boolean array() {
        return type.endsWith("[]");
    }

    private String single() {
        return array() ? type.substring(0, type.length() - 2) : type;
    }

    boolean numeric() {
        return Set.of("int32", "int64", "float").contains(single());
    }

    Map<String, @Nullable Object> json() {
        return map(
                "facet",
                false,
                "index",
                true,
                "infix",
                false,
                "locale",
                "",
                "name",
                name,
                "optional",
                optional,
                "sort",
                numeric() || single().equals("bool"),
                "stem",
                false,
                "stem_dictionary",
                "",
                "store",
                true,
                "type",
                type);
    }

    /**
     * Makes the value of this field in a document fit, or says why it does not.
     *
     * @param whole whether the document is a whole one, in which the field must be
     */
    void check(Map<String, @Nullable Object> document, Dirty dirty, boolean whole) throws TypesenseError {
        Object value = document.get(name);
        if (value == null) {
            boolean there = document.containsKey(name);
            if (!optional && (whole || there)) {
                throw TypesenseError.invalid(
                        "Field `" + name + "` has been declared in the schema, but is not found in the document.");
            }
            if (there && whole) {
                document.remove(name); // null in an optional field is the same as nothing
            }
            return;
        }
        if (fits(value)) {
            return;
        }
        if (dirty == Dirty.DROP || dirty == Dirty.COERCE_OR_DROP) {
            Object coerced = dirty == Dirty.DROP ? null : coerced(value);
            if (coerced != null) {
                document.put(name, coerced);
            } else if (optional) {
                document.remove(name);
            } else {
                throw wrong();
            }
            return;
        }
        Object coerced = dirty == Dirty.REJECT ? null : coerced(value);
        if (coerced == null) {
            throw wrong();
        }
        document.put(name, coerced);
    }

    private TypesenseError wrong() {
        return TypesenseError.invalid("Field `" + name + "` must be " + kind() + ".");
    }

    /** The type in words, with its article. */
    String kind() {
        String one = single();
        if (array()) {
            return "an array of " + one;
        }
        return ("aeiou".indexOf(one.charAt(0)) >= 0 ? "an " : "a ") + one;
    }

    /** Whether a value has the type, or can be made to have it. */
    boolean takes(Object value) {
        return fits(value) || coerced(value) != null;
    }

    private boolean fits(Object value) {
        if (array()) {
            return value instanceof List<?> list && list.stream().allMatch(this::fitsOne);
        }
        return fitsOne(value);
    }

    private boolean fitsOne(Object value) {
        return switch (single()) {
            case "string" -> value instanceof String;
            case "int32" -> value instanceof Integer;
            case "int64" -> value instanceof Integer || value instanceof Long;
            case "float" -> value instanceof Number;
            case "bool" -> value instanceof Boolean;
            case "object" -> value instanceof Map;
            case "geopoint" ->
                value instanceof List<?> pair
                        && pair.size() == 2
                        && pair.stream().allMatch(Number.class::isInstance);
            default -> true;
        };
    }

    private @Nullable Object coerced(Object value) {
        if (!array()) {
            return coercedOne(value);
        }
        if (!(value instanceof List<?> list)) {
            return null;
        }
        List<Object> all = new ArrayList<>();
        for (Object each : list) {
            Object one = fitsOne(each) ? each : coercedOne(each);
            if (one == null) {
                return null;
            }
            all.add(one);
        }
        return all;
    }

    private @Nullable Object coercedOne(Object value) {
        return switch (single()) {
            case "string" -> value instanceof Number || value instanceof Boolean ? value.toString() : null;
            case "int32" -> whole(value, BigInteger.valueOf(Integer.MIN_VALUE), BigInteger.valueOf(Integer.MAX_VALUE));
            case "int64" -> whole(value, LEAST, MOST);
            case "float" ->
                value instanceof String text && text.matches("-?[0-9]{1,15}(\\.[0-9]{1,15})?")
                        ? new BigDecimal(text)
                        : value instanceof Boolean truth ? (Integer) (truth ? 1 : 0) : null;
            case "bool" -> truth(value);
            default -> null;
        };
    }

    private static @Nullable Boolean truth(Object value) {
        return switch (value.toString()) {
            case "1", "true" -> Boolean.TRUE;
            case "0", "false" -> Boolean.FALSE;
            default -> null;
        };
    }

    private static @Nullable Number whole(Object value, BigInteger least, BigInteger most) {
        BigInteger number;
        if (value instanceof BigDecimal decimal && decimal.precision() - decimal.scale() < 30) {
            number = decimal.toBigInteger();
        } else if (value instanceof BigInteger integer) {
            number = integer;
        } else if (value instanceof Long integer) {
            number = BigInteger.valueOf(integer);
        } else if (value instanceof Boolean truth) {
            number = truth ? BigInteger.ONE : BigInteger.ZERO;
        } else if (value instanceof String text && text.matches("-?[0-9]{1,19}")) {
            number = new BigInteger(text);
        } else {
            return null;
        }
        if (number.compareTo(least) < 0 || number.compareTo(most) > 0) {
            return null;
        }
        long result = number.longValueExact();
        return result == (int) result ? (Number) (int) result : (Number) result;
    }
}

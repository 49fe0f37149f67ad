package dev.backfill.simulators;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A filter as {@code id:[1,2] && deleted_at:>=0}: clauses joined by {@code &&} and {@code ||}, with parentheses. */
final class TypesenseFilter {

    private final String text;
    private final TypesenseCollection collection;
    private int at;

    private TypesenseFilter(String text, TypesenseCollection collection) {
        this.text = text;
        this.collection = collection;
    }

    /**
     * What a filter lets through.
     *
     * @param ids those of which the id must be one; null for any
     */
    record Test(
            Predicate<Map<String, @Nullable Object>> predicate,
            @Nullable Set<String> ids) {

        /** The places of what it lets through at this moment, in order. */
        int[] places(TypesenseCollection collection, TypesenseDocuments.View view) {
            int[] places = new int[16];
            int count = 0;
            if (ids != null) {
                for (String id : ids) {
                    int place = collection.place(id);
                    if (place >= 0
                            && place < view.size()
                            && !view.gone(place)
                            && predicate.test(view.document(place))) {
                        places = count == places.length ? Arrays.copyOf(places, count * 2) : places;
                        places[count++] = place;
                    }
                }
                Arrays.sort(places, 0, count);
                return Arrays.copyOf(places, count);
            }
            for (int place = 0; place < view.size(); place++) {
                if (!view.gone(place) && predicate.test(view.document(place))) {
                    places = count == places.length ? Arrays.copyOf(places, count * 2) : places;
                    places[count++] = place;
                }
            }
            return Arrays.copyOf(places, count);
        }
    }

    static Test of(String text, TypesenseCollection collection) throws TypesenseError {
        TypesenseFilter filter = new TypesenseFilter(text, collection);
        Test test = filter.either();
        if (filter.at < text.length()) {
            throw unparsed();
        }
        return test;
    }

    private static TypesenseError unparsed() {
        return TypesenseError.invalid("Could not parse the filter query.");
    }

    private boolean next(String token) {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        if (!text.startsWith(token, at)) {
            return false;
        }
        at += token.length();
        return true;
    }

    private Test either() throws TypesenseError {
        Test left = both();
        while (next("||")) {
            Test one = left;
            Test other = both();
            Set<String> ids = null;
            if (one.ids() != null && other.ids() != null) {
                ids = new HashSet<>(one.ids());
                ids.addAll(other.ids());
            }
            left = new Test(one.predicate().or(other.predicate()), ids);
        }
        return left;
    }

    private Test both() throws TypesenseError {
        Test left = one();
        while (next("&&")) {
            Test one = left;
            Test other = one();
            left = new Test(one.predicate().and(other.predicate()), one.ids() == null ? other.ids() : one.ids());
        }
        return left;
    }

    private Test one() throws TypesenseError {
        if (next("(")) {
            Test inner = either();
            if (!next(")")) {
                throw unparsed();
            }
            return inner;
        }
        next("");
        int colon = text.indexOf(':', at);
        if (colon <= at) {
            throw unparsed();
        }
        String field = text.substring(at, colon).strip();
        at = colon + 1;
        String operator = "";
        for (String each : List.of("!=", ">=", "<=", ">", "<", "=", "!")) {
            if (next(each)) {
                operator = each;
                break;
            }
        }
        List<String> values = values();
        return clause(field, operator, values);
    }

    private List<String> values() throws TypesenseError {
        List<String> values = new ArrayList<>();
        boolean list = next("[");
        next("");
        do {
            values.add(value(list));
        } while (list && next(","));
        if (list && !next("]")) {
            throw unparsed();
        }
        return values;
    }

    private String value(boolean inList) throws TypesenseError {
        if (next("`")) {
            int end = text.indexOf('`', at);
            if (end < 0) {
                throw unparsed();
            }
            String value = text.substring(at, end);
            at = end + 1;
            next("");
            return value;
        }
        int begin = at;
        while (at < text.length()
                && !(inList && (text.charAt(at) == ',' || text.charAt(at) == ']'))
                && !text.startsWith("&&", at)
                && !text.startsWith("||", at)
                && (inList || text.charAt(at) != ')')) {
            at++;
        }
        String value = text.substring(begin, at).strip();
        if (value.isEmpty()) {
            throw unparsed();
        }
        return value;
    }

    private Test clause(String name, String operator, List<String> values) throws TypesenseError {
        boolean not = operator.startsWith("!");
        if (name.equals("id")) {
            Set<String> ids = new HashSet<>(values);
            Predicate<Map<String, @Nullable Object>> in = document -> ids.contains(String.valueOf(document.get("id")));
            return not ? new Test(in.negate(), null) : new Test(in, ids);
        }
        TypesenseField field = collection
                .field(name)
                .orElseThrow(() ->
                        new TypesenseError(404, "Could not find a filter field named `" + name + "` in the schema."));
        Predicate<Object> one = field.numeric() ? number(field, operator, values) : word(field, operator, values);
        Predicate<Map<String, @Nullable Object>> in = document -> {
            Object value = document.get(name);
            return value instanceof Collection<?> all
                    ? all.stream().anyMatch(each -> each != null && one.test(each))
                    : value != null && one.test(value);
        };
        if (!not) {
            return new Test(in, null);
        }
        return new Test(
                collection.notEqualNeedsField ? in.negate().and(document -> document.get(name) != null) : in.negate(),
                null);
    }

    private static Predicate<Object> word(TypesenseField field, String operator, List<String> values)
            throws TypesenseError {
        if (operator.startsWith(">") || operator.startsWith("<")) {
            throw wrong(field, "Invalid comparator.");
        }
        if (field.type().startsWith("bool") && !Set.of("true", "false").containsAll(values)) {
            throw TypesenseError.invalid("Values of filter field `" + field.name() + "`: must be `true` or `false`.");
        }
        boolean exact = operator.endsWith("=");
        return value -> {
            String text = value.toString().toLowerCase(Locale.ROOT);
            return values.stream()
                    .map(each -> each.toLowerCase(Locale.ROOT))
                    .anyMatch(each -> exact
                            ? text.equals(each)
                            : List.of(text.split(" ", -1)).containsAll(List.of(each.split(" ", -1))));
        };
    }

    private static TypesenseError wrong(TypesenseField field, String words) {
        return TypesenseError.invalid("Error with filter field `" + field.name() + "`: " + words);
    }

    private static double number(TypesenseField field, String text) throws TypesenseError {
        boolean whole = field.type().startsWith("int");
        if (!text.matches(whole ? "-?[0-9]{1,19}" : "-?[0-9]{1,15}(\\.[0-9]{1,15})?")) {
            throw wrong(field, "Not " + new TypesenseField("", field.type().replace("[]", ""), false).kind() + ".");
        }
        return Double.parseDouble(text);
    }

    private static Predicate<Object> number(TypesenseField field, String operator, List<String> values)
            throws TypesenseError {
        Predicate<Object> any = value -> false;
        for (String text : values) {
            int dots = text.indexOf("..");
            if (dots > 0) {
                double least = number(field, text.substring(0, dots).strip());
                double most = number(field, text.substring(dots + 2).strip());
                any = any.or(value -> of(value) >= least && of(value) <= most);
                continue;
            }
            double limit = number(field, text);
            any = any.or(
                    switch (operator) {
                        case ">" -> value -> of(value) > limit;
                        case ">=" -> value -> of(value) >= limit;
                        case "<" -> value -> of(value) < limit;
                        case "<=" -> value -> of(value) <= limit;
                        default -> value -> of(value) == limit;
                    });
        }
        return any;
    }

    private static double of(Object value) {
        return value instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}

package dev.backfill.simulators;

import dev.backfill.internal.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The parameter {@code filters}: a JSON array of conditions that must all be met. */
final class GuestyFilter {

    private final List<Map<?, ?>> conditions = new ArrayList<>();

    private GuestyFilter() {}

    static GuestyFilter of(Ask ask, Set<String> fields) throws GuestyError {
        GuestyFilter filter = new GuestyFilter();
        try {
            for (Object one : Json.read(ask.parameter("filters").orElse("[]"), List.class)) {
                if (!(one instanceof Map<?, ?> condition) || !fields.contains(String.valueOf(condition.get("field")))) {
                    throw GuestyError.invalid("\"filters\" knows no such field: " + Json.write(one));
                }
                filter.conditions.add(condition);
                filter.test(condition, ""); // so that a wrong operator is told also where there is nothing
            }
        } catch (IllegalArgumentException e) {
            throw GuestyError.invalid("\"filters\" must be a JSON array");
        }
        return filter;
    }

    /** Whether everything meets it. */
    boolean empty() {
        return conditions.isEmpty();
    }

    /** Whether something with these values meets all conditions. */
    boolean test(Function<String, @Nullable Object> values) throws GuestyError {
        for (Map<?, ?> condition : conditions) {
            Object value = values.apply(String.valueOf(condition.get("field")));
            if (!test(condition, value == null ? null : String.valueOf(value))) {
                return false;
            }
        }
        return true;
    }

    private boolean test(Map<?, ?> condition, @Nullable String value) throws GuestyError {
        Object asked = condition.get("value");
        String text = String.valueOf(asked);
        String is = value == null ? "" : value;
        return switch (String.valueOf(condition.get("operator"))) {
            case "$eq" -> is.equals(text);
            case "$not" -> !is.equals(text);
            case "$exists" -> (value != null) == text.equals("true");
            case "$contains" -> is.contains(text);
            case "$notcontains" -> !is.contains(text);
            case "$gt" -> is.compareTo(text) > 0;
            case "$lt" -> is.compareTo(text) < 0;
            case "$between" ->
                is.compareTo(String.valueOf(condition.get("from"))) >= 0
                        && is.compareTo(String.valueOf(condition.get("to"))) <= 0;
            case "$in" -> asked instanceof List<?> list && list.contains(is);
            case "$nin" -> asked instanceof List<?> list && !list.contains(is);
            default -> throw GuestyError.invalid("\"filters\" knows no such operator: " + Json.write(condition));
        };
    }
}

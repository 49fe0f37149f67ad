package dev.backfill.simulators;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which fields of a document are wanted. */
record TypesenseShown(Set<String> included, Set<String> excluded) {

    /** All of them. */
    static final TypesenseShown ALL = of("", "");

    static TypesenseShown of(String included, String excluded) {
        return new TypesenseShown(names(included), names(excluded));
    }

    static TypesenseShown of(Ask ask) {
        return of(
                ask.parameter("include_fields").orElse(""),
                ask.parameter("exclude_fields").orElse(""));
    }

    private static Set<String> names(String list) {
        return Stream.of(list.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    boolean shows(String field) {
        return (included.isEmpty() || included.contains(field)) && !excluded.contains(field);
    }

    Map<String, @Nullable Object> of(SortedMap<String, @Nullable Object> document) {
        if (included.isEmpty() && excluded.isEmpty()) {
            return document;
        }
        SortedMap<String, @Nullable Object> shown = new TreeMap<>(document);
        shown.keySet().removeIf(field -> !shows(field));
        return shown;
    }
}

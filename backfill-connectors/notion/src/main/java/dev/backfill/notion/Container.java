package dev.backfill.notion;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where pages are: a data source, or a database as it was before there were data sources.
 *
 * @param version in which the API is spoken to about it
 * @param path {@code data_sources} or {@code databases}
 */
record Container(String version, String path, String id, List<Property> properties) {

    /** Before there were data sources. */
    static final String LEGACY = "2022-06-28";

    /** Since there are data sources. */
    static final String CURRENT = "2025-09-03";

    /**
     * A property by its name; or by a name that differs in case, spaces and signs only; {@code title} is the title whatever its name.
     *
     * @throws IllegalStateException if there is none, or if several are meant
     */
    Property property(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalStateException("there is no property '" + name + "'; Notion has "
                        + names() + " (a property that was renamed must be renamed here, too)"));
    }

    Optional<Property> find(String name) {
        for (Property property : properties) {
            if (property.name().equals(name)) {
                return Optional.of(property);
            }
        }
        String loose = Property.loose(name);
        List<Property> close = properties.stream()
                .filter(one -> !loose.isEmpty() && Property.loose(one.name()).equals(loose))
                .toList();
        if (close.size() > 1) {
            throw new IllegalStateException("'" + name + "' may be "
                    + close.stream().map(one -> "'" + one.name() + "'").collect(Collectors.joining(" or "))
                    + "; give the name exactly, in a record by @JsonProperty");
        }
        if (close.isEmpty() && name.equals("title")) {
            return properties.stream().filter(one -> one.type().equals("title")).findFirst();
        }
        return close.stream().findFirst();
    }

    private String names() {
        return properties.stream().map(one -> "'" + one.name() + "'").collect(Collectors.joining(", "));
    }
}

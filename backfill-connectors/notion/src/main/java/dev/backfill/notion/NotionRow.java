package dev.backfill.notion;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page with its properties as a map, for when no record of your own is wanted.
 *
 * @param id with dashes, in lower case
 * @param createdTime to the minute
 * @param lastEditedTime to the minute
 * @param properties by the names that were asked for, else by Notion's names. Title, text, select, status, url, email, phone and the id of
 *     who made or edited it are {@code String}s, numbers {@code Integer}, {@code Long} or {@code BigDecimal}, checkboxes {@code Boolean};
 *     multi-selects, relations (ids) and people (ids) are lists of {@code String}; dates, files and whatever is not known are maps
 *     and lists as Notion has them. What is empty is null, an empty text or an empty list
 */
public record NotionRow(
        String id, Instant createdTime, Instant lastEditedTime, Map<String, @Nullable Object> properties)
        implements NotionPage {

    /** Copies. */
    public NotionRow {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(createdTime, "createdTime");
        Objects.requireNonNull(lastEditedTime, "lastEditedTime");
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }
}

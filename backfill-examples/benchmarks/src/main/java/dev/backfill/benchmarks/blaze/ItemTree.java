package dev.backfill.benchmarks.blaze;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** From a tree of JSON to the values of rows, as scripts do it. */
final class ItemTree {

    private ItemTree() {}

    static void rows(JsonNode transaction, Consumer<@Nullable Object[]> rows) {
        for (JsonNode item : transaction.path("cart").path("items")) {
            @Nullable Object[] row = new @Nullable Object[Field.ALL.size()];
            row[0] = transaction.path("id").asString();
            for (int i = 1; i < row.length; i++) {
                Field field = Field.ALL.get(i);
                row[i] = value(item.path(field.json()), field.kind());
            }
            long modified = Math.max(
                    item.path("modified").asLong(0),
                    transaction.path("modified").asLong(0));
            row[Field.MODIFIED] = time(modified);
            row[Field.DELETED] = item.path("deleted").asBoolean(false);
            rows.accept(row);
        }
    }

    private static @Nullable Object value(JsonNode value, Field.Kind kind) {
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        return switch (kind) {
            case TEXT -> value.asString();
            case NUMBER -> value.decimalValue();
            case FLAG -> value.asBoolean();
            case TIME -> time(value.asLong());
        };
    }

    private static @Nullable Object time(long millis) {
        return millis == 0 ? null : OffsetDateTime.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC);
    }
}

package dev.backfill.simulators;

import dev.backfill.internal.Json;
import dev.backfill.simulators.NotionPages.Page;
import dev.backfill.simulators.NotionSchema.Property;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is there, read from the store itself and not through the API. */
final class NotionTruth {

    private final NotionPages pages;
    private final NotionValues values;

    NotionTruth(NotionPages pages, NotionValues values) {
        this.pages = pages;
        this.values = values;
    }

    /** Titles that differ in case, spaces or the kind of space only are the same; an empty one is not the same as any. */
    private static String normal(String title) {
        return title.replace('\u00a0', ' ').strip().replaceAll(" +", " ").toLowerCase(Locale.ROOT);
    }

    /** @param trashed whether the pages in the trash are asked for, and not the others */
    void to(OutputStream out, boolean trashed) throws IOException {
        List<String> lines = new ArrayList<>();
        pages.lock.lock();
        try {
            Map<String, Integer> titles = new HashMap<>();
            for (Page page : pages.all()) {
                if (page.visible()) {
                    titles.merge(normal(title(page)), 1, Integer::sum);
                }
            }
            List<Page> sorted = new ArrayList<>(pages.all());
            sorted.sort(Comparator.comparing(page -> page.id));
            for (Page page : sorted) {
                if (trashed ? page.trashed : page.visible()) {
                    String title = normal(title(page));
                    lines.add(Json.write(line(page, !title.isEmpty() && titles.getOrDefault(title, 0) > 1)));
                }
            }
        } finally {
            pages.lock.unlock();
        }
        for (String line : lines) {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private String title(Page page) {
        return pages.schema
                .find("title")
                .map(title -> NotionValues.plain(values.value(page, title)))
                .orElse("");
    }

    private Map<String, @Nullable Object> line(Page page, boolean duplicate) {
        Map<String, @Nullable Object> properties = NotionValues.map();
        for (Property property : pages.schema.properties()) {
            properties.put(property.name(), values.value(page, property));
        }
        return NotionValues.map(
                "id", page.id,
                "title", title(page),
                "duplicate", duplicate,
                "created", page.created,
                "edited", page.edited,
                "writes", page.writes,
                "properties", properties);
    }
}

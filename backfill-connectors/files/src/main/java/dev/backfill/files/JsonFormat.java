package dev.backfill.files;

import dev.backfill.internal.Json;
import org.jspecify.annotations.Nullable;

/** A JSON value on each line, with the names that its record has. */
final class JsonFormat<T> implements Format<T> {

    @Override
    public String extension() {
        return "jsonl";
    }

    @Override
    public String head() {
        return "";
    }

    @Override
    public String row(T record) {
        return Json.write(record) + "\n";
    }

    @Override
    public @Nullable Format<T> forSpreadsheets() {
        return null;
    }

    @Override
    public String definition() {
        return "JSON lines";
    }
}

package dev.backfill.files;

import dev.backfill.internal.Json;
import java.util.ArrayList;
import java.util.List;

/** A JSON value on each line. */
final class JsonReader<T> implements Reader<T> {

    private final Class<T> type;

    JsonReader(Class<T> type) {
        this.type = type;
    }

    @Override
    public String extension() {
        return "jsonl";
    }

    @Override
    public boolean hasHead() {
        return false;
    }

    @Override
    public int end(byte[] bytes, int from, boolean last) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return last && from < bytes.length ? bytes.length : -1;
    }

    @Override
    public List<T> records(String head, String text, long number) {
        List<T> records = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (!line.isBlank()) {
                try {
                    records.add(Json.read(line, type));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(
                            "record " + (number + records.size()) + ": " + e.getMessage(), e);
                }
            }
        }
        return records;
    }

    @Override
    public String definition() {
        return "JSON lines";
    }
}

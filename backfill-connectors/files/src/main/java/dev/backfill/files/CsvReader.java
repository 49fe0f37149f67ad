package dev.backfill.files;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.backfill.internal.Json;
import dev.backfill.internal.Records;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.util.TokenBuffer;

/** A line of column names, then a line for each record; see {@link CsvFormat}. Values are bound by name, and further columns left out. */
final class CsvReader<T> implements Reader<T> {

    private final Class<T> type;
    private final Records.Binding binding;

    CsvReader(Class<T> type) {
        this.type = type;
        this.binding = new Records().of(type);
    }

    @Override
    public String extension() {
        return "csv";
    }

    @Override
    public boolean hasHead() {
        return true;
    }

    /** A line end inside quotes ends nothing; a quote opens only at the beginning of a field, as in the parser. */
    @Override
    public int end(byte[] bytes, int from, boolean last) {
        boolean quoted = false;
        boolean begin = true;
        for (int i = from; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '"' && quoted) {
                if (i + 1 == bytes.length && !last) {
                    return -1;
                }
                if (i + 1 < bytes.length && bytes[i + 1] == '"') {
                    i++;
                } else {
                    quoted = false;
                }
            } else if (b == '"' && begin) {
                quoted = true;
            } else if (!quoted && b == '\n') {
                return i + 1;
            } else if (!quoted && b == '\r') {
                if (i + 1 == bytes.length) {
                    return last ? i + 1 : -1;
                }
                return bytes[i + 1] == '\n' ? i + 2 : i + 1;
            }
            begin = b == ',' && !quoted;
        }
        return last && from < bytes.length && !quoted ? bytes.length : -1;
    }

    @Override
    public List<T> records(String head, String text, long number) {
        List<String> names = names(head);
        List<T> records = new ArrayList<>();
        for (List<@Nullable String> line : parsed(text, number)) {
            long at = number + records.size();
            if (line.isEmpty() || (line.size() == 1 && line.get(0) == null && names.size() > 1)) {
                continue;
            }
            if (line.size() != names.size()) {
                throw new IllegalArgumentException(
                        "record " + at + " has " + line.size() + " fields, and the head has " + names.size());
            }
            records.add(record(names, line, at));
        }
        return records;
    }

    private List<String> names(String head) {
        List<String> names = new ArrayList<>();
        for (List<@Nullable String> line : parsed(head.startsWith("\uFEFF") ? head.substring(1) : head, 0)) {
            line.forEach(name -> names.add(name == null ? "" : name));
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isBlank() || !seen.add(name)) {
                throw new IllegalArgumentException("the head has a column twice, or one without a name: " + names);
            }
        }
        Set<String> missing = new LinkedHashSet<>(binding.columns().keySet());
        missing.removeAll(seen);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("the head has no " + String.join(", ", missing) + "; it has "
                    + String.join(", ", names) + ". Is it another file, or is the head missing?");
        }
        return names;
    }

    private static List<List<@Nullable String>> parsed(String text, long number) {
        List<List<@Nullable String>> lines = new ArrayList<>();
        try (var reader = de.siegmar.fastcsv.reader.CsvReader.builder()
                .skipEmptyLines(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .build(new Fields(), text)) {
            reader.forEach(lines::add);
        } catch (CsvParseException e) {
            throw new IllegalArgumentException(
                    "record " + (number + lines.size()) + " is no CSV: is the file cut off? (" + e.getMessage() + ")",
                    e);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e); // in memory there is none
        }
        return lines;
    }

    private T record(List<String> names, List<@Nullable String> line, long at) {
        try (TokenBuffer tokens = TokenBuffer.forGeneration()) {
            tokens.writeStartObject();
            for (int i = 0; i < names.size(); i++) {
                Class<?> component = binding.columns().get(names.get(i));
                if (component != null || binding.columns().isEmpty()) {
                    tokens.writeName(names.get(i));
                    value(tokens, line.get(i), component != null && isNested(component));
                }
            }
            tokens.writeEndObject();
            return binding.mapper().readValue(tokens, type);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("record " + at + ": " + Json.explained(e, type), e);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("record " + at + ": " + Json.UNREADABLE_NUMBER, e);
        }
    }

    private static void value(TokenBuffer tokens, @Nullable String text, boolean nested) {
        if (text == null) {
            tokens.writeNull();
        } else if (nested
                && (text.startsWith("{") || text.startsWith("["))) { // else of a class that is written as text
            try (JsonParser parser = Json.parser(text)) {
                parser.nextToken();
                tokens.copyCurrentStructure(parser);
            }
        } else {
            tokens.writeString(text);
        }
    }

    private static boolean isNested(Class<?> component) {
        String name = component.getName();
        return !component.isEnum()
                && !component.isPrimitive()
                && !name.startsWith("java.time.")
                && !name.startsWith("java.math.")
                && !name.startsWith("java.lang.")
                && component != byte[].class
                && component != UUID.class
                && component != java.net.URI.class;
    }

    @Override
    public String definition() {
        return Map.class.isAssignableFrom(type)
                ? "CSV"
                : "CSV of " + String.join(", ", binding.columns().keySet());
    }

    /** The fields of a line; null for one of which nothing is there, not even quotes. */
    private static final class Fields extends AbstractBaseCsvCallbackHandler<List<@Nullable String>> {

        private List<@Nullable String> line = new ArrayList<>();

        @Override
        protected void handleBegin(long number) {
            line = new ArrayList<>();
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            line.add(length == 0 && !quoted ? null : new String(buffer, offset, length));
        }

        @Override
        protected void handleEmpty() {
            line.add(null);
        }

        @Override
        protected List<@Nullable String> buildRecord() {
            return line;
        }
    }
}

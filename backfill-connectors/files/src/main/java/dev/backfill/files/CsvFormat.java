package dev.backfill.files;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import dev.backfill.internal.Json;
import dev.backfill.internal.Records;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A line of column names, then a line for each record; null is nothing between separators, and empty text two quotes. */
final class CsvFormat<T> implements Format<T> {

    /** What a spreadsheet takes for the beginning of a formula, the wide forms of East Asian text among it. */
    private static final String FORMULA = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20";

    private static final Records RECORDS = new Records();

    private final List<String> columns;
    private final Map<String, Integer> places = new HashMap<>();
    private final boolean spreadsheets;

    private CsvFormat(List<String> columns, boolean spreadsheets) {
        this.columns = columns;
        this.spreadsheets = spreadsheets;
        columns.forEach(column -> places.put(column, places.size()));
    }

    static <T> CsvFormat<T> of(Class<T> type) {
        List<String> columns = List.copyOf(RECORDS.of(type).columns().keySet());
        if (columns.isEmpty()) {
            throw new IllegalArgumentException(type.getName()
                    + " has no components that could be columns; give a record, or name the" + " columns of maps");
        }
        return new CsvFormat<>(columns, false);
    }

    static <T> CsvFormat<T> of(String... names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isBlank() || !seen.add(name) || !holds(name)) {
                throw new IllegalArgumentException("columns need names, each another one and of whole characters, not "
                        + Json.write(Arrays.asList(names)));
            }
        }
        if (names.length == 0) {
            throw new IllegalArgumentException("name the columns");
        }
        return new CsvFormat<>(List.of(names), false);
    }

    /** Whether a name is read back as it was: half of a surrogate pair is no character, and a mark of byte order none in front. */
    private static boolean holds(String name) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(name) && !name.startsWith("\uFEFF");
    }

    @Override
    public String extension() {
        return "csv";
    }

    @Override
    public String head() {
        return line(columns);
    }

    @Override
    public String row(T record) {
        @Nullable String[] cells = new String[columns.size()];
        try (JsonParser tokens = RECORDS.of(record.getClass()).tokens(record).asParser()) {
            if (tokens.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("a record or a map has columns, and "
                        + record.getClass().getName() + " has not");
            }
            while (tokens.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = tokens.currentName();
                tokens.nextToken();
                Integer place = places.get(name);
                if (place == null) {
                    throw new IllegalArgumentException(
                            "it has '" + name + "', which is none of the columns " + String.join(", ", columns));
                }
                cells[place] = cell(tokens);
            }
        }
        return line(Arrays.asList(cells));
    }

    private @Nullable String cell(JsonParser tokens) {
        JsonToken token = tokens.currentToken();
        return switch (token) {
            case VALUE_NULL -> null;
            case VALUE_STRING -> text(tokens.getString());
            case VALUE_EMBEDDED_OBJECT ->
                text(
                        tokens.getEmbeddedObject() instanceof byte[] bytes
                                ? Base64.getEncoder().encodeToString(bytes)
                                : String.valueOf(tokens.getEmbeddedObject()));
            case START_OBJECT, START_ARRAY -> text(nested(tokens));
            default -> tokens.getString();
        };
    }

    private String text(String text) {
        return spreadsheets && !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
    }

    private static String nested(JsonParser tokens) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = Json.mapper().createGenerator(text)) {
            generator.copyCurrentStructure(tokens);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
        return text.toString();
    }

    private static String line(List<@Nullable String> cells) {
        StringWriter line = new StringWriter();
        try (CsvWriter writer = CsvWriter.builder()
                .lineDelimiter(LineDelimiter.LF)
                .quoteStrategy(QuoteStrategies.EMPTY)
                .bufferSize(0)
                .build(line)) {
            writer.writeRecord(cells);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // in memory there is none
        }
        return line.toString();
    }

    @Override
    public Format<T> forSpreadsheets() {
        return new CsvFormat<>(new ArrayList<>(columns), true);
    }

    @Override
    public String definition() {
        return "CSV of " + String.join(", ", columns) + (spreadsheets ? ", for spreadsheets" : "");
    }
}

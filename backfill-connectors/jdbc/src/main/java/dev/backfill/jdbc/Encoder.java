package dev.backfill.jdbc;

import dev.backfill.Batch;
import dev.backfill.internal.Json;
import dev.backfill.internal.Plain;
import dev.backfill.internal.PlainRecord;
import dev.backfill.internal.Records;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.util.TokenBuffer;

/** Records to rows: their values as they are, or else one pass over the tokens of each. For one batch. */
final class Encoder {

    /** A record that no table could take. */
    static final class Unfit extends Exception {
        private static final long serialVersionUID = 1;

        Unfit(String message) {
            super(message, null, false, false);
        }
    }

    private static final String TOO_DEEP = "it is nested too deeply, or contains itself";

    private final Records records;
    private final Plan plan;
    private final List<String> names = new ArrayList<>();
    private final List<@Nullable Object> cells = new ArrayList<>();
    private @Nullable Shape last;

    Encoder(Records records, Plan plan) {
        this.records = records;
        this.plan = plan;
    }

    /** The records as rows, in their order; those that no table could take are refused. */
    List<Row> encode(Batch<?> batch, Outcomes outcomes) {
        if (!batch.isEmpty() && areAlike(batch)) {
            try {
                return together(batch);
            } catch (Unfit e) {
                // which of them is at fault is found by taking them one by one
            }
        }
        List<Row> rows = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            try {
                rows.add(encode(i, batch.get(i)));
            } catch (Unfit e) {
                outcomes.refuse(i, String.valueOf(e.getMessage()));
            }
        }
        return rows;
    }

    private static boolean areAlike(Batch<?> batch) {
        Class<?> type = batch.get(0).getClass();
        return all(batch, record -> record.getClass() == type);
    }

    private static boolean all(Batch<?> batch, Predicate<Object> fit) {
        for (Object record : batch) {
            if (!fit.test(record)) {
                return false;
            }
        }
        return true;
    }

    /** All in one pass, which costs a fraction of a pass for each. */
    private List<Row> together(Batch<?> batch) throws Unfit {
        List<Row> rows = new ArrayList<>(batch.size());
        Records.Binding binding = records.of(batch.get(0).getClass());
        if (binding.plain().isPresent()) {
            for (int i = 0; i < batch.size(); i++) {
                rows.add(row(i, batch.get(i), binding.plain().get()));
            }
            return rows;
        }
        if (all(batch, Plain::isRow)) {
            for (int i = 0; i < batch.size(); i++) {
                rows.add(row(i, (Map<?, ?>) batch.get(i)));
            }
            return rows;
        }
        try (JsonParser tokens = tokens(() -> binding.tokensOf(batch))) {
            for (int i = 0; i < batch.size(); i++) {
                rows.add(row(i, batch.get(i), tokens));
            }
        }
        return rows;
    }

    private Row encode(int index, Object record) throws Unfit {
        Records.Binding binding = records.of(record.getClass());
        if (binding.plain().isPresent()) {
            return row(index, record, binding.plain().get());
        }
        if (Plain.isRow(record)) {
            return row(index, (Map<?, ?>) record);
        }
        try (JsonParser tokens = tokens(() -> binding.tokens(record))) {
            return row(index, record, tokens);
        }
    }

    private Row row(int index, Map<?, ?> map) throws Unfit {
        names.clear();
        cells.clear();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String name = (String) entry.getKey();
            names.add(name);
            cells.add(cell(name, entry.getValue()));
        }
        return row(index, names, cells.toArray());
    }

    private Row row(int index, Object record, PlainRecord plain) throws Unfit {
        @Nullable Object[] row;
        try {
            row = plain.values(record);
        } catch (IllegalArgumentException e) {
            throw new Unfit(String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            throw new Unfit(TOO_DEEP);
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = cell(plain.names().get(i), row[i]);
        }
        return row(index, plain.names(), row);
    }

    private Row row(int index, Object record, JsonParser tokens) throws Unfit {
        names.clear();
        cells.clear();
        if (tokens.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException(
                    "a record or a map has columns, and " + record.getClass().getName() + " has not");
        }
        while (tokens.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = tokens.currentName();
            names.add(name);
            tokens.nextToken();
            cells.add(cell(name, tokens));
        }
        return row(index, names, cells.toArray());
    }

    private Row row(int index, List<String> names, @Nullable Object[] cells) throws Unfit {
        Shape shape = last;
        if (shape == null || !shape.names().equals(names)) {
            shape = plan.shape(names);
            last = shape;
        }
        if (!shape.problem().isEmpty()) {
            throw new Unfit(shape.problem());
        }
        for (int key : shape.keys()) {
            if (cells[key] == null) {
                throw new Unfit("no key: " + names.get(key) + " is null");
            }
        }
        return new Row(index, shape, cells);
    }

    private static JsonParser tokens(Supplier<TokenBuffer> making) throws Unfit {
        try {
            return making.get().asParser();
        } catch (IllegalArgumentException e) { // the type is known to be fit, so it is this record
            throw new Unfit(String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            throw new Unfit(TOO_DEEP);
        }
    }

    /** A value that is no record's, as a cell. */
    static @Nullable Object constant(Records records, String column, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        try (JsonParser tokens = records.of(value.getClass()).tokens(value).asParser()) {
            tokens.nextToken();
            return cell(column, tokens);
        } catch (Unfit e) {
            throw new IllegalArgumentException("the value for " + column + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** A value of a plain record as a cell; see {@link Row}. */
    private static @Nullable Object cell(String name, @Nullable Object value) throws Unfit {
        if (value instanceof String text) {
            return checked(name, text);
        }
        if (value instanceof Number number) {
            return number(name, number);
        }
        return value instanceof Instant time ? Records.kept(time) : value;
    }

    /** A value as a cell; see {@link Row}. */
    static @Nullable Object cell(String name, JsonParser tokens) throws Unfit {
        return switch (tokens.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_STRING -> checked(name, tokens.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(name, tokens.getNumberValue());
            case VALUE_EMBEDDED_OBJECT -> tokens.getEmbeddedObject();
            default -> new Row.Json(checked(name, nested(tokens)));
        };
    }

    private static Object number(String name, Number number) throws Unfit {
        if (number instanceof Double || number instanceof Float) {
            if (!Double.isFinite(number.doubleValue())) {
                throw new Unfit(name + " is " + number + ", which is not a number to keep");
            }
            return number instanceof Float ? (Object) Double.valueOf(number.toString()) : number;
        }
        return number instanceof BigDecimal || number instanceof BigInteger ? number : (Object) number.longValue();
    }

    private static String nested(JsonParser tokens) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = Json.mapper().createGenerator(text)) {
            generator.copyCurrentStructure(tokens);
        }
        return text.toString();
    }

    /** Drivers write half a surrogate pair as a question mark without a word, and PostgreSQL takes no NUL. */
    private static String checked(String name, String text) throws Unfit {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new Unfit(name + " has the character NUL, which text cannot have (22021)");
            }
            if ((c & 0xF800) == 0xD800) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    throw new Unfit(name + " has half of a surrogate pair, which is no character (22021)");
                }
                i++;
            }
        }
        return text;
    }
}

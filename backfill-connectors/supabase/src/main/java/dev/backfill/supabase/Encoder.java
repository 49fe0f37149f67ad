package dev.backfill.supabase;

import dev.backfill.internal.Json;
import dev.backfill.internal.Records;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Records to the JSON that is sent: one pass over the tokens of each. For one batch. */
final class Encoder {

    /** A record that no table could take. */
    static final class Unfit extends Exception {
        private static final long serialVersionUID = 1;

        Unfit(String message) {
            super(message, null, false, false);
        }
    }

    /** Decimals are written out as far as this, for a column of whole numbers does not read an exponent. */
    private static final int WRITTEN_OUT = 400;

    private final Records records;
    private final List<String> keys;
    private final boolean keysInBody;
    private List<String> columns = List.of();

    /** @param keysInBody whether the key is sent with the rest */
    Encoder(Records records, List<String> keys, boolean keysInBody) {
        this.records = records;
        this.keys = keys;
        this.keysInBody = keysInBody;
    }

    Row row(int index, Object record) throws Unfit {
        StringWriter body = new StringWriter(256);
        List<String> names = new ArrayList<>();
        @Nullable String[] key = new @Nullable String[keys.size()];
        try (JsonParser tokens = tokens(record);
                JsonGenerator json = Json.mapper().createGenerator(body)) {
            if (tokens.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("a record or a map has columns, and "
                        + record.getClass().getName() + " has not");
            }
            json.writeStartObject();
            while (tokens.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = checked("the name of a column", tokens.currentName());
                tokens.nextToken();
                int place = keys.indexOf(name);
                if (place >= 0) {
                    key[place] = key(name, tokens);
                }
                if (place < 0 || keysInBody) {
                    names.add(name);
                    json.writeName(name);
                    write(name, tokens, json);
                }
            }
            json.writeEndObject();
        }
        for (int i = 0; i < key.length; i++) {
            if (key[i] == null) {
                throw new Unfit("no key: " + keys.get(i) + " is null, or is not there");
            }
        }
        if (!columns.equals(names)) {
            columns = distinct(names);
        }
        return new Row(index, columns, Arrays.stream(key).map(String::valueOf).toList(), body.toString());
    }

    private static List<String> distinct(List<String> names) throws Unfit {
        Set<String> folded = new HashSet<>();
        for (String name : names) {
            if (!folded.add(name.toLowerCase(Locale.ROOT))) {
                throw new Unfit("two of its columns differ in case only: " + name);
            }
        }
        return List.copyOf(names);
    }

    private JsonParser tokens(Object record) throws Unfit {
        Records.Binding binding = records.of(record.getClass());
        try {
            return binding.tokens(record).asParser();
        } catch (IllegalArgumentException e) { // the type is known to be fit, so it is this record
            throw new Unfit(String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            throw new Unfit("it is nested too deeply, or contains itself");
        }
    }

    /** A value as text that the database reads as such. */
    static String text(Records records, String column, Object value) throws Unfit {
        Map<String, Object> map = Map.of(column, value);
        try (JsonParser tokens = records.of(Map.class).tokens(map).asParser()) {
            tokens.nextToken();
            tokens.nextToken();
            JsonToken token = tokens.nextToken();
            if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                StringWriter text = new StringWriter();
                try (JsonGenerator json = Json.mapper().createGenerator(text)) {
                    write(column, tokens, json);
                }
                return text.toString();
            }
            return String.valueOf(key(column, tokens));
        }
    }

    private static @Nullable String key(String name, JsonParser tokens) throws Unfit {
        return switch (tokens.currentToken()) {
            case VALUE_NULL -> null;
            case VALUE_EMBEDDED_OBJECT -> text(tokens.getEmbeddedObject());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> String.valueOf(number(name, tokens.getNumberValue()));
            case START_OBJECT, START_ARRAY -> throw new Unfit("the key " + name + " is nested");
            default -> checked(name, tokens.getString());
        };
    }

    /** A point in time, or bytes, as PostgreSQL reads them. */
    private static @Nullable String text(@Nullable Object embedded) {
        if (embedded instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        return embedded == null ? null : embedded.toString();
    }

    /** Copies a value with all that is in it, and looks at each text and number on the way. */
    private static void write(String name, JsonParser tokens, JsonGenerator json) throws Unfit {
        int depth = 0;
        JsonToken token = tokens.currentToken();
        while (true) {
            switch (token) {
                case START_OBJECT -> {
                    json.writeStartObject();
                    depth++;
                }
                case START_ARRAY -> {
                    json.writeStartArray();
                    depth++;
                }
                case END_OBJECT -> {
                    json.writeEndObject();
                    depth--;
                }
                case END_ARRAY -> {
                    json.writeEndArray();
                    depth--;
                }
                case PROPERTY_NAME -> json.writeName(checked(name, tokens.currentName()));
                case VALUE_STRING -> json.writeString(checked(name, tokens.getString()));
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                    json.writeNumber(String.valueOf(number(name, tokens.getNumberValue())));
                case VALUE_TRUE, VALUE_FALSE -> json.writeBoolean(token == JsonToken.VALUE_TRUE);
                case VALUE_EMBEDDED_OBJECT -> {
                    String text = text(tokens.getEmbeddedObject());
                    if (text == null) {
                        json.writeNull();
                    } else {
                        json.writeString(text);
                    }
                }
                default -> json.writeNull();
            }
            if (depth == 0) {
                return;
            }
            token = tokens.nextToken();
        }
    }

    /** Exact, for PostgreSQL reads as many digits as there are. */
    private static String number(String name, Number number) throws Unfit {
        if (number instanceof Double || number instanceof Float) {
            if (!Double.isFinite(number.doubleValue())) {
                throw new Unfit(name + " is " + number + ", which is not a number to keep");
            }
            return number.toString();
        }
        if (number instanceof BigDecimal decimal && !(number instanceof BigInteger)) {
            return Math.abs((long) decimal.scale()) <= WRITTEN_OUT ? decimal.toPlainString() : decimal.toString();
        }
        return number.toString();
    }

    /** What would come as something else, or make the database refuse the whole request. */
    private static String checked(String name, String text) throws Unfit {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new Unfit(name + " has the character NUL, which text cannot have (22021)");
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new Unfit(name + " has half of a surrogate pair, which is no character (22021)");
                }
                i++;
            }
        }
        return text;
    }
}

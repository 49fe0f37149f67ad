package dev.backfill.http;

import dev.backfill.internal.Json;
import dev.backfill.internal.JsonRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.MismatchedInputException;

/** Reads JSON from a stream straight into a user's type: no tree and no text of the whole is ever made. */
final class JsonBody {

    private JsonBody() {}

    /** The JSON is well-formed but is not what was expected. */
    static final class Misfit extends IOException {
        private static final long serialVersionUID = 1;

        Misfit(String message) {
            super(message);
        }
    }

    /** The JSON is broken, cut, or of quite another kind: as may come from a proxy, or from a call that was cut. */
    static final class Broken extends IOException {
        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message);
        }
    }

    /** The whole body as one value. */
    static <T> T value(InputStream body, Charset charset, Class<T> type) throws IOException {
        return parse(body, charset, type, parser -> bound(parser, reading(type), type, ""));
    }

    /** The whole body as a list. */
    static <T> List<T> list(InputStream body, Charset charset, Class<T> type) throws IOException {
        return parse(body, charset, type, parser -> {
            List<T> items = new ArrayList<>();
            elements(parser, type, "", items);
            return items;
        });
    }

    /** An object with a list in it. */
    static <T> Rows<T> rows(InputStream body, Charset charset, String field, Class<T> type) throws IOException {
        return parse(body, charset, type, parser -> {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                throw new Broken("the answer is no JSON object");
            }
            List<T> items = new ArrayList<>();
            Map<String, @Nullable Object> rest = new LinkedHashMap<>();
            boolean found = false;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                if (!name.equals(field)) {
                    rest.put(name, Json.value(parser));
                    continue;
                }
                if (found) {
                    throw new Broken("the answer has the field '" + field + "' twice");
                }
                found = true;
                if (token != JsonToken.VALUE_NULL) {
                    elements(parser, type, field, items);
                }
            }
            if (!found) {
                throw new Broken("the answer has no field '" + field + "'");
            }
            return new Rows<>(items, rest);
        });
    }

    private static <T> void elements(JsonParser parser, Class<T> type, String field, List<T> items) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw new Broken((field.isEmpty() ? "the answer" : "the field '" + field + "'") + " is no JSON array");
        }
        Reading<T> reading = reading(type);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(bound(parser, reading, type, field + "[" + items.size() + "]"));
        }
    }

    private static <T> T bound(JsonParser parser, Reading<T> reading, Class<T> type, String place) throws IOException {
        try {
            T value = reading.from(parser);
            if (value == null) {
                throw new Misfit((place.isEmpty() ? "the answer" : place) + " is null");
            }
            return value;
        } catch (StreamReadException | StreamConstraintsException e) {
            throw e;
        } catch (JacksonException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new Misfit(misfit(e, type, place));
        }
    }

    /** Says where and what, and not the value, which may be personal. */
    private static String misfit(JacksonException e, Class<?> type, String place) {
        if (e instanceof InvalidDefinitionException || Json.closed(e)) {
            return Json.explained(e, type);
        }
        StringBuilder path = new StringBuilder(place);
        for (JacksonException.Reference step : e.getPath()) {
            if (step.getPropertyName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(Redactor.escape(step.getPropertyName()));
            }
        }
        Class<?> target = e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        return (path.isEmpty() ? "the answer" : path) + " does not fit "
                + (target == null ? type : target).getTypeName()
                + (target == null || target == type ? "" : " in " + type.getTypeName());
    }

    private interface Parse<T> {
        T from(JsonParser parser) throws IOException;
    }

    private static <T> T parse(InputStream body, Charset charset, Class<?> type, Parse<T> parse) throws IOException {
        try (JsonParser parser = parser(body, charset)) {
            if (parser.nextToken() == null) {
                throw new Broken("the answer is empty");
            }
            T value = parse.from(parser);
            if (parser.nextToken() != null) {
                throw new Broken("something follows after the JSON");
            }
            return value;
        } catch (StreamConstraintsException e) {
            throw new Misfit("the JSON is beyond the limits: " + e.getOriginalMessage());
        } catch (NumberFormatException e) {
            throw new Misfit("the JSON is beyond the limits: " + Json.UNREADABLE_NUMBER);
        } catch (StreamReadException e) {
            // the parser's own words hold pieces of the answer
            throw new Broken(
                    "the JSON is cut or broken at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr());
        } catch (JacksonException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new Misfit(misfit(e, type, ""));
        }
    }

    private static JsonParser parser(InputStream body, Charset charset) {
        boolean unicode =
                charset.equals(StandardCharsets.UTF_8) || charset.name().startsWith("UTF-");
        return unicode // of which the parser itself finds out the kind
                ? Json.parser(body)
                : Json.parser(new InputStreamReader(body, charset));
    }

    /** What makes a value of the token at which a parser stands, and of those that belong to it. */
    private interface Reading<T> {
        @Nullable
        T from(JsonParser parser);
    }

    /** An object is read without a mapper where that can be done. */
    private static <T> Reading<T> reading(Class<T> type) {
        Optional<Reading<Object>> plain = type == Map.class
                ? Optional.of(Json::value)
                : JsonRecord.of(type).map(known -> known::read);
        if (plain.isEmpty()) {
            ObjectReader reader = reader(type);
            return reader::readValue;
        }
        return parser -> parser.currentToken() == JsonToken.START_OBJECT
                ? type.cast(plain.get().from(parser))
                : reader(type).readValue(parser);
    }

    private static ObjectReader reader(Class<?> type) {
        JavaType javaType = Json.mapper().constructType(type);
        return Json.mapper().readerFor(javaType).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }
}

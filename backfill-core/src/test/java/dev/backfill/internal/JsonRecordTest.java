package dev.backfill.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.json.JsonMapper;

/** A record that is read and written without a mapper is what a mapper makes of it, and so is what is said of one that cannot be. */
class JsonRecordTest {

    private static final JsonMapper MAPPER = Json.mapper();

    record Line(@Nullable String id, @Nullable BigDecimal quantity) {}

    record Sale(
            @Nullable String text,
            @Nullable Long whole,
            long must,
            @Nullable Integer small,
            int smallMust,
            @Nullable Double half,
            double halfMust,
            @Nullable BigDecimal exact,
            @Nullable BigInteger large,
            @Nullable Boolean flag,
            boolean flagMust,
            @Nullable Instant time,
            @Nullable LocalDate day,
            @Nullable Line line,
            @Nullable List<@Nullable Line> lines,
            @Nullable List<List<String>> lists) {}

    record Choosy(int number, List<String> list) {
        Choosy {
            if (number == 13) {
                throw new IllegalArgumentException("not thirteen");
            }
            list = List.copyOf(Objects.requireNonNull(list, "list"));
        }
    }

    record Within(@Nullable Within itself) {}

    record Around(List<@Nullable Ring> rings) {}

    record Ring(@Nullable Around around) {}

    record Twice(@Nullable Line one, @Nullable Line other) {}

    record Short(short number) {}

    record Mapped(Map<String, String> map) {}

    record Told(@JsonDeserialize(as = String.class) String text) {}

    record Outer(Told told) {}

    record Empty() {}

    private static @Nullable Object read(String json, Class<?> type) {
        try (JsonParser parser = Json.parser(json)) {
            parser.nextToken();
            return JsonRecord.of(type).orElseThrow().read(parser);
        }
    }

    private static void assertAsAMapper(String json, Class<?> type) {
        Object expected;
        try {
            expected = MAPPER.readValue(json, type);
        } catch (JacksonException e) {
            assertThatThrownBy(() -> read(json, type))
                    .as(json)
                    .isInstanceOf(e.getClass())
                    .satisfies(thrown -> {
                        assertThat(((JacksonException) thrown).getOriginalMessage())
                                .isEqualTo(e.getOriginalMessage());
                        assertThat(((JacksonException) thrown).getPathReference())
                                .isEqualTo(e.getPathReference());
                    });
            return;
        }
        assertThat(read(json, type)).as(json).isEqualTo(expected);
    }

    @Test
    void readsWhatAMapperReads() {
        assertAsAMapper(
                "{\"text\":\"é \\u0000 \\\\ 😀\",\"whole\":-1,\"must\":9223372036854775807,\"small\":1,\"smallMust\":-2147483648,"
                        + "\"half\":0.1,\"halfMust\":1e300,\"exact\":1.50,\"large\":123456789012345678901234567890,\"flag\":true,"
                        + "\"flagMust\":false,\"time\":\"2026-01-01T00:00:00.123456789Z\",\"day\":\"2026-01-01\","
                        + "\"unknown\":{\"a\":[1,{\"text\":2}]},\"line\":{\"id\":\"1\",\"quantity\":2,\"more\":[]},"
                        + "\"lines\":[{\"id\":\"2\"},null,{}],\"lists\":[[],[\"a\",null]]}",
                Sale.class);
        assertAsAMapper("{}", Sale.class);
        assertAsAMapper("{\"must\":1,\"must\":2,\"text\":\"first\",\"text\":\"last\"}", Sale.class);
        assertAsAMapper("{\"number\":1,\"list\":[\"a\"]}", Choosy.class);
        assertAsAMapper("{\"one\":{\"id\":\"1\"},\"other\":{\"id\":\"2\"}}", Twice.class);
    }

    @Test
    void makesOfEachValueWhatAMapperMakes() {
        for (String value : List.of(
                "null",
                "\"\"",
                "\" \"",
                "\"text\"",
                "\"1\"",
                "\" 1 \"",
                "\"true\"",
                "\"null\"",
                "\"2026-01-01\"",
                "\"2026-01-01T00:00:00Z\"",
                "\"2026-01-01T01:00:00+01:00\"",
                "\"2026-01-01T00:00:00\"",
                "\"10000-01-01\"",
                "\"+10000-01-01\"",
                "0",
                "1",
                "-1",
                "1.0",
                "1.5",
                "1e2",
                "1e400",
                "1e99999999999",
                "2147483648",
                "9223372036854775808",
                "1767225600",
                "1767225600.123",
                "true",
                "false",
                "{}",
                "{\"id\":{}}",
                "{\"id\":1}",
                "{\"quantity\":\"x\"}",
                "[]",
                "[null]",
                "[1]",
                "[{}]",
                "[{\"id\":[]}]",
                "[[]]",
                "[[1,{}]]",
                "[2026,1,1]")) {
            for (var component : Sale.class.getRecordComponents()) {
                assertAsAMapper(
                        "{\"text\":\"a\",\"" + component.getName() + "\":" + value + ",\"must\":1}", Sale.class);
            }
        }
    }

    @Test
    void saysOfBrokenJsonWhatAMapperSays() {
        String whole = "{\"text\":\"a\",\"unknown\":[{}],\"lines\":[{\"id\":\"1\"}],\"flag\":true,\"must\":12}";
        for (int end = 1; end < whole.length(); end++) {
            assertAsAMapper(whole.substring(0, end), Sale.class);
        }
        assertAsAMapper("{\"text\":\"a\"]", Sale.class);
        assertAsAMapper("{\"lines\":[}", Sale.class);
        assertAsAMapper("{\"text\":nul}", Sale.class);
        assertAsAMapper("{1:2}", Sale.class);
    }

    @Test
    void saysWhatTheRecordSays() {
        assertAsAMapper("{\"number\":13,\"list\":[]}", Choosy.class);
        assertAsAMapper("{\"number\":1}", Choosy.class);
    }

    @Test
    void leavesTheParserBehindTheRecord() {
        try (JsonParser parser = Json.parser("[{\"id\":\"1\",\"x\":[{}]},{\"quantity\":\"2\"},3]")) {
            parser.nextToken();
            parser.nextToken();
            JsonRecord line = JsonRecord.of(Line.class).orElseThrow();
            assertThat(line.read(parser)).isEqualTo(new Line("1", null));
            parser.nextToken();
            assertThat(line.read(parser)).isEqualTo(new Line(null, new BigDecimal("2")));
            parser.nextToken();
            assertThat(parser.getIntValue()).isEqualTo(3);
        }
    }

    @Test
    void leavesToAMapperWhatOnlyItKnows() {
        for (Class<?> type : List.of(
                Within.class,
                Short.class,
                Mapped.class,
                Told.class,
                Outer.class,
                Empty.class,
                String.class,
                Map.class)) {
            assertThat(JsonRecord.of(type)).as(type.getSimpleName()).isEmpty();
        }
    }

    record Place(LocalDate from, Spot spot) {}

    record Spot(long at, List<String> last, @Nullable String none, boolean edge) {}

    record Silent(String text) {
        @Override
        public String text() {
            throw new IllegalStateException("not told");
        }
    }

    @Test
    void writesWhatAMapperWrites() {
        for (LocalDate day : List.of(LocalDate.of(2026, 1, 2), LocalDate.of(10_000, 1, 1), LocalDate.of(-1, 12, 31))) {
            Place place = new Place(day, new Spot(1, List.of("a", "\""), null, true));
            assertThat(PlainJson.write(place, true)).hasValue(MAPPER.writeValueAsString(place));
            assertThat(PlainJson.read(MAPPER.writeValueAsString(place), Place.class))
                    .hasValue(place);
        }
        assertThat(PlainJson.write(new Line("1", BigDecimal.ONE), true)).isEmpty();
        assertThat(PlainJson.write(new Silent("a"), true)).isEmpty();
        assertThat(PlainJson.read("[]", Place.class)).isEmpty();
    }
}

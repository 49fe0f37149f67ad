package dev.backfill.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** What is written and read without a mapper is what a mapper makes of it. */
class PlainJsonTest {

    private static final JsonMapper MAPPER = Json.mapper();

    @JsonSerialize(using = ToStringSerializer.class)
    static final class Told extends ArrayList<String> {
        private static final long serialVersionUID = 1;
    }

    private static Map<String, Object> map() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("z \" \\ \n \u0001 \u007f \u2028 é 😀 \ud800", "é 😀 \udc00 / \t \u001f");
        map.put("", null);
        map.put("list", Arrays.asList(1, null, List.of(), new ArrayList<>(List.of(true, -1L, Long.MIN_VALUE))));
        map.put("map", new TreeMap<>(Map.of("b", Map.of(), "a", Map.of("x", false))));
        return map;
    }

    @Test
    void writesWhatAMapperWrites() {
        for (Object value : List.of(map(), "", "text", 0, Integer.MIN_VALUE, Long.MAX_VALUE, true, List.of("1", 2))) {
            assertThat(PlainJson.write(value, false)).hasValue(MAPPER.writeValueAsString(value));
        }
    }

    @Test
    void sortsMapsAsAMapperDoes() {
        Map<String, Object> backwards = new TreeMap<>(Comparator.reverseOrder());
        backwards.putAll(Map.of("a", 1, "b", Map.of("d", 1, "c", 2)));
        Object value = List.of(map(), backwards, Map.of("10", 1, "9", 2, "é", 3, "Z", 4, "a", 5, "", 6));
        assertThat(PlainJson.write(value, true))
                .hasValue(MAPPER.writer(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                        .writeValueAsString(value));
    }

    @Test
    void leavesToAMapperWhatItMayWriteOtherwise() {
        List<Object> itself = new ArrayList<>();
        itself.add(itself);
        for (Object value : List.of(
                1.5,
                new BigDecimal("1.50"),
                Instant.EPOCH,
                (short) 1,
                new Told(),
                List.of(new Told()),
                Map.of(1, "not a name"),
                itself)) {
            assertThat(PlainJson.write(value, false)).isEmpty();
        }
    }

    @Test
    void readsWholeNumbersAsAMapperDoes() {
        for (String number : List.of("0", "7", "-7", " 12 ", "2147483647", "2147483648", "999999999999999999")) {
            assertThat(PlainJson.read(number, Long.class)).hasValue(MAPPER.readValue(number, Long.class));
        }
        assertThat(PlainJson.read("2147483647", Integer.class)).hasValue(Integer.MAX_VALUE);
        assertThat(PlainJson.read("2147483648", Integer.class)).isEmpty(); // a mapper says that it is too large
        assertThat(PlainJson.read("9223372036854775808", Long.class)).isEmpty();
        assertThatThrownBy(() -> PlainJson.read("007", Long.class)).isInstanceOf(JacksonException.class);
        assertThatThrownBy(() -> PlainJson.read("٣", Long.class)).isInstanceOf(JacksonException.class);
    }

    @Test
    void readsWhatAMapperReads() {
        String map = MAPPER.writeValueAsString(map());
        assertThat(PlainJson.read(map, Map.class)).hasValue(MAPPER.readValue(map, Map.class));
        String numbers = "[0,-1,2147483648,9223372036854775808,1.0,1.50,1e3,-0.0]";
        assertThat(PlainJson.read(numbers, List.class)).hasValue(MAPPER.readValue(numbers, List.class));
        String twice = "{\"a\":1,\"a\":{\"b\":[{}]}}";
        assertThat(PlainJson.read(twice, Map.class)).hasValue(MAPPER.readValue(twice, Map.class));
        assertThat(PlainJson.read("7", Long.class)).hasValue(7L);
        assertThat(PlainJson.read("7", Integer.class)).hasValue(7);
        assertThat(PlainJson.read("\"7\"", String.class)).hasValue("7");
        assertThat(PlainJson.read("true", Boolean.class)).hasValue(true);
    }

    @Test
    void leavesToAMapperWhatIsOfAnotherTypeOrNone() {
        assertThat(PlainJson.read("7", String.class)).isEmpty();
        assertThat(PlainJson.read("\"7\"", Integer.class)).isEmpty();
        assertThat(PlainJson.read("9223372036854775808", Long.class)).isEmpty();
        assertThat(PlainJson.read("1", Instant.class)).isEmpty();
        assertThat(PlainJson.read("null", String.class)).isEmpty();
        assertThat(PlainJson.read("1 2", Integer.class)).isEmpty();
        assertThat(PlainJson.read("", Integer.class)).isEmpty();
    }

    @Test
    void saysOfBadJsonWhatAMapperSays() {
        for (String bad : List.of("", " ", "1 2", "[1,", "{\"a\":", "[1}", "{1:2}", "nul", "\"a", "[NaN]")) {
            assertThatThrownBy(() -> Json.read(bad, type(bad)))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(reason(bad));
        }
    }

    private static Class<?> type(String json) {
        return json.startsWith("{") ? Map.class : List.class;
    }

    private static String reason(String bad) {
        try {
            return String.valueOf(MAPPER.readValue(bad, type(bad)));
        } catch (tools.jackson.core.JacksonException e) {
            return e.getOriginalMessage();
        }
    }

    @Test
    void saysOfANumberThatCannotBeReadThatItCannot() {
        assertThatThrownBy(() -> Json.read("[1e99999999999]", List.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(Json.UNREADABLE_NUMBER);
    }
}

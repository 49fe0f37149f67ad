package dev.backfill.guesty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backfill.internal.Json;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampTest {

    private static Timestamp of(String json) {
        return Timestamp.of(Json.tree("{\"createdAt\":" + json + "}").path("createdAt"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            "2025-01-03T10:12:30.123Z"            | 2025-01-03T10:12:30.123Z
            "2025-01-03T10:12:30Z"                | 2025-01-03T10:12:30Z
            "2025-01-03T10:12:30.123456Z"         | 2025-01-03T10:12:30.123456Z
            "2025-01-03T10:12:30.123456789Z"      | 2025-01-03T10:12:30.123456789Z
            "2025-01-03T10:12:30.1+00:00"         | 2025-01-03T10:12:30.1Z
            "2025-01-03T10:12:30.123+0000"        | 2025-01-03T10:12:30.123Z
            "2025-01-03T12:12:30.123+02:00"       | 2025-01-03T10:12:30.123Z
            "2025-01-03T04:42:30-0530"            | 2025-01-03T10:12:30Z
            "2124-01-03T10:12:30Z"                | 2124-01-03T10:12:30Z
            1735899150123                         | 2025-01-03T10:12:30.123Z
            """)
    void readsWhatIsCertain(String json, Instant expected) {
        assertThat(of(json)).isEqualTo(new Timestamp(expected, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\"Invalid date\"",
                "\"0000-00-00\"",
                "\"2025-01-03\"",
                "\"2025-01-03T10:12:30\"",
                "\"2025-01-03 10:12:30Z\"",
                "\"2025-01-03T10:12Z\"",
                "\"2025-02-30T10:12:30Z\"",
                "\"2025-13-03T10:12:30Z\"",
                "\"2025-01-03T24:00:00Z\"",
                "\"2025-01-03T10:12:30.1234567890Z\"",
                "\"2025-01-03T10:12:30+25:00\"",
                "\" 2025-01-03T10:12:30Z\"",
                "\"1735899150123\"",
                "\"٢٠٢٥-01-03T10:12:30Z\""
            })
    void keepsATextThatIsNot(String json) {
        assertThat(of(json)).isEqualTo(new Timestamp(null, Json.read(json, String.class)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "1735899150",
                "1735899150.123",
                "-1",
                "99999999999999999999999999",
                "9223372036854775807",
                "{\"$date\":\"2025-01-03T10:12:30Z\"}",
                "[1]"
            })
    void keepsAnythingElseAsItsJson(String json) {
        assertThat(of(json)).isEqualTo(new Timestamp(null, json));
    }

    @Test
    void nothingIsNothing() {
        assertThat(of("null")).isEqualTo(new Timestamp(null, null));
        assertThat(Timestamp.of(Json.tree("{}").path("createdAt"))).isEqualTo(new Timestamp(null, null));
    }
}

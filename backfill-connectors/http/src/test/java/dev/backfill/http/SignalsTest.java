package dev.backfill.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private static Signals of(String... namesAndValues) {
        Map<String, List<String>> headers = new java.util.TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.computeIfAbsent(namesAndValues[i], name -> new java.util.ArrayList<>())
                    .add(namesAndValues[i + 1]);
        }
        return Signals.of(headers, NOW);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            120                             | PT2M
            007                             | PT7S
            123456789012345678901           | P31D
            1000000000                      | P31D
            Thu, 01 Jan 2026 12:01:30 GMT   | PT1M30S
            Fri, 31 Dec 9999 23:59:59 GMT   | P31D
            """)
    void readsRetryAfter(String value, Duration expected) {
        assertThat(of("retry-after", value).after()).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "-5",
                "1.5",
                "soon",
                "Thu, 01 Jan 2026 11:00:00 GMT",
                "Thu, 99 Jan 2026 11:00:00 GMT",
                "٣"
            })
    void whatCannotBeObeyedCountsAsNotSaid(String value) {
        assertThat(of("retry-after", value).after()).isEmpty();
    }

    @Test
    void aDateIsTakenByTheClockOfTheOtherSide() {
        Signals signals = of("retry-after", "Thu, 01 Jan 2026 15:00:10 GMT", "date", "Thu, 01 Jan 2026 15:00:00 GMT");
        assertThat(signals.after()).contains(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Thu, 01 Jan 2026 03:00:00 GMT",
                "Fri, 02 Jan 2026 12:00:00 GMT",
                "Thu, 01 Jan 1970 00:00:00 GMT",
                "yesterday",
                ""
            })
    void aClockOfTheOtherSideThatIsHoursOffChangesNoDelay(String date) {
        Signals signals = of("retry-after", "90", "ratelimit", "\"a\";r=3;t=30", "date", date);
        assertThat(signals.after()).contains(Duration.ofSeconds(90));
        assertThat(signals.left()).contains(new Signals.Left(3, Duration.ofSeconds(30)));
    }

    @Test
    void ofTwoTheLongerCounts() {
        assertThat(of("retry-after", "3", "retry-after", "5").after()).contains(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            ratelimit             | "default";r=50;t=30                    | 50 | PT30S
            ratelimit             | "burst";r=9;t=1, "day";r=4;t=800       | 4  | PT13M20S
            ratelimit             | "a";r=0;t=1, "b";r=0;t=60              | 0  | PT1M
            ratelimit             | "odd;,name";t=5;r=7;pk=:YQ==:          | 7  | PT5S
            ratelimit             | limit=100, remaining=50, reset=30      | 50 | PT30S
            """)
    void readsTheStructuredForms(String name, String value, long calls, Duration until) {
        assertThat(of(name, value).left()).contains(new Signals.Left(calls, until));
    }

    @Test
    void aQuotaOfBytesIsNotOneOfCalls() {
        Signals signals = of(
                "ratelimit", "\"bytes\";r=10;t=30, \"calls\";r=70;t=60",
                "ratelimit-policy", "\"bytes\";q=1000;w=60;qu=\"content-bytes\",\"calls\";q=100;w=60");
        assertThat(signals.left()).contains(new Signals.Left(70, Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @CsvSource({
        "ratelimit-, 30, PT30S",
        "x-ratelimit-, 30, PT30S",
        "x-ratelimit-, 1767268860, PT1M",
        "x-ratelimit-, 1767268860000, PT1M",
        "x-rate-limit-, 5, PT5S"
    })
    void readsTheOlderForms(String prefix, String reset, Duration until) {
        assertThat(of(prefix + "remaining", "3", prefix + "reset", reset).left())
                .contains(new Signals.Left(3, until));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"",
                "r=1",
                "\"a\";r=1",
                "\"a\";r=-1;t=5",
                "\"a\";r=x;t=5",
                "\"a\";r=1;t=99999999",
                "remaining=1",
                ";;;,,,",
                "a=b=c;=,="
            })
    void absurdHintsAreNone(String value) {
        assertThat(of("ratelimit", value).left()).isEmpty();
        assertThat(of("x-ratelimit-remaining", "0", "x-ratelimit-reset", value).left())
                .isEmpty();
    }

    @Test
    void aHeaderOfAMegabyteIsNotRead() {
        String huge = "\"a\";r=1;t=1,".repeat(100_000);
        assertThat(of("ratelimit", huge, "retry-after", huge, "date", huge).left())
                .isEmpty();
    }

    @Test
    void readsWhatIsLeftByUnit() {
        Signals signals = of(
                "x-ratelimit-limit-minute", "120",
                "x-ratelimit-remaining-minute", "7",
                "x-ratelimit-limit-hour", "5000",
                "x-ratelimit-remaining-hour", "soon",
                "x-ratelimit-remaining-second", "3");
        assertThat(signals.windows())
                .containsExactly(new Signals.Window(new dev.backfill.RateLimiter.Limit(120, Duration.ofMinutes(1)), 7));
        assertThat(signals.left()).as("when it begins anew is not told").isEmpty();
    }
}

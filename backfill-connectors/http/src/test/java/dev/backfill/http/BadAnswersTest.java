package dev.backfill.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Headers and pages that are cut, altered or made up: they are read, left out or refused, and never break the reader. */
class BadAnswersTest {

    record Line(String id, long amount) {}

    record Order(long id, String text, List<Line> lines) {}

    private static final int INPUTS = 15_000 * Integer.getInteger("backfill.bad", 1);
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private static final List<String> HEADERS = List.of(
            "retry-after",
            "date",
            "ratelimit",
            "ratelimit-policy",
            "ratelimit-remaining",
            "ratelimit-reset",
            "x-ratelimit-remaining",
            "x-ratelimit-reset",
            "x-rate-limit-remaining",
            "x-rate-limit-reset",
            "x-ratelimit-limit-minute",
            "x-ratelimit-remaining-minute",
            "x-ratelimit-limit-day",
            "x-ratelimit-remaining-day");

    private static final List<String> PIECES = List.of(
            "0",
            "1",
            "7",
            "-",
            "+",
            ".",
            "e",
            "120",
            "999999999999999",
            "99999999999999999999999",
            "9223372036854775807",
            "Thu, 01 Jan 2026 12:01:30 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Thu, 99 Jan 2026 11:00:00 GMT",
            "Thu, 01 Jan 0000 00:00:00 GMT",
            "Wed, 01 Jan 2025 00:00:00 +1800",
            "soon",
            "NaN",
            "Infinity",
            "٣",
            "\"",
            "\"a\";r=1;t=5",
            ";r=",
            ";t=",
            "r=1",
            "remaining=",
            "reset=",
            "limit=",
            ",",
            ";",
            "=",
            " ",
            "\t",
            "\\",
            "\u0000",
            "\r\n",
            "é",
            "\ud800",
            ":YQ==:",
            "?1",
            "(",
            ")");

    private static String value(SplittableRandom random) {
        StringBuilder value = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            value.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return random.nextInt(500) == 0 ? value.toString().repeat(20_000) : value.toString();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void badHeadersSayNothingOrSomethingSane() {
        Duration most = Duration.ofDays(31);
        for (int seed = 0; seed < INPUTS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, List<String>> headers = new HashMap<>();
            for (int i = random.nextInt(5); i >= 0; i--) {
                headers.put(
                        HEADERS.get(random.nextInt(HEADERS.size())),
                        random.nextInt(4) == 0 ? List.of(value(random), value(random)) : List.of(value(random)));
            }
            try {
                Signals signals = Signals.of(headers, NOW);
                assertThat(signals.after().filter(after -> after.isNegative() || after.compareTo(most) > 0))
                        .as("seed %s: %s", seed, headers)
                        .isEmpty();
                assertThat(signals.left()
                                .filter(left -> left.calls() < 0
                                        || left.until().isNegative()
                                        || left.until().compareTo(most) > 0))
                        .as("seed %s: %s", seed, headers)
                        .isEmpty();
                assertThat(signals.windows()).allMatch(window -> window.left() >= 0);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ": " + headers, e);
            }
        }
        System.out.println("bad inputs: " + INPUTS + ", 0 hangs, 0 uncaught (headers)");
    }

    private static final String PAGE = "{\"total\":3,\"orders\":[{\"id\":1,\"text\":\"a\\u00e9"
            + " \\\"b\\\"\",\"lines\":[{\"id\":\"x\",\"amount\":12}]},"
            + "{\"id\":2,\"text\":null,\"lines\":[]},{\"id\":3,\"text\":\"月😀\",\"lines\":[{\"id\":\"y\",\"amount\":-1}],"
            + "\"more\":[[1.5e3,true]]}],\"next\":\"abc\"}";

    private static final List<String> PARTS = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "null",
            "NaN",
            "1e999999999",
            "-1e99999999999",
            "-",
            "0001",
            "99999999999999999999999999",
            "\\u0000",
            "\\ud800",
            "\\",
            "\u0000",
            "<html>",
            "\uFEFF",
            "{\"orders\":",
            "[\"java.lang.ProcessBuilder\",{}]",
            "\"orders\":null",
            "true",
            "/**/",
            "'",
            "\n");

    private static byte[] page(SplittableRandom random) throws IOException {
        StringBuilder page = new StringBuilder(PAGE);
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(page.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> page.setLength(at);
                case 1 -> page.insert(at, PARTS.get(random.nextInt(PARTS.size())));
                case 2 -> page.delete(at, Math.min(page.length(), at + random.nextInt(12)));
                default ->
                    page.replace(
                            at,
                            Math.min(page.length(), at + 1 + random.nextInt(4)),
                            PARTS.get(random.nextInt(PARTS.size())));
            }
        }
        if (random.nextInt(300) == 0) {
            page.insert(0, (random.nextBoolean() ? "[" : "{\"a\":").repeat(random.nextInt(100_000)));
        }
        byte[] bytes = page.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && random.nextInt(4) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        if (random.nextInt(4) > 0) {
            return bytes;
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        byte[] whole = packed.toByteArray();
        if (random.nextBoolean()) {
            whole[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return random.nextBoolean() ? whole : Arrays.copyOf(whole, random.nextInt(whole.length));
    }

    private static int read(byte[] bytes, SplittableRandom random) throws IOException {
        String encoding = bytes.length > 1 && bytes[0] == 0x1f && random.nextInt(20) > 0 ? "gzip" : "";
        try (var body = Bounded.of(new ByteArrayInputStream(bytes), encoding, 1 << 20)) {
            return switch (random.nextInt(4)) {
                case 0 ->
                    JsonBody.rows(body, StandardCharsets.UTF_8, "orders", Map.class)
                            .items()
                            .size();
                case 1 ->
                    JsonBody.value(body, StandardCharsets.UTF_16LE, Map.class).size();
                case 2 ->
                    JsonBody.list(body, StandardCharsets.ISO_8859_1, Order.class)
                            .size();
                default ->
                    JsonBody.rows(body, StandardCharsets.UTF_8, "orders", Order.class)
                            .items()
                            .size();
            };
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void badPagesAreRefusedOrReadAndNothingElse() throws Exception {
        int refused = 0;
        for (int seed = 0; seed < INPUTS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = page(random);
            try {
                assertThat(read(bytes, random)).isNotNegative();
            } catch (IOException e) {
                refused++;
                assertThat(String.valueOf(e.getMessage())).as("seed %s", seed).doesNotContain("ProcessBuilder");
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ": " + new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
        assertThat(refused).isGreaterThan(INPUTS / 2);
        System.out.println("bad inputs: " + INPUTS + ", 0 hangs, 0 uncaught (pages)");
    }

    @Test
    void aNumberWithAnExponentOfAnySizeIsRefusedAsThePageIs() {
        byte[] page = "{\"orders\":[],\"total\":-1e99999999999}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() ->
                        JsonBody.rows(new ByteArrayInputStream(page), StandardCharsets.UTF_8, "orders", Map.class))
                .isInstanceOf(JsonBody.Misfit.class)
                .hasMessageContaining("too large or too small")
                .hasMessageNotContaining("99999");
    }

    @Test
    void aSignedTokenIsCutOutWhereverItStands() {
        Redactor redactor = new Redactor(List.of());
        String token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJTM0NSM1QifQ.c2lnbmF0dXJl";
        for (String before : List.of("", "Bearer ", "\"", "eyJ", "eyJx.", "eyJeyJ", "eyJeyJ ")) {
            assertThat(redactor.redact(before + token + " then"))
                    .doesNotContain("c2lnbmF0dXJl")
                    .doesNotContain("eyJzdWIiOiJTM0NSM1QifQ")
                    .endsWith(" then");
        }
        assertThat(redactor.redact("eyJude.mp3 and eyJwithout")).isEqualTo("eyJude.mp3 and eyJwithout");
    }

    /** Whatever a pattern has to read, it takes time in proportion: ten times the text is not a hundred times the time. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aMegabyteOfAnythingIsReadAtOnce() {
        Redactor redactor = new Redactor(List.of(dev.backfill.Secret.of("KEY", "S3CR3T-abc")));
        for (String piece :
                List.of("eyJ", "eyJaaaaaaaa.", "://", "://a:b", "://a@", "\"", ";", ",", "=", "1", " ", "a.", "%")) {
            String huge = piece.repeat(1_000_000 / piece.length());
            assertThat(redactor.redact(huge)).isNotNull();
            assertThat(redactor.excerpt(huge).length()).isLessThanOrEqualTo(Redactor.EXCERPT_BYTES);
            for (String header : HEADERS) {
                assertThat(Signals.of(Map.of(header, List.of(huge)), NOW)).isNotNull();
            }
        }
    }
}

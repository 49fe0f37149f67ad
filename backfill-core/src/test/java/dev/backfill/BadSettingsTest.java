package dev.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backfill.internal.Names;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Settings and cursors that cannot be are refused where they are said, by name, before anything happens. */
class BadSettingsTest {

    private static final int INPUTS = 12_000 * Integer.getInteger("backfill.bad", 1);

    private static final List<String> PIECES = List.of(
            "",
            " ",
            "\n",
            "\r",
            "\t",
            "\"",
            "'",
            "\u0000",
            "é",
            "😀",
            "\ud800",
            "\udc00",
            "\u202e",
            "a",
            "Z",
            "0",
            "-1",
            "1e999999999",
            "99999999999999999999",
            "null",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\\",
            "\\u",
            "\\ud800",
            "{\"a\":1}",
            "[1,2]",
            "[[[[",
            "true",
            "NaN",
            "../",
            "/",
            "%00",
            "{\"@class\":\"java.lang.Runtime\"}");

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        if (random.nextInt(200) == 0) {
            text.append("[".repeat(random.nextInt(20_000)));
        }
        if (random.nextInt(2_000) == 0) {
            text.append("x".repeat(random.nextInt(3_000_000)));
        }
        return text.toString();
    }

    private static int number(SplittableRandom random) {
        int[] odd = {0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 100_000, 100_001};
        return random.nextBoolean() ? odd[random.nextInt(odd.length)] : random.nextInt();
    }

    private static double share(SplittableRandom random) {
        double[] odd = {0, -0.0, 1, -1, 2, Double.NaN, Double.POSITIVE_INFINITY, Double.MIN_VALUE, Double.MAX_VALUE};
        return odd[random.nextInt(odd.length)];
    }

    private static Duration time(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> Duration.ZERO;
            case 1 -> Duration.ofSeconds(random.nextLong());
            case 2 -> Duration.ofNanos(random.nextLong());
            default -> Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
        };
    }

    private static LocalDate day(SplittableRandom random) {
        return LocalDate.of(2000 + random.nextInt(3), 1 + random.nextInt(12), 1 + random.nextInt(28));
    }

    /** One call with something odd in it. */
    private static Object call(SplittableRandom random) {
        Backfill job = Backfill.named("job");
        return switch (random.nextInt(20)) {
            case 0 -> Backfill.named(text(random));
            case 1 -> job.batch(number(random));
            case 2 -> job.parallel(number(random));
            case 3 -> job.patience(time(random));
            case 4 -> job.waitFor(time(random));
            case 5 -> job.tolerate(number(random), share(random));
            case 6 -> job.grace(time(random));
            case 7 -> job.stopAfter(time(random));
            case 8 -> job.stopAfterCalls(number(random));
            case 9 -> job.accept(share(random));
            case 10 ->
                RateLimiter.of(1 + Math.floorMod(number(random), 50) * (random.nextBoolean() ? 1 : -1), time(random));
            case 11 ->
                RateLimiter.of(number(random) % 1_000, Duration.ofSeconds(1)).share(share(random));
            case 12 -> Windows.days(day(random), day(random), Math.max(-5, number(random)));
            case 13 -> Windows.months(YearMonth.from(day(random)), YearMonth.from(day(random)));
            case 14 -> Windows.cut(day(random), day(random), day(random));
            case 15 -> Secret.of("SETTING", text(random));
            case 16 -> Partition.of(text(random), from -> Page.last(List.of()));
            case 17 -> Names.file(text(random));
            case 18 ->
                job.phase(text(random)).from(from -> Page.last(List.of())).into(batch -> {});
            default -> cursor(text(random));
        };
    }

    /** What is taken is given back as it was. */
    private static Cursor cursor(String text) {
        Cursor cursor = Cursor.parse(text);
        assertThat(Cursor.parse(cursor.json())).isEqualTo(cursor);
        return cursor;
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void badSettingsAreRefusedOrTakenAndNothingElse() {
        int refused = 0;
        for (int seed = 0; seed < INPUTS; seed++) {
            try {
                assertThat(call(new SplittableRandom(seed))).isNotNull();
            } catch (IllegalArgumentException | DateTimeException e) {
                refused++;
                assertThat(e.getMessage()).as("seed %s", seed).isNotBlank();
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(refused).isGreaterThan(INPUTS / 4);
        System.out.println("bad inputs: " + INPUTS + ", 0 hangs, 0 uncaught (settings and cursors)");
    }

    @Test
    void whatCannotBeIsRefusedByName() {
        Backfill job = Backfill.named("job");
        LocalDate day = LocalDate.of(2024, 1, 1);
        Map<String, Runnable> wrong = new TreeMap<>();
        wrong.put("batch must be from 1 to 100000, not 0", () -> job.batch(0));
        wrong.put("batch must be from 1 to 100000, not -1", () -> job.batch(-1));
        wrong.put("batch must be from 1 to 100000, not 2147483647", () -> job.batch(Integer.MAX_VALUE));
        wrong.put("parallel", () -> job.parallel(0));
        wrong.put("patience", () -> job.patience(Duration.ofNanos(-1)));
        wrong.put("waitFor", () -> job.waitFor(Duration.ofNanos(-1)));
        wrong.put("grace", () -> job.grace(Duration.ofNanos(-1)));
        wrong.put("stopAfter", () -> job.stopAfter(Duration.ofNanos(-1)));
        wrong.put("at least one call", () -> job.stopAfterCalls(0));
        wrong.put("tolerate needs", () -> job.tolerate(1, Double.NaN));
        wrong.put("from 0 to 1, not NaN", () -> job.accept(Double.NaN));
        wrong.put("from 0 to 1, not Infinity", () -> job.accept(Double.POSITIVE_INFINITY));
        wrong.put("not 0", () -> RateLimiter.of(0, Duration.ofSeconds(1)));
        wrong.put("a rate limit", () -> RateLimiter.of(1, Duration.ZERO));
        wrong.put("not NaN", () -> RateLimiter.of(5, Duration.ofSeconds(1)).share(Double.NaN));
        wrong.put("the days of a window", () -> Windows.days(day, day, 0));
        wrong.put("2024", () -> Windows.days(day, day.minusDays(2)));
        wrong.put("not in order", () -> Windows.cut(day, day));
        wrong.put("a job needs a name", () -> Backfill.named(" \t"));
        wrong.put("200", () -> Backfill.named("x".repeat(201)));
        wrong.forEach((words, call) -> assertThatThrownBy(call::run)
                .as(words)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(words));
    }

    @Test
    void aSecretThatCannotBeIsRefusedAndNotShown() {
        for (String value : new String[] {
            "\"S3CR3T-quoted\"", "'S3CR3T-quoted'", "S3CR3T- inside", "S3CR3T-\r\ninside", "S3CR3T-\u0000", "S3CR3T-é"
        }) {
            assertThatThrownBy(() -> Secret.of("BLAZE_KEY", value))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("BLAZE_KEY")
                    .hasMessageNotContaining("S3CR3T");
        }
        for (String blank : new String[] {null, "", " ", "\n"}) {
            assertThatThrownBy(() -> Secret.of("BLAZE_KEY", blank))
                    .hasMessageContaining("BLAZE_KEY is missing or blank");
        }
        Secret cut = Secret.of("BLAZE_KEY", " S3CR3T-file\n");
        assertThat(cut.reveal()).isEqualTo("S3CR3T-file");
        assertThat(cut.toString()).isEqualTo("BLAZE_KEY=…");
        assertThat(cut.fingerprint()).doesNotContain("S3CR3T");
    }

    /** Names of any kind stay in their folder, and different ones stay different. */
    @Test
    void hostileNamesStayInTheirFolder() {
        Path folder = Path.of("/data/progress");
        Map<String, String> seen = new TreeMap<>();
        List<String> collisions = new ArrayList<>();
        for (int seed = 0; seed < 10_000; seed++) {
            String name = text(new SplittableRandom(seed));
            String file = Names.file(name);
            Path path = folder.resolve(file).normalize();
            assertThat(path.getParent()).as(name).isEqualTo(folder);
            assertThat(file).as(name).matches("[a-z0-9%_][a-z0-9%._-]{0,119}");
            String other = seen.putIfAbsent(file, name);
            if (other != null && !other.equals(name)) {
                collisions.add(name);
            }
        }
        assertThat(collisions).isEmpty();
    }
}

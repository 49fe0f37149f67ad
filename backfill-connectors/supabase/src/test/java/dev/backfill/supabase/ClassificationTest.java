package dev.backfill.supabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.backfill.BackfillException;
import dev.backfill.Batch;
import dev.backfill.Cursor;
import dev.backfill.TransientException;
import dev.backfill.supabase.Scripted.Asked;
import dev.backfill.supabase.Scripted.Given;
import dev.backfill.supabase.servers.Keys;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each answer of the API and of what stands before it means, in the versions that are in use. */
class ClassificationTest {

    private static Batch<Object> batch(int rows) {
        return Batch.of(IntStream.rangeClosed(1, rows)
                .mapToObj(i -> (Object) Map.of("id", i))
                .toList());
    }

    private static Throwable writing(Given given) {
        try (Scripted api = new Scripted(asked -> given)) {
            return catchThrowable(
                    () -> api.project().table("items").upsert("id").write(batch(1)));
        }
    }

    /** A sink that gets 500 rows, the 301st of which the API answers with this. */
    private static Batch<Object> oneOf500(Given given, List<Asked> seen) throws Exception {
        Batch<Object> batch = batch(500);
        try (Scripted api = new Scripted(
                asked -> asked.body().contains("\"id\":301}") ? given : Given.applied(asked, asked.rows()))) {
            api.project().table("items").upsert("id").write(batch);
            seen.addAll(api.asked());
        }
        return batch;
    }

    @ParameterizedTest
    @CsvSource({
        "400, 23502, null value in column", // a constraint
        "409, 23505, duplicate key value", // another unique index than that of the key
        "409, 23503, violates foreign key constraint",
        "400, 22P02, invalid input syntax for type integer",
        "400, 22P05, unsupported Unicode escape sequence",
        "400, 22003, out of range",
        "500, 21000, ON CONFLICT DO UPDATE command cannot affect row a second time", // from 12.0.3 on
        "400, 21000, ON CONFLICT DO UPDATE command cannot affect row a second time", // before
        "400, P0001, raised by a trigger",
        "500, 54000, index row size exceeds",
        "413, 54000, index row size exceeds",
        "418, PT418, raised by a trigger",
    })
    void aRecordAtFaultIsFoundAndTheOthersAreWrittenOnce(int status, String code, String message) throws Exception {
        List<Asked> seen = new java.util.ArrayList<>();
        Batch<Object> batch = oneOf500(Given.error(status, code, message), seen);

        assertThat(batch.outcome(300)).isEqualTo(Batch.Outcome.REFUSED);
        assertThat(batch.reason(300)).contains(message, code).doesNotContain("P3RS0NAL");
        assertThat(IntStream.range(0, 500).filter(i -> batch.outcome(i) == Batch.Outcome.REFUSED))
                .containsExactly(300);
        assertThat(seen).hasSizeLessThanOrEqualTo(19);
        assertThat(seen.stream()
                        .filter(asked -> !asked.body().contains("\"id\":301}"))
                        .mapToInt(Asked::rows)
                        .sum())
                .as("rows written, the one at fault aside")
                .isEqualTo(499);
    }

    @ParameterizedTest
    @CsvSource({"500, 57014", "504, ''", "524, ''", "544, ''", "546, ''", "413, ''"})
    void whatTakesTooLongIsHalvedAndGrowsBackSlowly(int status, String code) throws Exception {
        List<Integer> sizes = new java.util.concurrent.CopyOnWriteArrayList<>();
        Function<Asked, Given> answers = asked -> {
            sizes.add(asked.rows());
            if (asked.rows() <= 125) {
                return Given.applied(asked, asked.rows());
            }
            return code.isEmpty() ? Given.html(status) : Given.error(status, code, "canceling statement");
        };
        try (Scripted api = new Scripted(answers)) {
            RestSink sink = api.project().table("items").upsert("id");
            Batch<Object> batch = batch(500);
            sink.write(batch);

            assertThat(sizes).containsExactly(500, 250, 125, 125, 250, 125, 125);
            assertThat(IntStream.range(0, 500).mapToObj(batch::outcome)).containsOnly(Batch.Outcome.WRITTEN);

            sizes.clear();
            sink.write(batch(100));
            assertThat(sizes)
                    .as("a whole call below the limit says nothing of more")
                    .containsExactly(100);
            sizes.clear();
            sink.write(batch(500));
            assertThat(sizes.get(0)).isBetween(126, 250);
        }
    }

    @Test
    void aSingleRowThatTakesTooLongIsTriedAgainAndOneTooLargeIsRefused() throws Exception {
        assertThat(writing(Given.error(500, "57014", "canceling statement due to statement timeout")))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("writing to the table items", "57014");

        Batch<Object> batch = batch(1);
        try (Scripted api = new Scripted(asked -> Given.html(413))) {
            api.project().table("items").upsert("id").write(batch);
        }
        assertThat(batch.outcome(0)).isEqualTo(Batch.Outcome.REFUSED);
    }

    @ParameterizedTest
    @CsvSource({
        "500, 40001",
        "500, 40P01",
        "500, 55P03",
        "503, 53300",
        "500, 53400",
        "503, 53100",
        "503, 08006",
        "503, 57P01",
        "500, 58030",
        "500, XX000",
        "503, PGRST000",
        "503, PGRST001",
        "503, PGRST002",
        "504, PGRST003"
    })
    void whatMayPassIsTriedAgain(int status, String code) {
        assertThat(writing(Given.error(status, code, "it failed")))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("writing to the table items failed: it failed (" + code + ")")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("P3RS0NAL"));
    }

    @ParameterizedTest
    @CsvSource({"429", "408", "500", "502", "503", "520", "521", "522", "523"})
    void gatewaysThatAnswerInHtmlAreTriedAgain(int status) {
        assertThat(writing(Given.html(status)))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining(" " + status);
    }

    @Test
    void anAnswerThatNeverComesIsTriedAgain() {
        assertThat(writing(Given.json(0, ""))).isInstanceOf(TransientException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "405, 25006, read-only",
        "400, 42P10, unique index on exactly the key columns",
        "403, 42501, grant",
        "401, 42501, grant",
        "403, 28000, secret key",
        "403, 0L000, secret key",
        "404, 42883, 42883",
        "406, PGRST106, exposed schemas",
        "401, PGRST301, secret key",
        "401, PGRST303, secret key",
        "400, PGRST102, PGRST102",
        "500, PGRSTX00, PGRSTX00",
    })
    void whatAPersonHasToMendStopsWithAdvice(int status, String code, String advice) {
        assertThat(writing(Given.error(status, code, "it failed")))
                .isInstanceOf(BackfillException.class)
                .hasMessageContainingAll("the table items", advice)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("P3RS0NAL"));
    }

    @ParameterizedTest
    @CsvSource({
        "401, secret key",
        "402, restricted",
        "540, paused",
        "403, secret key",
        "404, address",
        "301, redirects",
    })
    void gatewaysThatRefuseStopWithAdvice(int status, String advice) {
        assertThat(writing(Given.html(status)))
                .isInstanceOf(RuntimeException.class)
                .isNotInstanceOf(TransientException.class)
                .hasMessageContaining(advice);
        assertThat(writing(Given.json(401, "{\"message\":\"No API key found in request\",\"hint\":\"x\"}")))
                .isInstanceOf(BackfillException.class)
                .hasMessageContainingAll("No API key found", "secret key");
    }

    @Test
    void retryAfterIsPassedOn() {
        for (int status : new int[] {429, 503}) {
            Given given = new Given(status, Map.of("Retry-After", "120"), "");
            assertThat(writing(given))
                    .isInstanceOfSatisfying(
                            TransientException.class, e -> assertThat(e.after()).contains(Duration.ofSeconds(120)));
        }
    }

    @ParameterizedTest
    @CsvSource({"400, PGRST204", "404, PGRST205", "404, 42P01", "400, 42703"})
    void whatIsUnknownMayBeNewAndIsAskedForAFewTimes(int status, String code) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Function<Asked, Given> knownAtTheThird = asked -> calls.incrementAndGet() < 3
                ? Given.error(status, code, "Could not find the 'sku' column of 'items' in the schema cache")
                : Given.applied(asked, asked.rows());
        try (Scripted api = new Scripted(knownAtTheThird)) {
            RestSink sink = api.project().table("items").upsert("id");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> sink.write(batch(1)))
                        .isInstanceOfSatisfying(
                                TransientException.class,
                                e -> assertThat(e.after()).contains(Failures.RELOAD));
            }
            sink.write(batch(1));
        }
        try (Scripted api = new Scripted(asked -> Given.error(status, code, "no 'sku' in 'items'"))) {
            RestSink sink = api.project().table("items").upsert("id");
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> sink.write(batch(1))).isInstanceOf(TransientException.class);
            }
            assertThatThrownBy(() -> sink.write(batch(1)))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContainingAll("no 'sku' in 'items'", "the table items", "reload schema");
        }
    }

    @Test
    void aPlainInsertIsNoticedAtTheFirstBatch() {
        try (Scripted api = new Scripted(asked -> new Given(
                201, Map.of("Preference-Applied", "return=minimal, count=exact", "Content-Range", "*/1"), ""))) {
            assertThatThrownBy(() -> api.project().table("items").upsert("id").write(batch(1)))
                    .isInstanceOf(BackfillException.class)
                    .hasMessageContainingAll("items", "no primary key or unique index on id");
        }
    }

    @Test
    void aReadThatTakesTooLongAsksForLess() throws Exception {
        List<String> limits = new java.util.concurrent.CopyOnWriteArrayList<>();
        Function<Asked, Given> answers = asked -> {
            if (asked.path().endsWith("/v1/")) {
                return Given.json(
                        200,
                        "{\"definitions\":{\"items\":{\"properties\":{\"id\":{\"format\":\"bigint\",\"description\":\"Note:\\nThis is a"
                                + " Primary Key.<pk/>\"}}}}}");
            }
            limits.add(asked.query().replaceAll(".*limit=(\\d+).*", "$1"));
            return limits.size() < 3
                    ? Given.error(500, "57014", "canceling statement")
                    : Given.json(200, "[{\"id\":1,\"backfill_key_0\":\"1\"}]");
        };
        try (Scripted api = new Scripted(answers)) {
            assertThat(api.project().table("items").rows().read(Cursor.START).items())
                    .containsExactly(Map.of("id", 1L));
        }
        assertThat(limits).containsExactly("1000", "500", "250");
    }

    @Test
    void theKeyIsSentAsItsKindWants() throws Exception {
        for (boolean legacy : new boolean[] {true, false}) {
            try (Scripted api = new Scripted(asked -> Given.applied(asked, asked.rows()))) {
                var key = legacy ? Keys.role("service_role") : Keys.SECRET;
                Supabase.rest(api.url(), key)
                        .table("other", "items")
                        .upsert("id")
                        .write(batch(1));

                Asked asked = api.asked().get(0);
                assertThat(asked.path()).isEqualTo("/rest/v1/items");
                assertThat(asked.header("apikey")).isEqualTo(key.reveal());
                assertThat(asked.header("Authorization")).isEqualTo(legacy ? "Bearer " + key.reveal() : "");
                assertThat(asked.header("User-Agent")).doesNotContain("Mozilla");
                assertThat(asked.header("Content-Profile")).isEqualTo("other");
                assertThat(asked.header("Prefer"))
                        .isEqualTo("resolution=merge-duplicates, missing=default, handling=strict, return=minimal,"
                                + " count=exact");
                assertThat(asked.query()).isEqualTo("on_conflict=\"id\"&columns=\"id\"");
            }
        }
    }
}

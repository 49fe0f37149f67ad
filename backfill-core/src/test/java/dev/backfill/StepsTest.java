package dev.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StepsTest {

    private static final List<Integer> TEN =
            IntStream.rangeClosed(1, 10).boxed().toList();

    private static Steps.Made<Object> apply(Step... steps) throws Exception {
        return new Steps<Integer, Object>(List.of(steps)).apply(TEN, (records, reason) -> {});
    }

    private static Step map(java.util.function.Function<Integer, ?> mapping) {
        return Step.map(mapping);
    }

    @Test
    void withoutAStepEachRecordIsMadeOfItselfInPagesOfAnyLength() throws Exception {
        Steps<Integer, Integer> steps = new Steps<>(List.of());
        for (int size : List.of(10, 3, 0, 7)) {
            Steps.Made<Integer> made = steps.apply(TEN.subList(0, size), (records, reason) -> {});
            assertThat(made.records()).isEqualTo(TEN.subList(0, size));
            assertThat(made.passed()).isEqualTo(size);
            for (int i = 0; i < 10; i++) {
                assertThat(made.of(i)).isEqualTo(i < size ? List.of(i) : List.of());
            }
        }
    }

    @Test
    void countsRecordsOfThePageAndNotWhatWasMadeOfThem() throws Exception {
        Steps.Made<Object> made = apply(
                Step.flatMap((Integer n) -> n % 2 == 0 ? List.of(n, -n, n * 100) : List.of()),
                Step.filter((Integer n) -> n != 4 && n != -4 && n != 400 && n > 0));
        assertThat(made.records()).containsExactly(2, 200, 6, 600, 8, 800, 10, 1000);
        assertThat(made.passed()).isEqualTo(4); // 2, 6, 8, 10: of 4 nothing is left
        assertThat(made.filtered()).isEqualTo(6);
        assertThat(made.failed()).isEmpty();
    }

    @Test
    void aStepThatThrowsLosesItsRecordOnly() throws Exception {
        Steps.Made<Object> made = apply(map(n -> n * 10), map(n -> {
            if (n == 30) {
                throw new IllegalStateException("no thirty");
            }
            return n;
        }));
        assertThat(made.records()).hasSize(9).doesNotContain(30);
        assertThat(made.failed()).singleElement().satisfies(failed -> {
            assertThat(failed.key()).isEqualTo("#2 before step 2");
            assertThat(failed.reason()).contains("no thirty");
        });
        assertThat(made.passed()).isEqualTo(9);
        assertThat(made.filtered()).isZero();
    }

    private static int endless(int number) {
        return number + endless(number + 1);
    }

    @Test
    void aStepThatOverflowsTheStackLosesItsRecordOnly() throws Exception {
        Steps.Made<Object> made = apply(map(n -> n == 3 ? endless(n) : n));
        assertThat(made.records()).hasSize(9).doesNotContain(3);
        assertThat(made.failed())
                .singleElement()
                .satisfies(failed -> assertThat(failed.reason()).contains("StackOverflowError"));
    }

    @Test
    void aFailureIsKnownByTheRecordOfThePageItComesFrom() throws Exception {
        Steps.Made<Object> made = apply(
                map(n -> {
                    if (n == 1) {
                        throw new IllegalStateException("no one");
                    }
                    return n;
                }),
                Step.flatMap((Integer n) -> List.of(n, -n, 100 * n)),
                map(n -> {
                    if (n == 5 || n == -5 || n == 500) {
                        throw new IllegalStateException("no five");
                    }
                    return n;
                }));
        assertThat(made.failed())
                .extracting(Steps.Failed::key)
                .containsExactly("#0", "#4 before step 3", "#4 before step 3, 2", "#4 before step 3, 3");
        assertThat(made.failed())
                .allSatisfy(failed -> assertThat(Steps.origin(failed.key())).hasValue(failed.origin()));
        assertThat(made.of(1)).extracting(place -> made.records().get(place)).containsExactly(2, -2, 200);
        assertThat(Steps.origin("result #3")).isEmpty();
    }

    @Test
    void findsTheRecordThatATransformRefuses() throws Exception {
        List<Integer> sizes = new ArrayList<>();
        Steps.Made<Object> made = apply(Step.batches((List<? extends Integer> records) -> {
            sizes.add(records.size());
            if (records.contains(7)) {
                throw new RefusedException("no seven");
            }
            return records;
        }));
        assertThat(made.records()).hasSize(9).doesNotContain(7);
        assertThat(made.failed()).extracting(Steps.Failed::key).containsExactly("#6");
        assertThat(sizes.size()).isLessThanOrEqualTo(2 * 4 + 1);
    }

    @Test
    void countsWhatATransformDrops() throws Exception {
        Steps.Made<Object> made = apply(Step.batches((List<? extends Integer> records) ->
                records.stream().filter(n -> n > 7).toList()));
        assertThat(made.records()).containsExactly(8, 9, 10);
        assertThat(made.passed()).isEqualTo(3);
        assertThat(made.filtered()).isEqualTo(7);
    }

    @Test
    void aFailureThatMayPassIsNotARecordsFault() {
        assertThatThrownBy(() -> apply(map(n -> {
                    throw new UncheckedIOException(new IOException("network"));
                })))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> apply(map(n -> {
                    throw new TransientException("later");
                })))
                .isInstanceOf(TransientException.class);
    }

    @Test
    void aFunctionThatGivesNullIsToldSo() throws Exception {
        assertThat(apply(map(n -> null)).failed())
                .hasSize(10)
                .allMatch(failed -> failed.reason().contains("filter"));
    }
}
